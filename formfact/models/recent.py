"""An embedder that remembers the texts it read last: questions that follow one another read the same sentences."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from formfact.models import Embedder
from formfact.types import EmbedderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

REMEMBERED = 8192
"""Texts: 12 MB of vectors with 384 dimensions."""


class Recent:
    """Vectors of passages' texts are kept, by a hash, of questions not. Safe to use from several threads."""

    def __init__(self, embedder: Embedder, *, most: int = REMEMBERED) -> None:
        self._embedder = embedder
        # One block from the first: thousands of small ones, made and freed by many threads, would leave holes.
        # Written to at once, or it would be lent page by page and look like a leak.
        self._rows = np.full((most, embedder.card.dimensions), np.nan, np.float32)
        self._places: OrderedDict[bytes, int] = OrderedDict()
        self._mutex = Lock()

    @property
    def card(self) -> EmbedderCard:
        return self._embedder.card

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count(texts)

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        if question:
            return self._embedder.embed(texts, question=True)
        keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        found = np.empty((len(texts), self._rows.shape[1]), np.float32)
        known = self._recall(keys, found)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            rows = dict(zip(new, self._embedder.embed(list(new.values())), strict=True))
            for at, key in enumerate(keys):
                if key in rows:
                    found[at] = rows[key]
            self._remember(rows)
        return found

    def _recall(self, keys: Sequence[bytes], found: NDArray[np.float32]) -> set[bytes]:
        """Fill in the rows of what is known, and say what that is."""
        with self._mutex:
            for at, key in enumerate(keys):
                if key in self._places:
                    self._places.move_to_end(key)
                    found[at] = self._rows[self._places[key]]
            return self._places.keys() & set(keys)

    def _remember(self, rows: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep vectors, in the places of those that were not read for longest."""
        with self._mutex:
            for key, row in rows.items():
                if key not in self._places:
                    full = len(self._places) == len(self._rows)
                    self._places[key] = self._places.popitem(last=False)[1] if full else len(self._places)
                self._rows[self._places[key]] = row
