"""Cells of a worksheet that are merged downwards: what they say holds for each row beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from openpyxl.utils.cell import range_boundaries

MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})["']""")
STEP = 1 << 20
OVERLAP = 200
"""Bytes that a tag may reach into the next piece."""
MOST = 100_000
"""Merged cells of a sheet that are minded."""

Merged = Mapping[int, Sequence[tuple[int, int]]]
"""The row where merged cells begin -> the column of each, counted from 0, and the last row that it reaches."""


def merged_downwards(sheet: Any) -> Merged:
    """The cells of a worksheet opened to be read only that are merged over several rows, rows counted from 1.

    openpyxl does not tell them while it reads row by row, for they are told behind the rows.
    """
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    with sheet.parent._archive.open(sheet._worksheet_path) as part:
        for count, place in enumerate(_places(part)):
            left, top, _, bottom = range_boundaries(place)
            if count == MOST:
                break
            if bottom > top:
                found[top].append((left - 1, bottom))
    return found


def _places(part: Any) -> Iterator[str]:
    rest = b""
    while piece := part.read(STEP):
        text = rest + piece
        end = 0
        for tag in MERGED.finditer(text):
            yield tag[1].decode("ascii")
            end = tag.end()
        rest = text[max(end, len(text) - OVERLAP) :]


def fill_down(rows: Iterable[list[str]], merged: Merged) -> Iterator[list[str]]:
    """The rows with the text of cells merged downwards in each row that they reach and that says anything itself."""
    hanging: dict[int, tuple[str, int]] = {}
    for number, row in enumerate(rows, 1):
        hanging = {column: (text, last) for column, (text, last) in hanging.items() if last >= number}
        if any(row):
            for column, (text, _) in hanging.items():
                if column < len(row):
                    row[column] = row[column] or text
        for column, last in merged.get(number, ()):
            if column < len(row) and row[column]:
                hanging[column] = (row[column], last)
        yield row
