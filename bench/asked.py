"""Bases made of texts on the spot, and questions put to them: what fit_confidence.py and answers.py share."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from remember import Remembering

from formfact.knowledge.abstain import Evidence
from formfact.knowledge.answer import HITS, Weighed, weigh
from formfact.knowledge.search import make_probe
from formfact.knowledge.stores import Snapshot
from formfact.proof.evaluate import temporary_base


@contextmanager
def base_of(texts: Mapping[str, str], embedder: Remembering) -> Iterator[Snapshot]:
    """A base that holds each text as a document of that id."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        with corpus.open("w", encoding="utf-8") as out:
            for name, text in texts.items():
                out.write(json.dumps({"_id": name, "text": text}, ensure_ascii=False) + "\n")
        with temporary_base(corpus, embedder) as store, store.snapshot() as view:
            yield view


def put(view: Snapshot, embedder: Remembering, questions: Sequence[str]) -> list[Weighed]:
    """What `ask` would weigh for each question, before it decides whether to abstain."""
    return [weigh(view, embedder, make_probe(embedder, question, k=HITS)) for question in questions]


def evidence(view: Snapshot, embedder: Remembering, questions: Sequence[str]) -> list[Evidence]:
    """The evidence alone."""
    return [one.evidence for one in put(view, embedder, questions)]


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The chance that a right one scores above a wrong one, ties counting half (Mann-Whitney)."""
    ranked = sorted([(score, 1) for score in right] + [(score, 0) for score in wrong])
    total = start = 0.0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[int(end)][0] == ranked[int(start)][0]:
            end += 1
        rank = (start + end + 1) / 2
        total += rank * sum(kind for _, kind in ranked[int(start) : int(end)])
        start = end
    return (total - len(right) * (len(right) + 1) / 2) / (len(right) * len(wrong))
