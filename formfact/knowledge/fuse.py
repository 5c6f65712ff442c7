"""Two lists of candidates -> one order: the min-max normalised weighted sum of cosine and BM25."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formfact.knowledge.stores import Candidate

DENSE_WEIGHT = 0.65
"""The share of the dense leg: between what prose wants (.5) and what code wants (.8); see bench/retrieval.py."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate with its score, 0 to 1: the fused one, until a Reader's `relevance` is added to it.

    `searched` is then the fused score alone. `via` is the bridge by which a second round led to it (see `hops`).
    """

    candidate: Candidate
    score: float
    relevance: float | None = None
    searched: float | None = None
    via: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The ranges of both legs over a union of candidates: what min-max normalisation needs."""

    dense: tuple[float, float]
    bm25: tuple[float, float]
    weight: float

    def scores(self, candidates: Sequence[Candidate]) -> list[float]:
        """The fused scores; below 0 or above 1 only for a candidate that was not in the union."""
        dense = _normalised([candidate.dense for candidate in candidates], *self.dense)
        words = _normalised([candidate.bm25 for candidate in candidates], *self.bm25)
        near, said = self.weight, 1 - self.weight
        return [near * one + said * other for one, other in zip(dense, words, strict=True)]


def scale(candidates: Sequence[Candidate], *, weight: float = DENSE_WEIGHT) -> Scale:
    """The ranges of both legs over the union; every candidate has its true score in both."""
    dense, words = [c.dense for c in candidates], [c.bm25 for c in candidates]
    return Scale((min(dense), max(dense)), (min(words), max(words)), weight)


def fuse(candidates: Sequence[Candidate], *, weight: float = DENSE_WEIGHT) -> list[Fused]:
    """All candidates, the best first; equal ones in the order of their passages' ids."""
    if not candidates:
        return []
    scores = scale(candidates, weight=weight).scores(candidates)
    order = sorted(range(len(candidates)), key=lambda at: (-scores[at], candidates[at].passage))
    return [Fused(candidates[at], scores[at]) for at in order]


def _normalised(values: Sequence[float], low: float, high: float) -> list[float]:
    if high == low:
        return [1.0] * len(values)
    span = high - low
    return [(value - low) / span for value in values]
