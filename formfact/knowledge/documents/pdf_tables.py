"""Rows of a PDF page that hold several runs: a table's cells put under each other.

A table is told by gaps alone, so lines need not be drawn. Its columns are the strips that its cells cover; where a
cell covers two of them the rows are kept as they stand, without columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from formfact.knowledge.documents.pdf_lines import HYPHEN, Run
from formfact.knowledge.documents.pdf_order import Row

NEAR = 2.5
"""Points by which the left edges of a column may differ."""
SPACE, WIDE, NEVER = 0.2, 0.6, 1e9
"""Gaps in font sizes: any space, one wider than between words, none."""


def table_end(rows: Sequence[Row], start: int) -> int:
    """The index behind the last row of the table that begins at `start`, cells that go on below included."""
    cells = rows[start]
    end = start + 1
    while end < len(rows) and (len(rows[end]) > 1 or _goes_on(cells, rows[end - 1], rows[end][0])):
        cells = rows[end] if len(rows[end]) > 1 else cells
        end += 1
    return end


def _goes_on(cells: Row, above: Row, run: Run) -> bool:
    """Whether a lone run stands closely below the row above, in line with a cell, not the first."""
    close = run.top - max(cell.bottom for cell in above) < 0.6 * run.size
    return close and any(abs(cell.left - run.left) < NEAR for cell in cells[1:])


@dataclass(slots=True)
class Cell:
    """The text of a cell and the strip of the page that it covers."""

    text: str
    left: float
    right: float


def read_table(rows: Sequence[Row]) -> tuple[bool, list[list[str]]]:
    """The rows' cells, and whether the first row names the columns: then each row has one cell for each name."""
    starts = _starts([row for row in rows if len(row) > 1])
    lines: list[list[Cell]] = []
    for row in rows:
        cells = [Cell(run.text.replace(HYPHEN, "-"), run.left, run.right) for run in _parted(row, starts)]
        if len(row) == 1 and lines:
            above = min(lines[-1], key=lambda cell: abs(cell.left - row[0].left))
            above.text = f"{above.text} {' '.join(cell.text for cell in cells)}"
        else:
            lines.append(cells)
    columns = _columns(lines)
    placed = [_placed(line, columns) for line in lines]
    if len(columns) > 2 and all(placed) and _names_columns(rows, placed):
        return True, placed
    return False, [[cell.text for cell in line] for line in lines]


def _starts(rows: list[Row]) -> dict[int, float]:
    """Where cells begin, and how many font sizes before it must be white: where two runs do, or a word of each row."""
    runs = Counter(round(run.left) for row in rows for run in row)
    words = Counter(x for row in rows for x in {round(word.left) for run in row for word in run.words})
    most = max(3, 0.8 * len(rows))
    starts = {}
    for x in {x + d for x in words for d in (-1, 0, 1)}:
        if runs[x - 1] + runs[x] + runs[x + 1] > 1:
            starts[x] = SPACE
        elif words[x - 1] + words[x] + words[x + 1] >= most:
            starts[x] = WIDE
    return starts


def _parted(row: Row, starts: dict[int, float]) -> Row:
    """The row with runs cut at words that stand where cells of other rows begin: columns set close together."""
    parted: Row = []
    for run in row:
        begin = 0
        for at in range(1, len(run.words)):
            word, before = run.words[at], run.words[at - 1]
            if word.left - before.right > starts.get(round(word.left), NEVER) * run.size:
                parted.append(run.with_words(run.words[begin:at]))
                begin = at
        parted.append(run.with_words(run.words[begin:]))
    return parted


def _columns(lines: list[list[Cell]]) -> list[tuple[float, float]]:
    """The strips of the page that cells cover, left to right."""
    columns: list[tuple[float, float]] = []
    for cell in sorted((cell for line in lines for cell in line), key=lambda cell: cell.left):
        if columns and cell.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], cell.right))
        else:
            columns.append((cell.left, cell.right))
    return columns


def _placed(line: list[Cell], columns: list[tuple[float, float]]) -> list[str]:
    """One text for each column; nothing at all where two cells share a column."""
    texts = [""] * len(columns)
    for cell in line:
        place = sum(right < cell.left for _, right in columns)
        if texts[place]:
            return []
        texts[place] = cell.text
    return texts


def _names_columns(rows: Sequence[Row], placed: list[list[str]]) -> bool:
    """Whether the first row reads as the names of the columns: no figures, no labels, no gap but the first."""
    names, *others = placed
    if not others or not all(names[1:]) or any(name.endswith(":") or _has_figures(name) for name in names):
        return False
    if len(set(names)) < len(names):
        return False
    stands_out = all(run.bold for run in rows[0]) and not all(run.bold for row in rows[1:] for run in row)
    figures = sum(any(_has_figures(text) for text in texts) for texts in others)
    return stands_out or 2 * figures > len(others)


def _has_figures(text: str) -> bool:
    return any(char.isdigit() for char in text)
