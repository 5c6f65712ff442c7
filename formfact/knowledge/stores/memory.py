"""The reference store: everything in memory, every passage scored exactly. Small bases, and tests to compare with."""

from __future__ import annotations

import fnmatch
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from formfact.errors import NotFound, WrongEmbedder
from formfact.knowledge.stores import (
    KEYS,
    Batch,
    Candidate,
    Committed,
    Entry,
    Filter,
    Note,
    Prepared,
    Probe,
    Source,
    Stored,
    as_text,
    bm25,
    globs,
)
from formfact.knowledge.stores.vectors import quantise, restore
from formfact.knowledge.words import question_terms, terms
from formfact.types import Document, EmbedderCard, Listing, Passage, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    key: int
    source: Source
    digest: str
    document: Document


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    key: int
    passage: Passage
    hash: str
    vector: NDArray[np.float32]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """One generation; a commit makes the next from copies, so that views keep what they saw."""

    generation: int = 1
    sources: Mapping[str, Source] = field(default_factory=dict)
    documents: Mapping[int, _Kept] = field(default_factory=dict)
    passages: Mapping[int, _Row] = field(default_factory=dict)
    cards: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], Any] = field(default_factory=dict)


class Memory:
    """See `formfact.knowledge.stores.Store`."""

    def __init__(self, embedder: EmbedderCard) -> None:
        self.embedder = embedder
        self._state = _State()
        self._keys = iter(range(1, 1 << 60))
        self._mutex = threading.Lock()

    def commit(self, batch: Batch) -> Committed:
        with self._mutex:
            change = _Change(self._state, self._keys)
            done = change.run(batch)
            self._state = change.state()
            return done

    @contextmanager
    def snapshot(self) -> Iterator[_View]:
        yield _View(self._state, self.embedder)

    def close(self) -> None:
        """Nothing is kept."""


class _Change:
    def __init__(self, state: _State, keys: Iterator[int]) -> None:
        self.sources, self.documents = dict(state.sources), dict(state.documents)
        self.passages, self.keys = dict(state.passages), keys
        self.cards, self.notes = state.cards, state.notes
        self.generation = state.generation + 1

    def state(self) -> _State:
        return _State(self.generation, self.sources, self.documents, self.passages, self.cards, self.notes)

    def run(self, batch: Batch) -> Committed:
        for source in batch.sources:
            old = self.sources.get(source.address)
            self.sources[source.address] = replace(source, root=old.root, path=old.path) if old else source
        outcomes = [self._put(prepared) for prepared in batch.put]
        removed = sum(self._drop(entry) for entry in batch.drop)
        removed += sum(self._forget(source) for source in batch.forget)
        self.cards = {name: value for name, value in {**self.cards, **batch.cards}.items() if value is not None}
        self._write_down(batch.notes)
        counts = {outcome: outcomes.count(outcome) for outcome in ("added", "updated", "unchanged")}
        return Committed(self.generation, **counts, removed=removed)

    def _write_down(self, notes: Sequence[Note]) -> None:
        noted = {**self.notes, **{(note.kind, note.key): note.value for note in notes}}
        held = {row.hash for row in self.passages.values()}
        self.notes = {
            (kind, key): value
            for (kind, key), value in noted.items()
            if value is not None and (kind != KEYS or key in held)
        }
        changed = {note.key for note in notes if note.kind == KEYS}
        for i, row in self.passages.items():
            if row.hash in changed:
                self.passages[i] = replace(row, terms=self._terms(row.passage, row.hash))

    def _terms(self, passage: Passage, digest: str) -> tuple[str, ...]:
        """What BM25 reads of a passage: context, text and keys."""
        parts = (passage.context, passage.text, *self.notes.get((KEYS, digest), ()))
        return tuple(terms("\n".join(part for part in parts if part)))

    def _put(self, prepared: Prepared) -> str:
        document, source = prepared.document, self.sources[prepared.address]
        old = [
            k for k, d in self.documents.items() if d.source.address == source.address and d.document.id == document.id
        ]
        if old and self.documents[old[0]].digest == prepared.digest:
            return "unchanged"
        for key in old:
            self._delete(key)
        key = next(self.keys)
        self.documents[key] = _Kept(key, source, prepared.digest, replace(document, source=source.address))
        vectors = restore(*quantise(prepared.vectors))
        for passage, digest, vector in zip(prepared.passages, prepared.hashes, vectors, strict=True):
            self.passages[next(self.keys)] = _Row(key, passage, digest, vector, self._terms(passage, digest))
        return "updated" if old else "added"

    def _drop(self, entry: Entry) -> int:
        if entry.key in self.documents and self.documents[entry.key].digest == entry.digest:
            self._delete(entry.key)
            return 1
        return 0

    def _forget(self, source: Source) -> int:
        known = self.sources.get(source.address)
        if known is None or known.stamp != source.stamp:
            return 0
        gone = [key for key, kept in self.documents.items() if kept.source.address == source.address]
        for key in gone:
            self._delete(key)
        del self.sources[source.address]
        return len(gone)

    def _delete(self, key: int) -> None:
        del self.documents[key]
        self.passages = {i: row for i, row in self.passages.items() if row.key != key}


