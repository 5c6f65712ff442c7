"""What people's questions would find: estimated from made ones that are put as people ask and counted fairly.

What they count is `formfact.proof.fair`'s, with the constant that tuning has, not fitted again. bench/audit.py says how
well the estimate predicts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from formfact.proof.audit.rates import CUTS
from formfact.proof.fair import COPIED, fair
from formfact.proof.findings import Asked, Own, Wide
from formfact.proof.overlap import shares, weights

ENOUGH = 100
"""Questions of the user's that can say how much people repeat."""
SEEN = 10
"""Hits that people look at: deeper a leg has found nothing."""


def expected(
    asked: Sequence[tuple[str, Sequence[Asked]]], own: Own | None, sizes: Mapping[str, int] | None = None
) -> dict[int, float]:
    """The rate at every cut, from each passage's stratum and questions; `sizes` as for `findability`.

    Where the user's own questions are ENOUGH, made ones also count so that they repeat as much of a passage as those.
    """
    told = [(stratum, questions) for stratum, questions in asked if questions]
    counted = Counter(stratum for stratum, _ in told)
    rows = [
        (one, (sizes[stratum] if sizes else counted[stratum]) / counted[stratum] / len(questions))
        for stratum, questions in told
        for one in questions
    ]
    if not rows:
        return {}
    counts = [count * fairly(one.wide) for one, count in rows]
    overlaps = [one.overlap for one in own.questions if one.place] if own else []
    if len(overlaps) >= ENOUGH:
        repeated = weights([one.overlap for one, _ in rows], shares(overlaps))
        counts = [count * more for count, more in zip(counts, repeated, strict=True)]
    whole = sum(counts)
    if not whole:
        return {}
    ranks = [one.wide.rank for one, _ in rows]
    return {
        cut: sum(count for rank, count in zip(ranks, counts, strict=True) if rank and rank <= cut) / whole
        for cut in CUTS
    }


def fairly(wide: Wide, copied: float = COPIED) -> float:
    """What a made question counts, by where each leg alone finds it."""
    words, meaning = (np.array(_gain(rank)) for rank in (wide.words, wide.meaning))
    return float(fair(words, meaning, copied=copied))


def _gain(rank: int | None) -> float:
    return 1 / math.log2(rank + 1) if rank is not None and rank <= SEEN else 0.0
