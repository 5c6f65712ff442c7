"""The shape of a list: so many lines, each of which one regular expression matches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits, same
from formfact.patterns.shapes.regex import compiled, literal
from formfact.types import Problem

MOST = 200
"""Lines in one output; beyond it a list belongs into several calls."""


@dataclass(frozen=True, slots=True)
class Lines:
    """`line` matches each line, without its number where the lines are `numbered` ("1. ", "2. ", ...)."""

    line: str
    count: tuple[int, int]
    distinct: bool
    numbered: bool

    @classmethod
    def make(cls, settings: Settings) -> Self:
        shape = cls(
            compiled(settings.text("line"), settings.where).pattern,
            settings.between("count", (1, 20), least=1),
            settings.yes("distinct"),
            settings.yes("numbered"),
        )
        if shape.count[1] > MOST:
            raise refuse(settings.where, f"count = {list(shape.count)} is more than {MOST} lines")
        return shape

    def check(self, text: str) -> list[Problem]:
        problems: list[Problem] = []
        before: dict[str, int] = {}
        number = 0
        for number, (start, line) in enumerate(spans(text), 1):
            end = start + len(line)
            body = line.removeprefix(f"{number}. ") if self.numbered else line
            if self.numbered and body == line:
                problems.append(Problem("number", f"line {number} does not begin with '{number}. '", start, end))
            elif not re.fullmatch(self.line, body):
                problems.append(Problem("line", f"line {number} does not match {self.line}", start, end))
            first = before.setdefault(same(body), number)
            if self.distinct and first != number:
                problems.append(Problem("distinct", f"line {number} repeats line {first}", start, end))
        least, most = self.count
        if not least <= number <= most:
            problems.append(Problem("count", f"{number} lines instead of {least} to {most}", 0, len(text)))
        return problems

    def grammar(self) -> Grammar:
        least, most = self.count
        if not self.numbered:
            return Grammar("lark", f'start: LINE ("\\n" LINE){{{least - 1},{most - 1}}}\nLINE: {literal(self.line)}\n')
        # Numbers count up, so each line that may follow is nested in the one before it.
        rules = [f"LINE: {literal(self.line)}"]
        for n in range(most, 0, -1):
            lead = f'"{n}. "' if n == 1 else f'"\\n{n}. "'
            tail = "" if n == most else f" line{n + 1}" if n < least else f" (line{n + 1})?"
            rules.append(f"line{n}: {lead} LINE{tail}")
        return Grammar("lark", "\n".join(["start: line1", *rules]) + "\n")

    def limits(self) -> Limits:
        return Limits(distinct=self.distinct)


def spans(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text and where each begins; only a line feed ends a line."""
    start = 0
    for line in text.split("\n") if text else ():
        yield start, line
        start += len(line) + 1
