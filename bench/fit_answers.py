"""Fits the constants of `ANSWERS` in formfact/knowledge/abstain.py; with --write it puts them there.

People's questions on articles that are in the base: half of them are answered there, half only sound as if. Each
article is also left out once, to see how the fit travels; bench/answers.py and bench/calibration.py ask about articles
with constants that were fitted without them.
"""

from __future__ import annotations

import sys

from articles import Articles
from asked import auroc
from fit_confidence import put_into
from remember import open_remembering

from formfact.knowledge.abstain import confidence


def main() -> None:
    """Fit, print, and write where that is asked for."""
    articles = Articles(open_remembering())
    for title in articles.titles:
        answers = articles.without(frozenset((title,)))
        sides: tuple[list[float], list[float]] = ([], [])
        for row, evidence in zip(articles.rows, articles.found, strict=True):
            if row["title"] == title:
                sides[not row["answerable"]].append(confidence(evidence, answers=answers))
        print(f"{title:34} left out: AUROC {auroc(*sides):.3f}")
    every = articles.fitted(range(len(articles.rows)))
    print(every)
    if "--write" in sys.argv[1:]:
        put_into("ANSWERS", every)


if __name__ == "__main__":
    main()
