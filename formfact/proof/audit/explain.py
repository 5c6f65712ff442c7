"""Lost passages -> each with its reason: the search that lost it is done once more and looked into."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from formfact.knowledge.abstain import named
from formfact.knowledge.fuse import fuse
from formfact.knowledge.search import Found, to_hits
from formfact.knowledge.setting import look
from formfact.knowledge.stores import Candidate, Probe, Snapshot, Store
from formfact.models import Embedder
from formfact.proof.audit.ask import DEEPEST, LOST_BEYOND, probes_of
from formfact.proof.audit.gather import Held
from formfact.proof.audit.lost import Trace, reason
from formfact.proof.audit.twins import LIKE, likeness, runs
from formfact.proof.findings import Asked, Lost

COMMON = 3
"""Documents that a line must stand in to be boilerplate."""
SHORT_LINE = 20
"""Characters below which lines are alike by chance."""
SCRAP = 2.5
"""Letters a token below which a word was torn into scraps."""


def explain(
    store: Store, embedder: Embedder, held: Sequence[Held], asked: Mapping[str, Sequence[Asked]]
) -> tuple[Lost, ...]:
    """All lost passages among those that were asked for, in the order of the base."""
    gone = [one for one in held if one.digest in asked and is_lost(asked[one.digest])]
    if not gone:
        return ()
    common = common_lines(held)
    nearest = [_nearest(asked[one.digest]) for one in gone]
    probes = iter(probes_of(embedder, [one.question for one in nearest if one]))
    found = []
    with store.snapshot() as view:
        for one, question in zip(gone, nearest, strict=True):
            look = _look(view, next(probes), one) if question else _Look(None, ())
            found.append(_lost(one, question, look, common, embedder))
    return tuple(found)


def is_lost(asked: Sequence[Asked]) -> bool:
    """Whether none of its questions brings it among the best LOST_BEYOND."""
    return not any(one.rank is not None and one.rank <= LOST_BEYOND for one in asked)


def _nearest(asked: Sequence[Asked]) -> Asked | None:
    return min(asked, key=lambda one: one.rank or DEEPEST + 1, default=None)


@dataclass(frozen=True, slots=True)
class _Look:
    """The search that lost a passage: the passage's own candidate, and the hits above it."""

    own: Candidate | None
    above: tuple[Found, ...]


def _look(view: Snapshot, probe: Probe, one: Held) -> _Look:
    looked = look(view, probe)
    candidates = looked.candidates
    best = fuse(candidates, weight=looked.weight)[:LOST_BEYOND]
    hits = to_hits(best, view.read([fused.candidate.passage for fused in best]))
    own = next((candidate for candidate in candidates if candidate.passage == one.id), None)
    return _Look(own, tuple(hits))


def _lost(one: Held, question: Asked | None, look: _Look, common: frozenset[int], embedder: Embedder) -> Lost:
    mine = runs(one.passage.text)
    trace = Trace(
        text=one.passage.text,
        context=one.passage.context,
        question=question.question if question else "",
        looked=len(look.above),
        alike=sum(likeness(mine, runs(found.hit.text)) >= LIKE for found in look.above),
        siblings=sum(
            (found.hit.document, found.hit.source) == (one.place.document, one.place.source) for found in look.above
        ),
        repeated=repeated(one.passage.text, common),
        dense_rank=look.own.dense_rank if look.own else None,
        bm25_rank=look.own.bm25_rank if look.own else None,
        unknown=unknown(question.question, embedder) if question else 0.0,
    )
    why = reason(trace)
    above = dict.fromkeys(found.hit.document for found in look.above)
    return Lost(
        one.place, one.passage.headings, one.passage.page, one.passage.text, why.name, why.why, why.help,
        trace.question, question.rank if question else None, tuple(above),
    )  # fmt: skip


def unknown(question: str, embedder: Embedder) -> float:
    """The share of a question's terms that the embedder's tokenizer tears into scraps."""
    terms = [term for term in named(question) if len(term) > 3]
    if not terms:
        return 0.0
    return sum(
        len(term) / max(count, 1) < SCRAP for term, count in zip(terms, embedder.count(terms), strict=True)
    ) / len(terms)


def common_lines(held: Sequence[Held]) -> frozenset[int]:
    """Lines that stand in at least COMMON documents, each as a number."""
    documents: dict[int, set[int]] = defaultdict(set)
    names: dict[str, int] = {}
    for one in held:
        number = names.setdefault(f"{one.place.source}\n{one.place.document}", len(names))
        for line, _ in _lines(one.passage.text):
            if len(documents[line]) < COMMON:
                documents[line].add(number)
    return frozenset(line for line, found in documents.items() if len(found) >= COMMON)


def repeated(text: str, common: frozenset[int]) -> float:
    """The share of a text's characters that stand in common lines."""
    return sum(length for line, length in _lines(text) if line in common) / max(len(text), 1)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """A number and the length of each line that is long enough to tell."""
    for line in text.splitlines():
        said = " ".join(line.lower().split())
        if len(said) >= SHORT_LINE:
            yield zlib.crc32(said.encode()), len(line)
