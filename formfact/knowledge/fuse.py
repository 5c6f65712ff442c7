"""Two lists of candidates -> one order: the min-max normalised weighted sum of cosine and BM25."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formfact.knowledge.stores import Candidate

DENSE_WEIGHT = 0.65
"""The share of the dense leg: between what prose wants (.5) and what code wants (.8); see bench/retrieval.py."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate with its fused score, 0 to 1."""

    candidate: Candidate
    score: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The ranges of both legs over a union of candidates: what min-max normalisation needs."""

    dense: tuple[float, float]
    bm25: tuple[float, float]
    weight: float

    def score(self, candidate: Candidate) -> float:
        """The fused score; below 0 or above 1 only for a candidate that was not in the union."""
        dense, words = _normalise(candidate.dense, *self.dense), _normalise(candidate.bm25, *self.bm25)
        return self.weight * dense + (1 - self.weight) * words


def scale(candidates: Sequence[Candidate], *, weight: float = DENSE_WEIGHT) -> Scale:
    """The ranges of both legs over the union; every candidate has its true score in both."""
    dense, words = [c.dense for c in candidates], [c.bm25 for c in candidates]
    return Scale((min(dense), max(dense)), (min(words), max(words)), weight)


def fuse(candidates: Sequence[Candidate], *, weight: float = DENSE_WEIGHT) -> list[Fused]:
    """All candidates, the best first; equal ones in the order of their passages' ids."""
    if not candidates:
        return []
    score = scale(candidates, weight=weight).score
    order = sorted((-score(candidate), candidate.passage, at) for at, candidate in enumerate(candidates))
    return [Fused(candidates[at], -negative) for negative, _, at in order]


def _normalise(value: float, low: float, high: float) -> float:
    return 1.0 if high == low else (value - low) / (high - low)
