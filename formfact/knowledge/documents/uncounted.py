"""Finds formulas of a worksheet of which no value was saved, as some programs leave them: nothing of them is read."""

from __future__ import annotations

import re
from typing import Any

FORMULA = re.compile(
    rb"""<(?:\w+:)?c\s(?![^<>]*\bt=)[^<>]*?\br=["'][A-Z]{1,3}(\d{1,7})["'][^<>]*>\s*"""
    rb"""<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"""
)
"""A cell with a formula and no value, and its row; where the value is an empty text, the cell tells its type."""
STEP = 1 << 20
OVERLAP = 20_000
"""Bytes that a cell may reach into the next piece: Excel allows formulas of 8192 letters."""


def uncounted_formulas(sheet: Any) -> tuple[int, int]:
    """How many formulas of a worksheet opened to be read only have no value, and the first one's row; 0, 0 for none."""
    count = first = 0
    with sheet.parent._archive.open(sheet._worksheet_path) as part:
        rest = b""
        while piece := part.read(STEP):
            text, end = rest + piece, 0
            if b"f>" in text or b"f " in text:
                for cell in FORMULA.finditer(text):
                    count, first, end = count + 1, first or int(cell[1]), cell.end()
            rest = text[max(end, len(text) - OVERLAP) :]
    return count, first
