"""The Store protocol: documents, passages and vectors kept as one truth, searched through one consistent view.

A store is `commit`, `snapshot` and `close`; all reading happens in a Snapshot, so that what a search returns was
true at one moment. `stores/local.py` is the default, `stores/memory.py` the reference that tests compare against.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from formfact import plugins
from formfact.types import Document, EmbedderCard, Listing, Passage, Scalar, Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when last read. `stamp` is its size, times and inode as one string: equal means untouched.

    `digest` is the SHA-256 of its bytes, empty while some of its documents are still to come, or `!` and the reason
    why it was skipped. `root` is the added folder (or the file's own folder), `path` leads from there to the file,
    `address` is the file's resolved path: its identity. `documents` is how many the store has of it; a commit
    does not look at it.
    """

    address: str
    root: str
    path: str
    stamp: str
    digest: str
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What the store knows of one document without its text: enough to see whether it changed."""

    key: int
    address: str
    record: str
    digest: str


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A document ready to be committed. `vectors` has shape (len(passages), dimensions), float32, unit length.

    `digest` covers all that was read of the document; `hashes[i]` the i-th passage's embedded text (context and text).
    """

    address: str
    document: Document
    digest: str
    passages: tuple[Passage, ...]
    hashes: tuple[str, ...]
    vectors: NDArray[np.float32]


KEYS = "keys"
"""Notes of this kind are lists of texts by a passage's hash: what BM25 reads behind the passage's own, and nobody else.
They find the passage, are never shown, and go with the last passage of that hash."""


@dataclass(frozen=True, slots=True)
class Note:
    """A JSON value that the base remembers of a kind and a key, such as a passage's hash; None takes it out.

    Notes are for many small things that can be made again (an audit's questions); nothing in the base needs them.
    Those of the kind KEYS are also read by BM25.
    """

    kind: str
    key: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One transaction: sources noted, documents put (replacing those of the same address and id), documents dropped.

    `drop` and `forget` name documents and sources as they were seen: one that another process has changed since
    stays. A forgotten source takes its documents along. `cards` are JSON values that the base remembers by name
    (what was measured on it and chosen for it); None takes one out.
    """

    sources: tuple[Source, ...] = ()
    put: tuple[Prepared, ...] = ()
    drop: tuple[Entry, ...] = ()
    forget: tuple[Source, ...] = ()
    cards: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit changed, in documents; a put that another process had already written counts as unchanged."""

    generation: int
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents a search may see: all conditions hold. Empty means all.

    `paths` are globs over the document's id, its source, or the path below its root (one of them matches);
    `metadata` maps a key to the value it must have (compared as text).
    """

    paths: tuple[str, ...] = ()
    metadata: Mapping[str, Scalar] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.paths or self.metadata)


def as_text(value: Scalar) -> str:
    """A metadata value as filters compare it: text as it is, numbers and truth values in JSON's spelling."""
    return value if isinstance(value, str) else json.dumps(value)


def globs(path: str) -> tuple[str, ...]:
    """A filter's path as globs; it also names the file or whole folder that is called so. `*` crosses folders."""
    name = glob.escape(path.rstrip("/"))
    literal = (name, f"{name}/*") if name else ()
    return literal if path == name else (path, *literal)


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A question made ready: its text, its unit vector (dimensions,), and how deep each leg looks.

    `words` is what BM25 looks for where that is more than the question itself, as in a dialogue.
    """

    question: str
    vector: NDArray[np.float32]
    depth: int
    within: Filter = Filter()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a leg found, with its true score in both legs, and its rank where a leg's list held it."""

    passage: int
    dense: float
    bm25: float
    dense_rank: int | None
    bm25_rank: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage as the store holds it, with its document; `key` is that document's (see `Snapshot.documents`)."""

    id: int
    key: int
    document: Document
    passage: Passage


class Snapshot(Protocol):
    """One consistent view of the store, from its first reading until `Store.snapshot()` is left.

    Who wants the newest passages found calls `retrieve` first: it brings the shadows up to date, then takes the view.
    Later calls of it stay in that view.
    """

    def retrieve(self, probe: Probe) -> list[Candidate]:
        """The union of both legs' best `depth`, only passages that this view holds, in no stated order."""
        ...

    def read(self, passages: Sequence[int]) -> list[Stored]:
        """Those passages of this view, in the order given; ids that are not there are left out.

        The documents come without `text` and `blocks`: see `documents`.
        """
        ...

    def ids(self) -> list[int]:
        """The ids of all passages, rising."""
        ...

    def documents(self, keys: Sequence[int]) -> Iterator[Document]:
        """Whole documents by the keys that `entries` gives, text and blocks included; gone ones are left out."""
        ...

    def sources(self, under: str = "") -> list[Source]:
        """The sources at or below an address; all for an empty one."""
        ...

    def entries(self, addresses: Sequence[str] | None = None, records: Sequence[str] | None = None) -> list[Entry]:
        """The documents of those sources and of those ids; None is all sources, and all ids."""
        ...

    def listing(self) -> list[Listing]:
        """All documents, by source and id."""
        ...

    def vectors(self, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """The vectors that are already known for those passage hashes: what need not be embedded again."""
        ...

    def rarity(self, terms: Sequence[str]) -> list[float]:
        """BM25's inverse document frequency of each term: ln(1 + (N - n + .5) / (n + .5)); n = 0 is allowed."""
        ...

    def card(self, name: str) -> Any:
        """What the base remembers under a name (see `Batch.cards`); None where there is nothing."""
        ...

    def notes(self, kind: str) -> Mapping[str, Any]:
        """All notes of a kind by their keys (see `Note`)."""
        ...

    def status(self) -> Status:
        """Counts, size and state."""
        ...


class Store(Protocol):
    """Where a knowledge base lives. `embedder` is the card of the model it was made with."""

    embedder: EmbedderCard

    def commit(self, batch: Batch) -> Committed:
        """Carry out a batch, all or nothing. Raises DiskFull, Busy, ReadOnly, Damaged; the store is then as it was."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """A consistent view; several may be open at once, in any threads."""
        ...

    def close(self) -> None:
        """Leave one folder that can be copied. Closing twice is harmless."""
        ...


STORES = {
    "local": "formfact.knowledge.stores.local:open_local",
    "memory": "formfact.knowledge.stores.memory:open_memory",
}
"""The scheme of an address -> the function that opens a store there: (address, embedder card or None, create)."""


def open_store(address: str, *, embedder: EmbedderCard | None, create: bool) -> Store:
    """Open the store at an address: a folder, or `memory:`.

    `embedder` is what a new store will remember, or what an old one is checked against; None asks for what it
    remembers. Raises NotFound where there is none and `create` is false, WrongEmbedder, WrongVersion, Damaged.
    """
    scheme = "memory" if address.startswith("memory:") else "local"
    store: Store = plugins.load(STORES, scheme, what="store")(address, embedder=embedder, create=create)
    return store
