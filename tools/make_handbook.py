"""Make the handbook's binary documents (PDF, Word, PowerPoint, Excel, EPUB, PNG) from the texts in tools/handbook.

Run it from the repository's root, in an environment with formfact's dependencies:

    pip install fpdf2==2.8.9
    python tools/make_handbook.py

The texts are written in a small part of Markdown: `#` headings, paragraphs of one line, `-` and `1.` lists, tables,
`*italic*` and `**bold**`; `{--old--}{++new++}` is a tracked change, and `Notes:` begins a slide's notes. The same
versions of the libraries give the same bytes: dates are those of the texts, and nothing depends on the clock.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from openpyxl.styles import Alignment, Font
from pptx.util import Cm, Pt

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "tools/handbook"
TARGET = ROOT / "examples/handbook"

CHANGE = re.compile(r"\{(--|\+\+)(.*?)\1\}")
EMPHASIS = re.compile(r"(\*\*?)(.+?)\1")
NUMBERED = re.compile(r"\d+\. ")
STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True, slots=True)
class Part:
    """A block of a text: `level` is that of a heading, `rows` are those of a table."""

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what stands in its front matter."""

    about: Mapping[str, str]
    parts: list[Part] = field(default_factory=list)

    @property
    def date(self) -> datetime:
        """The day on which it was written, in the morning."""
        return datetime.fromisoformat(self.about["date"]).replace(hour=9, tzinfo=UTC)


def read_text(name: str) -> Text:
    """One of the texts in tools/handbook."""
    _, front, body = (TEXTS / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)
    return Text(dict(line.split(": ", 1) for line in front.splitlines()), list(_parts(body.splitlines())))


def _parts(lines: Iterable[str]) -> Iterator[Part]:
    rows: list[tuple[str, ...]] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
            if not all(set(cell) <= {"-"} for cell in cells):
                rows.append(cells)
            continue
        if rows:
            yield Part("table", rows=tuple(rows))
            rows = []
        if line.startswith("#"):
            marks, text = line.split(" ", 1)
            yield Part("heading", text, len(marks))
        elif line.startswith("- "):
            yield Part("item", line[2:])
        elif NUMBERED.match(line):
            yield Part("step", line)
        elif line.startswith("Notes: "):
            yield Part("notes", line.removeprefix("Notes: "))
        elif line:
            yield Part("paragraph", line)


# PDF --------------------------------------------------------------------------------------------------------------


