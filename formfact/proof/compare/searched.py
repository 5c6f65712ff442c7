"""The ways that look facts up: by quotes alone, with a Writer, and with a small model taught the form of an answer."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from formfact.knowledge import ground, sync
from formfact.knowledge.answer import gather, weigh
from formfact.knowledge.search import make_probe, search
from formfact.knowledge.stores import Store
from formfact.models import Embedder, Writer
from formfact.proof.compare.facts import Change, Fact, corrected
from formfact.proof.compare.judge import contains, gives_up
from formfact.proof.compare.taught import NONE, asked
from formfact.proof.compare.way import Said, Step, answers_right
from formfact.proof.comparison import Altered
from formfact.types import Answer, Example, Message, Reply

DEEP = 20
"""Hits that must not hold a deleted fact any more."""
QUOTES, HITS = 3, 10
WORDS, SPOKEN = 16, 40
"""Tokens of a short answer, and of one in sentences."""


class Search:
    """Answers by quotes. `news` is a folder of its own whose documents a change may touch."""

    def __init__(self, store: Store, embedder: Embedder, news: Path) -> None:
        self.store, self.embedder, self._news = store, embedder, news

    def ask(self, questions: Sequence[str]) -> list[Said]:
        return [self._one(question) for question in questions]

    def _one(self, question: str) -> Said:
        started = time.perf_counter()
        answer = self.answer(question)
        return Said(answer.answer, time.perf_counter() - started, answer.abstained)

    def answer(self, question: str) -> Answer:
        """The answer that is judged."""
        return gather(self.store, self.embedder, question).answer

    def alter(self, step: Step, change: Change) -> Altered:
        return {"add": self._add, "correct": self._correct, "delete": self._delete}[step](change)

    def _add(self, change: Change) -> Altered:
        seconds = self._write(change.fact)
        return Altered(seconds, answers_right(self, change.fact))

    def _correct(self, change: Change) -> Altered:
        fact = corrected(change)
        seconds = self._write(fact)
        return Altered(seconds, answers_right(self, fact) and not self._finds(change.fact))

    def _delete(self, change: Change) -> Altered:
        (self._news / change.fact.document).unlink()
        seconds = self._sync()
        return Altered(seconds, not (self._finds(change.fact) or self._finds(corrected(change))))

    def _write(self, fact: Fact) -> float:
        (self._news / fact.document).write_text(f"{fact.statement}\n", encoding="utf-8")
        return self._sync()

    def _sync(self) -> float:
        started = time.perf_counter()
        sync.add(self.store, self.embedder, [self._news])
        return time.perf_counter() - started

    def _finds(self, fact: Fact) -> bool:
        """Whether anything that search gives for the fact's question holds its answer."""
        return any(contains(hit.text, fact.answer) for hit in search(self.store, self.embedder, fact.asked, k=DEEP))


class Spoken(Search):
    """The quotes said by a Writer, each sentence checked against them."""

    def __init__(self, store: Store, embedder: Embedder, news: Path, writer: Writer) -> None:
        super().__init__(store, embedder, news)
        self._writer = Short(writer)

    def answer(self, question: str) -> Answer:
        found = gather(self.store, self.embedder, question)
        return ground.write(found, self._writer, ground.holds_in(self.store))


class Short:
    """A Writer held to few tokens: only the first words of an answer are judged, and a small model rambles on."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.address = writer.address

    def complete(self, messages: Sequence[Message], *, tokens: int, schema: Mapping[str, Any] | None = None) -> Reply:
        return self._writer.complete(messages, tokens=min(tokens, SPOKEN), schema=schema)

    def stream(self, messages: Sequence[Message], *, tokens: int) -> Iterator[str]:
        yield from self._writer.stream(messages, tokens=min(tokens, SPOKEN))


class Patterned(Search):
    """A small model that was taught the form of an answer, never these facts: quotes and a question in, an answer out.

    What it says that stands in no quote is not given: that is an abstention.
    """

    def __init__(self, store: Store, embedder: Embedder, news: Path, book: Any) -> None:
        super().__init__(store, embedder, news)
        self._book = book

    def ask(self, questions: Sequence[str]) -> list[Said]:
        started = time.perf_counter()
        quotes = [quoted(self.store, self.embedder, question) for question in questions]
        prompts = [prompt(found, question) for found, question in zip(quotes, questions, strict=True)]
        said = self._book.go_on(prompts, tokens=WORDS)
        each = (time.perf_counter() - started) / len(questions)
        return [self._checked(one, found, each) for one, found in zip(said, quotes, strict=True)]

    def _checked(self, text: str, quotes: Sequence[str], seconds: float) -> Said:
        gave_up = gives_up(text) or not any(contains(quote, text) for quote in quotes)
        return Said("Not in your documents." if gave_up else text, seconds, gave_up)


def quoted(store: Store, embedder: Embedder, question: str) -> list[str]:
    """The best quotes for a question, whether or not they would be shown."""
    with store.snapshot() as view:
        found = weigh(view, embedder, make_probe(embedder, question, k=HITS))
    return [quote.text for quote in found.wider[:QUOTES]]


def prompt(quotes: Sequence[str], question: str) -> str:
    """Quotes and a question as the small model reads them."""
    lines = "\n".join(f"- {' '.join(quote.split())}" for quote in quotes)
    return f"{lines}\n{asked(question)}"


def lessons(store: Store, embedder: Embedder, facts: Sequence[Fact], *, wordings_each: int) -> list[Example]:
    """Rows that teach the form: of facts that are not asked for, and of questions whose quotes are another's.

    The quotes stand in another order each time, so that not the place of one is learnt.
    """
    rows, drawn = [], random.Random(len(facts))
    for at, fact in enumerate(facts):
        for question in fact.taught[:wordings_each]:
            quotes = quoted(store, embedder, question)
            drawn.shuffle(quotes)
            if any(contains(quote, fact.answer) for quote in quotes):
                rows.append(Example(prompt(quotes, question), f" {fact.answer}"))
        other = facts[at - 1]
        wrong = [quote for quote in quoted(store, embedder, fact.asked) if not contains(quote, other.answer)]
        rows.append(Example(prompt(wrong, other.asked), f" {NONE}"))
    return rows
