"""The stream of a page's elements and texts -> blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborNode

from formfact.knowledge.documents import apart
from formfact.types import BlockKind

BLOCKS = frozenset(
    (
        "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre section summary table "
        "tbody td tfoot th thead tr ul"
    ).split()
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = ("ul", "ol", "menu", "dir")
ITEMS = ("li", "dd")
STRUCK = ("del", "s", "strike")
SPACE = re.compile(r"\s+")
BLANK_LINE = re.compile(r"\n{2,}")
PERMALINK = " ¶🔗\n"
"""Signs that link a heading to itself."""
Place = Literal["main", "article"]


@dataclass(frozen=True, slots=True)
class Part:
    """A block to be laid out, and the parts of the page that it lies in."""

    kind: BlockKind
    text: str
    level: int
    places: frozenset[Place]


class Flow:
    """Elements are opened and closed in order; the text between two boundaries of blocks is one block."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._words: list[str] = []
        self._counters: list[int | None] = []
        self._steps: list[int] = []
        self._items = self._pre = self._level = 0
        self._marker = self._term = ""
        self._in_term = False
        self._places: list[Place] = []

    def open(self, node: LexborNode) -> None:
        """An element begins."""
        tag = node.tag or ""
        if tag == "br":
            self._words.append("\n")
        elif tag == "img":
            self._words.append(_formula(node))
        elif tag == "sup" and not any(map(_is_note, node.iter())):
            self._words.append(before_raised(node, self._words))
        elif _is_note(node):
            self._words.append("[")
        elif tag in BLOCKS:
            self._boundary()
            self._enter(node, tag)

    def close(self, node: LexborNode) -> None:
        """An element ends."""
        tag = node.tag or ""
        if tag in STRUCK:
            self._words.append(behind_struck(node, self._words))
        elif _is_note(node):
            self._words.append("]")
        elif tag in BLOCKS:
            self._boundary(ends=tag == "pre")
            self._leave(node, tag)

    def text(self, text: str) -> None:
        """Words inside an element."""
        self._words.append(text if self._pre else SPACE.sub(" ", text.replace("\u00ad", "")))

    def rows(self, rows: Sequence[str]) -> None:
        """A table."""
        self._boundary()
        self._flush_term()
        for row in rows:
            self._keep("row", row)

    def parts(self) -> list[Part]:
        """What was met, in order."""
        self._boundary(ends=True)
        self._flush_term()
        return self._parts

    def _enter(self, node: LexborNode, tag: str) -> None:
        self._places += _places(node, tag)
        self._level = HEADINGS.get(tag, self._level)
        if tag == "pre":
            self._pre += 1
        elif tag in LISTS:
            self._counters.append(_first_number(node) if tag == "ol" else None)
            self._steps.append(-1 if "reversed" in node.attributes else 1)
        elif tag == "dt":
            self._in_term = True
        elif tag in ITEMS:
            self._items += 1
            if tag == "li" and self._counters and (number := self._counters[-1]) is not None:
                number = _number(node.attributes.get("value"), number)
                self._marker = f"{number}. "
                self._counters[-1] = number + self._steps[-1]

    def _leave(self, node: LexborNode, tag: str) -> None:
        for _ in _places(node, tag):
            self._places.pop()
        if tag in HEADINGS:
            self._level = 0
        elif tag == "pre":
            self._pre -= 1
        elif tag in LISTS:
            self._counters.pop()
            self._steps.pop()
        elif tag == "dl":
            self._flush_term()
        elif tag == "dt":
            self._in_term = False
        elif tag in ITEMS:
            self._items -= 1
            self._marker = ""

    def _boundary(self, *, ends: bool = False) -> None:
        """What was gathered is a block; inside `pre` a line, for highlighted lines may be blocks of their own."""
        text = "".join(self._words)
        if self._pre and not ends:
            if text and not text.endswith("\n"):
                self._words.append("\n")
            return
        self._words = []
        if self._pre:
            self._flush_term()
            self._keep("code", text)
        else:
            for paragraph in _paragraphs(text):
                self._block(paragraph)

    def _block(self, text: str) -> None:
        if self._in_term:
            self._term = f"{self._term}, {text}" if self._term else text
        elif self._level:
            self._flush_term()
            self._keep("heading", text)
        elif self._items:
            term = f"{self._term}: " if self._term else ""
            self._keep("item", self._marker + term + text)
            self._marker = self._term = ""
        else:
            self._flush_term()
            self._keep("paragraph", text)

    def _flush_term(self) -> None:
        """A term that no definition follows stands for itself."""
        if self._term:
            self._keep("item", self._term)
            self._term = ""

    def _keep(self, kind: BlockKind, text: str) -> None:
        if text.strip():
            level = self._level if kind == "heading" else 0
            self._parts.append(Part(kind, text, level, frozenset(self._places)))


def _paragraphs(text: str) -> Iterator[str]:
    """Lines as the page breaks them; a blank one parts paragraphs."""
    lines = [line.strip() for line in text.split("\n")]
    for paragraph in BLANK_LINE.split("\n".join(lines)):
        if stripped := paragraph.strip().strip(PERMALINK):
            yield stripped


def _places(node: LexborNode, tag: str) -> tuple[Place, ...]:
    if tag == "main" or node.attributes.get("role") == "main":
        return ("main",)
    return ("article",) if tag == "article" else ()


def _first_number(node: LexborNode) -> int:
    told = node.attributes
    items = sum(child.tag == "li" for child in node.iter()) if "reversed" in told else 1
    return _number(told.get("start"), items)


def _number(told: str | None, otherwise: int) -> int:
    return int(told) if told and told.isascii() and told.isdigit() and len(told) < 10 else otherwise


def before_raised(node: LexborNode, words: Sequence[str]) -> str:
    """What parts raised digits from the figure before them."""
    return apart.before_raised(words[-1] if words else "", node.text(deep=True), _text_behind(node))


def behind_struck(node: LexborNode, words: Sequence[str]) -> str:
    """What parts a struck-out figure from the one that stands in its place."""
    return apart.behind_struck(words[-1] if words else "", _text_behind(node))


def _is_note(node: LexborNode) -> bool:
    """Whether an element refers to a note by a number that is no part of the word before it, and has no brackets."""
    told = node.attributes
    is_note = "noteref" in (told.get("epub:type") or "").split() or told.get("role") == "doc-noteref"
    return is_note and node.text(deep=True).strip().isalnum()


def _text_behind(node: LexborNode) -> str:
    return (node.next.text(deep=True) or "") if node.next is not None else ""


def _formula(node: LexborNode) -> str:
    """A formula that is shown as a picture, in the words of its maker."""
    told = node.attributes
    return f" {told.get('alt') or ''} " if "math" in (told.get("class") or "") else ""
