"""Questions with their evidence -> a calibration: one half of the base's parts fits, the other half judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formfact.errors import Refused
from formfact.knowledge.abstain import SHIPPED, Scale, weighed
from formfact.proof.calibrate import fit
from formfact.proof.calibrate.asked import halves, is_foreign
from formfact.proof.calibrate.put import Put
from formfact.proof.overlap import weights
from formfact.proof.paired import Paired, paired
from formfact.proof.tune.choose import beyond_chance
from formfact.types import Calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOREIGN = 0.25
"""What foreign questions count together among the unanswerable ones: people ask of what the documents are about."""
FEWEST = 20
"""Answerable questions and parts of the base in each half, below which nothing is fitted."""
KEPT = "held-out questions are judged better than by chance"
CHANCE = "what held-out questions gain may be chance"
FEW = f"fewer than {FEWEST} parts of the base, or questions of them, are in a half: so few show nothing"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Questions as they count, shapes (n,): shipped logits, missing names, labels (1: answerable), counts (sum: n)."""

    logits: NDArray[np.float64]
    lacks: NDArray[np.float64]
    labels: NDArray[np.float64]
    counts: NDArray[np.float64]
    groups: tuple[str, ...]

    def sure(self, scale: Scale) -> NDArray[np.float64]:
        """Their confidence on a scale."""
        return fit.logistic(scale.slope * self.logits + scale.shift + scale.names * self.lacks)


def sample_of(found: Sequence[Put]) -> Sample:
    """The questions with what each counts: made ones as people's overlap wants, both labels alike."""
    labels = np.array([float(one.answerable) for one in found])
    counts = np.ones(len(found))
    for label in (0.0, 1.0):
        made = [at for at, one in enumerate(found) if labels[at] == label and _is_made(one)]
        counts[made] = weights([found[at].question.overlap for at in made])
    strange = np.array([is_foreign(one.question.part) for one in found], np.bool_)
    shares = ((labels == 1, 1.0), ((labels == 0) & ~strange, 1 - FOREIGN), ((labels == 0) & strange, FOREIGN))
    for here, share in shares:
        counts[here] *= share * len(found) / 2 / max(counts[here].sum(), 1e-9)
    logits = np.array([weighed(one.evidence) for one in found])
    lacks = np.array([one.evidence.unnamed for one in found])
    return Sample(logits, lacks, labels, counts, tuple(one.question.part for one in found))


def _is_made(one: Put) -> bool:
    return not one.question.own and not is_foreign(one.question.part)


def judge(found: Sequence[Put], error: float) -> Calibration:
    """Fit on one half, and say how the other half is judged; what a base and a run are called is filled in later."""
    half = halves([one.question.part for one in found])
    fitting, judging = (sample_of([one for one in found if half[one.question.part] == mine]) for mine in (0, 1))
    _check(judging)
    slope, shift, names = fit.SHIPPED
    if shows := enough(fitting) and enough(judging):
        slope, shift, names = fit.platt(fitting.logits, fitting.lacks, fitting.labels, fitting.counts)
    before, after = judging.sure(SHIPPED), judging.sure(Scale(slope, shift, names))
    compared = _gain(judging, before, after)
    why = FEW if not shows else KEPT if beyond_chance(compared) else CHANCE
    used = after if why == KEPT else before
    real, none = judging.labels == 1, judging.labels == 0
    promised = fit.conformal(used[real], judging.counts[real], error) if real.any() else 0.0
    threshold = promised or SHIPPED.threshold
    own = sum(one.question.own for one in found)
    bins_before, bins_after = (fit.bins(sure, judging.labels, judging.counts) for sure in (before, after))
    return Calibration(
        passages=0,
        answerable=sum(one.answerable for one in found),
        held_out=sum(not one.answerable and not is_foreign(one.question.part) for one in found),
        foreign=sum(is_foreign(one.question.part) for one in found),
        own=own,
        maker="",
        kept=why == KEPT,
        why=why,
        slope=slope,
        shift=shift,
        names=names,
        error=error,
        threshold=threshold,
        promised=promised > 0,
        refused=_below(judging, used, real, threshold),
        answered=1 - _below(judging, used, none, threshold),
        judged=len(judging.labels),
        brier_before=fit.brier(before, judging.labels, judging.counts),
        brier_after=fit.brier(after, judging.labels, judging.counts),
        gain=compared.gain,
        interval=compared.interval,
        chance=compared.chance,
        ece_before=fit.ece(bins_before),
        ece_after=fit.ece(bins_after),
        ece_by_chance=fit.ece_by_chance(used, judging.counts),
        auroc_before=fit.auroc(before[real], before[none]),
        auroc_after=fit.auroc(after[real], after[none]),
        bins_before=bins_before,
        bins_after=bins_after,
        calibrated="",
        seconds=0.0,
    )


def enough(sample: Sample) -> bool:
    """Whether a half can show anything."""
    real = sample.labels == 1
    groups = {group for group, there in zip(sample.groups, real, strict=True) if there}
    return min(len(groups), int(real.sum()), int((~real).sum())) >= FEWEST


def _check(judging: Sample) -> None:
    """Raise Refused for a half that cannot judge."""
    if not len(judging.labels):
        raise Refused(
            "so few questions show nothing: the half that judges has none",
            hint="add more documents, or ask more: --sample 300, --questions FILE",
        )


def _gain(judging: Sample, before: NDArray[np.float64], after: NDArray[np.float64]) -> Paired:
    """By how much the Brier score falls."""
    fell = (before - judging.labels) ** 2 - (after - judging.labels) ** 2
    return paired(fell.tolist(), judging.counts.tolist(), judging.groups)


def _below(judging: Sample, sure: NDArray[np.float64], here: NDArray[np.bool_], threshold: float) -> float:
    """The share of these questions that get no answer."""
    counts = judging.counts[here]
    return float(counts[sure[here] < threshold].sum() / max(counts.sum(), 1e-9))
