"""Plain text: paragraphs between blank lines, entries of lists, and underlined headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import IO

from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.lines import Lines
from formfact.types import Block, Document, Skipped

BULLET = re.compile(r"\s*(?:[-*•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
UNDERLINE = re.compile(r"\s*(=|-|~){3,}\s*")
LONGEST_HEADING = 100


def read_plain(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document. Hard line breaks stay; a line in capitals is no heading, too many of them are not."""
    text = decode(file.read())
    blocks = tuple(_blocks(text))
    title = next((heading_text(text[b.start : b.end]) for b in blocks if b.kind == "heading"), "")
    yield Document(name, "", text, title, "text", blocks)


def _blocks(text: str) -> Iterator[Block]:
    lines = text.split("\n")
    spans = Lines(text)
    for first, end in _groups(lines):
        if end - first >= 2 and _is_heading(lines[first], lines[first + 1]):
            yield from spans.block("heading", first, first + 2, level=1 if "=" in lines[first + 1] else 2)
            first += 2
        # An entry of a list runs to the next one; what stands before the first is a paragraph.
        starts = [i for i in range(first, end) if BULLET.match(lines[i])]
        edges = sorted({first, *starts, end})
        for start, stop in pairwise(edges):
            yield from spans.block("item" if start in starts else "paragraph", start, stop)


def _groups(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Runs of lines that are not blank, as [first, end)."""
    first = None
    for i, line in enumerate([*lines, ""]):
        if line.strip() and first is None:
            first = i
        elif not line.strip() and first is not None:
            yield first, i
            first = None


def _is_heading(line: str, under: str) -> bool:
    return bool(UNDERLINE.fullmatch(under)) and 0 < len(line.strip()) <= LONGEST_HEADING and not BULLET.match(line)
