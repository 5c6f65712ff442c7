"""Questions put to a base as `ask` weighs them, with their part of the base in it or left out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.abstain import Evidence
from formfact.knowledge.answer import HITS, Weighed, weigh
from formfact.knowledge.search import make_probe
from formfact.knowledge.stores import Store
from formfact.models import Embedder
from formfact.proof.calibrate.asked import Parts, Question, answers
from formfact.proof.calibrate.without import Without
from formfact.types import EmbedderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Put:
    """A question, the evidence that was found for it, and whether its answer was there to be found."""

    question: Question
    evidence: Evidence
    answerable: bool


class Recalling:
    """An embedder that computes a text once: the same sentences are candidates for many questions."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self._known: dict[tuple[str, bool], NDArray[np.float32]] = {}

    @property
    def card(self) -> EmbedderCard:
        return self._model.card

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._model.count(texts)

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if (text, question) not in self._known))
        if new:
            vectors = self._model.embed(new, question=question)
            self._known |= {(text, question): vector for text, vector in zip(new, vectors, strict=True)}
        found = [self._known[text, question] for text in texts]
        return np.array(found, np.float32).reshape(len(found), self.card.dimensions)


def put(
    store: Store, embedder: Embedder, asked: Sequence[Question], parts: Parts, *, told: Callable[[int], None]
) -> list[Put]:
    """Each question as it is, and each answerable one once more without its part of the base or its passage.

    What another part answers too is asked once only: it says nothing of an absent answer.
    """
    recalling = Recalling(embedder)
    found: list[Put] = []
    for done, one in enumerate(asked):
        told(done)
        probe = make_probe(recalling, one.text, k=HITS)
        with store.snapshot() as view:
            found.append(Put(one, weigh(view, recalling, probe).evidence, not one.absent))
            gone = parts.gone(one)
            if not one.absent and 0 < len(gone) < parts.passages:
                left = weigh(Without(view, gone, passages=parts.passages), recalling, probe)
                if not _elsewhere(one, left):
                    found.append(Put(one, left.evidence, answerable=False))
    return found


def _elsewhere(question: Question, left: Weighed) -> bool:
    return any(answers(question, hit.hit.text) for hit in left.found)
