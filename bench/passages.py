"""How long a passage should be, and what its context is for: judged sets and gold spans, many cuts, one search.

Each set is cut at several targets. Title and headings are given to meaning and words, to one of them, or to none.
The dense leg is exact here; the words are the store's own index. `formfact.knowledge.documents.chunk.TARGET` was
chosen from these tables.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from remember import Remembering, open_remembering
from table import data, markdown, show

from formfact.knowledge import documents
from formfact.knowledge.documents import chunk
from formfact.knowledge.fuse import fuse
from formfact.knowledge.search import embed_question
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Candidate
from formfact.knowledge.stores.local import lexical
from formfact.knowledge.words import question_terms
from formfact.proof.evaluate import count
from formfact.proof.judged import CORPUS, read_judged
from formfact.types import Document, Passage

SETS = ("cranfield", "musique_100", "hotpotqa_100", "cosqa_dev", "scifact_train")
TARGETS = (64, 96, 128, 192, 256)
USES = {"both": (True, True), "meaning": (True, False), "words": (False, True), "neither": (False, False)}
"""Who reads the context -> whether it is given to the dense leg, and to BM25."""
BUDGET = 1000
"""Tokens of a reader's context, filled from the best passage down."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage and its document."""

    document: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a document that answer a question."""

    document: str
    start: int
    end: int


class Searched:
    """Passages of one cut, searched with the context where it is wanted."""

    def __init__(self, pieces: Sequence[Piece], embedder: Remembering, folder: Path) -> None:
        self.pieces, self.embedder = pieces, embedder
        self.vectors = {use: embedder.embed([_text(p.passage, use) for p in pieces]) for use in (True, False)}
        self.words = {use: self._index(folder / str(use), use) for use in (True, False)}

    def _index(self, folder: Path, use: bool) -> lexical.Lexical:
        entries = (lexical.Entry(i, _text(piece.passage, use)) for i, piece in enumerate(self.pieces, 1))
        lexical.redraw(folder, (1, ""), entries)
        opened = lexical.open_lexical(folder)
        assert opened is not None
        return opened

    def ask(self, question: str, use: tuple[bool, bool]) -> list[Piece]:
        """All candidates of both legs in the order of search."""
        return [self.pieces[fused.candidate.passage - 1] for fused in fuse(self.candidates(question, use))]

    def candidates(self, question: str, use: tuple[bool, bool] = (True, True)) -> list[Candidate]:
        """What both legs find, by rising number of the piece from 1."""
        cosines = self.vectors[use[0]] @ embed_question(self.embedder, question)
        asked, index = question_terms(question), self.words[use[1]]
        near = {int(at) + 1: rank for rank, at in enumerate(np.argsort(-cosines, kind="stable")[:DEPTH], 1)}
        best = dict(index.best(asked, DEPTH))
        ranks = {one: rank for rank, one in enumerate(best, 1)}
        scores = dict(index.scores(asked, [one for one in near if one not in best])) | best
        return [
            Candidate(one, float(cosines[one - 1]), scores.get(one, 0.0), near.get(one), ranks.get(one))
            for one in sorted({*near, *ranks})
        ]


def _text(passage: Passage, use: bool) -> str:
    return f"{passage.context}\n{passage.text}" if use and passage.context else passage.text


def cut(found: Sequence[Document], embedder: Remembering, target: int) -> list[Piece]:
    """The passages of documents at some target."""
    window = embedder.card.window
    return [
        Piece(document.id, passage)
        for document in found
        for passage in chunk.split(document, count=embedder.count, window=window, target=target)
    ]


def read(*files: Path) -> list[Document]:
    """The documents of files."""
    found: list[Document] = []
    for path in files:
        with path.open("rb") as file:
            found += (one for one in documents.read(file, path.name) if isinstance(one, Document))
    return found


def judged_rows(name: str, embedder: Remembering) -> Iterator[tuple[object, ...]]:
    """nDCG@10 and recall@20 of one judged set at every target and use."""
    folder = data("retrieval", name)
    questions, found = read_judged(folder), read(folder / CORPUS)
    for target in TARGETS:
        pieces = cut(found, embedder, target)
        with tempfile.TemporaryDirectory() as place:
            searched = Searched(pieces, embedder, Path(place))
            cells = []
            for use in USES.values():
                ranked = [list(dict.fromkeys(p.document for p in searched.ask(q.text, use))) for q in questions]
                figures = count(questions, ranked)
                cells.append(f"{figures.ndcg_10:.3f} / {figures.recall_20:.3f}")
        yield name, target, len(pieces), *cells


def gold() -> Iterator[tuple[str, list[Span]]]:
    """Questions and their spans in the five texts."""
    csv.field_size_limit(sys.maxsize)
    with (data("chunking") / "questions_df.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            spans = json.loads(row["references"])
            name = f"{row['corpus_id']}.md"
            yield row["question"], [Span(name, span["start_index"], span["end_index"]) for span in spans]


def share(pieces: Sequence[Piece], spans: Sequence[Span]) -> float:
    """How much of the gold spans' characters the passages hold."""
    held: dict[str, set[int]] = {}
    for piece in pieces:
        held.setdefault(piece.document, set()).update(range(piece.passage.start, piece.passage.end))
    wanted = [held.get(span.document, set()).intersection(range(span.start, span.end)) for span in spans]
    return sum(map(len, wanted)) / sum(span.end - span.start for span in spans)


def within(pieces: Sequence[Piece], costs: Mapping[str, int]) -> list[Piece]:
    """The best passages that fit the budget."""
    taken, used = [], 0
    for piece in pieces:
        used += costs[piece.passage.text]
        if used > BUDGET:
            break
        taken.append(piece)
    return taken


def span_rows(embedder: Remembering) -> Iterator[tuple[object, ...]]:
    """The share of gold found, for each target and the two uses that matter here."""
    found = read(*sorted((data("chunking") / "corpora").glob("*.md")))
    questions = list(gold())
    for target in TARGETS:
        pieces = cut(found, embedder, target)
        texts = [piece.passage.text for piece in pieces]
        costs = dict(zip(texts, embedder.count(texts), strict=True))
        with tempfile.TemporaryDirectory() as place:
            searched = Searched(pieces, embedder, Path(place))
            for use in ("both", "neither"):
                shares: list[list[float]] = []
                for question, spans in questions:
                    order = searched.ask(question, USES[use])
                    parts = (order[:1], order[:5], order[:10], within(order, costs))
                    shares.append([share(part, spans) for part in parts])
                means: NDArray[np.float64] = np.array(shares).mean(axis=0)
                yield target, use, len(pieces), round(fmean(costs.values())), *(f"{mean:.3f}" for mean in means)


def main() -> None:
    """Print both tables."""
    data("retrieval")
    embedder = open_remembering()
    names = ("target", "context for", "passages", "mean tokens", "@1", "@5", "@10", f"in {BUDGET:,} tokens")
    show("spans", "Share of the gold spans' characters found\n\n" + markdown(names, list(span_rows(embedder))))
    rows = []
    for name in SETS:
        for row in judged_rows(name, embedder):
            rows.append(row)
            print(*row, flush=True, file=sys.stderr)
    names = ("set", "target", "passages", *(f"context for {use}" for use in USES))
    show("passages", "nDCG@10 / recall@20\n\n" + markdown(names, rows))


if __name__ == "__main__":
    main()
