"""How much a question repeats its passage: what search by words is flattered by."""

from __future__ import annotations

from collections.abc import Iterable

from formfact.knowledge.words import question_terms, terms

BANDS = (("different words", 0.0), ("mixed", 0.5), ("the same words", 0.85))
"""Names of how much is repeated, each from its overlap up to the next one's."""


def overlap(question: str, held: Iterable[str]) -> float:
    """The share of a question's terms that are among the `terms` of a passage; stop words do not count."""
    asked = set(question_terms(question))
    return len(asked & set(held)) / len(asked) if asked else 0.0


def overlap_with(question: str, text: str) -> float:
    """The same, with a passage's text."""
    return overlap(question, terms(text))


def band(share: float) -> str:
    """The name of an overlap's band."""
    return next(name for name, least in reversed(BANDS) if share >= least)
