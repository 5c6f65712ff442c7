"""What was read last is not read again, and nothing else of an embedder changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formfact import Knowledge
from formfact.models import open_embedder
from formfact.models.recent import Recent
from formfact.types import EmbedderCard

HANDBOOK = Path(__file__).resolve().parents[2] / "examples" / "handbook"


class Counting:
    """The toy embedder, and what it was given to read."""

    def __init__(self) -> None:
        self._toy = open_embedder("toy:")
        self.read: list[str] = []

    @property
    def card(self) -> EmbedderCard:
        return self._toy.card

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._toy.count(texts)

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        self.read += texts
        return self._toy.embed(texts, question=question)


def test_what_it_gives_is_what_the_embedder_gives() -> None:
    plain, recent = open_embedder("toy:"), Recent(open_embedder("toy:"))
    for texts in (["a lamp", "a bell", "a lamp"], ["a bell"], []):
        assert np.array_equal(recent.embed(texts), plain.embed(texts))
    assert recent.card == plain.card
    assert recent.count(["a lamp"]) == plain.count(["a lamp"])


def test_a_text_is_read_once_and_a_question_each_time() -> None:
    model = Counting()
    recent = Recent(model)
    recent.embed(["a lamp", "a bell"])
    recent.embed(["a bell", "a gong"])
    assert model.read == ["a lamp", "a bell", "a gong"]
    recent.embed(["a lamp"], question=True)
    assert model.read[3:] == ["a lamp"]


def test_what_was_not_read_for_longest_is_forgotten() -> None:
    model = Counting()
    recent = Recent(model, most=2)
    recent.embed(["a lamp", "a bell"])
    recent.embed(["a lamp"])
    recent.embed(["a gong"])
    recent.embed(["a lamp", "a bell"])
    assert model.read == ["a lamp", "a bell", "a gong", "a bell"]


def test_a_base_reads_a_sentence_once_however_often_it_is_asked() -> None:
    model = Counting()
    with Knowledge("memory:", embedder=model) as kb:
        kb.add(HANDBOOK)
        first = kb.ask("How long is the soft reset key held?")
        model.read.clear()
        again = kb.ask("How long is the soft reset key held?")
        assert model.read == ["How long is the soft reset key held?"]
    assert (first.answer, first.confidence) == (again.answer, again.confidence)
