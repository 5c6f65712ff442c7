"""Passages that say nearly the same: MinHash finds candidates, their shared runs of words decide.

MinHash with banding as in Broder 1997 and Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", ch. 3. Work and
memory grow with the number of passages, not with its square.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from formfact.proof.audit.gather import Held
from formfact.proof.findings import Twins

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIKE = 0.7
"""The share of runs of words that two passages must have in common."""
RUN = 3
"""Words in a run."""
BANDS, ROWS = 20, 4
"""Two passages that share LIKE are missed once in 250 times: (1 - LIKE ** ROWS) ** BANDS."""
SHORTEST = 6
"""Words below which passages are alike by chance."""
MOST_COMPARED = 50
"""Passages of one bucket that each is compared with: a form letter in a thousand copies is one cluster soon enough."""
WORD = re.compile(r"\w+")
PRIME = (1 << 31) - 1
_DRAWN = np.random.default_rng(7)
FACTORS = _DRAWN.integers(1, PRIME, (BANDS * ROWS, 1), np.int64)
OFFSETS = _DRAWN.integers(0, PRIME, (BANDS * ROWS, 1), np.int64)


def runs(text: str) -> frozenset[int]:
    """A number for each run of words in a text, whatever their case."""
    words = WORD.findall(text.lower())
    if len(words) < SHORTEST:
        return frozenset()
    return frozenset(zlib.crc32(" ".join(words[i : i + RUN]).encode()) % PRIME for i in range(len(words) - RUN + 1))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """The shared runs over all runs of both (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0


def twins(held: Sequence[Held]) -> tuple[Twins, ...]:
    """Clusters of passages alike, the largest first. Passages of one document count as well."""
    sets = [np.array(sorted(runs(one.passage.text)), np.int32) for one in held]
    leaders = _joined(sets)
    clusters: dict[int, list[int]] = defaultdict(list)
    for at, leader in enumerate(leaders):
        clusters[leader].append(at)
    found = []
    for leader, members in clusters.items():
        if len(members) > 1:
            least = min(_likeness(sets[leader], sets[at]) for at in members if at != leader)
            found.append(Twins(tuple(held[at].place for at in members), round(least, 4)))
    return tuple(sorted(found, key=lambda one: -len(one.places)))


def _likeness(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    """The same as `likeness`, of sorted arrays: a tenth of the memory of sets."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def _joined(sets: Sequence[NDArray[np.int32]]) -> list[int]:
    """For each passage the first of its cluster."""
    leaders = list(range(len(sets)))

    def leader(at: int) -> int:
        while leaders[at] != at:
            leaders[at] = leaders[leaders[at]]
            at = leaders[at]
        return at

    for bucket in _buckets(sets):
        for place, at in enumerate(bucket):
            for before in bucket[max(0, place - MOST_COMPARED) : place]:
                one, other = leader(before), leader(at)
                if one != other and _likeness(sets[before], sets[at]) >= LIKE:
                    leaders[max(one, other)] = min(one, other)
    return [leader(at) for at in range(len(sets))]


def _buckets(sets: Sequence[NDArray[np.int32]]) -> Iterator[list[int]]:
    """Passages whose MinHash agrees in a whole band, one band after the other."""
    told = [at for at, found in enumerate(sets) if len(found)]
    if not told:
        return
    signatures = np.stack([_signature(sets[at]) for at in told])
    for band in range(BANDS):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        part = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        for at, row in zip(told, part, strict=True):
            buckets[row.tobytes()].append(at)
        yield from (bucket for bucket in buckets.values() if len(bucket) > 1)


def _signature(found: NDArray[np.int32]) -> NDArray[np.int32]:
    smallest: NDArray[np.int64] = ((FACTORS * found + OFFSETS) % PRIME).min(axis=1)
    return smallest.astype(np.int32)
