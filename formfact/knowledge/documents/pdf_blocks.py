"""A PDF column's rows as blocks: headings, paragraphs put together from their lines, items, tables, code.

A line goes on in the next one where the next one's first word would not have fitted; that tells a broken sentence
from a line that was meant to end. Headings are told by size, or by bold type in a document that is mostly not bold.
Not covered: merged cells, tables without gaps between their columns, line numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median
from typing import Literal

from formfact.knowledge.documents.pdf_lines import HYPHEN, Run
from formfact.knowledge.documents.pdf_order import Row
from formfact.knowledge.documents.pdf_tables import read_table, table_end

BULLET = re.compile(
    r"(?:[•·▪◦‣⁃●○■□–—*\uf0b7\uf0a7-]|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\((?:\d\d?|\w|[ivx]{1,5})\))$"
)
NUMBER = re.compile(r"(?:\d\d?|\d{1,3}(?:\.\d{1,3})+|\.\d{1,3}|[A-Z](?:\.\d{1,3})+)\.?$")
LEADERS = re.compile(r"\s*(?:[.·]\s?){4,}")
RULE = re.compile(r"[-=_*~.·—–\s]{4,}$")
ENDS = re.compile(r"[.:;!?。！？][\"'”’)\]]*$")
SENTENCE_ENDS = (".", ",", ";")
HEADING_CHARACTERS = 160
HEADING_LINES = 3
NARROW = 4
"""Columns whose lines have no more words than this hold lists, receipts and addresses."""
BIGGER = 1.12

Kind = Literal["heading", "paragraph", "item", "row", "table", "code"]


@dataclass(frozen=True, slots=True)
class Style:
    """What is ordinary in a document: the size of its text, and whether bold and fixed-pitch type stand out."""

    size: float = 10.0
    headings: tuple[float, ...] = ()
    bold: bool = True
    mono: bool = True

    def level(self, size: float) -> int:
        """The level of a heading of this size: 1 for the largest; bold lines of text size come last."""
        return min(1 + sum(bigger > size * 1.05 for bigger in self.headings), 6)


@dataclass(slots=True)
class Piece:
    """A block to be. `lines` are those of a paragraph, `full` whether its last one went to the right edge."""

    kind: Kind
    text: str = ""
    level: int = 0
    cells: list[list[str]] = field(default_factory=list)
    lines: list[Run] = field(default_factory=list)
    full: bool = False


def read_blocks(rows: Sequence[Row], style: Style, words: Set[str]) -> list[Piece]:
    """The blocks of one column. `words` are the document's words in lower case, to judge broken ones by."""
    if not rows:
        return []
    room = _room([row[-1] for row in rows])
    pieces: list[Piece] = []
    for kind, part in _stretches([row for row in map(_clean, rows) if row], style):
        if kind == "code":
            pieces.append(Piece("code", _code([run for row in part for run in row])))
        elif kind == "table":
            header, cells = read_table(part)
            if header:
                pieces.append(Piece("table", cells=cells))
            else:
                pieces += [Piece("row", _led(" | ".join(cell for cell in row if cell))) for row in cells]
        else:
            pieces += _paragraphs([row[0] for row in part], room, style, words)
    return pieces


def join(text: str, more: str, words: Set[str]) -> str:
    """Two halves of a text that was broken for want of room, a word broken in the middle made whole.

    The hyphen goes where the document knows the word without it, or knows neither that nor its two halves.
    """
    if text.endswith("_"):
        return text + more
    if not text.endswith((HYPHEN, "-")) or text.endswith((" -", " " + HYPHEN)):
        return f"{text} {more}"
    start = re.split(r"[^\w'’-]", text[:-1])[-1].lower()
    end = re.split(r"[^\w'’-]", more, maxsplit=1)[0].lower()
    kept = f"{start}-{end}" in words or not more[:1].islower() or (start in words and end in words)
    return text[:-1] + ("-" if kept and start + end not in words else "") + more


def _clean(row: Row) -> Row:
    """The row without drawn rules, and with a number or bullet put before the text it belongs to."""
    row = [run for run in row if not RULE.match(run.text)]
    if len(row) == 2 and row[1].text[0].isalpha() and (BULLET.match(row[0].text) or NUMBER.match(row[0].text)):
        marker, text = row
        return [text.with_words(marker.words + text.words)]
    return row


def _stretches(rows: list[Row], style: Style) -> Iterator[tuple[Kind, list[Row]]]:
    at = 0
    while at < len(rows):
        kind: Kind = "paragraph"
        end = at + 1
        if _is_code(rows[at], style):
            kind = "code"
            while end < len(rows) and _is_code(rows[end], style):
                end += 1
        elif len(rows[at]) > 1:
            kind, end = "table", table_end(rows, at)
        else:
            while end < len(rows) and len(rows[end]) == 1 and not _is_code(rows[end], style, rows[end - 1]):
                end += 1
        yield kind, rows[at:end]
        at = end


def _is_code(row: Row, style: Style, above: Row | None = None) -> bool:
    """Whether a row is set as code, and is not the last word of the sentence in the line above it."""
    if not (style.mono and all(run.mono for run in row)):
        return False
    if above is None or abs(above[0].left - row[0].left) > 2 or ENDS.search(above[0].text):
        return True
    return row[0].bottom - above[0].bottom > 1.5 * row[0].size


