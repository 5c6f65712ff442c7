"""What a reader sees of a WordprocessingML element: the text of a paragraph, with what hangs on it.

Names are compared without their namespace, so that transitional and strict documents read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from formfact.knowledge.documents.apart import before_raised, behind_struck
from formfact.knowledge.documents.formulas import of_office
from formfact.knowledge.documents.symbols import PRIVATE, of_font, of_number

UNSEEN = frozenset(
    (
        *("pPr", "rPr", "rubyPr", "del", "moveFrom", "delText", "instrText", "delInstrText"),
        *("Fallback", "rt", "footnoteRef", "endnoteRef", "annotationRef"),
    )
)
"""Properties, tracked deletions, codes of fields, the second of two spellings, the small print beside characters."""
MARKS = {"tab": "\t", "ptab": "\t", "cr": "\n", "br": "\n", "noBreakHyphen": "-"}
OFF = ("0", "false", "off")
NOTES = frozenset(("footnoteReference", "endnoteReference"))


@dataclass(slots=True)
class Seen:
    """The text of a paragraph; the text boxes anchored in it; the notes it refers to, as (kind, number)."""

    parts: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of the text, in order."""
        return "".join(self.parts)

    def say(self, text: str) -> None:
        """More of the text. No part is empty: what comes next looks at the one before it."""
        if text:
            self.parts.append(text)


def kind(element: Any) -> str:
    """An element's name without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def value(element: Any, name: str = "val") -> str:
    """An attribute by its name without namespace; empty where it is missing."""
    for key, found in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(found)
    return ""


def children(element: Any, *names: str) -> Iterator[Any]:
    """The children with one of these names."""
    return (child for child in element if kind(child) in names)


def child(element: Any, *path: str) -> Any:
    """The first descendant along a path of names, or None."""
    for name in path:
        element = None if element is None else next(children(element, name), None)
    return element


def see(paragraph: Any) -> Seen:
    """The text of a paragraph as a reader sees it, tracked insertions kept and deletions left out."""
    seen = Seen()
    _see(paragraph, seen)
    return seen


def _see(element: Any, seen: Seen) -> None:
    for inner in element:
        name = kind(inner)
        if name in SAID:
            seen.say(SAID[name](inner))
        elif name in MARKS:
            seen.say(MARKS[name])
        elif name == "txbxContent":
            seen.boxes.append(inner)
        elif name in NOTES:
            seen.notes.append((name.removesuffix("Reference"), value(inner, "id")))
        elif name == "r" and not _is_hidden(inner):
            seen.say(_before(inner, seen.parts))
            _see(inner, seen)
        elif name and name != "r" and name not in UNSEEN:
            _see(inner, seen)


def _letters(text: Any) -> str:
    letters = (text.text or "").replace("\u00ad", "")  # a place where a word may be broken is no letter
    return of_font(letters, _font(text.getparent())) if PRIVATE.search(letters) else letters


def _font(run: Any) -> str:
    fonts = child(run, "rPr", "rFonts")
    return (value(fonts, "ascii") or value(fonts, "hAnsi")) if fonts is not None else ""


def _is_hidden(run: Any) -> bool:
    return _is_on(child(run, "rPr", "vanish"))


def _is_on(told: Any) -> bool:
    return told is not None and value(told) not in OFF


def _before(run: Any, parts: list[str]) -> str:
    """What parts a run from the figure before it: raised digits, or what stands in the place of a struck-out one."""
    last, next_one = run.getprevious(), run.getnext()
    before = parts[-1] if parts else ""
    if _is_raised(run):
        return "" if _is_raised(last) else before_raised(before, _words(run), _words(next_one))
    return behind_struck(before, _words(run)) if _is_struck(last) and not _is_struck(run) else ""


def _words(run: Any) -> str:
    return "".join(text.text or "" for text in children(run, "t")) if run is not None else ""


def _is_raised(run: Any) -> bool:
    told = child(run, "rPr", "vertAlign")
    return told is not None and value(told) == "superscript"


def _is_struck(run: Any) -> bool:
    return _is_on(child(run, "rPr", "strike")) or _is_on(child(run, "rPr", "dstrike"))


def _choice(begin: Any) -> str:
    """What is ticked or chosen in an old field of a form, which no run says; nothing where one does, or elsewhere."""
    box, entries = child(begin, "ffData", "checkBox"), child(begin, "ffData", "ddList")
    if box is not None:
        own = child(box, "checked")
        return "☒" if _is_on(own if own is not None else child(box, "default")) else "☐"
    if entries is None:
        return ""
    for run in begin.getparent().itersiblings():
        if _words(run).strip():
            return ""
        if any(value(mark, "fldCharType") == "end" for mark in children(run, "fldChar")):
            break
    told = child(entries, "result")
    names = [value(entry) for entry in children(entries, "listEntry")]
    at = int(value(told)) if told is not None and value(told).isdecimal() else 0
    return names[at] if at < len(names) else ""


SAID: dict[str, Callable[[Any], str]] = {
    "t": _letters,
    "oMath": of_office,
    "sym": lambda sign: of_number(value(sign, "char"), value(sign, "font")),
    "fldChar": _choice,
}
"""Elements that say something by themselves, and how."""
