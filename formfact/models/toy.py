"""A deterministic embedder for tests: hashed words, no model file, no meaning beyond shared words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from formfact.errors import Refused
from formfact.types import EmbedderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD = re.compile(r"\w+|[^\w\s]")
MOST = 4096
"""Dimensions; what is more is a slip of the keyboard."""


class Toy:
    """Each word is a fixed random direction; a text is the normalised sum of its words' directions."""

    def __init__(self, dimensions: int = 64, window: int = 256) -> None:
        self._card = EmbedderCard(f"toy:{dimensions}", "toy", dimensions, window, f"toy-{dimensions}-{window}")

    @property
    def card(self) -> EmbedderCard:
        return self._card

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(WORD.findall(text)) for text in texts]

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self._card.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = WORD.findall(text.lower())
            if len(words) + 2 > self._card.window:
                raise Refused(
                    f"a text of {len(words)} tokens does not fit the window of {self._card.window}",
                    hint="split it into passages first",
                )
            for word in words or [""]:
                row += _direction(word, self._card.dimensions)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return rows


@lru_cache(maxsize=65536)
def _direction(word: str, dimensions: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)


def open_toy(address: str) -> Toy:
    """`toy:DIMENSIONS`, 64 where none are given. Raises Refused for what is no number from 1 to MOST."""
    dimensions = address.partition(":")[2] or "64"
    if not re.fullmatch(r"0*[1-9][0-9]{0,3}", dimensions) or int(dimensions) > MOST:
        raise Refused(f"{address!r} names no number of dimensions", hint=f"write toy:64, or another one up to {MOST}")
    return Toy(int(dimensions))
