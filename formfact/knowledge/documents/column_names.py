"""Tells whether the first row of a table names its columns or is a row like the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, pairwise, zip_longest

LONGEST_COLUMN_NAME = 60
NUMBER = re.compile(r"[\s\d.,:/%+()$€£-]+")
YEAR = re.compile(r"[12]\d{3}")
DATE = re.compile(r"(?i)(\d{1,2}\.? )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?( \d{1,2},?)?( \d{4})?")
FIGURE = re.compile(r"[-+(±<>~]?\s?[$€£]?\s?\d")
"""How a cell with a figure begins, whatever its unit."""


def names_columns(row: Sequence[str]) -> bool:
    """Whether a first row may name its columns: short words, not all the same, of numbers only years beside words."""
    names = [cell.strip() for cell in row]
    if len(set(names)) < 2 or not all(names) or any(len(name) > LONGEST_COLUMN_NAME for name in names):
        return False
    return only_years(names)


def only_years(names: Iterable[str]) -> bool:
    """Whether no name is a number but for years, and one at least is a word."""
    numbers = [bool(NUMBER.fullmatch(name)) for name in names]
    years = sum(bool(YEAR.fullmatch(name)) for name in names)
    return sum(numbers) == years < len(numbers)


def are_values(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the row below shows that years and repeated words above it are values as well."""
    repeated = {name for name, times in Counter(names).items() if name and times > 1}
    if repeated.intersection(below):
        return True
    years = [(name, cell) for name, cell in zip_longest(names, below, fillvalue="") if YEAR.fullmatch(name)]
    if not years or not all(YEAR.fullmatch(cell) for _, cell in years):
        return bool(years) and not any(below)
    # Figures may look like years: then years that follow each other are names.
    return not _in_turn([name for name, _ in years]) or _in_turn([cell for _, cell in years])


def _in_turn(years: Sequence[str]) -> bool:
    steps = {int(after) - int(before) for before, after in pairwise(years)}
    return steps in ({1}, {-1})


def numbered(names: Sequence[str]) -> list[str]:
    """The names, each once: what comes again has a number behind it. Blank ones stay blank."""
    given = set(names)
    further: dict[str, Iterator[str]] = {}
    found = []
    for name in names:
        if name and name in further:
            found.append(next(again for again in further[name] if again not in given))
            given.add(found[-1])
        else:
            further[name] = _numbers(name)
            found.append(name)
    return found


def _numbers(name: str) -> Iterator[str]:
    return (f"{name} {at}" for at in count(2))


def figures_below(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row may name columns and differs in kind from those below: words above figures or dates.

    Of two columns, only plain figures count: a name beside `Two years` may well stand above one beside `3 days`.
    """
    if len(rows) < 2 or not names_columns(rows[0]) or are_values(rows[0], rows[1]):
        return False
    names = [name.strip() for name in rows[0]]
    columns = [[row[at].strip() for row in rows[1:] if at < len(row) and row[at].strip()] for at in range(len(names))]
    years = [name for name in names if YEAR.fullmatch(name)]
    wide = len(names) > 2
    return _in_turn(years) or any(_differs(name, cells, wide) for name, cells in zip(names, columns, strict=True))


def _differs(name: str, cells: Sequence[str], wide: bool) -> bool:
    if not cells or FIGURE.match(name):
        return False
    if any(char.isdigit() for char in name):
        return wide and all(NUMBER.fullmatch(cell) for cell in cells)
    return all(_is_figure(cell, wide) for cell in cells)


def _is_figure(cell: str, wide: bool) -> bool:
    if not any(char.isdigit() for char in cell):
        return False
    plain = NUMBER.fullmatch(cell) or DATE.fullmatch(cell) or " " not in cell
    return bool(plain or (wide and FIGURE.match(cell)))


def stands_out(rows: Sequence[Sequence[bool]]) -> bool:
    """Whether all cells of the first row are marked, as by bold letters, and few of the other rows are."""
    if len(rows) < 2 or not rows[0] or not all(rows[0]):
        return False
    # Rows in two colours by turns are marked as well.
    marked = sum(bool(row) and all(row) for row in rows[1:])
    return 3 * marked < len(rows) - 1
