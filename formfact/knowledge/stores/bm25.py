"""BM25 as tantivy counts it, in Python: for the memory store and for passages that the tantivy shadow lacks.

k1 = 1.2, b = 0.75 and idf = ln(1 + (N - n + .5) / (n + .5)) (Robertson and Zaragoza 2009, with the 1 that keeps it
positive). A length is kept in one byte, as Lucene and tantivy keep it, so that both give the same figures.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

K1 = 1.2
B = 0.75


def _lengths() -> list[int]:
    """The 256 lengths that one byte can hold: every one up to 40, then eight steps of 2, eight of 4, of 8, ..."""
    lengths, step = list(range(40)), 2
    value = 40
    while len(lengths) < 256:
        for _ in range(8):
            lengths.append(value)
            value += step
        step *= 2
    return lengths[:256]


LENGTHS = _lengths()


def kept_length(length: int) -> int:
    """The length as one byte keeps it: the largest of LENGTHS that is not above it."""
    return LENGTHS[bisect_right(LENGTHS, length) - 1]


def rarity(documents: int, holding: int) -> float:
    """Inverse document frequency of a term that `holding` of `documents` texts hold."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def score(
    question: Iterable[str], text: Sequence[str], *, rarities: Mapping[str, float], average_length: float
) -> float:
    """The BM25 score of a text's terms for a question's; a term asked for twice counts twice."""
    counts = Counter(text)
    norm = K1 * (1 - B + B * kept_length(len(text)) / max(average_length, 1e-9))
    return sum(rarities[term] * counts[term] * (K1 + 1) / (counts[term] + norm) for term in question if counts[term])
