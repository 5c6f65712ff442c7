"""The shape of the next turn or turns of a conversation, which end with the turn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import GRAPHIC, WITHIN, Grammar, Limits, amount
from formfact.patterns.shapes.lines import spans
from formfact.types import Problem

MOST, LONGEST = 400, 4000
"""Turns times parties, and characters of a turn, in one grammar."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Each turn is one line, `Name: what is said`; only `parties` speak, none twice in a row."""

    parties: tuple[str, ...]
    turns: tuple[int, int]
    length: tuple[int, int]

    @classmethod
    def make(cls, settings: Settings) -> Self:
        shape = cls(
            settings.texts("parties"), settings.between("turns", (1, 1), least=1),
            settings.between("length", (1, 600), least=1),
        )  # fmt: skip
        if not shape.parties or any(not _is_name(name) for name in shape.parties):
            raise refuse(settings.where, "parties must be names without ':'", 'for example: parties = ["Guide"]')
        if len(set(shape.parties)) < len(shape.parties):
            raise refuse(settings.where, "a party is named twice", "name each of them once")
        if len(shape.parties) == 1 and shape.turns != (1, 1):
            hint = "name a second party, or let it take one turn"
            raise refuse(settings.where, "one party alone cannot take several turns in a row", hint)
        if shape.turns[1] * len(shape.parties) > MOST:
            what = f"{shape.turns[1]} turns of {len(shape.parties)} parties are more than a mask can hold"
            raise refuse(settings.where, what, f"keep their product within {MOST}")
        if shape.length[1] > LONGEST:
            what = f"a turn of {shape.length[1]} characters is longer than a mask can hold"
            raise refuse(settings.where, what, f"keep it within {LONGEST}")
        return shape

    def check(self, text: str) -> list[Problem]:
        problems: list[Problem] = []
        last, number = "", 0
        for number, (start, line) in enumerate(spans(text), 1):
            end = start + len(line)
            name, colon, said = line.partition(": ")
            if not colon or name not in self.parties:
                known = ", ".join(self.parties)
                problems.append(Problem("party", f"line {number} is no turn of {known}", start, end))
            elif name == last:
                problems.append(Problem("turn", f"{name} speaks twice in a row", start, end))
            if colon and (said != said.strip() or not self.length[0] <= len(said) <= self.length[1]):
                problems.append(Problem("length", f"a turn has {amount(self.length)} characters", start, end))
            last = name
        if not self.turns[0] <= number <= self.turns[1]:
            problems.append(Problem("count", f"{number} turns instead of {amount(self.turns)}", 0, len(text)))
        return problems

    def grammar(self) -> Grammar:
        least, most = self.length
        # Neither the first nor the last character is a space.
        middle = f"({WITHIN}{{{max(least - 2, 0)},{most - 2}}}{GRAPHIC})" if most > 1 else ""
        said = f"SAID: /{GRAPHIC}{middle}{'' if least > 1 else '?' if middle else ''}/"
        rules = []
        for turn in range(self.turns[1], 0, -1):
            for at, name in enumerate(self.parties):
                others = [f"t{turn + 1}_{other}" for other in range(len(self.parties)) if other != at]
                follow = "" if turn == self.turns[1] else f' ("\\n" ({" | ".join(others)}))'
                optional = "?" if follow and turn >= self.turns[0] else ""
                rules.append(f"t{turn}_{at}: {json.dumps(f'{name}: ')} SAID{follow}{optional}")
        first = " | ".join(f"t1_{at}" for at in range(len(self.parties)))
        said_least = "a" * least
        short = "\n".join(f"{self.parties[turn % len(self.parties)]}: {said_least}" for turn in range(self.turns[0]))
        return Grammar("lark", "\n".join([f"start: {first}", *rules, said]) + "\n", shortest=short)

    def limits(self) -> Limits:
        return Limits()


def _is_name(name: str) -> bool:
    return name == name.strip() and name.isprintable() and ":" not in name and bool(name)
