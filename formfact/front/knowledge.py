"""`Knowledge` as the user sees it: the verbs of the knowledge wing over one open store and its embedder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from formfact import plugins
from formfact.errors import NotFound, Refused
from formfact.front.copies import copy
from formfact.front.embedders import embed_anew, exchange, reopened
from formfact.front.opened import Opened
from formfact.front.proven import Proven
from formfact.knowledge import abstain, explain, search, sync, walk
from formfact.knowledge.history import History, checked_name
from formfact.knowledge.read import original, read, shared
from formfact.knowledge.setting import tuned
from formfact.knowledge.stores import Filter, Store, open_store
from formfact.models import Embedder, Reader, Writer, open_embedder
from formfact.types import (
    AddReport,
    Answer,
    Claim,
    DialogueListing,
    Document,
    Hit,
    Listing,
    Loss,
    Progress,
    Scalar,
    Status,
    Turn,
)

if TYPE_CHECKING:
    from formfact.front.dialogue import Dialogue
    from formfact.front.pattern import Pattern
    from formfact.knowledge.answer import Gathered

LATER = {
    "gather": "formfact.knowledge.answer:gather",
    "say": "formfact.front.saying:say",
    "stream": "formfact.front.saying:stream",
    "dialogue": "formfact.front.dialogue:Dialogue",
}
"""Verbs whose rooms are imported when they are first asked for: every other command starts the sooner."""


class Knowledge(Proven):
    """A knowledge base at an address: a folder, or `memory:` for one that ends with the process.

    It is made by its first `add` and remembers its embedder; opening it with another is an error (WrongEmbedder).
    `embedder` is an address as in `formfact.models.open_embedder`, or an Embedder of your own.
    With `local_paths=False` the paths of questions and removals name what the base holds and are never looked up on
    this machine, which is what a server needs whose clients are elsewhere.
    Safe to use from several threads. Use it as a context manager, or `close` it: a closed one is a folder to copy.
    """

    def __init__(
        self,
        address: str | Path = "./.formfact",
        *,
        embedder: str | Embedder | None = None,
        local_paths: bool = True,
    ) -> None:
        home = str(address).startswith("~")
        self.address = str(Path(address).expanduser()) if home else str(address)
        self._wanted = open_embedder(embedder) if isinstance(embedder, str) else embedder
        self._local_paths = local_paths
        self._store: Store | None = None
        self._embedder: Embedder | None = None
        self._models = Opened()
        self._history: History | None = None
        self._mutex = threading.RLock()

    def __repr__(self) -> str:
        return f"Knowledge({self.address!r})"

    def add(
        self,
        *paths: str | Path,
        limit: int | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Make the base agree with files and folders: new, changed and vanished documents. Raises NotFound.

        `limit`: files of more bytes are skipped; Refused below 1. `progress` is called several times a second from this
        thread.
        """
        if limit is not None and limit < 1:
            raise Refused(f"a limit of {limit} bytes lets no file in", hint="give the most bytes that a file may have")
        roots = [walk.check_path(path) for path in paths]  # before a base is made for nothing
        store, embedder = self._open(create=True)
        return sync.add(store, embedder, roots, leave_out=[Path(self.address)], limit=limit, progress=progress)

    def remove(self, what: str | Path) -> int:
        """Take out a file's, a folder's or one id's documents; returns how many. `file.csv:id` is one row of a file.

        Raises NotFound, and Refused for an empty name and for one that documents of several files have.
        """
        return sync.remove(self._open()[0], str(what), here=self._local_paths)

    def search(
        self,
        question: str,
        k: int = 10,
        *,
        paths: str | Sequence[str] = (),
        metadata: Mapping[str, Scalar] | None = None,
        reader: str | Reader | None = None,
        hops: int | None = None,
    ) -> list[Hit]:
        """The `k` best passages, best first. `paths` are globs, `metadata` key-value pairs that must hold.

        A `reader` (an address as in `formfact.models.open_reader`, or one) reads the first; a reranker orders them.
        With two `hops` what they name is searched for as well (`Hit.via`).
        """
        (store, embedder), read, within = self._open(), self._models.reader(reader), self._within(paths, metadata)
        return search.search(store, embedder, question, k=k, within=within, reader=read, hops=hops)

    def explain(self, question: str, document: str, *, k: int = 10) -> Loss:
        """Why a document is not among the `k` best for a question. Raises NotFound."""
        store, embedder = self._open()
        return explain.explain(store, embedder, question, document, k=k)

    def ask(
        self,
        question: str,
        *,
        paths: str | Sequence[str] = (),
        metadata: Mapping[str, Scalar] | None = None,
        writer: str | Writer | None = None,
        pattern: str | Path | Pattern | None = None,
        schema: Mapping[str, Any] | None = None,
        strict: bool = True,
        reader: str | Reader | None = None,
        hops: int | None = None,
    ) -> Answer:
        """Verbatim quotes that answer, each checked against its source, or `abstained`.

        A `writer` (an address as in `formfact.open_writer`, or a Writer) says it in words, each sentence with its
        citations; a `pattern` gives it a form (`schema` for one that needs one; alone it is filled with quotes where it
        can be). Both are checked against the quotes; without `strict` what they do not hold is flagged and kept. A
        `reader` as in `search` also gives `Answer.short`, two `hops` quotes of several documents. Raises Refused,
        MissingExtra; what else goes wrong with a model is told in `Answer.fallback`.
        """
        store, embedder = self._models.opened(self._open)
        # A model that cannot be opened is told before anything is searched.
        form = None if pattern is None else self._models.pattern(pattern, writer)
        words = None if form or writer is None else self._models.writer(writer)
        read = self._models.reader(reader)
        found = self._gather(store, embedder, question, within=self._within(paths, metadata), reader=read, hops=hops)
        if not (form or words) and schema is None:
            return found.answer
        said: Answer = plugins.load(LATER, "say", what="verb")(found, store, form, words, schema=schema, strict=strict)
        return said

    def ask_stream(
        self,
        question: str,
        writer: str | Writer,
        *,
        paths: str | Sequence[str] = (),
        metadata: Mapping[str, Scalar] | None = None,
        strict: bool = True,
        hops: int | None = None,
    ) -> Iterator[Claim | Answer]:
        """The sentences of `ask(question, writer=...)`, each as soon as it is checked, and the Answer behind them.

        An Answer with a `fallback` takes the place of what was before it. Close the iterator to stop the writer.
        """
        store, embedder = self._models.opened(self._open)
        words = self._models.writer(writer)
        found = self._gather(store, embedder, question, within=self._within(paths, metadata), hops=hops)
        said: Iterator[Claim | Answer] = plugins.load(LATER, "stream", what="verb")(found, store, words, strict=strict)
        return said

    def chat(
        self,
        name: str = "",
        *,
        turns: Sequence[Turn] = (),
        writer: str | Writer | None = None,
        strict: bool = True,
    ) -> Dialogue:
        """A dialogue: `say` understands each question in the context of those before it.

        One with a `name` is kept and goes on where it stopped; one without goes on from `turns`. A `writer` rewrites
        follow-up questions and says the answers in words, checked as in `ask`. Raises NotFound where there is no base
        yet.
        """
        words = None if writer is None else self._models.writer(writer)
        opened, named = partial(self._models.opened, self._open), checked_name(name)
        begun: Dialogue = plugins.load(LATER, "dialogue", what="verb")(
            opened, self._dialogues(), name=named, turns=turns, writer=words, strict=strict
        )
        return begun

    def dialogues(self) -> list[DialogueListing]:
        """The named dialogues, the one that was spoken in last first."""
        return self._dialogues().listing()

    def forget(self, name: str) -> None:
        """Delete a named dialogue. Raises NotFound."""
        self._dialogues().delete(name)

    @property
    def embedder(self) -> Embedder:
        """The embedder that the base was made with. Raises NotFound where there is nothing yet."""
        return self._open()[1]

    def status(self) -> Status:
        """Counts, size and state. Needs no embedder."""
        store = self._open_store()
        with store.snapshot() as view:
            return replace(now := view.status(), tuned=tuned(view), calibrated=abstain.calibrated(view, now.passages))

    def documents(self) -> list[Listing]:
        """All documents, by source and id. Needs no embedder."""
        with self._open_store().snapshot() as view:
            return view.listing()

    def shared_ids(self, documents: Sequence[str]) -> set[str]:
        """Those of these ids that several documents have: they need a `source` beside them. Needs no embedder."""
        return shared(self._open_store(), documents)

    def document(self, name: str, *, source: str = "") -> Document:
        """A whole document by its id, text included; needs no embedder. Raises NotFound.

        `source` tells documents of one id apart: without it several of that id are Refused.
        """
        return read(self._open_store(), name, source=source)

    def original(self, name: str, *, source: str = "") -> BinaryIO:
        """The file that a document was read from, opened; needs no embedder.

        Raises NotFound where it is gone, or is no longer what was read.
        """
        return original(self._open_store(), name, source=source)

    def copy(self, to: str | Path) -> None:
        """Write a snapshot to a new folder while others may read and write. Raises Refused where `to` is taken."""
        copy(self._open_store(), self.address, to=to)

    def re_embed(self, embedder: str | Embedder, *, progress: Callable[[Progress], None] | None = None) -> Status:
        """Give every document new passages and vectors by another embedder; no file is read again.

        The new base is made beside the old one and takes its place when it is whole; a run that was cut off goes
        on where it stopped. Nobody else may have the base open meanwhile. Raises Refused for `memory:`.
        """
        model = open_embedder(embedder) if isinstance(embedder, str) else embedder
        new = embed_anew(self._open_store(), self.address, model, progress=progress)
        self.close()
        exchange(Path(self.address), new)
        self._wanted = self._embedder = model
        return self.status()

    def close(self) -> None:
        """Leave one folder that can be copied, zipped and mailed."""
        with self._mutex:
            if self._store is not None:
                self._store.close()
                self._store = None
            if self._history is not None:
                self._history.close()
                self._history = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _gather(self) -> Callable[..., Gathered]:
        gather: Callable[..., Gathered] = plugins.load(LATER, "gather", what="verb")
        return gather

    def _dialogues(self) -> History:
        with self._mutex:
            self._open_store()
            if self._history is None:
                folder = Path(self.address)
                self._history = History(folder if folder.is_dir() else None)
            return self._history

    def _within(self, paths: str | Sequence[str], metadata: Mapping[str, Scalar] | None) -> Filter:
        """A text alone is one path, not its letters; one that is there from here also means that file or folder."""
        named = (paths,) if isinstance(paths, str) else tuple(paths)
        there = (path for path in named if self._local_paths and path and Path(path).exists())
        return Filter(named + tuple(Path(path).resolve().as_posix() for path in there), metadata or {})

    def _open_store(self) -> Store:
        with self._mutex:
            if self._store is None:
                card = self._wanted.card if self._wanted else None
                self._store = open_store(self.address, embedder=card, create=False)
            return self._store

    def _open(self, *, create: bool = False) -> tuple[Store, Embedder]:
        with self._mutex:
            try:
                store = self._open_store()
            except NotFound:
                if not create:
                    raise
                self._wanted = self._wanted or open_embedder()
                store = self._store = open_store(self.address, embedder=self._wanted.card, create=True)
            if self._embedder is None:
                self._embedder = self._wanted or reopened(store.embedder)
            return store, self._embedder
