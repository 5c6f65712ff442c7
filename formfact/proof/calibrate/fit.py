"""Weighed evidence and whether the answer was there -> a scale, how well calibrated it is, and a threshold.

Confidences, labels (1: the answer is there) and weights are arrays of one length, (n,).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from formfact.types import Bin

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIPPED = (1.0, 0.0, 0.0)
"""Slope, shift, and the worth of `Evidence.unnamed`, as shipped."""
PRIOR = (0.5, 1.0, 0.25)
"""How far each is expected to lie from there: standard deviations."""
FLATTEST, STEEPEST = 0.2, 5.0
BINS = 10
EDGE = 1e-9
TIMES, SEED = 200, 3


def platt(
    logits: NDArray[np.float64], lacks: NDArray[np.float64], labels: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Slope, shift, and the worth of what `lacks`, of a logistic of `logits` (after Platt 1999).

    They are the likeliest by the questions and the prior, which holds few questions at the shipped values; `counts` is
    how much each question counts.
    """
    design = np.column_stack([logits, np.ones(len(logits)), lacks])
    centre, pull = np.array(SHIPPED), 1 / np.array(PRIOR) ** 2
    found = centre.copy()
    for _ in range(100):
        p = logistic(design @ found)
        slope = design.T @ (counts * (p - labels)) + pull * (found - centre)
        curve = (design * (counts * p * (1 - p))[:, None]).T @ design + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        found = found - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < EDGE:
            break
    # A name that is missing never speaks for an answer.
    return float(np.clip(found[0], FLATTEST, STEEPEST)), float(found[1]), float(min(found[2], 0.0))


def logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + e^-x)."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return found


def brier(sure: NDArray[np.float64], labels: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """The mean squared distance of a confidence to what was true (Brier 1950); 0 is best, 0.25 is always one half."""
    return float(np.average((sure - labels) ** 2, weights=counts))


def bins(sure: NDArray[np.float64], labels: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[Bin, ...]:
    """BINS bins of equal mass by rising confidence; a question that several bins would share goes into the earlier."""
    order = np.argsort(sure, kind="stable")
    mass = np.cumsum(counts[order])
    at = np.minimum(((mass - counts[order]) / mass[-1] * BINS + EDGE).astype(int), BINS - 1)
    return tuple(_bin(sure, labels, counts, order[at == one]) for one in range(BINS) if (at == one).any())


def _bin(
    sure: NDArray[np.float64], labels: NDArray[np.float64], counts: NDArray[np.float64], here: NDArray[np.intp]
) -> Bin:
    mean = float(np.average(sure[here], weights=counts[here]))
    return Bin(mean, float(np.average(labels[here], weights=counts[here])), len(here), float(counts[here].sum()))


def ece(found: Sequence[Bin]) -> float:
    """The expected calibration error: the mean distance of bins from the diagonal, each by its mass."""
    mass = sum(one.mass for one in found)
    return sum(one.mass * abs(one.confidence - one.answerable) for one in found) / mass


def ece_by_chance(sure: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """The expected calibration error that so many questions show where the confidence is exactly right: the mean."""
    drawn = np.random.default_rng(SEED)
    labels = (drawn.random((TIMES, len(sure))) < sure).astype(float)
    return float(np.mean([ece(bins(sure, one, counts)) for one in labels]))


def conformal(sure: NDArray[np.float64], counts: NDArray[np.float64], error: float) -> float:
    """The threshold below which a new answerable question lies at most `error` of the time; 0 where too few are known.

    Split conformal prediction (Vovk et al. 2005): of n confidences of answerable questions the k-th smallest,
    k = (n + 1) - ceil((n + 1)(1 - error)). Weighted as in Tibshirani et al. 2019: the new question counts for as much
    as the heaviest one, which errs on the safe side.
    """
    order = np.argsort(sure, kind="stable")
    mass = np.cumsum(counts[order])
    allowed = error * (mass[-1] + counts.max()) + EDGE
    at = int(np.searchsorted(mass, allowed, side="right")) - 1
    return float(sure[order[at]]) if at >= 0 else 0.0


def auroc(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> float:
    """The chance that an answerable question scores above an unanswerable one, ties counting half (Mann-Whitney).

    One half where there are none of either.
    """
    if not len(right) or not len(wrong):
        return 0.5
    ranked = np.sort(wrong)
    below = np.searchsorted(ranked, right, side="left") + np.searchsorted(ranked, right, side="right")
    return float(below.mean() / 2 / len(ranked))
