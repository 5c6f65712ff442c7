"""The shape of a list: so many lines, each of which one regular expression matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits, amount, same
from formfact.patterns.shapes.automaton import automaton
from formfact.patterns.shapes.expression import Node, shortest
from formfact.patterns.shapes.regex import literal, whole
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
    node: Node

    @classmethod
    def make(cls, settings: Settings) -> Self:
        line = settings.text("line")
        shape = cls(
            line, settings.between("count", (1, 20), least=1), settings.yes("distinct"), settings.yes("numbered"),
            whole(line, settings.where, without="\n"),
        )  # fmt: skip
        if shape.count[1] > MOST:
            hint = "ask for fewer lines, and call it several times"
            raise refuse(settings.where, f"count = {list(shape.count)} is more than {MOST} lines", hint)
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
            elif (stop := automaton(self.node).stop(body)) is not None:
                short, begin = stop == len(body), end - len(body)
                what = f"line {number} {'ends too early for' if short else 'does not match'} {self.line}"
                problems.append(Problem("line", what, begin if short else begin + stop, end))
            first = before.setdefault(same(body), number)
            if self.distinct and first != number:
                problems.append(Problem("distinct", f"line {number} repeats line {first}", start, end))
        least, most = self.count
        if not least <= number <= most:
            problems.append(Problem("count", f"{number} lines instead of {amount(self.count)}", 0, len(text)))
        return problems

    def grammar(self) -> Grammar:
        least, most = self.count
        line = f"LINE: {literal(self.node)}"
        short = [shortest(self.node, other=n) or "" for n in range(least)]
        if self.distinct and len(set(map(same, short))) < least:
            short = []
        if not self.numbered:
            more = f' ("\\n" LINE){{{least - 1},{most - 1}}}' if most > 1 else ""
            return Grammar("lark", f"start: LINE{more}\n{line}\n", shortest="\n".join(short))
        # Numbers count up, so each line that may follow is nested in the one before it.
        rules = ["start: line1", line]
        for n in range(most, 0, -1):
            lead = f'"{n}. "' if n == 1 else f'"\\n{n}. "'
            tail = "" if n == most else f" line{n + 1}" if n < least else f" (line{n + 1})?"
            rules.append(f"line{n}: {lead} LINE{tail}")
        counted = "\n".join(f"{n}. {one}" for n, one in enumerate(short, 1))
        return Grammar("lark", "\n".join(rules) + "\n", shortest=counted)

    def limits(self) -> Limits:
        return Limits(distinct=self.distinct)


def spans(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text and where each begins; only a line feed ends a line."""
    start = 0
    for line in text.split("\n") if text else ():
        yield start, line
        start += len(line) + 1
