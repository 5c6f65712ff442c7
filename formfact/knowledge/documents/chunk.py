"""A document -> passages: spans of its blocks that fit the embedder's window together with their context.

Blocks (paragraphs, items, rows, code) are not torn unless one alone does not fit; then a text splitter cuts it where
a line, sentence or word ends. Heading lines are no part of a passage: their path is its context. A heading with
nothing beneath it, and one for which no context has room, is kept as text, so that nothing in a document is out of
search's sight.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from semantic_text_splitter import TextSplitter

from formfact.knowledge.documents.headings import heading_text
from formfact.types import Block, Document, Passage

Count = Callable[[Sequence[str]], list[int]]

TARGET = 256
"""Tokens up to which blocks are gathered into one passage, context included; never more than the window."""
CONTEXT_SHARE = 5
"""The context takes at most one part in so many of the window."""
SLICE = 20_000
"""Characters given to the splitter at once: it measures what it is given many times over."""
SPECIAL = 2
"""Tokens that a model sets around a text."""


@dataclass(slots=True)
class Section:
    """Blocks that stand under the same headings; `above` are the headings that no section before stands under."""

    headings: tuple[str, ...]
    blocks: list[Block] = field(default_factory=list)
    above: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """What is given to embedder and BM25 with a section's passages, and which headings are whole in it."""

    text: str
    whole: frozenset[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A span that stays whole, and what it costs in tokens with the white space and markup before it."""

    start: int
    end: int
    tokens: int


def split(document: Document, *, count: Count, window: int, target: int = TARGET) -> tuple[Passage, ...]:
    """Passages in order, without overlap, each with its context within `window` tokens by `count`.

    `document.text[p.start:p.end] == p.text` for each; together they hold every character of every block that is not
    white space or a heading in the context of others. `count` gives the tokens of each text, special ones not counted.
    """
    passages: list[Passage] = []
    sections = list(_sections(document))
    contexts = [_context(document, section.headings, count, window // CONTEXT_SHARE) for section in sections]
    for at, section in enumerate(sections):
        context = contexts[at].text
        room = min(window, target) - SPECIAL - _tokens(context, count)
        blocks = [*_unseen(document.text, sections, contexts, at), *section.blocks]
        pieces = _pieces(document.text, blocks, count, max(room, 1))
        spans = _gather(pieces, room)
        passages += (
            _passage(document, span, section.headings, context)
            for span in _fitting(document, spans, context, count, window)
        )
    return tuple(passages)


def _sections(document: Document) -> Iterator[Section]:
    """Runs of blocks under one path of headings; headings with nothing beneath them count as text of their parent."""
    blocks = document.blocks or (Block("paragraph", 0, len(document.text)),)
    path: list[tuple[int, str]] = []
    above: list[Block] = []
    section = Section(())
    for i, block in enumerate(blocks):
        if block.kind == "heading":
            path = [(level, title) for level, title in path if level < block.level]
            if not _is_empty(blocks, i):
                path.append((block.level, heading_text(document.text[block.start : block.end])))
                above.append(block)
                continue
        headings = tuple(title for _, title in path if title)
        if headings != section.headings:
            if section.blocks:
                yield section
            section = Section(headings, above=above)
        above = []
        section.blocks.append(block)
    if section.blocks:
        yield section


def _is_empty(blocks: Sequence[Block], i: int) -> bool:
    """Whether nothing stands beneath the heading: the next block is a heading that is not deeper, or none."""
    following = blocks[i + 1] if i + 1 < len(blocks) else None
    return following is None or (following.kind == "heading" and following.level <= blocks[i].level)


def _unseen(text: str, sections: Sequence[Section], contexts: Sequence[Context], at: int) -> Iterator[Block]:
    """The headings that a section is the first to stand under and that are whole in no context."""
    for block in sections[at].above:
        title = heading_text(text[block.start : block.end])
        if title and not _is_whole(title, sections, contexts, at):
            yield block


def _is_whole(title: str, sections: Sequence[Section], contexts: Sequence[Context], at: int) -> bool:
    """Whether a heading is whole in the context of a section that stands under it, the first of which is at `at`."""
    for section, context in zip(islice(sections, at, None), islice(contexts, at, None), strict=True):
        if title not in section.headings:
            return False
        if title in context.whole:
            return True
    return False


def _context(document: Document, headings: Sequence[str], count: Count, most: int) -> Context:
    """Title and headings in `most` tokens: parts go from the second on, then the last is cut short."""
    parts = [part for part in (document.title, *headings) if part]
    parts = list(dict.fromkeys(parts))
    while len(parts) > 1 and _tokens(" > ".join(parts), count) > most:
        del parts[1 if len(parts) > 2 else 0]
    context = whole = " > ".join(parts)
    while context and _tokens(context, count) > most:
        context = context[: len(context) * 3 // 4].rstrip()
    return Context(context, frozenset(parts if context == whole else ()))


def _tokens(text: str, count: Count) -> int:
    return count([text])[0] if text else 0


def _pieces(text: str, blocks: Sequence[Block], count: Count, room: int) -> list[Piece]:
    """The blocks with their cost, those that do not fit cut up."""
    before = [blocks[0].start, *(block.end for block in blocks[:-1])]
    # The markup between two blocks (a table's rule, say) is inside a passage that holds both: it costs as well.
    spans = [text[start : block.end] for start, block in zip(before, blocks, strict=True)]
    # What is as long as a log is measured line by line alone.
    costs = iter(count([span for span in spans if len(span) <= SLICE]))
    pieces: list[Piece] = []
    for block, span in zip(blocks, spans, strict=True):
        if len(span) <= SLICE and (cost := next(costs)) <= room:
            pieces.append(Piece(block.start, block.end, cost))
        else:
            pieces += _cut(text, block.start, block.end, count, room)
    return pieces


def _cut(text: str, start: int, end: int, count: Count, room: int) -> Iterator[Piece]:
    """A span that is too long, cut at the ends of lines, sentences or words; inside a word only where it must be."""
    lines = list(_lines(text, start, end))
    costs = count([text[begin:stop] for begin, stop in lines])
    for (begin, stop), cost in zip(lines, costs, strict=True):
        if cost <= room:
            yield Piece(begin, stop, cost)
        else:
            yield from _cut_line(text, begin, stop, count, room)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a span, each with its end; measured all at once they cost a tenth of what the splitter takes."""
    while start < end:
        stop = text.find("\n", start, end) + 1 or end
        yield start, stop
        start = stop


def _cut_line(text: str, start: int, end: int, count: Count, room: int) -> Iterator[Piece]:
    """A line that is too long, cut by the splitter."""
    splitter = TextSplitter.from_callback(lambda part: count([part])[0], room)
    for begin, stop in _slices(text, start, end):
        found = splitter.chunk_indices(text[begin:stop])
        costs = count([chunk for _, chunk in found])
        for (offset, chunk), cost in zip(found, costs, strict=True):
            yield Piece(begin + offset, begin + offset + len(chunk), cost)


def _slices(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span in slices of SLICE characters or a little less, ending with a word where there is one."""
    while end - start > SLICE:
        stop = max(text.rfind(" ", start + SLICE // 2, start + SLICE), 0) or start + SLICE
        yield start, stop
        start = stop
    yield start, end


def _gather(pieces: Iterable[Piece], room: int) -> Iterator[tuple[int, int]]:
    """Pieces joined to spans as long as they fit."""
    start = end = used = -1
    for piece in pieces:
        if start >= 0 and used + piece.tokens + 1 <= room:
            end, used = piece.end, used + piece.tokens + 1
            continue
        if start >= 0:
            yield start, end
        start, end, used = piece.start, piece.end, piece.tokens
    if start >= 0:
        yield start, end


def _fitting(
    document: Document, spans: Iterable[tuple[int, int]], context: str, count: Count, window: int
) -> Iterator[tuple[int, int]]:
    """The spans, halved where the whole costs more than its parts did: not every tokenizer adds up."""
    trimmed = (_trim(document.text, *span) for span in spans)
    todo = [span for span in trimmed if span[0] < span[1]][::-1]
    costs = dict(zip(todo, count([_embedded(document, span, context) for span in todo]), strict=True)) if todo else {}
    while todo:
        span = todo.pop()
        cost = costs[span] if span in costs else count([_embedded(document, span, context)])[0]
        if cost + SPECIAL <= window or span[1] - span[0] <= 1:
            yield span
        else:
            todo += reversed(list(_halves(document.text, *span)))


def _embedded(document: Document, span: tuple[int, int], context: str) -> str:
    text = document.text[span[0] : span[1]]
    return f"{context}\n{text}" if context else text


def _halves(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    middle = (start + end) // 2
    at = max(text.rfind("\n", start + 1, middle), text.rfind(" ", start + 1, middle))
    middle = at if at > start else middle
    yield from (span for span in (_trim(text, start, middle), _trim(text, middle, end)) if span[0] < span[1])


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends; empty where there is nothing else."""
    found = text[start:end]
    start += len(found) - len(found.lstrip())
    return start, start + len(found.strip())


def _passage(document: Document, span: tuple[int, int], headings: tuple[str, ...], context: str) -> Passage:
    start, end = span
    page = bisect_right(document.pages, start) or None
    return Passage(start, end, document.text[start:end], headings, page, context)
