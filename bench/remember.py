"""The bundled embedder with a memory on disk: a text is embedded once in all runs of all scripts."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from table import KEPT

from formfact.models import Embedder, open_embedder
from formfact.types import EmbedderCard

AT_ONCE = 256


class Remembering:
    """An embedder that asks another one only for texts it has not seen."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self._mutex = threading.Lock()
        self.embedded = 0
        KEPT.mkdir(exist_ok=True)
        file = KEPT / f"vectors-{model.card.digest[:16]}.sqlite"
        self._kept = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=60)
        self._kept.execute("PRAGMA journal_mode = WAL")
        self._kept.execute("PRAGMA synchronous = NORMAL")
        self._kept.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB)")

    @property
    def card(self) -> EmbedderCard:
        return self._model.card

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._model.count(texts)

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        keys = [hashlib.sha256(f"{question:d}{text}".encode()).digest()[:16] for text in texts]
        with self._mutex:
            known = self._known(keys)
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            for start in range(0, len(new), AT_ONCE):
                part = list(new)[start : start + AT_ONCE]
                vectors = self._model.embed([new[key] for key in part], question=question)
                fresh = {key: vector.tobytes() for key, vector in zip(part, vectors, strict=True)}
                self._kept.execute("BEGIN IMMEDIATE")
                self._kept.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", fresh.items())
                self._kept.execute("COMMIT")
                known |= fresh
                self.embedded += len(fresh)
        rows = b"".join(known[key] for key in keys)
        return np.frombuffer(rows, np.float32).reshape(len(keys), self.card.dimensions).copy()

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            marks = ",".join("?" * len(part))
            found.update(self._kept.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", part))
        return found


def open_remembering() -> Remembering:
    """The bundled model, remembered."""
    return Remembering(open_embedder())
