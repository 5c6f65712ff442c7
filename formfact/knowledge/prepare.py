"""A document -> passages, content hashes and the list of texts that still need a vector."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.documents import chunk
from formfact.knowledge.stores import Prepared
from formfact.knowledge.walk import READING
from formfact.models import Embedder
from formfact.types import Document, Passage

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cut:
    """A document cut into passages; `hashes[i]` names what is embedded of the i-th: its context and text."""

    address: str
    document: Document
    digest: str
    passages: tuple[Passage, ...]
    hashes: tuple[str, ...]


def digest_of(document: Document) -> str:
    """SHA-256 over all that a reader gave: when it is equal, the document need not be touched."""
    structure = [
        READING, document.title, document.format, document.pages, sorted(document.metadata.items()),
        [(b.kind, b.start, b.end, b.level) for b in document.blocks],
    ]  # fmt: skip
    found = hashlib.sha256(json.dumps(structure, ensure_ascii=False, default=str).encode())
    found.update(document.text.encode())
    return found.hexdigest()


def embedded_text(passage: Passage) -> str:
    """What the embedder and BM25 read of a passage."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


def hash_of(passage: Passage) -> str:
    """SHA-256 of what is embedded: equal passages of different documents have one hash."""
    return hashlib.sha256(embedded_text(passage).encode()).hexdigest()


def cut(address: str, document: Document, digest: str, embedder: Embedder) -> Cut:
    """Cut a document so that every passage fits the embedder's window with its context."""
    passages = chunk.split(document, count=embedder.count, window=embedder.card.window)
    return Cut(address, document, digest, passages, tuple(map(hash_of, passages)))


def missing(cuts: Sequence[Cut], known: Mapping[str, NDArray[np.float32]]) -> dict[str, str]:
    """Hash -> text of what must be embedded, each text once."""
    return {
        digest: embedded_text(passage)
        for cut in cuts
        for digest, passage in zip(cut.hashes, cut.passages, strict=True)
        if digest not in known
    }


def complete(cut: Cut, vectors: Mapping[str, NDArray[np.float32]], dimensions: int) -> Prepared:
    """The cut with its vectors, ready to be committed."""
    rows = [vectors[digest] for digest in cut.hashes]
    matrix = np.stack(rows) if rows else np.zeros((0, dimensions), np.float32)
    return Prepared(cut.address, cut.document, cut.digest, cut.passages, cut.hashes, matrix)
