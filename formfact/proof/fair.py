"""How much a made question counts: it copies its passage's words, and words alone then find too much.

On every set that was looked at made questions want a smaller share of meaning than people's. What words alone find and
meaning alone does not is therefore counted down, and the reverse up. One constant says by how much: bench/tune.py
chooses it on people's questions, and shows what it is worth on sets that it was not chosen on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COPIED = 2
"""Written by bench/tune.py --fit."""


def fair(by_words: NDArray[np.float64], by_meaning: NDArray[np.float64], *, copied: float) -> NDArray[np.float64]:
    """exp(-copied * (gain by words alone - gain by meaning alone)), for each question."""
    found: NDArray[np.float64] = np.exp(-copied * (by_words - by_meaning))
    return found