class _View:
    """See `formfact.knowledge.stores.Snapshot`."""

    def __init__(self, state: _State, embedder: EmbedderCard) -> None:
        self._state, self._embedder = state, embedder

    def retrieve(self, probe: Probe) -> list[Candidate]:
        visible = {i: row for i, row in self._state.passages.items() if self._lets_through(probe.within, row)}
        vector, asked = restore(*quantise(probe.vector[None]))[0], question_terms(probe.words or probe.question)
        rarities = dict(zip(asked, self.rarity(asked), strict=True))
        average = self._average_length()
        dense = {i: float(row.vector @ vector) for i, row in visible.items()}
        words = {
            i: bm25.score(asked, row.terms, rarities=rarities, average_length=average) for i, row in visible.items()
        }
        nearest = _ranks(dense, probe.depth)
        best = _ranks({i: score for i, score in words.items() if score > 0}, probe.depth)
        return [
            Candidate(i, dense[i], words[i], nearest.get(i), best.get(i)) for i in sorted(nearest.keys() | best.keys())
        ]

    def _lets_through(self, within: Filter, row: _Row) -> bool:
        kept = self._state.documents[row.key]
        names = (kept.document.id, kept.source.path, kept.source.address)
        wanted = [glob for path in within.paths for glob in globs(path)]
        if within.paths and not any(fnmatch.fnmatchcase(name, glob) for name in names for glob in wanted):
            return False
        found = {key: as_text(value) for key, value in kept.document.metadata.items()}
        return all(found.get(key) == as_text(value) for key, value in within.metadata.items())

    def _average_length(self) -> float:
        rows = self._state.passages.values()
        return sum(len(row.terms) for row in rows) / max(len(rows), 1)

    def read(self, passages: Sequence[int]) -> list[Stored]:
        found = []
        for i in passages:
            row = self._state.passages.get(i)
            if row:
                document = self._state.documents[row.key].document
                found.append(Stored(i, row.key, replace(document, text="", blocks=(), pages=()), row.passage))
        return found

    def ids(self) -> list[int]:
        return sorted(self._state.passages)

    def documents(self, keys: Sequence[int]) -> Iterator[Document]:
        return (self._state.documents[key].document for key in keys if key in self._state.documents)

    def sources(self, under: str = "") -> list[Source]:
        below = f"{under.rstrip('/')}/"
        counts = Counter(kept.source.address for kept in self._state.documents.values())
        found = [s for a, s in sorted(self._state.sources.items()) if not under or a == under or a.startswith(below)]
        return [replace(source, documents=counts[source.address]) for source in found]

    def entries(self, addresses: Sequence[str] | None = None, records: Sequence[str] | None = None) -> list[Entry]:
        return [
            Entry(kept.key, kept.source.address, kept.document.id, kept.digest)
            for kept in self._state.documents.values()
            if (addresses is None or kept.source.address in addresses)
            and (records is None or kept.document.id in records)
        ]

    def listing(self) -> list[Listing]:
        counts = Counter(row.key for row in self._state.passages.values())
        kept = sorted(self._state.documents.values(), key=lambda kept: (kept.source.address, kept.key))
        documents = [(one.document, counts[one.key]) for one in kept]
        return [Listing(d.id, d.source, d.title, d.format, count) for d, count in documents]

    def vectors(self, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        wanted = set(hashes)
        return {row.hash: row.vector for row in self._state.passages.values() if row.hash in wanted}

    def rarity(self, terms: Sequence[str]) -> list[float]:
        rows = [set(row.terms) for row in self._state.passages.values()]
        return [bm25.rarity(len(rows), sum(term in row for row in rows)) for term in terms]

    def card(self, name: str) -> Any:
        return self._state.cards.get(name)

    def notes(self, kind: str) -> Mapping[str, Any]:
        return {key: value for (name, key), value in self._state.notes.items() if name == kind}

    def status(self) -> Status:
        state, card = self._state, self._embedder
        read = sum(not source.digest.startswith("!") for source in state.sources.values())
        return Status(
            address="memory:",
            documents=len(state.documents),
            passages=len(state.passages),
            sources=read,
            generation=state.generation,
            embedder=card.address,
            dimensions=card.dimensions,
            bytes=0,
            journal="memory",
            version=1,
            writable=True,
        )


def _ranks(scores: Mapping[int, float], depth: int) -> dict[int, int]:
    best = sorted(scores, key=lambda i: (-scores[i], i))[:depth]
    return {i: rank for rank, i in enumerate(best, 1)}


_OPEN: dict[str, Memory] = {}


def open_memory(address: str, *, embedder: EmbedderCard | None, create: bool) -> Memory:
    """`memory:` is a new store each time, `memory:NAME` one that lives as long as the process."""
    store = _OPEN.get(address)
    if store is None:
        if not create or embedder is None:
            raise NotFound(f"there is no knowledge base at {address}", hint="add documents to make one")
        store = Memory(embedder)
        if address != "memory:":
            _OPEN[address] = store
    if embedder is not None and embedder.digest != store.embedder.digest:
        raise WrongEmbedder(f"{address} was made with the embedder {store.embedder.address}", hint="use that one")
    return store
