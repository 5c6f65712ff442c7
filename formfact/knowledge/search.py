"""Question in, hits out: both legs, fused, and a second round where it is wanted, read from one view of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formfact.errors import Refused
from formfact.knowledge.fuse import Fused, fuse
from formfact.knowledge.hops import FROM, TAKEN, Bridge, Led, Read, bridges, leads_to, merge, strongest, wanted
from formfact.knowledge.prepare import embedded_text
from formfact.knowledge.reread import Reread, reread
from formfact.knowledge.setting import DEPTH, look
from formfact.knowledge.stores import Candidate, Filter, Probe, Snapshot, Store, Stored
from formfact.models import Embedder, Reader
from formfact.types import Hit, Scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_QUESTION = 20_000
"""Characters. A question is read whole, whatever the embedder's window; beyond this it is no question."""
MOST_HITS = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with what the store knows of it."""

    hit: Hit
    stored: Stored


@dataclass(frozen=True, slots=True)
class First:
    """What both legs found, the candidates in order, what a reader said of them, and the share of meaning."""

    candidates: Sequence[Candidate]
    again: Reread
    weight: float


@dataclass(frozen=True, slots=True)
class Second:
    """Both rounds in one order, what led to each passage by its id, and the probe of each bridge."""

    order: tuple[Fused, ...]
    led: Mapping[int, Led]
    probes: Mapping[Bridge, Probe]


def search(
    store: Store,
    embedder: Embedder,
    question: str,
    *,
    k: int = 10,
    within: Filter | None = None,
    reader: Reader | None = None,
    hops: int | None = None,
) -> list[Hit]:
    """The `k` best passages for a question, best first; fewer where the filter lets fewer through.

    A `reader` reads the first of them; a reranker orders them anew. With two `hops` what the first passages name is
    searched for as well: see `Hit.via`. Raises Refused for an empty or overlong question, for k outside 1 to MOST_HITS
    and for hops other than 1 and 2, ModelError where the reader fails.
    """
    rounds = check_hops(hops)
    probe = make_probe(embedder, question, k=k, within=within)
    with store.snapshot() as view:
        first = first_round(view, probe, reader=reader)
        both = second_round(view, embedder, probe, first) if rounds == 2 else first.again
        return [found.hit for found in read_hits(view, both.order[:k])]


def check_hops(hops: int | None) -> int:
    """How many rounds a search has: one where nothing is said. Raises Refused."""
    if hops is None:
        return 1
    if hops not in (1, 2):
        raise Refused(f"hops is {hops}; it can be 1 or 2", hint="2 also searches for what the first passages name")
    return hops


def make_probe(embedder: Embedder, question: str, *, k: int, within: Filter | None = None) -> Probe:
    """The question checked and embedded; each leg looks DEPTH deep, deeper where more hits are wanted."""
    asked = question.strip()
    if not asked:
        raise Refused("the question is empty", hint='ask something: formfact search "how do I reset it?"')
    if len(asked) > LONGEST_QUESTION:
        raise Refused(
            f"the question has {len(asked):,} characters; at most {LONGEST_QUESTION:,} are read",
            hint="ask for one thing, or add the text as a document",
        )
    if not 1 <= k <= MOST_HITS:
        raise Refused(f"k is {k:,}; it can be 1 to {MOST_HITS:,}", hint="ask for 10, or filter by path or metadata")
    asked = asked.encode("utf-8", "replace").decode()  # lone surrogates from a broken terminal
    return Probe(asked, embed_question(embedder, asked), max(DEPTH, k), within or Filter())


def embed_question(embedder: Embedder, question: str) -> NDArray[np.float32]:
    """The question's unit vector, shape (dimensions,). One longer than the window is the mean of its parts."""
    try:
        vector: NDArray[np.float32] = embedder.embed([question], question=True)[0]
        return vector
    except Refused:  # which costs a short question nothing, as counting its tokens first would
        window = embedder.card.window - 2
    mean: NDArray[np.float32] = embedder.embed(_parts(embedder, question, window), question=True).mean(axis=0)
    mean /= max(float(np.linalg.norm(mean)), 1e-12)
    return mean


