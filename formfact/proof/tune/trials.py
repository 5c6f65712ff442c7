"""Questions with what both legs found for them: retrieved once, then ordered in every way that is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.setting import Setting, is_keyed
from formfact.knowledge.stores import Candidate

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUT = 10
"""Hits that count."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A question's candidates, by rising id. `ids`, `cosines`, `bm25`, both ranks (0: none) and `right` are (n,) each.

    `group` names the part of a document that its passage stands in: parts are held out, not questions. `place` is the
    passage's hash, `own` says that a user asked it.
    """

    question: str
    group: str
    place: str
    own: bool
    ids: NDArray[np.int64]
    cosines: NDArray[np.float64]
    bm25: NDArray[np.float64]
    dense_ranks: NDArray[np.int64]
    bm25_ranks: NDArray[np.int64]
    right: NDArray[np.bool_]

    def gains(self, weights: Sequence[float], *, depth: int) -> NDArray[np.float64]:
        """The discounted gain of the first right passage, 1 / log2(1 + rank) and 0 beyond CUT, at each weight: (w,)."""
        seen = _within(self.dense_ranks, depth) | _within(self.bm25_ranks, depth)
        right = self.right[seen]
        if not right.any():
            return np.zeros(len(weights))
        near, said = _normalised(self.cosines[seen]), _normalised(self.bm25[seen])
        share = np.array(weights)[:, None]
        scores = share * near + (1 - share) * said
        # As `fuse` orders: by score, equal ones by id, so that the first of the best is the one that counts.
        best = np.where(right, scores, -1.0).argmax(1)
        score = scores[np.arange(len(weights)), best][:, None]
        ahead = (scores > score).sum(1) + ((scores == score) & (np.arange(len(right)) < best[:, None])).sum(1)
        return np.where(ahead < CUT, 1 / np.log2(ahead + 2.0), 0.0)


def trial(
    question: str, candidates: Sequence[Candidate], right: Sequence[bool], *, group: str, place: str, own: bool = False
) -> Trial:
    """A question as it is tried, from the candidates of a look at least as deep as any that will be asked for."""
    order = sorted(range(len(candidates)), key=lambda at: candidates[at].passage)
    found = [candidates[at] for at in order]
    return Trial(
        question,
        group,
        place,
        own,
        np.array([one.passage for one in found], np.int64),
        np.array([one.dense for one in found], np.float64),
        np.array([one.bm25 for one in found], np.float64),
        np.array([one.dense_rank or 0 for one in found], np.int64),
        np.array([one.bm25_rank or 0 for one in found], np.int64),
        np.array([right[at] for at in order], np.bool_),
    )


def table(trials: Sequence[Trial], settings: Sequence[Setting]) -> NDArray[np.float64]:
    """The gain of every trial at every setting: (trials, settings)."""
    found = np.zeros((len(trials), len(settings)))
    depths = {setting.depth for setting in settings}
    for depth in depths:
        columns = [at for at, setting in enumerate(settings) if setting.depth == depth]
        weights = {keyed: [settings[at].share(keyed=keyed) for at in columns] for keyed in (False, True)}
        for row, one in enumerate(trials):
            found[row, columns] = one.gains(weights[is_keyed(one.question)], depth=depth)
    return found


def _within(ranks: NDArray[np.int64], depth: int) -> NDArray[np.bool_]:
    return (ranks > 0) & (ranks <= depth)


def _normalised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = values.min(), values.max()
    return np.ones(len(values)) if high == low else (values - low) / (high - low)
