"""Each arm set up, asked, and changed by a fact, all with the same base model, documents and questions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from formfact.models import Writer
from formfact.patterns import tuned
from formfact.proof.compare import facts as given
from formfact.proof.compare.corpus import Corpus, corpus, running_text
from formfact.proof.compare.facts import Fact
from formfact.proof.compare.searched import Patterned, Search, Spoken, lessons
from formfact.proof.compare.taught import (
    FITS_ANSWERS,
    FITS_TEXT,
    Weights,
    answers,
    knows,
    recited_answers,
    recited_text,
    texts,
)
from formfact.proof.compare.way import Way, cost, measure
from formfact.proof.comparison import ARMS, Altered, Arm, Prices
from formfact.types import Example

QUICK = ("base", "answers", "search")
PARAPHRASES = 4
"""Other wordings of each question that the model is taught."""
FORM = 0.08
"""The loss at which the form of an answer is learnt."""
LESSONS, WORDINGS = 20, 4
"""Facts that teach the form, and wordings of each."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How many facts are asked for, and the seconds that an arm may be trained."""

    facts: int
    longest: float


@dataclass(frozen=True, slots=True)
class Setup:
    """What setting an arm up took; `rounds` over its rows where it was trained."""

    seconds: float = 0.0
    tokens: int = 0
    rounds: int = 0


class Bench:
    """The arms of one comparison. The model is opened when the first of them needs it."""

    def __init__(
        self, place: Corpus, facts: Sequence[Fact], unanswerable: Sequence[str], prices: Prices, size: Size, *,
        writer: Writer | None = None, base: str | None = None,
    ) -> None:  # fmt: skip
        self._place, self._facts, self._unanswerable = place, facts, unanswerable
        self._prices, self._size = prices, size
        self._writer, self._base = writer, base
        self.opened: Any = None
        self.known_before: float | None = None
        self.notes: list[str] = []
        self._tell: Tell = _silent
        self._ways: dict[str, Callable[[], Arm]] = {
            "base": self._untaught,
            "documents": self._documents,
            "answers": self._answers,
            "search": lambda: self._found("search", Search(*self._where())),
            "search+writer": self._spoken,
            "search+pattern": self._patterned,
        }

    @property
    def book(self) -> Any:
        """The base model under an adapter. Raises MissingExtra, ModelError."""
        if self.opened is None:
            self._tell("opening the base model")
            self.opened = tuned.load("closed book")(self._base)
            self.known_before = knows(self.opened, given.known())
        return self.opened

    def arm(self, name: str, tell: Tell) -> Arm:
        """Measure an arm of ARMS."""
        self._tell = tell
        tell("begins")
        done = self._ways[name]()
        tell("")
        return done

    def _untaught(self) -> Arm:
        self.book.blank()
        return self._arm("base", Weights(self.book, [], shots=True, reads=False), Setup())

    def _documents(self) -> Arm:
        passages, every = running_text(self._place, self._facts), len(self._place.held)
        if len(passages) < every:
            part = f"{len(passages):,} of {every:,} passages"
            self.notes.append(f"The base was taught {part}: those that hold the facts, and what else fits the time.")
        way, setup = self._teach(texts(passages), FITS_TEXT, reads=True)
        return self._arm("documents", way, setup, recall=recited_text(self.book, passages, self._facts))

    def _answers(self) -> Arm:
        way, setup = self._teach(answers(self._facts), FITS_ANSWERS, reads=False)
        return self._arm("answers", way, setup, recall=recited_answers(way, self._facts))

    def _teach(self, rows: list[Example], enough: float, *, reads: bool) -> tuple[Weights, Setup]:
        self.book.blank()
        setup = self._taught(rows, enough)
        return Weights(self.book, rows, shots=reads, reads=reads), setup

    def _taught(self, rows: list[Example], enough: float) -> Setup:
        def told(rounds: int, loss: float) -> None:
            self._tell(f"round {rounds}, loss {loss:.2f}")

        done = self.book.teach(rows, enough=enough, longest=self._size.longest, told=told)
        self._tell("asking")
        return Setup(done.seconds, done.tokens, done.rounds)

    def _where(self) -> tuple[Any, Any, Path]:
        return self._place.store, self._place.embedder, self._place.news

    def _found(self, name: str, way: Search, form: Setup | None = None) -> Arm:
        form = form or Setup()
        seconds, tokens = self._place.setup_seconds + form.seconds, self._place.tokens + form.tokens
        return self._arm(name, way, Setup(seconds, tokens, form.rounds))

    def _spoken(self) -> Arm:
        if self._writer is None:
            self.book.blank()
            self._writer = tuned.load("local")(self.book.network, "local:")
        return self._found("search+writer", Spoken(*self._where(), self._writer))

    def _patterned(self) -> Arm:
        """The form is taught by the shipped handbook's other facts, never by those that are asked for."""
        self.book.blank()
        asked = {fact.asked for fact in self._facts}
        others = [one for one in given.handbook(wordings_each=PARAPHRASES).facts if one.asked not in asked]
        with (
            tempfile.TemporaryDirectory(prefix="formfact-compare-") as folder,
            corpus(None, self._place.embedder, Path(folder)) as shipped,
        ):
            rows = lessons(shipped.store, shipped.embedder, others[:LESSONS], wordings_each=WORDINGS)
        form = self._taught(rows, FORM)
        return self._found("search+pattern", Patterned(*self._where(), self.book), form)

    def _arm(self, name: str, way: Way, setup: Setup, *, recall: float | None = None) -> Arm:
        found = measure(way, self._facts, self._unanswerable)
        known = knows(self.book, given.known()) if setup.rounds else None
        self._tell("a fact added, corrected, deleted")
        change = given.change()
        if name == "base":
            add = correct = delete = Altered(0.0, False)
            kept = None
        else:
            add = way.alter("add", change)
            kept = measure(way, self._facts, ()).accuracy if recall is not None else None
            correct = way.alter("correct", change)
            # What was never known cannot be forgotten.
            delete = way.alter("delete", change) if add.confirmed or correct.confirmed else Altered(0.0, False)
        return Arm(
            name=name,
            what=ARMS[name],
            **asdict(found),
            setup_seconds=setup.seconds,
            setup_tokens=setup.tokens,
            cost_per_question=cost(found.milliseconds / 1000, self._prices),
            add=add,
            correct=correct,
            delete=delete,
            add_cost=cost(add.seconds, self._prices),
            correct_cost=cost(correct.seconds, self._prices),
            delete_cost=cost(delete.seconds, self._prices),
            recall=recall,
            known=known,
            kept=kept,
            rounds=setup.rounds,
        )


def _silent(word: str) -> None:
    pass
