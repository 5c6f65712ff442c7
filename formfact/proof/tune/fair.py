"""How much each made question counts, so that together they judge as people's questions would.

A question that is made of a passage copies its words. Words alone then find too much: on every set that was looked at
made questions want a smaller share of meaning than people's. What words alone find and meaning alone does not is
therefore counted down, and the reverse up. One constant says by how much: bench/tune.py chooses it on people's
questions, and shows what it is worth on sets that it was not chosen on. (Counting by the share of words
that a question repeats, as the audit does for its rates, was measured there too and leads nowhere.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.setting import Setting
from formfact.proof.tune.trials import Trial, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

COPIED = 2
"""Written by bench/tune.py --fit."""


def counts(trials: Sequence[Trial], *, copied: float = COPIED) -> NDArray[np.float64]:
    """What each trial counts: exp(-copied * (gain by words alone - gain by meaning alone)), and 1 for a user's own."""
    legs = table(trials, [Setting(weight=0.0), Setting(weight=1.0)])
    return np.where([one.own for one in trials], 1.0, fair(legs[:, 0], legs[:, 1], copied=copied))


def fair(by_words: NDArray[np.float64], by_meaning: NDArray[np.float64], *, copied: float) -> NDArray[np.float64]:
    """What made questions count, given what words alone and meaning alone gain for each."""
    found: NDArray[np.float64] = np.exp(-copied * (by_words - by_meaning))
    return found
