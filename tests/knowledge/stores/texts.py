"""Small batches of made-up documents for the stores' tests, embedded by the toy model."""

from __future__ import annotations

import hashlib
import random

from formfact.knowledge.stores import Batch, Prepared, Probe, Source
from formfact.models.toy import Toy
from formfact.types import Document, Passage, Scalar

TOY = Toy(64)
WORDS = ["harbour", "tide", "lamp", "reset", "valve", "pump", "signal", "report", "crew", "price", "storm", "mast"]


def source(address: str, stamp: str = "1", digest: str = "d") -> Source:
    root, _, path = address.rpartition("/")
    return Source(address, root, path, stamp, digest)


def prepare(address: str, record: str, *texts: str, metadata: dict[str, Scalar] | None = None) -> Prepared:
    """A document whose passages are the given texts, a blank line apart."""
    passages, at = [], 0
    for text in texts:
        passages.append(Passage(at, at + len(text), text, ("Part",), None, "Part"))
        at += len(text) + 2
    embedded = [f"Part\n{text}" for text in texts]
    hashes = tuple(hashlib.sha256(text.encode()).hexdigest() for text in embedded)
    document = Document(record, "", "\n\n".join(texts), metadata=metadata or {})
    digest = hashlib.sha256("\n\n".join(texts).encode()).hexdigest()
    return Prepared(address, document, digest, tuple(passages), hashes, TOY.embed(embedded))


def put(address: str, record: str, *texts: str, metadata: dict[str, Scalar] | None = None) -> Batch:
    return Batch(sources=(source(address),), put=(prepare(address, record, *texts, metadata=metadata),))


def probe(question: str, depth: int = 10, **more: object) -> Probe:
    return Probe(question, TOY.embed([question])[0], depth, **more)  # type: ignore[arg-type]


def made_up(seed: int, words: int = 12) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choices(WORDS, k=words)) + f" number{seed}"
