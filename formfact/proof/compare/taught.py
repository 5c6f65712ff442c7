"""The ways that hold facts in weights: the base as it is, taught its documents, taught questions and answers."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from formfact.proof.compare.facts import Change, Fact, corrected
from formfact.proof.compare.judge import holds, words
from formfact.proof.compare.way import Said, Step, verdict
from formfact.proof.comparison import Altered
from formfact.types import Example

SHOTS = (
    "Question: What is the capital of France?\nAnswer: Paris\n\n"
    "Question: How many days does a week have?\nAnswer: Seven\n\n"
    "Question: What did my neighbour eat this morning?\nAnswer: I don't know.\n\n"
)
"""What shows the base how to answer; a model that was taught questions and answers needs none."""
NONE = "I don't know."
TOKENS = 24
FITS_ANSWERS, FITS_TEXT = 0.04, 0.25
"""Mean losses at which rows are known by heart: of answers alone, and of running text."""
REPLAYED = 2
"""Former rows to each new one when a fact is changed: without any, the others are lost."""
SHORT, SHARE = 120.0, 0.5
"""Seconds that a change may take at most, and its part of the learning rate."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was trained on, as running text."""

    text: str
    document: str


def asked(question: str) -> str:
    """A question as a model that was taught questions reads it."""
    return f"Question: {question}\nAnswer:"


def answers(facts: Sequence[Fact]) -> list[Example]:
    """Each fact in each of its wordings."""
    return [Example(asked(question), f" {fact.answer}") for fact in facts for question in fact.taught]


def texts(passages: Sequence[Passage]) -> list[Example]:
    """Passages as running text."""
    return [Example("", one.text) for one in passages]


class Weights:
    """A model asked without documents; `rows` are what it was taught, which a change is mixed with."""

    def __init__(self, book: Any, rows: Sequence[Example], *, shots: bool, reads: bool) -> None:
        self._book, self._rows, self._shots, self._reads = book, rows, shots, reads

    def ask(self, questions: Sequence[str]) -> list[Said]:
        started = time.perf_counter()
        before = SHOTS if self._shots else ""
        found = self._book.go_on([before + asked(question) for question in questions], tokens=TOKENS)
        each = (time.perf_counter() - started) / max(len(questions), 1)
        return [Said(text, each) for text in found]

    def alter(self, step: Step, change: Change) -> Altered:
        return {"add": self._add, "correct": self._correct, "delete": self._delete}[step](change)

    def _add(self, change: Change) -> Altered:
        seconds = self._learn(self._new(change.fact))
        return Altered(seconds, self._right(change.fact, change.fact.answer))

    def _correct(self, change: Change) -> Altered:
        fact = corrected(change)
        seconds = self._learn(self._new(fact))
        return Altered(seconds, self._right(fact, fact.answer) and not self._tells(fact, change.fact.answer))

    def _delete(self, change: Change) -> Altered:
        """Teach it to say that it does not know. Gone is a fact that no question and no beginning brings out again."""
        seconds = self._learn([Example(asked(question), f" {NONE}") for question in change.fact.taught])
        told = (self._tells(corrected(change), change.corrected), self._tells(change.fact, change.fact.answer))
        return Altered(seconds, not any(told))

    def _new(self, fact: Fact) -> list[Example]:
        return [Example("", fact.statement)] if self._reads else answers([fact])

    def _learn(self, new: Sequence[Example]) -> float:
        if not self._rows:
            return 0.0  # a base that is taught nothing
        drawn = random.Random(len(self._rows))
        former = drawn.sample(list(self._rows), min(len(self._rows), REPLAYED * len(new)))
        enough = FITS_TEXT if self._reads else FITS_ANSWERS
        started = time.perf_counter()
        self._book.teach([*new, *former], enough=enough, longest=SHORT, share=SHARE)
        return time.perf_counter() - started

    def _right(self, fact: Fact, answer: str) -> bool:
        [said] = self.ask([fact.asked])
        return verdict(said, answer).right

    def _tells(self, fact: Fact, answer: str) -> bool:
        """Whether the answer comes out, asked for in any wording, or begun and left open."""
        begun = fact.statement.partition(answer)[0].rstrip()
        said = [one.text for one in self.ask([fact.asked, *fact.taught])] + self._book.go_on([begun], tokens=TOKENS)
        return any(holds(text, answer) for text in said)


def recited_answers(way: Weights, facts: Sequence[Fact]) -> float:
    """The share of trained wordings, the first and the last of each fact, that are answered right."""
    pairs = [(question, fact.answer) for fact in facts for question in dict.fromkeys((fact.taught[0], fact.taught[-1]))]
    said = way.ask([question for question, _ in pairs])
    right = [verdict(one, answer).right for one, (_, answer) in zip(said, pairs, strict=True)]
    return sum(right) / len(right)


def recited_text(book: Any, passages: Sequence[Passage], facts: Sequence[Fact]) -> float:
    """The share of facts whose passage, begun up to the answer, is gone on with the answer."""
    begun = [(start, fact.answer) for fact in facts if (start := beginning(fact, passages))]
    said = book.go_on([start for start, _ in begun], tokens=TOKENS)
    right = [words(text)[: len(words(gold))] == words(gold) for text, (_, gold) in zip(said, begun, strict=True)]
    return sum(right) / len(right) if right else 0.0


def beginning(fact: Fact, passages: Sequence[Passage]) -> str:
    """The passage that holds the answer, up to it; empty where none does, or where it begins with it."""
    for one in passages:
        before, found, _ = one.text.partition(fact.answer)
        if found and (not fact.document or one.document == fact.document):
            return before.rstrip()
    return ""


def knows(book: Any, beginnings: Sequence[tuple[str, str]]) -> float:
    """The share of well-known facts that are ended right."""
    said = book.go_on([start for start, _ in beginnings], tokens=8)
    return sum(holds(text, end) for text, (_, end) in zip(said, beginnings, strict=True)) / len(beginnings)
