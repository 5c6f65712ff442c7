"""What the comparison works on: the user's base or the handbook's, copied so that a change touches no document."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from formfact.errors import Refused
from formfact.knowledge import sync
from formfact.knowledge.search import search
from formfact.knowledge.stores import Store, open_store
from formfact.models import Embedder
from formfact.proof.audit.gather import Held, gather
from formfact.proof.compare.facts import Fact, handbook_documents
from formfact.proof.compare.judge import contains

DEEP = 20
SAMPLE = 256
"""Passages that are embedded once more where the base is there already, to tell what setting it up takes."""
MOST_TOKENS = 9000
"""Of running text that the base is taught: more would not fit the time on two cores, and the report says so."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A base that may be changed, a folder for new documents, and the seconds that setting it up takes.

    `held` are the passages that it began with, `tokens` how many these have (the embedder's, by a sample).
    """

    store: Store
    embedder: Embedder
    news: Path
    setup_seconds: float
    documents: int
    held: Sequence[Held]
    tokens: int
    estimated: bool


@contextmanager
def corpus(store: Store | None, embedder: Embedder, work: Path) -> Iterator[Corpus]:
    """The user's base, copied; without one the handbook's, made anew."""
    place = work / "kb"
    started = time.perf_counter()
    if store is None:
        own = open_store(str(place), embedder=embedder.card, create=True)
        sync.add(own, embedder, [handbook_documents()])
    else:
        copy = getattr(store, "copy", None)
        if copy is None:
            raise Refused("this knowledge base cannot be copied", hint="compare works on a folder's knowledge base")
        copy(place)
        own = open_store(str(place), embedder=None, create=False)
    try:
        seconds = time.perf_counter() - started
        with own.snapshot() as view:
            held, status = gather(view), view.status()
        texts = [one.read for one in held]
        if not texts:
            raise Refused("the knowledge base holds no passage", hint="formfact add FOLDER")
        if store is not None:
            seconds = _embedding(embedder, texts)
        tokens = round(sum(embedder.count(texts[:SAMPLE])) * len(texts) / len(texts[:SAMPLE]))
        news = work / "news"
        news.mkdir()
        yield Corpus(own, embedder, news, seconds, status.documents, held, tokens, store is not None)
    finally:
        own.close()


def _embedding(embedder: Embedder, texts: Sequence[str]) -> float:
    """Seconds that embedding all of them takes, by a sample of them."""
    some = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    started = time.perf_counter()
    embedder.embed(some)
    return (time.perf_counter() - started) * len(texts) / len(some)


def placed(base: Corpus, facts: Sequence[Fact]) -> tuple[list[Fact], int]:
    """The facts whose answer stands in the documents, each with its document; and how many do not."""
    found = [_placed(base, fact) for fact in facts]
    return [one for one in found if one], sum(one is None for one in found)


def _placed(base: Corpus, fact: Fact) -> Fact | None:
    hits = search(base.store, base.embedder, fact.taught[0], k=DEEP)
    hits += search(base.store, base.embedder, fact.asked, k=DEEP)
    for hit in hits:
        if contains(hit.text, fact.answer) and fact.document in ("", hit.document):
            return replace(fact, document=hit.document)
    return None


def running_text(base: Corpus, facts: Sequence[Fact]) -> list[Held]:
    """The passages that a model is taught: those that hold facts first, then others, up to MOST_TOKENS."""

    def useful(one: Held) -> bool:
        return any(fact.document == one.place.document and fact.answer in one.passage.text for fact in facts)

    order = sorted(base.held, key=lambda one: not useful(one))
    chosen, total = [], 0
    for one, tokens in zip(order, base.embedder.count([one.passage.text for one in order]), strict=True):
        if total + tokens <= MOST_TOKENS:
            chosen.append(one)
            total += tokens
    return chosen
