"""A file of outputs -> the share that keeps the contract, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import Protocol

from formfact.types import Conformance, Problem

Z = 1.959964
"""The normal quantile of a 95 % interval."""


class Checks(Protocol):
    def check(self, text: str) -> Sequence[Problem]: ...


def measure(contract: Checks, texts: Sequence[str]) -> Conformance:
    """Check every text; `row` of a problem is the text's place from 1."""
    found: list[Problem] = []
    conforming = 0
    for row, text in enumerate(texts, 1):
        problems = contract.check(text)
        found += (replace(problem, row=row) for problem in problems)
        conforming += not problems
    return conformance(len(texts), conforming, found)


def conformance(checked: int, conforming: int, problems: Sequence[Problem] = ()) -> Conformance:
    """The figure out of its counts; nothing checked is a rate of 0 with the whole range as interval."""
    rate = conforming / checked if checked else 0.0
    return Conformance(checked, conforming, rate, wilson(conforming, checked), tuple(problems))


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927), which stays within 0 to 1 and is not empty at the ends.

    Fractions are for a sample that is worth so many independent trials.
    """
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, Z * Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)
