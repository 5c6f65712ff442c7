"""The shape of a Markdown outline: headings, each with its points below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings
from formfact.patterns.shapes import GRAPHIC, WITHIN, Grammar, Limits, amount, same
from formfact.patterns.shapes.lines import spans
from formfact.types import Problem

HEADING, POINT = re.compile(r"## (\S.{0,118}\S|\S)"), re.compile(r"- (\S.{0,238}\S|\S)")


@dataclass(frozen=True, slots=True)
class Outline:
    """`sections` lines `## Heading`, each followed by `points` lines `- point`; no heading stands twice."""

    sections: tuple[int, int]
    points: tuple[int, int]

    @classmethod
    def make(cls, settings: Settings) -> Self:
        return cls(settings.between("sections", (2, 12), least=1), settings.between("points", (1, 8), least=0))

    def check(self, text: str) -> list[Problem]:
        problems: list[Problem] = []
        heads: list[list[int]] = []
        before: set[str] = set()
        for number, (start, line) in enumerate(spans(text), 1):
            end = start + len(line)
            if HEADING.fullmatch(line):
                heads.append([start, end, 0])
                if same(line) in before:
                    problems.append(Problem("distinct", f"line {number} repeats a heading", start, end))
                before.add(same(line))
            elif POINT.fullmatch(line) and heads:
                heads[-1][2] += 1
            else:
                problems.append(Problem("line", f"line {number} is neither '## heading' nor '- point'", start, end))
        least, most = self.points
        for start, end, count in heads:
            if not least <= count <= most:
                problems.append(Problem("points", f"{count} points instead of {amount(self.points)}", start, end))
        if not self.sections[0] <= len(heads) <= self.sections[1]:
            what = f"{len(heads)} sections instead of {amount(self.sections)}"
            problems.append(Problem("sections", what, 0, len(text)))
        return problems

    def grammar(self) -> Grammar:
        least, most = self.sections
        few, many = self.points
        more = f' ("\\n" section){{{least - 1},{most - 1}}}' if most > 1 else ""
        points = f' ("\\n- " POINT){{{few},{many}}}' if many else ""
        return Grammar(
            "lark",
            f"start: section{more}\n"
            f'section: "## " HEAD{points}\n'
            f"HEAD: /{GRAPHIC}({WITHIN}{{0,118}}{GRAPHIC})?/\n"
            f"POINT: /{GRAPHIC}({WITHIN}{{0,238}}{GRAPHIC})?/\n",
            shortest="\n".join(f"## {n}" + "".join(f"\n- {n}.{m}" for m in range(few)) for n in range(least)),
        )

    def limits(self) -> Limits:
        # Headings must differ, and so must all lines: a repeated point says nothing either.
        return Limits(distinct=True)
