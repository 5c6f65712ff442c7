"""How good a ranked list is, as trec_eval counts it: pure functions over ranked ids and judged gains.

`ranked` holds distinct ids, the best first; `gains` maps a judged id to its gain. A document is relevant when its
gain is above 0: one judged 0 or less, or not at all, is not. Each figure lies between 0 and 1 and is of one question;
a question without any relevant document has no figure, and asking for it is a ValueError.

Ties are the caller's to break. trec_eval sorts equal scores by id, the larger first; formfact's search puts the older
passage first, and these functions take the order as it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

Gains = Mapping[str, float]


def relevant(gains: Gains) -> set[str]:
    """The ids with a gain above 0."""
    return {document for document, gain in gains.items() if gain > 0}


def ndcg(ranked: Sequence[str], gains: Gains, k: int) -> float:
    """Normalised discounted cumulative gain of the first `k` (Järvelin and Kekäläinen 2002), with linear gain.

    The sum of gain / log2(rank + 1), divided by that of the best possible order: trec_eval's `ndcg_cut_k`. (Others
    take 2^gain - 1 for the gain, which gives other figures where gains go beyond 1.)
    """
    best = _discounted(sorted((gains[document] for document in _checked(gains)), reverse=True)[:k])
    return _discounted([max(gains.get(document, 0.0), 0.0) for document in ranked[:k]]) / best


def recall(ranked: Sequence[str], gains: Gains, k: int) -> float:
    """The share of all relevant documents that is among the first `k`: trec_eval's `recall_k`."""
    wanted = _checked(gains)
    return len(wanted.intersection(ranked[:k])) / len(wanted)


def mrr(ranked: Sequence[str], gains: Gains, k: int) -> float:
    """1 / rank of the first relevant document, 0 where none is among the first `k`: `recip_rank`, cut at `k`."""
    wanted = _checked(gains)
    return next((1 / rank for rank, document in enumerate(ranked[:k], 1) if document in wanted), 0.0)


def _checked(gains: Gains) -> set[str]:
    wanted = relevant(gains)
    if not wanted:
        raise ValueError("a question without a relevant document has no figure")
    return wanted


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))
