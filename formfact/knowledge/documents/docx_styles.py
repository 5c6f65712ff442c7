"""What the paragraph styles of a Word document mean: heading of a level, list item, code, or plain text.

A style's own outline level, list and name decide, else those of the style it is based on. Word keeps the English
name of its own styles in every language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from formfact.knowledge.documents.docx_text import child, children, value

HEADING = re.compile(r"(?i)heading ?([1-9])$")
LETTERED = re.compile(r"(?i)head(?:ing)? ?([A-F])$")
TITLE = re.compile(r"(?i)(chapter ?|appendix ?|book ?|document ?)?title$")
CONTENTS = re.compile(r"(?i)(toc ?\d|table of (figures|authorities))$")
LIST = re.compile(r"(?i)list ?(bullet|number)")
CODE = re.compile(
    r"(?i)(source ?|program ?)?(code|listing)([ -]?(block|wide|text|sample|example|snippet|single|narrow|[a-d]))?$"
    r"|.*preformatted.*|verbatim|macro text|macrotext"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a style makes of a paragraph. `level` is 0 for what is no heading; `title` marks a document's own;
    `left_out` is a table of contents, which says nothing that the headings don't.
    """

    level: int = 0
    title: bool = False
    item: bool = False
    code: bool = False
    left_out: bool = False


PLAIN = Meaning()


def read_styles(styles: Any) -> tuple[dict[str, Meaning], str]:
    """The meaning of every paragraph style by its id, and the id of the one that a paragraph has by default."""
    found = {
        value(style, "styleId"): style for style in children(styles, "style") if value(style, "type") == "paragraph"
    }
    default = next((name for name, style in found.items() if value(style, "default") in ("1", "true", "on")), "")
    return {name: _meaning(name, found, set()) for name in found}, default


def _meaning(name: str, styles: dict[str, Any], met: set[str]) -> Meaning:
    style = styles.get(name)
    if style is None or name in met:
        return PLAIN
    told = child(style, "name")
    own = of_name(value(told) if told is not None else name)
    if own != PLAIN:
        return own
    based = child(style, "basedOn")
    below = _meaning(value(based), styles, met | {name}) if based is not None else PLAIN
    return of_properties(child(style, "pPr"), below)


def of_name(name: str) -> Meaning:
    """What a style's name says of it."""
    if found := HEADING.match(name):
        return Meaning(level=int(found.group(1)))
    if found := LETTERED.match(name):
        return Meaning(level=ord(found.group(1).upper()) - ord("A") + 1)
    if TITLE.match(name):
        return Meaning(level=1, title=True)
    if CONTENTS.match(name):
        return Meaning(left_out=True)
    if CODE.match(name):
        return Meaning(code=True)
    return Meaning(item=True) if LIST.match(name) else PLAIN


def of_properties(properties: Any, style: Meaning) -> Meaning:
    """What a paragraph's or style's own properties make of the style below them."""
    if properties is None:
        return style
    outline = child(properties, "outlineLvl")
    if outline is not None and value(outline).isdigit():
        level = int(value(outline)) + 1
        return Meaning(level=level if level < 10 else 0, title=style.title and level < 10)
    number = child(properties, "numPr", "numId")
    if number is not None and not style.level and not style.code:
        return Meaning(item=value(number) != "0")
    return style
