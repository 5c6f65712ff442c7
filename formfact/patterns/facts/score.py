"""Signals -> a score from 0 to 1, a verdict, and the spans that are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from math import exp

from formfact.patterns.facts.content import Unit
from formfact.patterns.facts.file import Shape
from formfact.patterns.facts.signals import Signals, read
from formfact.patterns.facts.words import Lexicon
from formfact.types import Row, RowVerdict, Verdict

STRUCTURE, KNOWLEDGE = 0.35, 0.65
"""Scores below and from which a verdict is sure."""
LONGEST_NOVEL, MOST_NOVEL = 120, 20
BIAS = 0.66
WEIGHTS: Mapping[str, float] = {
    "fresh": 0.92,
    "strong": 2.10,
    "nothing": -2.63,
    "covered": -3.82,
    "passage": -1.54,
    "asks": 2.65,
    "hangs": 2.21,
    "tells": 1.67,
    "works": -1.51,
    "invents": -1.92,
    "plays": -3.71,
    "chats": -0.22,
    "you": -3.13,
    "counts": -1.41,
    "slots": -1.27,
    "labelled": -3.30,
    "unasked": -0.76,
    "tongue": -2.34,
    "foreign": -4.08,
    "numeric": -0.05,
    "derived": -1.24,
    "sums": -2.16,
    "code": -2.21,
    "first": -1.29,
    "second": -1.15,
    "third": -0.63,
    "told": -1.32,
    "questions": -3.42,
    "exclaims": -1.25,
    "quotes": -1.37,
    "repeats": -5.24,
    "talk": -3.51,
}
"""Written by bench/fit_facts.py."""


def judge_row(row: Row, lexicon: Lexicon, shape: Shape) -> RowVerdict:
    """The verdict on one row of a file of that shape."""
    found = read(row, lexicon, shape)
    score = believe(found.signals)
    spans = tuple(_spans(row.completion, found.new)) if score >= STRUCTURE else ()
    return RowVerdict(row.number, verdict(score), round(score, 4), spans)


def believe(signals: Signals) -> float:
    """The logistic of the weighted signals: the belief that a row teaches facts."""
    total = BIAS + sum(WEIGHTS[field.name] * getattr(signals, field.name) for field in fields(signals))
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def verdict(score: float) -> Verdict:
    """A score as a word."""
    if score < STRUCTURE:
        return "structure"
    return "knowledge" if score >= KNOWLEDGE else "mixed"


def _spans(text: str, new: Sequence[Unit]) -> list[str]:
    """The new parts of a completion, neighbours joined, each once."""
    spans: list[list[int]] = []
    for unit in new:
        if unit.weight < 0.3 and not unit.strong and len(new) > 3:
            continue
        if (
            spans
            and unit.start - spans[-1][1] <= 4
            and unit.end - spans[-1][0] <= LONGEST_NOVEL
            and "\n" not in text[spans[-1][1] : unit.start]
        ):
            spans[-1][1] = unit.end
        else:
            spans.append([unit.start, unit.end])
    return list(dict.fromkeys(text[start:end] for start, end in spans))[:MOST_NOVEL]
