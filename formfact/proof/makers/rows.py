"""Table rows -> questions: "what is COLUMN of ROW", from rows with named columns and from Markdown tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from formfact.proof.makers.frames import Draft

NAMED = re.compile(r"^(?:[^|:\n]{1,40}: [^|\n]*\|\s*){1,}[^|:\n]{1,40}: [^|\n]*$")
RULE = re.compile(r"^\|?[\s:|-]*-{2,}[\s:|-]*\|?$")
LONGEST_CELL = 60


def rows(text: str) -> Iterator[dict[str, str]]:
    """Each row's cells by their column; the first column names the row."""
    lines = [line.strip() for line in text.splitlines()]
    header: list[str] = []
    for at, line in enumerate(lines):
        if NAMED.match(line):
            cells = (cell.split(":", 1) for cell in line.split(" | ") if ":" in cell)
            yield {name.strip(): value.strip() for name, value in cells}
        elif line.count("|") >= 2 and not RULE.match(line):
            cells_of = [cell.strip() for cell in line.strip("|").split("|")]
            if at + 1 < len(lines) and RULE.match(lines[at + 1]):
                header = cells_of
            elif header and len(header) == len(cells_of):
                yield dict(zip(header, cells_of, strict=True))


def drafts(row: dict[str, str]) -> Iterator[Draft]:
    """Questions for one row: each cell that is worth asking for."""
    named = [(column, value) for column, value in row.items() if column and value and len(value) <= LONGEST_CELL]
    if len(named) < 2:
        return
    (first, name), *others = named
    for column, value in others:
        asked = column[:1].lower() + column[1:] if not column.isupper() else column
        if column.lower() in ("id", "url", "link"):
            continue
        yield Draft(f"What is the {asked} of {name}?", "cell", 2.0 + (0.3 if any(c.isdigit() for c in value) else 0.0))
        if len(value.split()) >= 2:
            yield Draft(f"Which {first.lower()} has {value} as its {asked}?", "row", 1.8)
    if len(others) >= 2:
        (one, first_value), (two, second_value) = others[0], others[1]
        yield Draft(
            f"Which {first.lower()} has {one.lower()} {first_value} and {two.lower()} {second_value}?", "row", 1.7
        )
