"""How well search finds what people judged relevant: five sets, one fixed weight, and what other weights would do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from remember import Remembering, open_remembering
from table import data, markdown, show

from formfact.knowledge.fuse import DENSE_WEIGHT, fuse
from formfact.knowledge.search import make_probe
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Candidate, Snapshot
from formfact.proof.evaluate import DEEPEST, Figures, count, evaluate, temporary_base
from formfact.proof.judged import CORPUS, read_judged

TARGETS = {"cranfield": 0.41, "musique_100": 0.66, "hotpotqa_100": 0.825, "cosqa_dev": 0.57, "scifact_train": None}
WEIGHTS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
RRF = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""

Order = Callable[[Sequence[Candidate]], list[int]]


def weighted(candidates: Sequence[Candidate], weight: float) -> list[int]:
    """Passages in the order of search, at some weight."""
    return [fused.candidate.passage for fused in fuse(candidates, weight=weight)]


def reciprocal(candidates: Sequence[Candidate]) -> list[int]:
    """Passages in the order of reciprocal rank fusion."""

    def score(candidate: Candidate) -> float:
        ranks = (candidate.dense_rank, candidate.bm25_rank)
        return sum(1 / (RRF + rank) for rank in ranks if rank is not None)

    return [c.passage for c in sorted(candidates, key=lambda c: (-score(c), c.passage))]


ORDERS: Mapping[str, Order] = {
    "BM25 alone": partial(weighted, weight=0.0),
    **{f"weight of meaning {weight}": partial(weighted, weight=weight) for weight in WEIGHTS},
    "meaning alone": partial(weighted, weight=1.0),
    "reciprocal ranks": reciprocal,
}


def ranks(view: Snapshot, embedder: Remembering, question: str) -> dict[str, list[str]]:
    """Document ids for one question in every order, by the rule of `formfact.proof.evaluate.rank`, asked once."""
    probe = make_probe(embedder, question, k=DEPTH)
    documents: dict[str, dict[str, None]] = {name: {} for name in ORDERS}
    while True:
        candidates = view.retrieve(probe)
        owner = {one.id: one.document.id for one in view.read([c.passage for c in candidates])}
        for name, order in ORDERS.items():
            documents[name] |= dict.fromkeys(owner[passage] for passage in order(candidates))
        if min(map(len, documents.values())) >= DEEPEST or len(candidates) < probe.depth:
            return {name: list(found)[:DEEPEST] for name, found in documents.items()}
        probe = replace(probe, depth=4 * probe.depth)


def sweep(name: str, embedder: Remembering) -> dict[str, Figures]:
    """All orders on one set, over one base."""
    folder = data("retrieval", name)
    judged = read_judged(folder)
    with temporary_base(folder / CORPUS, embedder) as store, store.snapshot() as view:
        found = [ranks(view, embedder, question.text) for question in judged]
    return {order: count(judged, [one[order] for one in found]) for order in ORDERS}


def main() -> None:
    """Print both tables."""
    data("retrieval")
    embedder = open_remembering()
    rows, started = [], time.perf_counter()
    for name, target in TARGETS.items():
        found = evaluate(data("retrieval", name), embedder=embedder)
        aim = f"{target:.3f}" if target else ""
        rows.append((
            name, found.queries, found.documents, found.passages, f"**{found.ndcg_10:.3f}**", aim,
            f"{found.recall_5:.3f}", f"{found.recall_20:.3f}", f"{found.recall_100:.3f}", f"{found.mrr_10:.3f}",
        ))  # fmt: skip
    names = ("set", "questions", "documents", "passages", "nDCG@10", "target", "recall@5", "@20", "@100", "MRR@10")
    show("retrieval", markdown(names, rows) + f"\n\nOne weight for all: {DENSE_WEIGHT} for meaning.")
    swept = {name: sweep(name, embedder) for name in TARGETS}
    rows = [
        (order, *(f"{swept[name][order].ndcg_10:.3f} / {swept[name][order].recall_20:.3f}" for name in TARGETS))
        for order in ORDERS
    ]
    show("weights", markdown(("nDCG@10 / recall@20", *TARGETS), rows))
    print(f"{time.perf_counter() - started:.0f} s, {embedder.embedded:,} texts embedded")


if __name__ == "__main__":
    main()
