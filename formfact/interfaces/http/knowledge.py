"""The verbs of `Knowledge` over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from formfact.interfaces import wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.patterns import check_unlimited
from formfact.interfaces.http.routes import Call, Event, Events, Json, Nothing, Route, always
from formfact.interfaces.http.schema import Within
from formfact.knowledge.search import LONGEST_QUESTION, MOST_HITS
from formfact.models import Writer
from formfact.types import Answer, Claim, Scalar

Question = Annotated[str, Within(1, LONGEST_QUESTION), re.compile(r"\S")]
Paths = Annotated[tuple[str, ...], Within(most=100), "globs over documents and sources; one of them has to match"]
Hops = Annotated[int, Within(1, 2), "2: what the first passages name is searched for as well"]
Metadata = Annotated[Mapping[str, Scalar], Within(most=100), "what a document's metadata must hold"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, and which documents may answer it: `paths` are globs, `metadata` must hold.

    Where the server has a writer it says the answer in words, unless `writer` is false; a `pattern` gives it a form,
    and a `schema` makes it JSON.
    """

    question: Question
    paths: Paths = ()
    metadata: Metadata = field(default_factory=dict)
    writer: bool = True
    pattern: str = ""
    schema: Mapping[str, Any] | None = None
    strict: bool = True
    stream: bool = False
    hops: Hops = 1


@dataclass(frozen=True, slots=True)
class Search:
    """A question and how many hits; `explain` adds both scores and ranks of each."""

    question: Question
    k: Annotated[int, Within(1, MOST_HITS)] = 10
    paths: Paths = ()
    metadata: Metadata = field(default_factory=dict)
    explain: bool = False
    hops: Hops = 1


@dataclass(frozen=True, slots=True)
class State:
    """`documents` adds the list of them."""

    documents: bool = False


@dataclass(frozen=True, slots=True)
class Explain:
    """Why `document` is not among the `k` best for a question."""

    question: Question
    document: str
    k: Annotated[int, Within(1, MOST_HITS)] = 10


def search(call: Call, asked: Search) -> Json:
    started = time.perf_counter()
    found = call.knowledge.search(asked.question, asked.k, paths=asked.paths, metadata=asked.metadata, hops=asked.hops)
    return wire.hits(asked.question, found, (time.perf_counter() - started) * 1000, explained=asked.explain)


def ask(call: Call, asked: Ask) -> Json | Events:
    writer = call.desk.writer if asked.writer and not asked.pattern else None
    if asked.stream and writer and asked.schema is None:
        told = call.knowledge.ask_stream(
            asked.question, writer, paths=asked.paths, metadata=asked.metadata, strict=asked.strict, hops=asked.hops
        )
        return Events(sentences(call, told))
    given = wire.answer(call.desk.places.answer(_answer(call, asked, writer)))
    return Events(quoted(given)) if asked.stream else given


def _answer(call: Call, asked: Ask, writer: Writer | None) -> Answer:
    kb = call.knowledge
    if not asked.pattern:
        return kb.ask(
            asked.question, paths=asked.paths, metadata=asked.metadata, writer=writer, schema=asked.schema,
            strict=asked.strict, hops=asked.hops,
        )  # fmt: skip
    check_unlimited(call)
    with call.desk.patterns.ready(asked.pattern) as pattern:
        return kb.ask(
            asked.question, paths=asked.paths, metadata=asked.metadata, pattern=pattern, schema=asked.schema,
            strict=asked.strict, hops=asked.hops,
        )  # fmt: skip


def without_writer(call: Call, *, wanted: bool) -> bool:
    """Whether no writer will put an answer in words, told without opening one; `wanted` is the client's wish."""
    return not (wanted and call.desk.settings.writer)


def without_models(call: Call, asked: Ask) -> bool:
    """Whether quotes alone will answer."""
    return not asked.pattern and without_writer(call, wanted=asked.writer)


def quoted(given: Json) -> Iterator[Event]:
    """Each quote as it is, then the whole answer."""
    yield from (Event("quote", quote) for quote in given["quotes"])
    yield Event("answer", given)


def sentences(call: Call, told: Iterator[Claim | Answer]) -> Iterator[Event]:
    """Each sentence as soon as it is checked, then the whole answer, which may be another one (`fallback`)."""
    for one in told:
        if isinstance(one, Answer):
            yield Event("answer", wire.answer(call.desk.places.answer(one)))
        else:
            yield Event("claim", wire.claim(one))


def explain(call: Call, asked: Explain) -> Json:
    return wire.loss(call.knowledge.explain(asked.question, asked.document, k=asked.k))


def status(call: Call, asked: State) -> Json:
    return wire.status(call.knowledge.status(), call.knowledge.documents() if asked.documents else None)


def bases(call: Call, asked: Nothing) -> Json:
    return {"bases": call.desk.names(call.grant), "default": call.desk.default}


NEAREST = "the passages that are nearest to a question"

ROUTES = [
    Route("GET", "/bases", bases, "the knowledge bases that are served", gives=shape.BASES, about_kb=False),
    Route("GET", "/status", status, "what the knowledge base holds", State, shape.STATUS),
    Route("GET", "/search", search, NEAREST, Search, shape.HITS, computes=always),
    Route("POST", "/search", search, NEAREST, Search, shape.HITS, computes=always),
    Route(
        "POST", "/ask", ask, "verbatim quotes that answer a question, or that there are none", Ask, shape.ANSWER,
        slow=True, computes=without_models,
    ),
    Route(
        "POST", "/explain", explain, "why a document is not among the hits", Explain, shape.LOSS, computes=always
    ),
]  # fmt: skip
