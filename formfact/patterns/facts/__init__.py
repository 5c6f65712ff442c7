"""The knowledge lint: does a training row's completion teach form, or facts that search should hold?"""

from __future__ import annotations

from collections.abc import Sequence

from formfact.patterns.facts.file import shape
from formfact.patterns.facts.rewrite import example
from formfact.patterns.facts.score import judge_row, verdict
from formfact.patterns.facts.words import Lexicon
from formfact.types import FactsReport, Row, RowVerdict

__all__ = ["judge", "report"]


def judge(rows: Sequence[Row]) -> FactsReport:
    """Judge each row and the file: verdicts in the order of the rows; linear in the length of the file."""
    lexicon = Lexicon()
    whole = shape(rows, lexicon)
    return report(rows, tuple(judge_row(row, lexicon, whole) for row in rows))


def report(rows: Sequence[Row], judged: tuple[RowVerdict, ...]) -> FactsReport:
    """What the verdicts on all rows of a file come to."""
    share = sum(one.score for one in judged) / len(judged) if judged else 0.0
    return FactsReport(verdict(share), round(share, 4), judged, example(rows, judged))
