"""Texts that are nearly the same: MinHash over runs of words (Broder 1997); what shares a band is compared."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

RUN = 3
"""Words in a run."""
BANDS, ROWS = 16, 4
"""Pairs whose Jaccard similarity is .8 share a band with a probability of 1 - (1 - .8^4)^16, more than .999."""
ALIKE = 0.8
PRIME = np.uint64(2**31 - 1)
WORD = re.compile(r"\w+")


def alike(texts: Sequence[str], *, only_after: int | None = None) -> Iterator[tuple[int, int]]:
    """Places of texts with that of an earlier one which they nearly repeat, the first that is found.

    With `only_after`, texts from that place on are compared with those before it alone.
    """
    runs = [_runs(text) for text in texts]
    buckets: dict[tuple[int, bytes], list[int]] = {}
    for at, signature in enumerate(map(_signature, runs)):
        found = None
        for band in range(BANDS if len(runs[at]) else 0):
            key = (band, signature[band * ROWS : (band + 1) * ROWS].tobytes())
            earlier = buckets.setdefault(key, [])
            if found is None and at >= (only_after or 0):
                found = next((one for one in earlier[:8] if _jaccard(runs[at], runs[one]) >= ALIKE), None)
            if only_after is None or at < only_after:
                earlier.append(at)
        if found is not None:
            yield at, found


def _runs(text: str) -> NDArray[np.uint64]:
    words = WORD.findall(text.casefold())
    if len(words) < 2 * RUN:
        return np.empty(0, np.uint64)
    made = {zlib.crc32(" ".join(words[at : at + RUN]).encode()) for at in range(len(words) - RUN + 1)}
    return np.fromiter(made, np.uint64, len(made))


_CHANCE = np.random.default_rng(1)
_TIMES = _CHANCE.integers(1, int(PRIME), BANDS * ROWS, np.uint64)
_PLUS = _CHANCE.integers(0, int(PRIME), BANDS * ROWS, np.uint64)


def _signature(runs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    if not len(runs):
        return np.zeros(BANDS * ROWS, np.uint64)
    mixed: NDArray[np.uint64] = ((runs % PRIME)[:, None] * _TIMES + _PLUS) % PRIME
    least: NDArray[np.uint64] = mixed.min(axis=0)
    return least


def _jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)
