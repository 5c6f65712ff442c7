"""The user's own questions: a file of JSON lines, asked as any other question, judged by document and answer.

A line is `{"question": ..., "document": ..., "answer": ...}`; one of the last two is enough to judge by. Found is a
question whose hit stands in the document and holds the answer verbatim, as far as these are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused, Unreadable
from formfact.knowledge.search import Found, search_view
from formfact.knowledge.stores import Store
from formfact.knowledge.words import terms
from formfact.models import Embedder
from formfact.proof.audit.ask import DEEPEST, flat, probes_of
from formfact.proof.audit.gather import Held
from formfact.proof.audit.rates import Observed, findability
from formfact.proof.findings import Own, OwnQuestion, Place
from formfact.proof.jsonl import read_lines
from formfact.proof.overlap import overlap

SHAPE = '{"question": "...", "document": "a/path.md", "answer": "words of the document"}'


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of the file; `absent` says that no document answers, which nobody but who calibrates looks at."""

    question: str
    document: str
    answer: str
    absent: bool = False

    def fits(self, document: str, source: str, text: str) -> bool:
        """Whether a passage answers."""
        here = not self.document or self.document in (document, source) or source.endswith(f"/{self.document}")
        return here and flat(self.answer) in flat(text)

    def among(self, held: Sequence[Held]) -> Held | None:
        """The first passage that answers."""
        return next((one for one in held if self.fits(one.place.document, one.place.source, one.passage.text)), None)


def read_own(file: Path) -> tuple[Wanted, ...]:
    """The file's questions. Raises NotFound, Unreadable for a line of another shape, Refused for an empty file."""
    if not file.is_file():
        raise NotFound(f"there is no file {file}", hint=f"each line of it is {SHAPE}")
    found = tuple(_wanted(row, place) for place, row in read_lines(file, SHAPE))
    if not found:
        raise Refused(f"{file} holds no question", hint=f"each line of it is {SHAPE}")
    return found


def _wanted(row: Any, place: str) -> Wanted:
    values = [row.get(name) or "" for name in ("question", "document", "answer")] if isinstance(row, dict) else [""]
    if not all(isinstance(value, str) for value in values) or not values[0].strip():
        raise Unreadable(f"{place}: not of the form {SHAPE}", hint="`question` is a text, the others too or left out")
    there = row.get("answerable", True)
    if not isinstance(there, bool):
        raise Unreadable(f"{place}: `answerable` is true or false", hint="leave it out where a document answers")
    question, document, answer = (value.strip() for value in values)
    return Wanted(question, document, answer) if there else Wanted(question, "", "", absent=True)


def ask_own(store: Store, embedder: Embedder, wanted: Sequence[Wanted], held: Sequence[Held]) -> Own:
    """Ask them all. A question with neither document nor answer cannot be judged and is only counted."""
    judged = [one for one in wanted if one.document or one.answer]
    probes = probes_of(embedder, [one.question for one in judged])
    asked = []
    with store.snapshot() as view:
        for one, probe in zip(judged, probes, strict=True):
            asked.append(_asked(one, search_view(view, probe, k=DEEPEST), held))
    observed = [Observed("", (one.rank,)) for one in asked if one.place is not None]
    return Own(
        asked=len(asked),
        unjudged=len(wanted) - len(judged),
        findability=findability(observed),
        questions=tuple(asked),
    )


def _asked(one: Wanted, hits: Sequence[Found], held: Sequence[Held]) -> OwnQuestion:
    for found in hits:
        hit = found.hit
        if one.fits(hit.document, hit.source, hit.text):
            place = Place(hit.document, hit.source, hit.start, hit.end)
            share = overlap(one.question, terms(f"{found.stored.passage.context}\n{hit.text}"))
            return OwnQuestion(one.question, one.document, one.answer, place, hit.rank, share)
    there = one.among(held)
    if there is None:
        return OwnQuestion(one.question, one.document, one.answer, None, None, 0.0)
    return OwnQuestion(
        one.question, one.document, one.answer, there.place, None, overlap(one.question, terms(there.read))
    )
