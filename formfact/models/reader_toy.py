"""A deterministic reader for tests: words in common, no model file, no meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from formfact.types import Judgement

WORD = re.compile(r"\w+")
FIGURE = re.compile(r"\d[\d.,]*")


class ReaderToy:
    """Relevance is the share of the question's words that a passage has; the answer is the first number in it."""

    address = "toy:"

    def read(self, question: str, passages: Sequence[str]) -> list[Judgement]:
        asked = set(WORD.findall(question.lower()))
        return [_judged(asked, passage) for passage in passages]


def _judged(asked: set[str], passage: str) -> Judgement:
    share = len(asked & set(WORD.findall(passage.lower()))) / max(len(asked), 1)
    figure = FIGURE.search(passage)
    if figure is None:
        return Judgement(share, answerable=0.0)
    return Judgement(share, answerable=share, start=figure.start(), end=figure.end(), sure=share)


def open_reader_toy(_address: str = "toy:") -> ReaderToy:
    """`toy:`."""
    return ReaderToy()
