"""Rows of a spreadsheet as rows of text that name their columns, one after the other, whatever their number.

A sheet may hold several tables: what reads as names at its start or behind an empty row names the rows below, until
other names follow or a row does not fit beneath them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from formfact.knowledge.documents.layout import names_columns

NEAR = 3
"""Rows behind more empty rows than this have nothing to do with the names above."""


def named_rows(rows: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    """The rows that hold anything, as `name: cell` where names stand above them; rows of names are left out."""
    names: Sequence[str] = ()
    waiting: Sequence[str] = ()
    """What reads as names, until the row below has shown whether it is."""
    empty = NEAR
    for row in rows:
        if not any(row):
            if waiting:
                yield _named((), waiting)
            waiting = ()
            empty += 1
            continue
        if waiting and not _names(waiting, row):
            yield _named((), waiting)
        elif waiting:
            names = waiting
        elif empty and _reads_as_names(row):
            waiting, names = row, ()
            continue
        elif empty >= NEAR or not _fits(names, row):
            names = ()
        waiting = ()
        # A lone cell is a caption: names may still follow.
        empty = empty if sum(map(bool, row)) == 1 else 0
        yield _named(names, row)
    if waiting:
        yield _named((), waiting)


def _reads_as_names(row: Sequence[str]) -> bool:
    told = [cell for cell in row if cell]
    return len(told) > 1 and names_columns(told) and not any(cell.endswith(":") for cell in told)


def _names(names: Sequence[str], row: Sequence[str]) -> bool:
    """Whether names are those of this row: it stands beneath them and, of two columns, holds a figure."""
    return _fits(names, row) and (sum(map(bool, names)) > 2 or any(char.isdigit() for cell in row for char in cell))


def _fits(names: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row stands beneath names: at most its first cell beneath none."""
    beyond = [at for at, cell in enumerate(row) if cell and not (at < len(names) and names[at])]
    return len(beyond) <= 1


def _named(names: Sequence[str], row: Sequence[str]) -> list[str]:
    named = [f"{name}: {cell}" if name and cell else cell for name, cell in zip(names, row, strict=False)]
    return [cell for cell in (*named, *row[len(names) :]) if cell]
