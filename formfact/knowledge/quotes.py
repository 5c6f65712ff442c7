"""Documents -> candidate spans that could be quoted: pure functions of values.

A candidate is a sentence, a table row, a list item or a block of code, at most LONGEST words of it. A sentence never
crosses a block. Which candidates are quoted is decided in `weigh`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from formfact.knowledge.sentences import count_words, sentences, shortened
from formfact.types import Block, Document

LONGEST = 80
"""Words of a quote."""
CLAUSE = 30
"""Words beyond which a heading is a clause of a contract, say, and holds answers itself."""
LEANING = re.compile(
    r"(?:it|its|this|that|these|those|they|them|their|he|his|him|she|her|however|therefore|thus|so|but|and|also"
    r"|moreover|furthermore|then|such|instead|otherwise|consequently|additionally|in addition|as a result)\b",
    re.IGNORECASE,
)
"""How a sentence begins that leans on the one before it."""
LINE = re.compile(r"[^\n]*\S[^\n]*")
CELL_END = re.compile(r"[|\t;,](?=\s|$)")
PARAGRAPH_GAP = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a candidate stands. `block` is where its block starts, `place` its turn in it; `leans`: see LEANING."""

    document: int
    start: int
    end: int
    block: int
    place: int
    words: int
    leans: bool


def cut(document: Document, key: int, start: int, end: int) -> list[Span]:
    """The candidates of `document.text[start:end]`: whole sentences, rows, items and code that reach into it.

    Headings are candidates only where there is nothing else, or where they are as long as a clause.
    """
    touched = list(_touched(document, start, end))
    body = [block for block in touched if block.kind != "heading" or _is_clause(document.text, block)]
    return [
        Span(key, at, to, block.start, place, count_words(document.text[at:to]), bool(LEANING.match(document.text, at)))
        for number, block in enumerate(body or touched)
        for place, (at, to) in enumerate(_with_list(document.text, block, body[number + 1 :]))
        if at < end and to > start
    ]


def _is_clause(text: str, block: Block) -> bool:
    return count_words(text[block.start : block.end]) > CLAUSE


def _with_list(text: str, block: Block, following: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """A block's quotable parts; the last, where it ends with a colon, together with the list that it announces.

    As much of the list as LONGEST words allow: "The warranty does not cover:" answers nobody.
    """
    for start, end in _pieces(text, block):
        if block.kind == "paragraph" and end >= block.end - 1 and text[start:end].rstrip().endswith(":"):
            for item in takewhile(lambda one: one.kind == "item", following):
                if count_words(text[start : item.end]) > LONGEST:
                    break
                end = item.end
        yield start, end


def _touched(document: Document, start: int, end: int) -> Iterator[Block]:
    if not document.blocks:
        yield from _paragraphs(document.text, start, end)
        return
    first = bisect_right(document.blocks, start, key=lambda block: block.end)
    for block in document.blocks[first:]:
        if block.start >= end:
            return
        yield block


def _paragraphs(text: str, start: int, end: int) -> Iterator[Block]:
    """What a reader without structure leaves: text between blank lines, from where the first touched one begins."""
    at = text.rfind("\n\n", 0, start) + 1
    while at < min(end, len(text)):
        gap = PARAGRAPH_GAP.search(text, max(at, start))
        to = gap.start() if gap else len(text)
        yield Block("paragraph", at, to)
        at = gap.end() if gap else len(text)


def _pieces(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """A block's quotable parts, in order."""
    if block.kind != "paragraph" and count_words(text[block.start : block.end]) <= LONGEST:
        yield from shortened(text, block.start, block.end, words=LONGEST)
    elif block.kind == "code":
        yield from _packed(text, [match.span() for match in LINE.finditer(text, block.start, block.end)])
    elif block.kind == "row":
        ends = [match.end() for match in CELL_END.finditer(text, block.start, block.end)]
        yield from _packed(text, list(zip([block.start, *ends], [*ends, block.end], strict=True)))
    else:
        for start, end in sentences(text, block.start, block.end):
            yield from shortened(text, start, end, words=LONGEST)


def _packed(text: str, parts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Lines or cells put together while they stay within LONGEST words; one that is longer is cut between words."""
    start = end = words = 0
    for at, to in parts:
        more = count_words(text[at:to])
        if words and words + more > LONGEST:
            yield from shortened(text, start, end, words=LONGEST)
            words = 0
        start, end, words = (at if not words else start), to, words + more
    if words:
        yield from shortened(text, start, end, words=LONGEST)
