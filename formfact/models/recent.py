"""An embedder that remembers the texts it read last: questions that follow one another read the same sentences."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
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
        self._most = most
        self._vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._mutex = Lock()

    @property
    def card(self) -> EmbedderCard:
        return self._embedder.card

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.count(texts)

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        if question or not texts:
            return self._embedder.embed(texts, question=question)
        keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        known = self._known(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            # A view of one row would keep the whole matrix.
            known |= {key: row.copy() for key, row in zip(new, self._embedder.embed(list(new.values())), strict=True)}
            self._remember({key: known[key] for key in new})
        return np.stack([known[key] for key in keys])

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        with self._mutex:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in found:
                self._vectors.move_to_end(key)
            return found

    def _remember(self, new: dict[bytes, NDArray[np.float32]]) -> None:
        with self._mutex:
            self._vectors |= new
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
