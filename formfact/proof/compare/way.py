"""A way of answering, whatever is behind it, and what its answers come to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal, Protocol

from formfact.patterns.conformance import wilson
from formfact.proof.compare.facts import Change, Fact
from formfact.proof.compare.judge import Verdict, judge
from formfact.proof.comparison import Altered, Prices


@dataclass(frozen=True, slots=True)
class Said:
    """An answer and the seconds that it took; `abstained` is None where only its words can tell."""

    text: str
    seconds: float
    abstained: bool | None = None


Step = Literal["add", "correct", "delete"]


class Way(Protocol):
    """Answers questions, in their order, and can be changed by a fact."""

    def ask(self, questions: Sequence[str]) -> list[Said]: ...

    def alter(self, step: Step, change: Change) -> Altered:
        """Add the change's fact, correct it or delete it, in this order."""
        ...


@dataclass(frozen=True, slots=True)
class Measured:
    """What a way's answers come to; see `formfact.proof.comparison.Arm`."""

    asked: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    confabulation: float
    abstention: float
    unanswerable_abstention: float | None
    milliseconds: float


def measure(way: Way, facts: Sequence[Fact], unanswerable: Sequence[str]) -> Measured:
    """Ask for every fact in the wording that nothing was trained on, and what the documents do not answer."""
    said = way.ask([fact.asked for fact in facts])
    none = way.ask(unanswerable) if unanswerable else []
    found = [verdict(one, fact.answer) for one, fact in zip(said, facts, strict=True)]
    empty = [verdict(one, "") for one in none]
    right = sum(one.right for one in found)
    return Measured(
        asked=len(facts),
        right=right,
        accuracy=right / len(facts),
        interval=wilson(right, len(facts)),
        confabulation=fmean(one.confabulated for one in (*found, *empty)),
        abstention=fmean(one.abstained for one in found),
        unanswerable_abstention=fmean(one.abstained for one in empty) if empty else None,
        milliseconds=1000 * median(one.seconds for one in said),
    )


def verdict(said: Said, gold: str) -> Verdict:
    """The answer judged."""
    return judge(said.text, gold, abstained=said.abstained)


def answers_right(way: Way, fact: Fact) -> bool:
    """Whether the fact is answered right now."""
    [said] = way.ask([fact.asked])
    return verdict(said, fact.answer).right


def cost(seconds: float, prices: Prices) -> float:
    """US dollars for this long on all of this machine's cores."""
    return seconds / 3600 * (os.cpu_count() or 1) * prices.core_hour
