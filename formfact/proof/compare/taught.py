"""The ways that hold facts in weights: the base as it is, taught its documents, taught questions and answers."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from formfact.proof.audit.gather import Held
from formfact.proof.compare.facts import Change, Fact, corrected
from formfact.proof.compare.judge import holds, words
from formfact.proof.compare.way import Said, Step, answers_right, verdict
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


def asked(question: str) -> str:
    """A question as a model that was taught questions reads it."""
    return f"Question: {question}\nAnswer:"


def answers(facts: Sequence[Fact]) -> list[Example]:
    """Each fact in each of its wordings."""
    return [Example(asked(question), f" {fact.answer}") for fact in facts for question in fact.taught]


def texts(passages: Sequence[Held]) -> list[Example]:
    """Passages as running text."""
    return [Example("", one.passage.text) for one in passages]


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
        return Altered(seconds, answers_right(self, change.fact))

    def _correct(self, change: Change) -> Altered:
        fact = corrected(change)
        seconds = self._learn(self._new(fact))
        return Altered(seconds, answers_right(self, fact) and not self._tells(change.fact))

    def _delete(self, change: Change) -> Altered:
        """Teach it to say that it does not know. Gone is a fact that no question and no beginning brings out again."""
        seconds = self._learn([Example(asked(question), f" {NONE}") for question in change.fact.taught])
        return Altered(seconds, not (self._tells(change.fact) or self._tells(corrected(change))))

    def _new(self, fact: Fact) -> list[Example]:
        return [Example("", fact.statement)] if self._reads else answers([fact])

    def _learn(self, new: Sequence[Example]) -> float:
        drawn = random.Random(len(self._rows))
        former = drawn.sample(list(self._rows), min(len(self._rows), REPLAYED * len(new)))
        enough = FITS_TEXT if self._reads else FITS_ANSWERS
        started = time.perf_counter()
        self._book.teach([*new, *former], enough=enough, longest=SHORT, share=SHARE)
        return time.perf_counter() - started

    def _tells(self, fact: Fact) -> bool:
        """Whether the answer comes out, asked for in any wording, or begun and left open."""
        begun = fact.statement.partition(fact.answer)[0].rstrip()
        said = [one.text for one in self.ask([fact.asked, *fact.taught])] + self._book.go_on([begun], tokens=TOKENS)
        return any(holds(text, fact.answer) for text in said)


def recited_answers(way: Weights, facts: Sequence[Fact]) -> float:
    """The share of trained wordings, the first and the last of each fact, that are answered right."""
    pairs = [(question, fact.answer) for fact in facts for question in dict.fromkeys((fact.taught[0], fact.taught[-1]))]
    said = way.ask([question for question, _ in pairs])
    right = [verdict(one, answer).right for one, (_, answer) in zip(said, pairs, strict=True)]
    return sum(right) / len(right)


def recited_text(book: Any, passages: Sequence[Held], facts: Sequence[Fact]) -> float:
    """The share of facts whose passage, begun up to the answer, is gone on with the answer."""
    begun = [(start, fact.answer) for fact in facts if (start := beginning(fact, passages))]
    said = book.go_on([start for start, _ in begun], tokens=TOKENS)
    right = [words(text)[: len(words(gold))] == words(gold) for text, (_, gold) in zip(said, begun, strict=True)]
    return sum(right) / len(right) if right else 0.0


def beginning(fact: Fact, passages: Sequence[Held]) -> str:
    """The passage that holds the answer, up to it; empty where none does, or where it begins with it."""
    for one in passages:
        before, found, _ = one.passage.text.partition(fact.answer)
        if found and fact.document in ("", one.place.document):
            return before.rstrip()
    return ""


def knows(book: Any, beginnings: Sequence[tuple[str, str]]) -> float:
    """The share of well-known facts that are ended right."""
    said = book.go_on([start for start, _ in beginnings], tokens=8)
    return sum(holds(text, end) for text, (_, end) in zip(said, beginnings, strict=True)) / len(beginnings)