def _embed_questions(embedder: Embedder, questions: Sequence[str]) -> NDArray[np.float32]:
    """Their unit vectors in one call, shape (len(questions), dimensions); one by one where one is too long."""
    try:
        return embedder.embed(questions, question=True)
    except Refused:
        return np.stack([embed_question(embedder, one) for one in questions])


def _parts(embedder: Embedder, text: str, window: int) -> list[str]:
    """The text halved, at a space where there is one, until every part fits."""
    if len(text) < 2 or embedder.count([text])[0] <= window:
        return [text]
    middle = len(text) // 2
    space = text.find(" ", middle)
    cut = space if 0 < space < len(text) - 1 else middle
    return [*_parts(embedder, text[:cut], window), *_parts(embedder, text[cut:], window)]


def search_view(view: Snapshot, probe: Probe, *, k: int, weight: float | None = None) -> list[Found]:
    """The `k` best of one view, best first; `weight` is the share of meaning (None: as the base is set)."""
    return read_hits(view, first_round(view, probe, weight=weight).again.order[:k])


def first_round(view: Snapshot, probe: Probe, *, weight: float | None = None, reader: Reader | None = None) -> First:
    """Both legs' candidates in one order, as the base is set; a `reader` reads the first. Raises ModelError."""
    looked = look(view, probe)
    share = looked.weight if weight is None else weight
    fused = fuse(looked.candidates, weight=share)
    again = reread(view, reader, probe.question, fused) if reader else Reread(tuple(fused), {})
    return First(looked.candidates, again, share)


def second_round(view: Snapshot, embedder: Embedder, probe: Probe, first: First) -> Second:
    """A first round's order, and what the bridges in its best passages lead to, in one order.

    All is read in the view of the first round; the probes are embedded in one call.
    """
    order = first.again.order
    best = {one.candidate.passage: one.score for one in order[:FROM]}
    read = [Read(one.id, one.document.title, one.passage.text, best[one.id]) for one in view.read(list(best))]
    terms = wanted(probe.question, read)
    follow = bridges(probe.question, read, dict(zip(terms, view.rarity(terms), strict=True)))
    if not follow:
        return Second(order, {}, {})
    vectors = _embed_questions(embedder, [bridge.probe for bridge in follow])
    probes = {
        bridge: Probe(bridge.probe, vector, DEPTH, probe.within) for bridge, vector in zip(follow, vectors, strict=True)
    }
    led = strongest(one for bridge, asked in probes.items() for one in _led(view, bridge, asked, first.weight))
    return Second(tuple(merge(order, led)), led, probes)


def _led(view: Snapshot, bridge: Bridge, probe: Probe, weight: float) -> Iterator[Led]:
    """What one bridge leads to: of the best hits of its probe those that hold it."""
    hits = {one.candidate.passage: one for one in fuse(view.retrieve(probe), weight=weight)[:TAKEN]}
    for one in view.read([passage for passage in hits if passage != bridge.passage]):
        entitled = leads_to(bridge, title=one.document.title, text=embedded_text(one.passage))
        if entitled is not None:
            yield Led(bridge, hits[one.id], entitled)


def read_hits(view: Snapshot, best: Sequence[Fused]) -> list[Found]:
    """Candidates as hits, in their order, read from the view."""
    return to_hits(best, view.read([one.candidate.passage for one in best]))


def to_hits(best: Sequence[Fused], stored: Sequence[Stored]) -> list[Found]:
    """Fused candidates and what the store read of them -> hits, ranked from 1; what was not read is left out."""
    known = {one.id: one for one in stored}
    pairs = [(fused, known[fused.candidate.passage]) for fused in best if fused.candidate.passage in known]
    return [Found(_hit(rank, fused, one), one) for rank, (fused, one) in enumerate(pairs, 1)]


def _hit(rank: int, fused: Fused, stored: Stored) -> Hit:
    document, passage, candidate = stored.document, stored.passage, fused.candidate
    searched = fused.score if fused.searched is None else fused.searched
    ranks = candidate.dense_rank, candidate.bm25_rank
    return Hit(
        rank=rank,
        score=fused.score,
        document=document.id,
        source=document.source,
        title=document.title,
        headings=passage.headings,
        page=passage.page,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        metadata=document.metadata,
        scores=Scores(candidate.dense, candidate.bm25, *ranks, searched, fused.relevance),
        passage=stored.id,
        via=fused.via,
    )
