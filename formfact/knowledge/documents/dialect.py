"""How a file of separated values is written: its encoding, its separator, and whether its first row names columns."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

from formfact.errors import Unreadable
from formfact.knowledge.documents.column_names import DATE, NUMBER, are_values, figures_below, numbered, only_years
from formfact.knowledge.documents.decode import LEAD, MARKS, SAMPLE, guess, is_binary, unmarked

SEPARATORS = ",;\t|"
ROWS = 50
"""Rows looked at to find the separator."""
TOLD = re.compile(r"""(?i)"?sep=([^\w\r\n"'])"?[,;|\t ]*(?:\r\n?|\n)""")
"""The line by which Excel is told the separator of the lines behind it."""
QUOTED = re.compile(r'(?:^|(?<=[\t\n]))"(?:[^"]|"")*"(?=[\t\r\n]|$)')
OPENING = re.compile(r'(?:^|(?<=[\t\n]))"')
LONGEST_NAME = 80
CAPTION = 2
"""The most cells of a row above the names: a caption, or a word and what it is."""
WIDEST_CAPTION = 3
"""Cells of a row that is a caption where more tells so than for a narrower one."""
OWN = ("_id", "id", "title", "text")
"""Names that mean something; in separated values also in capitals."""


def encoding_of(file: BinaryIO) -> str:
    """The encoding of the whole file, which is read through for it and left at its start.

    Raises Unreadable: "empty" for no bytes, "not text" for anything binary.
    """
    file.seek(0)
    start = file.read(SAMPLE)
    file.seek(0)
    if not start:
        raise Unreadable("empty")
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    if wide := unmarked(start):
        return wide
    if is_binary(start):
        raise Unreadable("not text")
    decoder = codecs.getincrementaldecoder("utf-8")()
    beside = False
    try:
        while piece := file.read(1 << 20):
            beside = not decoder.decode(piece).isascii() or beside
        decoder.decode(b"", final=True)
        return "utf-8"
    except UnicodeDecodeError as error:
        # The guess needs the bytes that are not ASCII, wherever in the file they begin.
        at = file.tell() - len(error.object) + error.start
        begin = max(0, at - LEAD)
        file.seek(begin)
        return guess(file.read(SAMPLE), at - begin, beside=beside)
    finally:
        file.seek(0)


def separator_of(text: str) -> str:
    """The separator that parts the first rows of `text` most evenly; a comma where none does."""
    lines = text.splitlines()[:-1] or text.splitlines()
    best = (0.0, ",")
    for separator in SEPARATORS:
        widths = Counter(len(row) for row in csv.reader(lines[:ROWS], delimiter=separator) if row)
        width, often = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        if width > 1:
            best = max(best, (often / widths.total() + 0.001 * min(width, 50), separator))
    return best[1]


def is_quoted(text: str, separator: str) -> bool:
    """Whether a quotation mark at the start of a field holds the field together; among tabs it may be a mark only.

    There, one that nothing closes would make one field of all rows behind it.
    """
    if separator != "\t":
        return True
    # The end of a sample may leave a field open that the file closes.
    left = QUOTED.sub("", text)
    return OPENING.search(left, 0, len(left) if len(text) < SAMPLE else len(left) // 2) is None


def told_separator(text: str) -> str | None:
    """The separator that a first line `sep=;` tells; None where there is no such line."""
    found = TOLD.match(text)
    return found.group(1) if found else None


def names_of(row: Sequence[str], below: Sequence[str]) -> list[str] | None:
    """The columns' names that a first row gives, each once and none blank; None where it reads as values.

    What is told twice is numbered. Years are names beside words, unless the row below shows that they are values.
    """
    names = [" ".join(cell.split()) for cell in row]
    told = [name for name in names if name]
    if 2 * len(told) < len(names) or any(len(name) > LONGEST_NAME for name in told) or not only_years(told):
        return None
    if len(set(told)) < min(len(told), 2) or are_values(names, [" ".join(cell.split()) for cell in below]):
        return None
    if len(names) == 1 and (len(names[0]) > 30 or names[0].endswith((".", "!", "?"))):
        return None
    return numbered([name or f"column{at}" for at, name in enumerate(names, 1)])


def rows_above_names(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """How many of the first rows, each with its number, are captions above the columns' names; 0 in an ordinary file.

    Names then fill more places than anything above, reach as far as anything below, and differ in kind from that or
    stand behind an empty row.
    """
    cells = [[" ".join(cell.split()) for cell in row] for _, row in rows]
    filled = [sum(map(bool, row)) for row in cells]
    reach = [max((at for at, cell in enumerate(row, 1) if cell), default=0) for row in cells]
    for at in range(1, len(rows) - 1):
        above = max(filled[:at])
        if above > WIDEST_CAPTION or NUMBER.fullmatch(cells[at - 1][0]):
            return 0  # a table by itself: what a figure stands for is told before it
        if above > CAPTION and not _tells_captions(cells, filled, at):
            continue
        fit = filled[at] > above and max(reach[at:]) == reach[at]
        if not fit or 2 * sum(count > above for count in filled[at + 1 :]) <= len(rows) - at - 1:
            continue
        names = cells[at][: reach[at]]
        if names_of(names, cells[at + 1]) is None:
            continue
        gap = rows[at][0] - rows[at - 1][0] > 1 and (above == 1 or (above == CAPTION and filled[at] > CAPTION + 1))
        if gap or figures_below([names, *cells[at + 1 :]]):
            return at
    return 0


def _tells_captions(cells: Sequence[Sequence[str]], filled: Sequence[int], at: int) -> bool:
    """Whether rows of as many cells as a small table has are captions above the names in row `at`, and no names.

    They stand at the left, and hold a figure or a date, leave places to their right blank, or are narrower by two.
    Names that lack the one of the first column, as R writes them, do none of that.
    """
    if len(cells) - at < 3:
        return False
    for row, count in zip(cells[:at], filled, strict=False):
        if count <= CAPTION:
            continue
        if not all(row[:count]) or any(cell.lower() in OWN for cell in row):
            return False
        dated = any(DATE.fullmatch(cell) and cell[-1].isdigit() for cell in row[1:])
        if len(row) == count > filled[at] - 2 and not dated and names_of(row, cells[at]) is not None:
            return False
    return True
