"""People's questions on eight articles, and what of them the constants of `ANSWERS` are fitted to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import numpy as np
from asked import base_of, put
from fit_confidence import fit
from numpy.typing import NDArray
from remember import Remembering
from table import data

from formfact.knowledge.abstain import ANSWERS, Evidence, Logistic

Row = dict[str, Any]
NAMES = tuple(ANSWERS.weights)


def rows_of() -> list[Row]:
    with (data("unanswerable") / "squad2_dev_8.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def contexts(rows: Sequence[Row]) -> dict[str, str]:
    """Each different context as a document."""
    return {f"c{at}": text for at, text in enumerate(dict.fromkeys(row["context"] for row in rows))}


class Articles:
    """Evidence of all questions, every article in the base."""

    def __init__(self, embedder: Remembering) -> None:
        self.rows: list[Row] = rows_of()
        with base_of(contexts(self.rows), embedder) as view:
            found = put(view, embedder, [row["question"] for row in self.rows])
        self.found: list[Evidence] = [one.evidence for one in found]
        self.titles = list(dict.fromkeys(row["title"] for row in self.rows))
        self.without = cache(self._without)

    def _without(self, titles: frozenset[str]) -> Logistic:
        """What is fitted without the questions about these articles."""
        return self.fitted([at for at, row in enumerate(self.rows) if row["title"] not in titles])

    def fitted(self, chosen: Collection[int]) -> Logistic:
        """What these questions say."""
        x = np.array([[getattr(self.found[at], name) for name in NAMES] for at in chosen])
        y = np.array([float(self.rows[at]["answerable"]) for at in chosen])
        return logistic(fit([(x, y)]))


def logistic(w: NDArray[np.float64]) -> Logistic:
    """Bias and weights, as they are written down."""
    return Logistic(round(float(w[0]), 2), dict(zip(NAMES, w[1:].round(2).tolist(), strict=True)))
