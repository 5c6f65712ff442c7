"""A view of a base from which some passages are taken out: what a question would meet if they had never been added."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from formfact.knowledge.stores import Candidate, Entry, Probe, Snapshot, Source, Stored
from formfact.knowledge.words import terms
from formfact.types import Document, Listing, Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Without:
    """A Snapshot that finds and counts all passages but those in `gone`, ids with the texts that search reads.

    Ranks and the rarity of terms are those of the rest. The BM25 scores of what is found are still weighed by the whole
    base, which a small part of it hardly moves. What is read by key is left as it is.
    """

    def __init__(self, view: Snapshot, gone: Mapping[int, str], *, passages: int) -> None:
        self._view, self._gone, self._passages = view, gone, passages
        self._held = Counter(term for text in gone.values() for term in set(terms(text)))

    def retrieve(self, probe: Probe) -> list[Candidate]:
        deep = replace(probe, depth=probe.depth + len(self._gone))
        found = [one for one in self._view.retrieve(deep) if one.passage not in self._gone]
        near = _ranks({one.passage: one.dense_rank for one in found}, probe.depth)
        said = _ranks({one.passage: one.bm25_rank for one in found}, probe.depth)
        return [
            replace(one, dense_rank=near.get(one.passage), bm25_rank=said.get(one.passage))
            for one in found
            if one.passage in near or one.passage in said
        ]

    def rarity(self, terms: Sequence[str]) -> list[float]:
        left = self._passages - len(self._gone)
        found = []
        for term, weight in zip(terms, self._view.rarity(terms), strict=True):
            # ln(1 + (N - n + .5) / (n + .5)) = ln((N + 1) / (n + .5)), solved for n.
            count = round((self._passages + 1) / math.exp(weight) - 0.5) - self._held[term]
            found.append(math.log((left + 1) / (max(count, 0) + 0.5)))
        return found

    def ids(self) -> list[int]:
        return [one for one in self._view.ids() if one not in self._gone]

    def read(self, passages: Sequence[int]) -> list[Stored]:
        return self._view.read(passages)

    def documents(self, keys: Sequence[int]) -> Iterator[Document]:
        return self._view.documents(keys)

    def sources(self, under: str = "") -> list[Source]:
        return self._view.sources(under)

    def entries(self, addresses: Sequence[str] | None = None, records: Sequence[str] | None = None) -> list[Entry]:
        return self._view.entries(addresses, records)

    def listing(self) -> list[Listing]:
        return self._view.listing()

    def vectors(self, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        return self._view.vectors(hashes)

    def card(self, name: str) -> Any:
        return self._view.card(name)

    def notes(self, kind: str) -> Mapping[str, Any]:
        return self._view.notes(kind)

    def status(self) -> Status:
        return self._view.status()


def _ranks(ranks: Mapping[int, int | None], depth: int) -> dict[int, int]:
    """The first `depth` of those that have a rank, counted anew from 1."""
    ranked = sorted((rank, passage) for passage, rank in ranks.items() if rank is not None)
    return {passage: at for at, (_, passage) in enumerate(ranked[:depth], 1)}
