"""Ranks -> findability with its interval: over all passages, or from a stratified sample of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from formfact.patterns.conformance import wilson
from formfact.proof.findings import Rate

CUTS = (1, 5, 10, 20)
SHARED = 2
"""Passages of the whole sample's variance that each stratum's own is joined with: two that agree say little."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One passage's outcome: the stratum it was drawn from, and its questions' ranks."""

    stratum: str
    ranks: tuple[int | None, ...]

    def share(self, cut: int) -> float:
        """How many of its questions find it among the best `cut`."""
        return fmean(rank is not None and rank <= cut for rank in self.ranks)


def findability(observed: Sequence[Observed], sizes: Mapping[str, float] | None = None) -> dict[int, Rate]:
    """The rate at every cut. `sizes` are the passages of each stratum, where not all were asked."""
    return {cut: rate(observed, cut, sizes) for cut in CUTS}


def rate(observed: Sequence[Observed], cut: int, sizes: Mapping[str, float] | None = None) -> Rate:
    """The mean over passages and its 95 % interval: Wilson's, with as many trials as the sample is worth.

    Without `sizes` a trial is a passage. With them strata are weighted by their sizes, and the trials are those of a
    simple random sample with the variance of the stratified estimate (Korn and Graubard 1998), its finite population
    counted: a stratum that was asked whole adds no uncertainty. Where every sampled passage agrees, the number of
    passages is taken. The few of a small stratum often agree by chance, so its variance is drawn towards that of all.
    """
    if not observed:
        return Rate(0.0, (0.0, 1.0), 0)
    if sizes is None:
        share = fmean(one.share(cut) for one in observed)
        return Rate(share, _interval(share, len(observed)), len(observed))
    share, spread = _stratified(observed, cut, sizes)
    trials = share * (1 - share) / spread if spread > 0 and 0 < share < 1 else float(len(observed))
    return Rate(share, _interval(share, max(trials, 1.0)), len(observed))


def _interval(share: float, trials: float) -> tuple[float, float]:
    low, high = wilson(share * trials, trials)
    return round(low, 6), round(high, 6)


def _stratified(observed: Sequence[Observed], cut: int, sizes: Mapping[str, float]) -> tuple[float, float]:
    """The estimate and its variance."""
    strata: dict[str, list[float]] = defaultdict(list)
    for one in observed:
        strata[one.stratum].append(one.share(cut))
    whole = sum(sizes[name] for name in strata)
    share = sum(sizes[name] / whole * fmean(values) for name, values in strata.items())
    # One more found and one more not: the variance of all is 0 for no sample, however well it agrees.
    likely = (share * len(observed) + 1) / (len(observed) + 2)
    spread = 0.0
    for name, values in strata.items():
        left, mean = 1 - len(values) / sizes[name], fmean(values)
        squares = sum((value - mean) ** 2 for value in values) + SHARED * likely * (1 - likely)
        spread += (sizes[name] / whole) ** 2 * left * squares / (len(values) - 1 + SHARED) / len(values)
    return share, spread
