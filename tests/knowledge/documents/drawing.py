"""Writes small PDFs by hand: words in the standard fonts wherever a test wants them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

PLAIN, BOLD, MONO = "F1", "F2", "F3"
WIDTH, HEIGHT = 612, 792
FONTS = {PLAIN: "Helvetica", BOLD: "Helvetica-Bold", MONO: "Courier"}
PICTURE = "q 500 0 0 700 50 50 cm /Im Do Q"


class At(NamedTuple):
    """Words whose baseline starts `x` points from the left and `y` from the top of the page."""

    x: float
    y: float
    text: str
    size: float = 11
    font: str = PLAIN


class Note(NamedTuple):
    """A field of a form or another annotation: its corners as seen, its entries, and the operators that draw it.

    One with a `state`, as a box to be ticked, is drawn so in that state alone.
    """

    left: float
    top: float
    right: float
    bottom: float
    entries: str
    shown: str = ""
    state: str = ""


def lines(
    texts: Iterable[str], x: float = 72, y: float = 72, size: float = 11, font: str = PLAIN, step: float = 13
) -> list[At]:
    """Lines below each other."""
    return [At(x, y + step * at, text, size, font) for at, text in enumerate(texts)]


def draw(
    pages: Sequence[Sequence[At | str]],
    *,
    info: dict[str, str] | None = None,
    rotate: int = 0,
    encrypted: bool = False,
    notes: Sequence[Note] = (),
    stale: bool = False,
) -> bytes:
    """A PDF of these pages; what is no At is an operator as it stands.

    `notes` are on the first page; `stale` says that fields are to be drawn anew from their values.
    """
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    fonts = " ".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding /WinAnsiEncoding >>"
        for name, base in FONTS.items()
    )
    objects.append(f"<< /Font << {fonts} >> /XObject << /Im 4 0 R >> >>")
    image = (
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    )
    objects.append(f"{image}\nstream\n0\nendstream")
    objects.append("<< " + " ".join(f"/{key} ({text})" for key, text in (info or {}).items()) + " >>")
    places = " ".join(f"{_note(note, objects)} 0 R" for note in notes)
    if notes:
        again = "/NeedAppearances true" if stale else ""
        objects[0] = f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{places}] /DR 3 0 R {again} >> >>"
    kids = []
    for page in pages:
        content = "\n".join(map(_operator, page))
        objects.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream")
        kids.append(len(objects) + 1)
        box = f"/MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {rotate}"
        if len(kids) == 1:
            box += f" /Annots [{places}]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Resources 3 0 R /Contents {len(objects)} 0 R >>")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>"
    return _file(objects, encrypted)


def _note(note: Note, objects: list[str]) -> int:
    """Add a note and what draws it; the result is its number."""
    drawn = ""
    if note.shown:
        box = f"/BBox [0 0 {note.right - note.left} {note.bottom - note.top}] /Resources 3 0 R"
        size = f"/Length {len(note.shown.encode('cp1252'))}"
        objects.append(f"<< /Type /XObject /Subtype /Form {box} {size} >>\nstream\n{note.shown}\nendstream")
        look = f"<< /{note.state} {len(objects)} 0 R >>" if note.state else f"{len(objects)} 0 R"
        drawn = f"/AP << /N {look} >>" + (f" /AS /{note.state}" if note.state else "")
    corners = f"[{note.left} {HEIGHT - note.bottom} {note.right} {HEIGHT - note.top}]"
    objects.append(f"<< /Type /Annot /F 4 /Rect {corners} {note.entries} {drawn} >>")
    return len(objects)


def _operator(what: At | str) -> str:
    if isinstance(what, str):
        return what
    text = what.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{what.font} {what.size} Tf 1 0 0 1 {what.x} {HEIGHT - what.y} Tm ({text}) Tj ET"


def _file(objects: Sequence[str], encrypted: bool) -> bytes:
    parts = [b"%PDF-1.4\n"]
    offsets = []
    size = len(parts[0])
    for number, body in enumerate(objects, 1):
        offsets.append(size)
        part = f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
        parts.append(part)
        size += len(part)
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'ab' * 32}> /U <{'cd' * 32}> /P -4 >> /ID [<00> <00>]"
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R {lock if encrypted else ''} >>"
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{size}\n%%EOF\n"
    return b"".join(parts) + end.encode()
