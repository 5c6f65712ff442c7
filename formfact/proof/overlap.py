"""How much a question repeats its passage, which flatters search by words, and a mean without that flattery."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from formfact.knowledge.abstain import named

BANDS = (("different words", 0.0), ("mixed", 0.5), ("the same words", 0.85))
"""Names of how much is repeated, each from its overlap up to the next one's."""
EDGES = (0.35, 0.5, 0.6, 0.7, 0.85)
"""Overlaps between the bins of HUMAN; a bin has its lower edge."""
HUMAN = (0.067, 0.041, 0.116, 0.170, 0.260, 0.345)
"""The share of people's questions in each bin: written by bench/fit_overlap.py, which says whose questions."""
HEAVIEST = 5.0
"""No question counts for more than so many: a bin that the maker hardly fills must not decide alone."""


def overlap(question: str, held: Iterable[str]) -> float:
    """The share of the terms that a question names which are among the `terms` of a passage."""
    asked = set(named(question))
    return len(asked & set(held)) / len(asked) if asked else 0.0


def band(share: float) -> str:
    """The name of an overlap's band."""
    return next(name for name, least in reversed(BANDS) if share >= least)


def weights(overlaps: Sequence[float], wanted: Sequence[float] = HUMAN) -> list[float]:
    """What each question must count for so that their overlaps are distributed as `wanted` is over the bins.

    Post-stratification: the wanted share of a question's bin over the share that it has, at most HEAVIEST.
    """
    bins = [bisect_right(EDGES, share) for share in overlaps]
    counts = Counter(bins)
    return [min(wanted[at] * len(bins) / counts[at], HEAVIEST) for at in bins]


def reweighted(values: Sequence[float], overlaps: Sequence[float], wanted: Sequence[float] = HUMAN) -> float:
    """The mean of the questions' values as it would be with people's overlap."""
    found = weights(overlaps, wanted)
    return sum(weight * value for weight, value in zip(found, values, strict=True)) / sum(found)


def shares(overlaps: Sequence[float]) -> tuple[float, ...]:
    """How overlaps are distributed over the bins: a `wanted` of the user's own."""
    counts = Counter(bisect_right(EDGES, share) for share in overlaps)
    return tuple(counts[at] / len(overlaps) for at in range(len(EDGES) + 1))
