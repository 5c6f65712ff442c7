"""Nouns -> what a person reads in a terminal: never wider than it, colour only where there is a terminal.

Widths are counted in columns, of which Chinese, Japanese and Korean characters and most emoji take two. A terminal of
fewer than NARROWEST breaks lines itself.
"""

from __future__ import annotations

import os
import re
import shutil
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from formfact.types import AddReport, Hit, Listing, Loss, Skipped, Status

NARROWEST, WIDEST = 50, 100
BESIDE = "\0"
"""Stands for the second column of a wide character while lines are broken."""
LINES_A_HIT = 4
LAID_OUT = re.compile(r"\n(?: {2,}|\t)\S")
SKIPPED_SHOWN = 20


class Page:
    """A stream with its width and whether it may be coloured."""

    def __init__(self, stream: TextIO) -> None:
        self.colour = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.width = min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)

    def bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self.colour else text

    def dim(self, text: str) -> str:
        return f"\033[2m{text}\033[0m" if self.colour else text

    def wrap(self, text: str, indent: str, *, lines: int | None = None) -> list[str]:
        """The text in lines of the page's width; cut with an ellipsis after `lines` of them."""
        flat = printable(text)
        widened = "".join(c + BESIDE if is_wide(c) else c for c in flat)
        # A line may end between a wide character and what stands for its second column: hence one column less.
        width = self.width - (widened != flat)
        rows = textwrap.wrap(
            widened, width, initial_indent=indent, subsequent_indent=indent, max_lines=lines, placeholder=" …"
        )
        return [row.replace(BESIDE, "") for row in rows]

    def block(self, text: str, indent: str, *, lines: int | None = None) -> list[str]:
        """The text as it is laid out where its lines are indented, as code's are; else wrapped as prose."""
        if not LAID_OUT.search(text):
            return self.wrap(text, indent, lines=lines)
        rows = []
        for line in filter(str.strip, text.expandtabs(4).splitlines()):
            within = len(line) - len(line.lstrip())
            rows += self.wrap(line, indent + " " * min(within, self.width // 2))
        return rows if lines is None or len(rows) <= lines else [*rows[: lines - 1], f"{indent}…"]

    def fit(self, text: str, indent: str = "") -> str:
        """One line, its middle left out where it is too long."""
        text, room = printable(text), self.width - len(indent)
        if columns(text) <= room:
            return indent + text
        half = (room - 1) // 2
        return f"{indent}{_within(text, half)}…{_within(text[::-1], half)[::-1]}"


def is_wide(character: str) -> bool:
    """Whether a character takes two columns."""
    return unicodedata.east_asian_width(character) in "WF"


def columns(text: str) -> int:
    """How wide a text is; accents that take no column of their own are counted as one."""
    return len(text) + sum(map(is_wide, text))


def _within(text: str, room: int) -> str:
    """As much of the text's beginning as fits."""
    for at, character in enumerate(text):
        room -= columns(character)
        if room < 0:
            return text[:at]
    return text


def printable(text: str) -> str:
    """On one line, without control characters: a document must not be able to command the terminal.

    What has no width (soft hyphens, joiners, marks of direction) goes; all else that cannot be shown is a space.
    """
    shown = (c if c.isprintable() else "" if unicodedata.category(c) == "Cf" else " " for c in " ".join(text.split()))
    return " ".join("".join(shown).split())


def counted(number: int, noun: str) -> str:
    """1 passage, 2 passages."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def hits(page: Page, question: str, found: Sequence[Hit], *, explained: bool = False) -> Iterator[str]:
    """A list of hits."""
    if not found:
        yield "Nothing was found."
        return
    for hit in found:
        yield page.bold(page.fit(place(hit.document, hit.source, hit.page, hit.headings), f"{hit.rank:>2}  "))
        if hit.via:
            yield page.dim(page.fit(f"through “{hit.via}”", "    "))
        for row in page.block(hit.text, "    ", lines=LINES_A_HIT):
            yield emphasise(page, row, question)
        if explained:
            yield from map(page.dim, page.wrap(scores(hit), "    "))
        yield ""


def scores(hit: Hit) -> str:
    """Both legs' scores and ranks and the fused score; with a reader's relevance, what the two make together."""
    s = hit.scores
    dense = f"dense {s.dense:.3f} (rank {s.dense_rank or '-'})"
    fused = f"fused {s.fused:.3f} = {dense} + bm25 {s.bm25:.2f} (rank {s.bm25_rank or '-'})"
    return fused if s.relevance is None else f"{hit.score:.3f}: relevance {s.relevance:.3f}; {fused}"


def named(document: str, source: str) -> str:
    """A document as a person knows it: a row of a file by the file's name and its own, any other by its path."""
    file = source.rpartition("/")[2]
    return f"{file}:{document}" if file and not f"/{document}".endswith(f"/{file}") else document


def place(document: str, source: str, page: int | None, headings: Sequence[str]) -> str:
    """Where a passage stands: document, page, headings."""
    document = named(document, source)
    at = f"{document}, page {page}" if page else document
    return " › ".join([at, *headings])


def emphasise(page: Page, row: str, question: str) -> str:
    """The question's words made bold."""
    words = set(re.findall(r"\w{3,}", question.lower()))
    if not page.colour or not words:
        return row
    stems = "|".join(re.escape(word[: max(4, len(word) - 2)]) for word in words)
    return re.sub(rf"\b(?:{stems})\w*", lambda match: page.bold(match.group()), row, flags=re.IGNORECASE)


def report(page: Page, done: AddReport) -> Iterator[str]:
    """What `add` did, and what it did not read."""
    names = ("added", "updated", "unchanged", "removed")
    what = ", ".join(f"{getattr(done, name):,} {name}" for name in names if getattr(done, name)) or "no documents"
    yield from page.wrap(f"{what}; {counted(done.passages, 'passage')} in the base; {done.seconds:.1f} s", "")
    if done.skipped:
        yield f"skipped ({len(done.skipped):,}):"
        yield from skipped(page, done.skipped)


def skipped(page: Page, listed: Sequence[Skipped]) -> Iterator[str]:
    """Each with its reason; a long list counts reasons first and shows some."""
    if len(listed) > SKIPPED_SHOWN:
        for reason, count in Counter(one.reason for one in listed).most_common(8):
            yield page.fit(reason, f"  {count:>6,} × ")
    for one in listed[:SKIPPED_SHOWN]:
        yield page.fit(f"{one.path}: {one.reason}", "  ")
    if len(listed) > SKIPPED_SHOWN:
        yield f"  … and {len(listed) - SKIPPED_SHOWN:,} more (--json lists all)"


def loss(page: Page, lost: Loss) -> Iterator[str]:
    """Why a named document is not among the hits."""
    yield page.bold(page.fit(place(lost.best.document, lost.best.source, lost.best.page, lost.best.headings)))
    yield from page.wrap(lost.best.text, "    ", lines=LINES_A_HIT)
    figures = f"{scores(lost.best)}; the last hit shown has {lost.needed:.3f}"
    yield from map(page.dim, page.wrap(figures, "    "))
    yield from page.wrap(lost.why, "    ")


def status(page: Page, state: Status, documents: Sequence[Listing] | None) -> Iterator[str]:
    """The state of a knowledge base."""
    access = "" if state.writable else ", read-only"
    files = f"{counted(state.documents, 'document')} from {counted(state.sources, 'file')}"
    yield page.fit(state.address)
    for row in (
        f"{files}, {counted(state.passages, 'passage')}",
        f"embedder {state.embedder} ({state.dimensions} dimensions)",
        f"{state.bytes / 1e6:,.1f} MB, generation {state.generation}, journal {state.journal}{access}",
    ):
        yield from page.wrap(row, "  ")
    if state.tuned:
        yield from page.wrap(f"tuned {state.tuned}", "  ")
    if state.calibrated:
        yield from page.wrap(f"calibrated {state.calibrated}", "  ")
    for one in documents or ():
        title = f" — {one.title}" if one.title else ""
        yield page.fit(f"{named(one.document, one.source)}{title}", f"  {one.passages:>6,}  ")
