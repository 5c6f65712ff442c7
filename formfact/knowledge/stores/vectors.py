"""Vectors as they are kept: eight bits a dimension with one scale a row, and their signs packed into words.

A unit vector of 384 float32 (1,536 bytes) becomes 384 bytes and a scale, at a cosine of about .9999 to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def quantise(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows of float32 (n, d) -> int8 (n, d) and scales (n,), so that `q * scale` is about the row."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales


def restore(quantised: NDArray[np.int8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """The float32 rows (n, d) that `quantise` kept."""
    rows: NDArray[np.float32] = quantised.astype(np.float32) * scales[:, None]
    return rows


def signs(quantised: NDArray[np.int8]) -> NDArray[np.uint64]:
    """The sign of each dimension, 64 to a word: shape (n, words), the last word padded with zeros."""
    n, dimensions = quantised.shape
    packed = np.packbits(quantised > 0, axis=1)
    padded = np.zeros((n, words(dimensions) * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def words(dimensions: int) -> int:
    """How many 64-bit words hold one sign a dimension."""
    return -(-dimensions // 64)
