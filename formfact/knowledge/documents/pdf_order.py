"""Where a PDF page's runs belong: columns, one after the other, and the rows in each.

Columns are believed where a strip of the page stays white beside at least three rows on either side and the file
draws the left side before the right, or both sides read as prose. Whatever else stands side by side is a row.
Covered: pages in one direction, left to right and top to bottom. Not covered: vertical script, text around figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from formfact.knowledge.documents.pdf_lines import Run

Row = list[Run]
"""Runs beside each other, from left to right."""

ROWS = 3
"""Fewer rows than this, on either side, make no column."""
DEPTH = 4
MOST = 3_000
"""A page of more runs is a sheet of figures, in which columns are not looked for: that takes their number squared."""
PROSE = 4.5
"""From this many words a run on, the runs of a column read as prose."""


def read_columns(runs: Sequence[Run]) -> list[list[Row]]:
    """The rows of each column, in reading order; a page without columns is one column."""
    zones = _zones(list(runs), DEPTH) if len(runs) <= MOST else [list(runs)]
    return [rows_of(zone) for zone in zones if zone]


def rows_of(runs: Sequence[Run]) -> list[Row]:
    """Runs that stand on one height, top to bottom."""
    rows: list[Row] = []
    for run in sorted(runs, key=lambda run: run.bottom):
        if rows and _beside(rows[-1][0], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        row.sort(key=lambda run: run.left)
    return rows


def _beside(a: Run, b: Run) -> bool:
    near = 0.35 * max(min(a.bottom - a.top, b.bottom - b.top), 1.0)
    return abs(a.middle - b.middle) < near or abs(a.bottom - b.bottom) < near


def _zones(runs: list[Run], depth: int) -> list[list[Run]]:
    """`runs` in the order of the file, parted into columns; what is no column stays together."""
    bands = _best_cut(runs) if depth else None
    if bands is None:
        blocks = list(_blocks(runs)) if depth == DEPTH else []
        zones = [zone for block in blocks for zone in _zones(block, depth - 1)]
        # Blocks without a column among them were parted for nothing: tables and paragraphs must stay whole.
        return zones if len(zones) > len(blocks) > 0 else [runs]
    return [zone for band in bands for part in band for zone in (_zones(part, depth - 1) if len(band) > 1 else [part])]


def _blocks(runs: list[Run]) -> Iterator[list[Run]]:
    """Runs parted where the whole width stays white for more than a line."""
    at = {id(run): place for place, run in enumerate(runs)}
    block: list[Run] = []
    for row in rows_of(runs):
        if block and min(run.top for run in row) - max(run.bottom for run in block) > max(run.size for run in row):
            yield sorted(block, key=lambda run: at[id(run)])
            block = []
        block += row
    yield sorted(block, key=lambda run: at[id(run)])


Band = list[list[Run]]
"""A stretch of the page from its left edge to its right: parts to be read one after the other, or one part."""


def _best_cut(runs: list[Run]) -> list[Band] | None:
    """The bands, top to bottom, of the cut that puts most runs into columns, or None."""
    starts = Counter(round(run.left) for run in runs)
    best: list[Band] | None = None
    most = 0
    for x in sorted(starts)[1:]:
        if starts[x - 1] + starts[x] + starts[x + 1] < ROWS:
            continue
        across = [run for run in runs if run.left < x - 2 and run.right > x - 1]
        if len(across) > 0.3 * len(runs):
            continue
        bands = _cut(runs, x, across)
        parted = sum(len(part) for band in bands if len(band) > 1 for part in band)
        if parted > most:
            best, most = bands, parted
    return best


def _cut(runs: list[Run], x: float, across: list[Run]) -> list[Band]:
    """The bands between the runs that stand across `x`, each parted at `x` where that makes columns."""
    crossing = {id(run) for run in across}
    edges = sorted(run.middle for run in across)
    inside: list[list[Run]] = [[] for _ in range(len(edges) + 1)]
    ends: list[list[Run]] = [[] for _ in inside]
    for run in runs:
        (ends if id(run) in crossing else inside)[bisect_left(edges, run.middle)].append(run)
    bands: list[Band] = []
    for between, end in zip(inside, ends, strict=True):
        parts = _parts(between, x)
        if len(parts) > 1:
            bands += [parts, [end]]
        elif bands and len(bands[-1]) == 1:
            bands[-1] = [bands[-1][0] + between + end]
        else:
            bands.append([between + end])
    return bands


def _parts(band: list[Run], x: float) -> Band:
    """What stands left and right of `x`, where the file draws one after the other; else the band as it is."""
    left = [run for run in band if run.left < x - 2]
    right = [run for run in band if run.left >= x - 2]
    if len(left) < ROWS or sum(run.left < x + 2 for run in right) < ROWS:
        return [band]
    drawn = [list(group) for _, group in groupby(band, key=lambda run: run.left >= x - 2)]
    prose = _is_prose(left) and _is_prose(right)
    rows, beside = rows_of(left), rows_of(right)
    if len(rows) < ROWS or len(beside) < ROWS or (not prose and _are_cells(rows, beside)):
        return [band]
    if len(drawn) <= max(2, min(len(left), len(right)) // 8) and drawn[0][0].left < x - 2:
        return [left, right]
    # Cells of some lines each, drawn one by one: their lines must not mix.
    return drawn if prose and len(drawn) <= min(len(left), len(right)) // 2 else [band]


def _is_prose(runs: list[Run]) -> bool:
    return sum(len(run.words) for run in runs) >= PROSE * len(runs)


def _are_cells(rows: list[Row], beside: list[Row]) -> bool:
    """Whether two stacks are the cells of one table, drawn column by column: level with each other, and alone."""
    if any(len(row) > 1 for row in rows + beside):
        return False
    level = sum(any(_beside(row[0], other[0]) for other in rows) for row in beside)
    return level >= 0.7 * min(len(rows), len(beside))
