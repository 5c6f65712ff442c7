"""The questions of every passage: made once, kept in the base by the passage's hash, read by whoever measures or tunes.

They are notes of the store (see `formfact.knowledge.stores.Note`): a copy of the folder has them, a changed passage has
another hash and so none, and a base without them is only slower to audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formfact.knowledge.abstain import named
from formfact.knowledge.sentences import sentences
from formfact.knowledge.stores import Note, Snapshot
from formfact.knowledge.words import terms
from formfact.proof.makers import Maker
from formfact.proof.overlap import overlap

KIND = "questions"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the part of its passage that answers it, verbatim; `overlap` as in `formfact.proof.overlap`."""

    text: str
    evidence: str
    overlap: float


def ask(maker: Maker, texts: Sequence[str]) -> list[tuple[Question, ...]]:
    """The maker's questions for passages as search reads them, each with its evidence."""
    return [
        tuple(_question(text, question) for question in questions)
        for text, questions in zip(texts, maker.questions(texts), strict=True)
    ]


def kept(view: Snapshot, maker: Maker | None = None) -> dict[str, tuple[Question, ...]]:
    """The questions that the base remembers, by passage hash; of one maker alone where it is given."""
    notes: Mapping[str, Any] = view.notes(KIND)
    return {
        digest: tuple(Question(*row) for row in note["questions"])
        for digest, note in notes.items()
        if maker is None or note["maker"] == maker.name
    }


def note(digest: str, maker: Maker, questions: Sequence[Question]) -> Note:
    """Questions as the store keeps them."""
    rows = [[one.text, one.evidence, round(one.overlap, 4)] for one in questions]
    return Note(KIND, digest, {"maker": maker.name, "questions": rows})


def _question(text: str, question: str) -> Question:
    return Question(question, evidence(text, question), overlap(question, terms(text)))


def evidence(text: str, question: str) -> str:
    """The sentence, row or line of a passage that shares the most terms with the question."""
    asked = set(named(question))
    found = [text[start:end] for line in _lines(text) for start, end in sentences(text, *line)]
    return max(found, key=lambda part: (len(asked.intersection(terms(part))), -len(part)), default=text.strip())


def _lines(text: str) -> list[tuple[int, int]]:
    """Rows and paragraphs: a line that ends with a full stop or stands between bars is one by itself."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        joined = spans and "|" not in line and not text[spans[-1][0] : spans[-1][1]].rstrip().endswith((".", "|", ":"))
        if joined and line.strip() and "|" not in text[slice(*spans[-1])]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        start = end
    return spans
