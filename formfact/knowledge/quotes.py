"""Documents -> candidate spans -> the few that answer: pure functions of values.

A candidate is a sentence, a table row, a list item or a block of code, at most LONGEST words of it. A sentence never
crosses a block. Which candidates are quoted is decided by their score (see `score`) and by what each adds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.sentences import count_words, sentences, shortened
from formfact.types import Block, Document

LONGEST = 80
"""Words of a quote."""
MOST = 3
"""Quotes of an answer."""
COSINE, WORDS, PASSAGE = 0.5, 0.35, 0.15
NEAR = 0.85
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


@dataclass(frozen=True, slots=True)
class Scored:
    """A span with what speaks for it: cosine to the question, the question's terms it holds, its passage's score."""

    span: Span
    cosine: float
    terms: frozenset[str]
    share: float
    score: float


def cut(document: Document, key: int, start: int, end: int) -> list[Span]:
    """The candidates of `document.text[start:end]`: whole sentences, rows, items and code that reach into it.

    Headings are candidates only where there is nothing else.
    """
    touched = list(_touched(document, start, end))
    body = [block for block in touched if block.kind != "heading"]
    return [
        Span(key, at, to, block.start, place, count_words(document.text[at:to]), bool(LEANING.match(document.text, at)))
        for block in body or touched
        for place, (at, to) in enumerate(_pieces(document.text, block))
        if at < end and to > start
    ]


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


def share(held: Collection[str], weights: Mapping[str, float]) -> float:
    """The part of the question's weight that these terms carry, 0 to 1; 0 for a question without weight."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def score(span: Span, *, cosine: float, held: frozenset[str], weights: Mapping[str, float], passage: float) -> Scored:
    """The weighted sum of cosine, the question's terms and the passage's own score."""
    part = share(held, weights)
    return Scored(span, cosine, held, part, COSINE * cosine + WORDS * part + PASSAGE * passage)


def choose(scored: Sequence[Scored], weights: Mapping[str, float]) -> list[Span]:
    """One to MOST quotes, the best first: each later one is near the best or holds terms that were still missing."""
    ranked = sorted(scored, key=lambda one: (-one.score, one.span.document, one.span.start))
    if not ranked:
        return []
    places = {(one.span.document, one.span.block, one.span.place): one for one in scored}
    chosen: list[Span] = []
    held: frozenset[str] = frozenset()
    for one in ranked:
        if len(chosen) == MOST:
            break
        if any(_overlap(one.span, quote) for quote in chosen):
            continue
        new = share(one.terms - held, weights)
        if chosen and one.score < NEAR * ranked[0].score and not (new >= 0.2 and one.score >= 0.6 * ranked[0].score):
            continue
        chosen.append(_leaning(one, places))
        held |= one.terms
    return chosen


def _leaning(one: Scored, places: Mapping[tuple[int, int, int], Scored]) -> Span:
    """The span, together with the sentence before it where it leans on that one and both fit."""
    span = one.span
    before = places.get((span.document, span.block, span.place - 1))
    if before is None or not span.leans or before.span.words + span.words > LONGEST:
        return span
    return replace(before.span, end=span.end, words=before.span.words + span.words)


def _overlap(one: Span, other: Span) -> bool:
    return one.document == other.document and one.start < other.end and other.start < one.end
