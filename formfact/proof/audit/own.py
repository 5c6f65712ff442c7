"""The user's own questions: a file of JSON lines, asked as any other question, judged by document and answer.

A line is `{"question": ..., "document": ..., "answer": ...}`; one of the last two is enough to judge by. Found is a
question whose hit stands in the document and holds the answer verbatim, as far as these are given. Lists of them, as
`"documents"` and `"answers"`, are alternatives: any one will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    documents: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    absent: bool = False

    @property
    def judged(self) -> bool:
        """Whether there is anything to judge by."""
        return bool(self.documents or self.answers)

    def fits(self, document: str, source: str, text: str) -> bool:
        """Whether a passage answers."""
        here = any(one in (document, source) or source.endswith(f"/{one}") for one in self.documents)
        return (here or not self.documents) and (not self.answers or self.said_in(text) != "")

    def said_in(self, text: str) -> str:
        """The first of the answers that a text holds; "" for none."""
        held = flat(text)
        return next((one for one in self.answers if flat(one) in held), "")

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
    question = row.get("question") if isinstance(row, dict) else None
    if not isinstance(question, str) or not question.strip():
        raise Unreadable(f"{place}: not of the form {SHAPE}", hint="`question` is a text, the others too or left out")
    documents, answers = (_texts(row, name, place) for name in ("document", "answer"))
    there = row.get("answerable", True)
    if not isinstance(there, bool):
        raise Unreadable(f"{place}: `answerable` is true or false", hint="leave it out where a document answers")
    return Wanted(question.strip(), documents, answers) if there else Wanted(question.strip(), absent=True)


def _texts(row: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    """What a row names once, or as a list by the name's plural."""
    given = [row.get(name) or "", *(several if isinstance(several := row.get(f"{name}s") or [], list) else [several])]
    if not all(isinstance(one, str) for one in given):
        raise Unreadable(f"{place}: not of the form {SHAPE}", hint=f"`{name}` is a text, `{name}s` a list of texts")
    return tuple(dict.fromkeys(one.strip() for one in given if one.strip()))


def ask_own(store: Store, embedder: Embedder, wanted: Sequence[Wanted], held: Sequence[Held]) -> Own:
    """Ask them all. A question with neither document nor answer cannot be judged and is only counted."""
    judged = [one for one in wanted if one.judged]
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
    told = one.question, "; ".join(one.documents), "; ".join(one.answers)
    for found in hits:
        hit = found.hit
        if one.fits(hit.document, hit.source, hit.text):
            place = Place(hit.document, hit.source, hit.start, hit.end)
            share = overlap(one.question, terms(f"{found.stored.passage.context}\n{hit.text}"))
            return OwnQuestion(*told, place, hit.rank, share)
    there = one.among(held)
    if there is None:
        return OwnQuestion(*told, None, None, 0.0)
    return OwnQuestion(*told, there.place, None, overlap(one.question, terms(there.read)))
