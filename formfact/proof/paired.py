"""Is one way of searching better than another on the same questions, or is it chance? A paired randomisation test.

Questions of one group (a document's) are not independent: a group is flipped and drawn as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TIMES = 5000
SEED = 5
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Paired:
    """The mean difference, its 95 % interval (bootstrap over groups), and how often chance alone gives as much.

    `chance` is one-sided: the share of random exchanges of the two ways whose mean difference is at least this one's;
    `worse` the same for the other side.
    """

    gain: float
    interval: tuple[float, float]
    chance: float
    worse: float


def paired(differences: Sequence[float], weights: Sequence[float], groups: Sequence[str]) -> Paired:
    """Compare by `differences` (new minus old, one a question), each counted `weights` times.

    Without any difference the gain is 0 and chance gives it always.
    """
    names = {name: at for at, name in enumerate(dict.fromkeys(groups))}
    sums, counts = np.zeros(len(names)), np.zeros(len(names))
    for difference, weight, group in zip(differences, weights, groups, strict=True):
        sums[names[group]] += weight * difference
        counts[names[group]] += weight
    total = counts.sum()
    if not total or not sums.any():
        return Paired(0.0, (0.0, 0.0), 1.0, 1.0)
    drawn = np.random.default_rng(SEED)
    gain = float(sums.sum() / total)
    flipped = (drawn.choice((-1.0, 1.0), (TIMES, len(sums))) @ sums) / total
    picks = drawn.integers(0, len(sums), (TIMES, len(sums)))
    means = sums[picks].sum(1) / counts[picks].sum(1)
    low, high = np.percentile(means, INTERVAL)
    # The observed assignment is one of those that chance could have drawn, so neither share is ever 0.
    chance = float((np.sum(flipped >= gain - 1e-12) + 1) / (TIMES + 1))
    worse = float((np.sum(flipped <= gain + 1e-12) + 1) / (TIMES + 1))
    return Paired(gain, (float(low), float(high)), chance, worse)