class Printed(FPDF):
    """A4 pages with a running head, if there is one, and a page number at the foot."""

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._head = text.about.get("head", "")
        self.set_title(text.about["title"])
        self.set_author(text.about["author"])
        self.set_subject(text.about["subject"])
        self.set_creation_date(text.date)
        self.set_margins(23, 24)
        self.set_auto_page_break(True, 24)
        self.add_page()

    def header(self) -> None:
        """The running head, on every page but the first."""
        if self._head and self.page_no() > 1:
            self.set_y(12)
            self.set_font("Helvetica", "I", 8.5)
            self.cell(0, 5, self._head)
            self.set_y(24)

    def footer(self) -> None:
        """The page number."""
        self.set_y(-16)
        self.set_font("Helvetica", "", 8.5)
        self.cell(0, 5, f"Page {self.page_no()}", align="C")

    def put(self, part: Part) -> None:
        """Print one block."""
        if part.kind == "table":
            self._table(part.rows)
        elif part.kind == "heading":
            size = (20, 14.5, 12)[part.level - 1]
            if self.will_page_break(size + 20):
                self.add_page()
            self.ln(5 if part.level < 3 else 3)
            self._lines(part.text, size, "B", after=2.5)
        elif part.kind == "item":
            self._listed("\u00b7", part.text)
        elif part.kind == "step":
            number, text = part.text.split(" ", 1)
            self._listed(number, text)
        else:
            self._lines(part.text, 11, after=2.5)

    def _lines(self, text: str, size: float, style: str = "", *, after: float) -> None:
        self.set_font("Helvetica", style, size)
        marked = EMPHASIS.sub(lambda found: ("**" if found[1] == "**" else "__").join(("", found[2], "")), text)
        self.multi_cell(0, size * 0.48, marked, align="L", markdown=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(after)

    def _listed(self, mark: str, text: str) -> None:
        self.set_font("Helvetica", "", 11)
        if self.will_page_break(12):
            self.add_page()
        self.set_x(self.l_margin + 2)
        self.cell(7, 11 * 0.48, mark)
        left = self.l_margin
        self.set_left_margin(left + 9)
        self._lines(text, 11, after=1)
        self.set_left_margin(left)
        self.set_x(left)

    def _table(self, rows: tuple[tuple[str, ...], ...]) -> None:
        self.ln(1)
        size = 9.5
        self.set_font("Helvetica", "B", size)
        widths = [max(self.get_string_width(row[at]) for row in rows) + 5 for at in range(len(rows[0]))]
        size *= min(1, self.epw / sum(widths))
        self.set_font("Helvetica", "", size)
        with self.table(
            width=min(self.epw, sum(widths)),
            col_widths=tuple(widths),
            align="LEFT",
            text_align="LEFT",
            v_align="TOP",
            line_height=5,
            padding=(0.8, 1.5),
            headings_style=FontFace(emphasis="BOLD", fill_color=(228, 236, 235)),
        ) as table:
            for cells in rows:
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self.ln(4)


def write_pdf(name: str, path: str) -> None:
    """A text as PDF."""
    text = read_text(name)
    printed = Printed(text)
    for part in text.parts:
        printed.put(part)
    save(path, bytes(printed.output()))


# Word -------------------------------------------------------------------------------------------------------------


def write_docx(name: str, path: str) -> None:
    """A text as a Word document, its changes tracked."""
    text = read_text(name)
    document = docx.Document()
    _tell(document.core_properties, text)
    styles = {"paragraph": "Normal", "item": "List Bullet", "step": "List Number"}
    for part in text.parts:
        if part.kind == "heading":
            document.add_heading(part.text, part.level - 1)
        elif part.kind == "table":
            table = document.add_table(len(part.rows), len(part.rows[0]), style="Table Grid")
            for at, cells in enumerate(part.rows):
                for cell, told in zip(table.rows[at].cells, cells, strict=True):
                    _put_runs(cell.paragraphs[0], f"**{told}**" if at == 0 else told, text)
        else:
            words = part.text.split(" ", 1)[1] if part.kind == "step" else part.text
            _put_runs(document.add_paragraph(style=styles[part.kind]), words, text)
    save(path, packed(document.save, text.date))


def _tell(about: Any, text: Text) -> None:
    about.title, about.author, about.subject = text.about["title"], text.about["author"], text.about["subject"]
    about.last_modified_by, about.comments, about.revision = text.about["author"], "", 1


def _put_runs(paragraph: Any, words: str, text: Text) -> None:
    """The words of a paragraph: plain, emphasised, deleted and inserted."""
    last = 0
    for number, found in enumerate(CHANGE.finditer(words), 1):
        _put_emphasis(paragraph, words[last : found.start()])
        _put_change(paragraph, found[2], deleted=found[1] == "--", number=number, text=text)
        last = found.end()
    _put_emphasis(paragraph, words[last:])


def _put_emphasis(paragraph: Any, words: str) -> None:
    last = 0
    for found in EMPHASIS.finditer(words):
        paragraph.add_run(words[last : found.start()])
        run = paragraph.add_run(found[2])
        run.bold, run.italic = found[1] == "**", found[1] == "*"
        last = found.end()
    if words[last:]:
        paragraph.add_run(words[last:])


def _put_change(paragraph: Any, words: str, *, deleted: bool, number: int, text: Text) -> None:
    run = paragraph.add_run(words)._r
    change = OxmlElement("w:del" if deleted else "w:ins")
    change.set(qn("w:id"), str(900 + number))
    change.set(qn("w:author"), text.about["author"])
    change.set(qn("w:date"), text.date.strftime("%Y-%m-%dT%H:%M:%SZ"))
    paragraph._p.replace(run, change)
    change.append(run)
    if deleted:
        old = run.find(qn("w:t"))
        gone = OxmlElement("w:delText")
        gone.text = old.text
        run.replace(old, gone)


# PowerPoint -------------------------------------------------------------------------------------------------------


def write_pptx(name: str, path: str) -> None:
    """A text as slides: each heading begins one."""
    text = read_text(name)
    slides = pptx.Presentation()
    _tell(slides.core_properties, text)
    slide: Any = None
    for part in text.parts:
        if part.kind == "heading":
            slide = slides.slides.add_slide(slides.slide_layouts[0 if slide is None else 1])
            slide.shapes.title.text = part.text
        elif part.kind == "notes":
            slide.notes_slide.notes_text_frame.text = part.text
        elif part.kind == "table":
            _put_grid(slide, part.rows)
        else:
            frame = slide.placeholders[1].text_frame
            paragraph = frame.paragraphs[0] if not frame.text else frame.add_paragraph()
            paragraph.text = part.text
    save(path, packed(slides.save, text.date))


def _put_grid(slide: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    slide.placeholders[1].element.getparent().remove(slide.placeholders[1].element)
    table = slide.shapes.add_table(len(rows), len(rows[0]), Cm(1.5), Cm(5), Cm(22), Cm(1.2 * len(rows))).table
    for at, cells in enumerate(rows):
        for column, told in enumerate(cells):
            table.cell(at, column).text = told
            table.cell(at, column).text_frame.paragraphs[0].font.size = Pt(18)


# Excel ------------------------------------------------------------------------------------------------------------


def write_xlsx(sheets: Mapping[str, str], title: str, date: datetime, path: str) -> None:
    """Tables of tab-separated values as the sheets of one workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = title, "Corvin Ashby"
    for name, source in sheets.items():
        sheet = book.create_sheet(name)
        lines = (TEXTS / f"{source}.tsv").read_text(encoding="utf-8").splitlines()
        for cells in csv.reader(lines, delimiter="\t"):
            sheet.append([int(cell) if cell.isdigit() else cell or None for cell in cells])
        for cell in sheet[1]:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
        for column in sheet.columns:
            sheet.column_dimensions[column[0].column_letter].width = 2 + max(len(str(c.value or "")) for c in column)
        sheet.freeze_panes = "A2"
    save(path, packed(book.save, date))


# EPUB -------------------------------------------------------------------------------------------------------------

CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:sennet-tideworks:book:1</dc:identifier>
<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>en</dc:language>
<meta property="dcterms:modified">{date}</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""


def write_epub(name: str, path: str) -> None:
    """A text as an electronic book: each heading begins a chapter."""
    text = read_text(name)
    chapters: list[tuple[str, list[str]]] = []
    for part in text.parts:
        if part.kind == "heading":
            chapters.append((part.text, [f"<h1>{escape(part.text)}</h1>"]))
        else:
            chapters[-1][1].append(f"<p>{escape(part.text, quote=False)}</p>")
    files = {f"chapter-{number}.xhtml": chapter for number, chapter in enumerate(chapters, 1)}
    links = "\n".join(f'<li><a href="{file}">{escape(title)}</a></li>' for file, (title, _) in files.items())
    package = PACKAGE.format(
        title=escape(text.about["title"]),
        author=escape(text.about["author"]),
        date=text.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        items="\n".join(
            f'<item id="c{number}" href="{file}" media-type="application/xhtml+xml"/>'
            for number, file in enumerate(files, 1)
        ),
        spine="\n".join(f'<itemref idref="c{number}"/>' for number in range(1, len(files) + 1)),
    )
    nav = f'<nav epub:type="toc"><h1>Contents</h1><ol>\n{links}\n</ol></nav>'
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
        "OEBPS/nav.xhtml": PAGE.format(title="Contents", body=nav),
        **{
            f"OEBPS/{file}": PAGE.format(title=escape(title), body="\n".join(body))
            for file, (title, body) in files.items()
        },
    }
    save(path, zipped({member: content.encode() for member, content in members.items()}, text.date))


# PNG --------------------------------------------------------------------------------------------------------------


def write_png(path: str, width: int = 96, height: int = 64) -> None:
    """A small picture of a pier in the evening: a file that has no text in it."""

    def colour(x: int, y: int) -> tuple[int, int, int]:
        if (26 <= y < 30 and x > 34) or (30 <= y < 44 and x > 34 and x % 12 < 2):
            return 58, 52, 50  # the pier and its piles
        if (x - 40) ** 2 + (y - 20) ** 2 < 30:
            return 120, 86, 60  # the gauge
        if y < 38:
            return 244 - y, 204 - 2 * y, 160 - y  # the sky
        return 40 + (x + 3 * y) % 7, 92 + y // 2, 104 + y // 2  # the sea

    pixels = b"".join(b"\0" + bytes(tone for x in range(width) for tone in colour(x, y)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    save(path, b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


# Files ------------------------------------------------------------------------------------------------------------


def packed(write: Callable[[Any], Any], date: datetime) -> bytes:
    """An Office document as `write` saves it, every date in it set to `date`."""
    buffer = io.BytesIO()
    write(buffer)
    with zipfile.ZipFile(buffer) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    stamp = date.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    members["docProps/core.xml"] = STAMP.sub(lambda found: found[1] + stamp, members["docProps/core.xml"])
    return zipped(members, date)


def zipped(members: Mapping[str, bytes], date: datetime) -> bytes:
    """A zip archive whose bytes depend on its members and their order only; the kind of a book stays readable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, date.timetuple()[:6])
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, content, compresslevel=9)
    return buffer.getvalue()


def save(path: str, content: bytes) -> None:
    """Write a document of the handbook and say so."""
    target = TARGET / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    print(f"{len(content):8,}  {path}")


def main() -> None:
    """Write all of them."""
    write_pdf("gannet", "products/gannet-manual.pdf")
    write_pdf("petrel", "products/petrel-data-sheet.pdf")
    write_pdf("warranty", "policies/warranty-and-contracts.pdf")
    write_docx("travel", "people/travel-and-expenses.docx")
    write_docx("lapwing", "products/lapwing-installation.docx")
    write_docx("calibration", "engineering/tank-calibration.docx")
    write_pptx("onboarding", "people/first-week.pptx")
    sheets = {"Parts": "parts", "Labour and visits": "labour"}
    write_xlsx(sheets, "Spare parts and labour", datetime(2024, 5, 6, 9, tzinfo=UTC), "service/parts-and-labour.xlsx")
    write_epub("tides", "products/a-short-book-of-tides.epub")
    write_png("products/photos/old-moll.png")


if __name__ == "__main__":
    main()