def _code(runs: list[Run]) -> str:
    """Lines as they were typed: gaps become as many spaces as they are characters wide."""
    width = max(median((run.right - run.left) / max(len(run.text), 1) for run in runs), 1.0)
    margin = min(run.left for run in runs)
    lines = []
    for _, row in groupby(runs, key=lambda run: round(run.bottom)):
        line = ""
        for run in row:
            line = line.ljust(round((run.left - margin) / width)) + (" " if line else "") * (len(line) > 0) + run.text
        lines.append(line.replace(HYPHEN, "-"))
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Room:
    """How far right a column's lines may go, and whether it holds prose: lines of more than some words."""

    edge: float
    prose: bool


def _room(lines: list[Run]) -> Room:
    """The edge is what all but the longest twentieth of the lines keep to; drawn rules count as lines."""
    rights = sorted(line.right for line in lines if len(line.words) > 3 or RULE.match(line.text))
    rights = rights or [max(line.right for line in lines)]
    edge = rights[min(len(rights) - 1, int(0.95 * len(rights)))]
    return Room(edge, prose=median(len(line.words) for line in lines) > NARROW)


def _paragraphs(lines: list[Run], room: Room, style: Style, words: Set[str]) -> list[Piece]:
    """Lines below each other put together to paragraphs, items and headings."""
    leading = _leading(lines)
    pieces: list[Piece] = []
    together: list[Run] = []
    for line in lines:
        if together and _breaks(together, line, room, leading):
            pieces.append(_piece(together, room, style, words))
            together = []
        together.append(line)
    pieces.append(_piece(together, room, style, words))
    return pieces


def _leading(lines: list[Run]) -> float:
    """From one line to the next, where lines follow closely."""
    steps = [b.bottom - a.bottom for a, b in pairwise(lines) if abs(a.size - b.size) < 0.5]
    close = [step for a, step in zip(lines, steps, strict=False) if 0 < step < 2.2 * a.size]
    return median(close) if close else 0.0


def _breaks(together: list[Run], line: Run, room: Room, leading: float) -> bool:
    """Whether `line` begins a block of its own rather than going on with the lines before it."""
    last = together[-1]
    step = line.bottom - last.bottom
    if abs(line.size - last.size) > 0.12 * last.size or line.bold != last.bold or step > 1.3 * max(leading, line.size):
        return True
    if line.left > last.right or line.right < last.left or _is_entry(line) or _is_entry(last):
        return True
    if _is_item(line) and not _is_mid_sentence(last, line, room):
        return True
    if last.text.endswith((HYPHEN, "-")):
        return False
    if not _goes_on(last, line, room):
        return ENDS.search(last.text) is not None or not line.text[:1].islower() or _is_short(last, line, room)
    moved = line.left - last.left
    if abs(moved) < 0.8 * line.size or not ENDS.search(last.text):
        return False
    return moved > 0 or len(together) > 1 or _is_item(together[0])


def _is_short(last: Run, line: Run, room: Room) -> bool:
    """Whether `last` leaves half the line empty or `line` stands elsewhere: then even a small letter begins anew."""
    return last.right - last.left < 0.5 * (room.edge - last.left) or abs(line.left - last.left) > 2 * line.size


def _is_entry(line: Run) -> bool:
    """A line of a table of contents."""
    text = line.text
    return text.count(".") + text.count("·") > 3 and LEADERS.search(text) is not None


def _is_item(line: Run) -> bool:
    return len(line.words) > 1 and BULLET.match(line.words[0].text) is not None


def _is_mid_sentence(last: Run, line: Run, room: Room) -> bool:
    """Whether `line` begins with "1990." or "a)" only because there was no more room before it."""
    return line.text[0].isalnum() and abs(line.left - last.left) < 2 and _goes_on(last, line, room)


def _goes_on(last: Run, line: Run, room: Room) -> bool:
    """Whether `last` ends where it does because the first word of `line` would not have fitted behind it."""
    if not room.prose and len(last.words) <= 2 * NARROW and not line.text[:1].islower():
        return False
    first = line.words[0]
    return last.right + 0.3 * last.size + (first.right - first.left) > room.edge - 0.5 * last.size


def _piece(lines: list[Run], room: Room, style: Style, words: Set[str]) -> Piece:
    text = lines[0].text
    for line in lines[1:]:
        text = join(text, line.text, words)
    if _is_entry(lines[0]):
        return Piece("row", _led(text))
    level = _heading_level(lines, text, style)
    if level:
        return Piece("heading", text.replace(HYPHEN, "-"), level)
    full = lines[-1].right > room.edge - 6 * lines[-1].size
    return Piece("item" if _is_item(lines[0]) else "paragraph", text, lines=lines, full=full)


def _heading_level(lines: list[Run], text: str, style: Style) -> int:
    """The level of a heading, 0 for what is none."""
    size = lines[0].size
    if len(lines) > HEADING_LINES or len(text) > HEADING_CHARACTERS or not _is_wordy(text):
        return 0
    if size >= BIGGER * style.size:
        return style.level(size)
    if style.bold and lines[0].bold and size > 0.95 * style.size and not text.endswith(SENTENCE_ENDS):
        return style.level(size)
    return 0


def _is_wordy(text: str) -> bool:
    return sum(map(str.isalpha, text)) > sum(map(str.isdigit, text))


def _led(text: str) -> str:
    """The text with rows of dots made short."""
    return LEADERS.sub(" … ", text).strip()
