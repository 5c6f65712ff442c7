"""What each trial counts, so that together they judge as people's questions would: see `formfact.proof.fair`.

Counting by the share of words that a question repeats, as the audit once did for its rates, was measured in
bench/tune.py too and leads nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.setting import Setting
from formfact.proof.fair import COPIED, fair
from formfact.proof.tune.trials import Trial, table

if TYPE_CHECKING:
    from numpy.typing import NDArray


def counts(trials: Sequence[Trial], *, copied: float = COPIED) -> NDArray[np.float64]:
    """What each trial counts: exp(-copied * (gain by words alone - gain by meaning alone)), and 1 for a user's own."""
    legs = table(trials, [Setting(weight=0.0), Setting(weight=1.0)])
    return np.where([one.own for one in trials], 1.0, fair(legs[:, 0], legs[:, 1], copied=copied))
