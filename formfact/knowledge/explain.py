"""Why a named document is not among the hits, in figures and in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from formfact.errors import NotFound
from formfact.knowledge.fuse import Fused, fuse, scale
from formfact.knowledge.read import is_called
from formfact.knowledge.search import make_probe, to_hits
from formfact.knowledge.setting import Looked, look
from formfact.knowledge.stores import Candidate, Filter, Probe, Snapshot, Store
from formfact.models import Embedder
from formfact.types import Loss


def explain(store: Store, embedder: Embedder, question: str, document: str, *, k: int = 10) -> Loss:
    """Where the best passage of a document stands for a question asked of the whole base, and what it lacked.

    `document` is an id, a path as filters take it, or `file.csv:id` for a row of a file. Raises NotFound where the
    base has no such document.
    """
    probe = make_probe(embedder, question, k=k)
    with store.snapshot() as view:
        rivals = look(view, probe)
        own = _own(view, probe, document)
        if not own:
            raise NotFound(f"the knowledge base has no document {document!r}", hint="formfact status --documents")
        return _loss(view, rivals, own, k)


def _own(view: Snapshot, probe: Probe, document: str) -> Sequence[Candidate]:
    own = view.retrieve(replace(probe, within=Filter(paths=(document,))))
    if own:
        return own
    meant = [entry for entry in view.entries() if is_called(entry, document)]
    if not meant:
        return []
    files, keys = {entry.address for entry in meant}, {entry.key for entry in meant}
    every = view.retrieve(replace(probe, depth=view.status().passages, within=Filter(paths=tuple(files))))
    passages = {stored.id for stored in view.read([c.passage for c in every]) if stored.key in keys}
    return [candidate for candidate in every if candidate.passage in passages]


def _loss(view: Snapshot, looked: Looked, own: Sequence[Candidate], k: int) -> Loss:
    # The scale is that of the search itself: the named document is held against the list it had to enter.
    rivals = looked.candidates
    ranges = scale(rivals, weight=looked.weight)
    known = {candidate.passage: candidate for candidate in rivals}
    scores = ranges.scores(own)
    ours = [Fused(known.get(c.passage, _unranked(c)), score) for c, score in zip(own, scores, strict=True)]
    # One that a leg found is in the race; one that neither did may score higher on this scale and still is not.
    best = max(ours, key=lambda fused: (fused.candidate.passage in known, fused.score))
    order = fuse(rivals, weight=looked.weight)
    needed = order[min(k, len(order)) - 1].score
    rank = next((i for i, f in enumerate(order, 1) if f.candidate.passage == best.candidate.passage), None)
    (found,) = to_hits([best], view.read([best.candidate.passage]))
    return Loss(found.hit, rank, needed, _why(best, rank, k, rivals, ranges.weight))


def _unranked(candidate: Candidate) -> Candidate:
    """Its ranks were counted among its own document's passages; in the search's lists it has none."""
    return Candidate(candidate.passage, candidate.dense, candidate.bm25, None, None)


def _why(best: Fused, rank: int | None, k: int, rivals: Sequence[Candidate], weight: float) -> str:
    if rank is not None and rank <= k:
        return f"it did not lose: it is hit {rank}"
    candidate = best.candidate
    dense = _shortfall("meaning", candidate.dense, [c.dense for c in rivals], candidate.dense_rank)
    if candidate.bm25 == 0:
        words = "words: it has none of the question's"
    else:
        words = _shortfall("words", candidate.bm25, [c.bm25 for c in rivals], candidate.bm25_rank)
    place = f"place {rank}" if rank else "in neither list's best"
    return f"{place}; {dense}; {words}; the order is {weight:.0%} meaning and {1 - weight:.0%} words"


def _shortfall(leg: str, score: float, others: Sequence[float], rank: int | None) -> str:
    place = f"rank {rank}" if rank else "not in the list"
    return f"{leg}: {score:.3f} against {max(others):.3f} for the best ({place})"
