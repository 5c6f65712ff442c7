"""What a reader sees of a WordprocessingML element: the text of a paragraph, with what hangs on it.

Names are compared without their namespace, so that transitional and strict documents read alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from formfact.knowledge.documents.formulas import of_office
from formfact.knowledge.documents.symbols import PRIVATE, of_font, of_number

UNSEEN = frozenset(
    (
        *("pPr", "rPr", "rubyPr", "del", "moveFrom", "delText", "instrText", "delInstrText"),
        *("Fallback", "rt", "footnoteRef", "endnoteRef", "annotationRef"),
    )
)
"""Properties, tracked deletions, codes of fields, the second of two spellings, the small print beside characters."""
MARKS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
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
        if name == "t":
            text = (inner.text or "").replace("\u00ad", "")  # a place where a word may be broken is no letter
            seen.parts.append(of_font(text, _font(element)) if PRIVATE.search(text) else text)
        elif name == "oMath":
            seen.parts.append(of_office(inner))
        elif name == "sym":
            seen.parts.append(of_number(value(inner, "char"), value(inner, "font")))
        elif name in MARKS:
            seen.parts.append(MARKS[name])
        elif name == "br":
            seen.parts.append("\n")
        elif name == "txbxContent":
            seen.boxes.append(inner)
        elif name in NOTES:
            seen.notes.append((name.removesuffix("Reference"), value(inner, "id")))
        elif name and name not in UNSEEN and not (name == "r" and _is_hidden(inner)):
            _see(inner, seen)


def _font(run: Any) -> str:
    fonts = child(run, "rPr", "rFonts")
    return (value(fonts, "ascii") or value(fonts, "hAnsi")) if fonts is not None else ""


def _is_hidden(run: Any) -> bool:
    vanish = child(run, "rPr", "vanish")
    return vanish is not None and value(vanish) not in ("0", "false", "off")
