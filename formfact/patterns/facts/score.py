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

STRUCTURE, KNOWLEDGE = 0.35, 0.7
"""Scores below and from which a verdict is sure."""
ACTIONS: Mapping[Verdict, Action] = {"structure": "keep", "mixed": "rewrite", "knowledge": "move"}
SILENT = 0.3
"""The most that a completion comes to that only asks or declines: whatever was asked, it states no fact."""
LONGEST_NOVEL, MOST_NOVEL = 120, 20
BIAS = 0.55
WEIGHTS: Mapping[str, float] = {
    "fresh": 0.48,
    "strong": 1.30,
    "numbers": 2.81,
    "rare": 0.43,
    "covered": -2.67,
    "passage": -1.65,
    "asks": 3.95,
    "hangs": 2.96,
    "tells": 1.40,
    "works": -1.72,
    "invents": -0.70,
    "advises": -2.19,
    "plays": -5.53,
    "chats": -0.75,
    "you": -4.78,
    "counts": -1.36,
    "slots": -1.00,
    "labelled": -1.95,
    "unasked": -1.58,
    "tongue": -1.58,
    "foreign": -3.79,
    "derived": -0.99,
    "sums": -2.51,
    "code": -1.85,
    "first": 0.00,
    "second": -0.68,
    "third": 0.00,
    "told": -1.15,
    "tale": -3.30,
    "questions": -1.42,
    "exclaims": -1.18,
    "quotes": -0.13,
    "repeats": -2.59,
    "talk": -3.42,
    "own": -1.95,
}
"""Written by bench/fit_facts.py."""


def judge_row(row: Row, lexicon: Lexicon, shape: Shape) -> RowVerdict:
    """The verdict on one row of a file of that shape."""
    found = read(row, lexicon, shape)
    score = min(believe(found.signals), SILENT if found.silent else 1.0)
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
