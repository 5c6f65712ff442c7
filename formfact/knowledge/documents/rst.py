"""reStructuredText, line by line: the text stays as it is.

Covered: section titles by their adornment (levels in the order in which adornments appear), paragraphs, bullet and
numbered items, literal blocks and code directives, rows of simple and grid tables. Comments and the lines of tables
are left out. Not covered: includes and substitutions are never followed; roles and links stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from formfact.errors import Unreadable
from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.lines import Lines
from formfact.types import BlockKind, Document, Skipped

ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
SHORT = re.compile(r"([!-\-/;-@\[-`{-~])\1?\s*")
"""An adornment that may only stand at a title no longer than it is; `::` and `..` have another meaning."""
BULLET = re.compile(r"\s*(?:[-*+•]|\(?(?:\d{1,3}|[a-zA-Z]|#)[.)])\s+\S")
COMMENT = re.compile(r"\.\.(?:\s+(?!\S+::|\[|_|\|)|$)")
CODE = re.compile(r"\.\.\s+(?:code|code-block|sourcecode|literalinclude|parsed-literal|math)::")
RULE = re.compile(r"\s*(?:\+[-=+]+\+|=+(?:\s+=+)+|-+(?:\s+-+)+)\s*")


@dataclass(frozen=True, slots=True)
class Span:
    """Lines `first` to before `end`, and what they are; `mark` is the adornment of a heading."""

    kind: BlockKind
    first: int
    end: int
    mark: str = ""


def read_rst(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document."""
    text = decode(file.read())
    lines = text.split("\n")
    found = list(_spans(lines))
    marks = list(dict.fromkeys(span.mark for span in found if span.mark))
    exact = Lines(text)
    blocks = tuple(
        block
        for span in found
        for block in exact.block(span.kind, span.first, span.end, level=marks.index(span.mark) + 1 if span.mark else 0)
    )
    if not blocks:
        raise Unreadable("empty")
    title = next((heading_text(text[b.start : b.end]) for b in blocks if b.kind == "heading"), "")
    yield Document(name, "", text, title, "rst", blocks)


def _spans(lines: list[str]) -> Iterator[Span]:
    at, literal = 0, False
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            continue
        heading = _heading(lines, at)
        if heading:
            span = heading
        elif literal and line[0].isspace():
            span = Span("code", at, _indented(lines, at))
        elif COMMENT.match(line):
            # An empty comment only ends what stands above it: the lines below are text.
            is_empty = line.strip() == ".." and not "".join(lines[at + 1 : at + 2]).strip()
            at, literal = at + 1 if is_empty else _indented(lines, at + 1), False
            continue
        elif CODE.match(line):
            span = Span("code", at, _indented(lines, at + 1))
        else:
            end = _paragraph(lines, at)
            yield from _parts(lines, at, end)
            at, literal = end, lines[end - 1].rstrip().endswith("::")
            continue
        yield span
        at, literal = span.end, False


def _heading(lines: list[str], at: int) -> Span | None:
    """A title with a line under it, or one over and under it."""
    rows = [*lines[at : at + 3], "", ""]
    if ADORNMENT.fullmatch(rows[0]) and rows[1].strip() and rows[2].strip() == rows[0].strip():
        return Span("heading", at, at + 3, f"{rows[0][0]}{rows[0][0]}")
    if ADORNMENT.fullmatch(rows[1]) and not rows[0][0].isspace() and len(rows[1].strip()) >= len(rows[0].strip()) - 1:
        return Span("heading", at, at + 2, rows[1][0])
    over = SHORT.fullmatch(rows[0]) and rows[2].strip() == rows[0].strip()
    title, under = rows[1:3] if over else rows[:2]
    if SHORT.fullmatch(under) and 0 < len(title.strip()) <= len(under.strip()) and title[0].isalnum():
        return Span("heading", at, at + 3 if over else at + 2, f"{under[0]}{under[0]}" if over else under[0])
    return None


def _indented(lines: list[str], at: int) -> int:
    """Behind the indented or blank lines that begin here."""
    while at < len(lines) and (not lines[at].strip() or lines[at][0].isspace()):
        at += 1
    return at


def _paragraph(lines: list[str], at: int) -> int:
    while at < len(lines) and lines[at].strip():
        at += 1
    return at


def _parts(lines: list[str], first: int, end: int) -> Iterator[Span]:
    """A run of lines as a paragraph, as the items of a list, or as the rows of a table."""
    rules = [i for i in range(first, end) if RULE.fullmatch(lines[i])]
    if len(rules) > 1 or (rules and rules[0] == first):
        yield from (Span("row", i, i + 1) for i in range(first, end) if i not in rules)
        return
    starts = [i for i in range(first, end) if BULLET.match(lines[i])]
    for start, stop in zip([first, *starts], [*starts, end], strict=True):
        if start < stop:
            yield Span("item" if start in starts else "paragraph", start, stop)
