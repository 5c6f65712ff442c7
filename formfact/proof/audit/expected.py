"""What people's questions would find, estimated from how clearly made ones find their passages.

A made question is put in the passage's own words, which flatters search, and the more so the shorter the passages are.
People say the same in other words, some nearer to the passage and some farther from it. So what counts is not whether
a made question found its passage but by how much: the passage's words count for less (REPEATED), and its lead over
what stands beside it is held against the normal spread of what people's wordings lose (LOSS, SPREAD). A passage is as
findable as the best of its questions, for people ask about what a passage says best.

bench/fit_expected.py wrote the constants, from sets that bench/audit.py, which says how well the estimate predicts,
does not have.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from formfact.knowledge.fuse import scale
from formfact.knowledge.stores import Candidate
from formfact.proof.audit.rates import CUTS
from formfact.proof.findings import Asked

REPEATED = 0.6
"""What the passage's BM25 counts: people repeat so much less of it."""
LOSS, SPREAD = 0.08, 0.2
"""Mean and standard deviation of what people's wordings lose, in fused score."""
NOWHERE = -1.0
"""The lead of a passage that neither leg found: no score is less than 0, none more than 1."""


def lead(
    candidates: Sequence[Candidate], right: Collection[int], weight: float, *, repeated: float = REPEATED,
    cuts: Sequence[int] = CUTS,
) -> tuple[float, ...]:  # fmt: skip
    """By how much the best of the `right` passages leads what stands at each of the `cuts` among the others.

    In fused score, -1 to 1, of a search with this `weight` of meaning; what the right ones score by words counts
    `repeated`.
    """
    asked = [replace(one, bm25=one.bm25 * repeated) if one.passage in right else one for one in candidates]
    if not any(one.passage in right for one in asked):
        return (NOWHERE,) * len(cuts)
    pairs = list(zip(asked, scale(asked, weight=weight).scores(asked), strict=True))
    best = max(score for one, score in pairs if one.passage in right)
    others = sorted((score for one, score in pairs if one.passage not in right), reverse=True)
    return tuple(best - (others[cut - 1] if cut <= len(others) else 0.0) for cut in cuts)


def chance(lead: float, loss: float = LOSS, spread: float = SPREAD) -> float:
    """How likely a question of somebody else's would find what a made one finds with this lead."""
    return (1 + math.erf((lead - loss) / spread / math.sqrt(2))) / 2


def expected(asked: Sequence[tuple[str, Sequence[Asked]]], sizes: Mapping[str, int] | None = None) -> dict[int, float]:
    """The rate at every cut, from each passage's stratum and questions; `sizes` as for `findability`."""
    told = [(stratum, questions) for stratum, questions in asked if questions]
    if not told:
        return {}
    counted = sizes or Counter(stratum for stratum, _ in told)
    whole = sum(counted[stratum] for stratum in {stratum for stratum, _ in told})
    rates = {}
    for at, cut in enumerate(CUTS):
        found = defaultdict(list)
        for stratum, questions in told:
            found[stratum].append(max(chance(one.lead[at]) for one in questions))
        rates[cut] = sum(counted[stratum] / whole * fmean(each) for stratum, each in found.items())
    return rates
