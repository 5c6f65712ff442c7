"""What most rows of a file do alike: how prompts and completions end, how the lines of lists begin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from formfact.patterns.rows.forms import textless
from formfact.types import Row

MOSTLY = 0.5
"""A share of the rows above which a habit is the file's own, so that the others depart from it."""
LEAD, TRAIL = re.compile(r"^(\s+)"), re.compile(r"(\s+)$")
SEPARATOR = re.compile(r"(\n\n###\n\n|\n\n---\n+|\s*->\s*|\s*=>\s*|###\s*|<\|\w+\|>\s*)$")
MARKER = re.compile(r"(\s*(?:###|END|<END>|<\|\w+\|>|\[END\]|</s>|\*\*\*|STOP))$")
BULLET = re.compile(r"([-*•–]|\d+[.)])[ \t]+")
NUMBERED = "1."


@dataclass(frozen=True, slots=True)
class Habits:
    """The usual end marker, the usual separator behind a prompt, the usual beginning of a list's lines; "" is none.

    A marker and a separator are None where the rows differ, and no way is that of most.
    """

    marker: str | None
    separator: str | None
    bullet: str

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        told = [row for row in rows if row.completion.strip()]
        return cls(
            usual(found(MARKER, row.completion) for row in told if not textless(row.extra)),
            usual(found(SEPARATOR, row.prompt) for row in told),
            usual(style for row in told for style in [styles(row.completion)] if len(style) == 1) or "",
        )


def usual(values: Iterable[str | frozenset[str]]) -> str | None:
    """The commonest value where more than MOSTLY have it, else None."""
    counts = Counter(values)
    if not counts:
        return None
    value, often = counts.most_common(1)[0]
    if often <= MOSTLY * counts.total():
        return None
    return value if isinstance(value, str) else next(iter(value))


def found(pattern: re.Pattern[str], text: str) -> str:
    """What a pattern finds first, "" where nothing."""
    match = pattern.search(text)
    return match[1] if match else ""


def bullet(line: str) -> str:
    """How a line of a list begins: its mark, NUMBERED for any number, "" for none."""
    match = BULLET.match(line)
    return (NUMBERED if match[1][0].isdigit() else match[1]) if match else ""


def styles(text: str) -> frozenset[str]:
    """The ways in which the lines of a text begin; empty unless it has several lines, and some begin with a mark."""
    lines = [line for line in text.split("\n") if line.strip()]
    marks = {bullet(line) for line in lines}
    return frozenset(marks) if len(lines) > 1 and marks != {""} else frozenset()
