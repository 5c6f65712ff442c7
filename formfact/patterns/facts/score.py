"""Signals -> a score from 0 to 1, a verdict, and the spans that are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from math import exp

from formfact.patterns.facts.content import Unit
from formfact.patterns.facts.file import Shape
from formfact.patterns.facts.signals import Signals, read
from formfact.patterns.facts.words import Lexicon
from formfact.types import Action, Row, RowVerdict, Verdict

STRUCTURE, KNOWLEDGE = 0.35, 0.65
"""Scores below and from which a verdict is sure."""
ACTIONS: Mapping[Verdict, Action] = {"structure": "keep", "mixed": "rewrite", "knowledge": "move"}
LONGEST_NOVEL, MOST_NOVEL = 120, 20
BIAS = 0.52
WEIGHTS: Mapping[str, float] = {
    "fresh": 1.07,
    "strong": 2.40,
    "rare": 0.40,
    "covered": -3.41,
    "passage": -1.54,
    "asks": 2.77,
    "hangs": 2.55,
    "tells": 0.82,
    "works": -1.74,
    "invents": -1.74,
    "plays": -4.23,
    "chats": -1.57,
    "you": -4.89,
    "counts": -1.20,
    "slots": -1.79,
    "labelled": -2.88,
    "unasked": -1.58,
    "tongue": -1.98,
    "foreign": -3.57,
    "derived": -1.45,
    "sums": -1.93,
    "code": -2.55,
    "first": -1.25,
    "second": -1.20,
    "third": -0.68,
    "told": -1.33,
    "questions": -2.96,
    "exclaims": -1.39,
    "quotes": -0.93,
    "repeats": -5.34,
    "talk": -4.07,
}
"""Written by bench/fit_facts.py."""


def judge_row(row: Row, lexicon: Lexicon, shape: Shape) -> RowVerdict:
    """The verdict on one row of a file of that shape."""
    found = read(row, lexicon, shape)
    score = believe(found.signals)
    spans = tuple(_spans(row.completion, found.new)) if score >= STRUCTURE else ()
    return settled(row.number, score, spans)


def settled(row: int, score: float, novel: tuple[str, ...]) -> RowVerdict:
    """The verdict that a score comes to, and what it asks for."""
    named = verdict(score)
    return RowVerdict(row, named, round(score, 4), novel, ACTIONS[named])


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
