"""Rows of a spreadsheet as rows of text that name their columns, one after the other, whatever their number.

A sheet may hold several tables: what reads as names at its start or behind an empty row names the rows below, until
other names follow or a row does not fit beneath them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from formfact.knowledge.documents.column_names import are_values, figures_below, names_columns, numbered

NEAR = 3
"""Rows behind more empty rows than this have nothing to do with the names above."""
AHEAD = 20
"""Rows below that are looked at to tell whether a row names them."""


def named_rows(rows: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    """The rows that hold anything, as `name: cell` where names stand above them; rows of names are left out."""
    names: Sequence[str] = ()
    empty = NEAR
    for row, below in _with_those_below(rows):
        if not any(row):
            empty += 1
            continue
        if empty and _reads_as_names(row):
            names = numbered(row) if _names(row, list(takewhile(any, below))) else ()
            empty = 0
            if names:
                continue
        elif empty >= NEAR or not _fits(names, row):
            names = ()
        # A lone cell is a caption: names may still follow.
        empty = empty if sum(map(bool, row)) == 1 else 0
        yield _named(names, row)


def _with_those_below(rows: Iterable[Sequence[str]]) -> Iterator[tuple[Sequence[str], Iterable[Sequence[str]]]]:
    """Each row with the next ones, which are good until the row after it is asked for."""
    ahead: deque[Sequence[str]] = deque()
    for row in rows:
        ahead.append(row)
        if len(ahead) > AHEAD:
            yield ahead.popleft(), ahead
    while ahead:
        yield ahead.popleft(), ahead


def _reads_as_names(row: Sequence[str]) -> bool:
    told = [cell for cell in row if cell]
    return len(told) > 1 and names_columns(told) and not any(cell.endswith(":") for cell in told)


def _names(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether names are those of the rows below: the first stands beneath them; of two columns, one holds figures."""
    if not below or not _fits(names, below[0]) or are_values(names, below[0]):
        return False
    told = [at for at, name in enumerate(names) if name]
    columns = [[row[at] if at < len(row) else "" for at in told] for row in (names, *below)]
    return (len(told) > 2 and not _comes_again(columns)) or figures_below(columns)


def _comes_again(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a cell of the first row stands beneath itself, as values do and names don't but in a second such row."""
    first, *below = rows
    return any(name == cell for row in below if row != first for name, cell in zip(first, row, strict=True))


def _fits(names: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row stands beneath names: at most its first cell beneath none."""
    beyond = [at for at, cell in enumerate(row) if cell and not (at < len(names) and names[at])]
    return len(beyond) <= 1


def _named(names: Sequence[str], row: Sequence[str]) -> list[str]:
    named = [f"{name}: {cell}" if name and cell else cell for name, cell in zip(names, row, strict=False)]
    return [cell for cell in (*named, *row[len(names) :]) if cell]
