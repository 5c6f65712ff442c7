"""The default store: a folder with SQLite as the truth and two shadows drawn from it.

kb/
  knowledge.sqlite     the truth (see truth.py); WAL beside it while open
  shadows/words/       BM25: a tantivy index (see lexical.py)
  shadows/dense/       sign bits and int8 vectors (see dense.py)
  shadows/lock         held by whoever brings the shadows up to date (see shadows.py)
"""

from __future__ import annotations

import queue
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from formfact.errors import ReadOnly, Refused, WrongEmbedder
from formfact.knowledge.stores import Batch, Committed
from formfact.knowledge.stores.local import truth, write
from formfact.knowledge.stores.local.faults import errors_of_copy, named_errors, sqlite_errors
from formfact.knowledge.stores.local.shadows import Shadows
from formfact.knowledge.stores.local.view import View
from formfact.types import EmbedderCard

OURS = {truth.FILE, f"{truth.FILE}-wal", f"{truth.FILE}-shm", f"{truth.FILE}-journal", "shadows"}
READERS = 8
"""Connections kept for those who read next, two open files each."""
PAGES = 256
"""KiB of pages that each of them keeps: the system keeps the file's pages too, once for all."""


class Local:
    """See `formfact.knowledge.stores.Store`. Safe for several threads, and for several processes on one folder."""

    def __init__(self, folder: Path, *, writable: bool) -> None:
        self.folder = folder
        self._writable = writable
        self._unpacked: tempfile.TemporaryDirectory[str] | None = None
        self._place = folder if writable else self._readable(folder)
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(READERS)
        self._writer_mutex = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        with named_errors(folder):
            connection = self._reader()
            truth.check(connection, folder)
            if writable:
                truth.settle_journal(connection, folder)
            self.embedder = truth.remembered(connection, folder)
            self._readers.put(connection)
        self._shadows = Shadows(folder / "shadows", dimensions=self.embedder.dimensions, writable=writable)

    def _readable(self, folder: Path) -> Path:
        """Where to read from when nothing may be written: an unfinished WAL can only be read where it may be."""
        wal = folder / f"{truth.FILE}-wal"
        if not (wal.exists() and wal.stat().st_size):
            return folder
        self._unpacked = tempfile.TemporaryDirectory(prefix="formfact-")
        for name in (truth.FILE, wal.name):
            shutil.copy(folder / name, self._unpacked.name)
        return Path(self._unpacked.name)

    def _connect(self) -> sqlite3.Connection:
        return truth.connect(self._place, writable=self._writable or self._unpacked is not None)

    def _reader(self) -> sqlite3.Connection:
        connection = self._connect()
        connection.execute(f"PRAGMA cache_size = -{PAGES}")
        return connection

    def commit(self, batch: Batch) -> Committed:
        if not self._writable:
            raise ReadOnly(f"{self.folder} may only be read", hint="formfact copy TO makes a copy that may be changed")
        with self._writer_mutex, named_errors(self.folder):
            if self._writer is None:
                self._writer = self._connect()
            return write.carry_out(self._writer, batch)

    @contextmanager
    def snapshot(self) -> Iterator[View]:
        with sqlite_errors(self.folder):
            try:
                connection = self._readers.get_nowait()
            except queue.Empty:
                connection = self._reader()
            view = View(connection, self._shadows, self.folder, self._writable)
            try:
                yield view
            finally:
                view.leave()
                self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        """Keep it for the next who reads; what a moment with many readers opened more than that is closed again."""
        try:
            self._readers.put_nowait(connection)
        except queue.Full:
            connection.close()

    def copy(self, to: Path) -> None:
        """Write a snapshot of the live base to a new or empty folder; the first search there draws its shadows."""
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise Refused(f"{to} is there already", hint="name a folder that does not exist yet")
        with named_errors(to):
            to.mkdir(parents=True, exist_ok=True)
            try:
                with self.snapshot() as view, errors_of_copy(to):
                    view.copy_truth(to / truth.FILE)
            except BaseException:
                shutil.rmtree(to, ignore_errors=True)
                raise

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with named_errors(self.folder):
            if self._writer is not None:
                # Another process may be reading; the one that closes last then truncates the WAL.
                with suppress(sqlite3.OperationalError):
                    self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._writer.close()
            while not self._readers.empty():
                self._readers.get_nowait().close()
        self._shadows.close()
        if self._unpacked is not None:
            self._unpacked.cleanup()


def open_local(address: str, *, embedder: EmbedderCard | None, create: bool) -> Local:
    """Open the knowledge base in a folder; make it where there is none and `create` and `embedder` say so."""
    folder = Path(address).expanduser()
    with named_errors(folder):
        if folder.is_file():
            raise Refused(f"{folder} is a file", hint="name a folder with --kb")
        writable = not folder.exists() or truth.may_write(folder)
        if truth.is_new(folder):
            if not create or embedder is None:
                raise truth.missing(folder)
            _refuse_strangers(folder)
            truth.create(folder, embedder)
        store = Local(folder, writable=writable)
    if embedder is not None and embedder.digest != store.embedder.digest:
        store.close()
        raise WrongEmbedder(
            f"{folder} was made with the embedder {store.embedder.address}, not with {embedder.address}",
            hint=f"open it without naming an embedder, or embed it anew: formfact --kb {folder} re-embed "
            f"--embedder {embedder.address}",
        )
    return store


def _refuse_strangers(folder: Path) -> None:
    """A folder that holds other things is more likely a mistake in --kb than a wish."""
    others = sorted(path.name for path in folder.iterdir() if path.name not in OURS) if folder.exists() else []
    if others:
        raise Refused(
            f"{folder} is no knowledge base and holds other files ({', '.join(others[:3])}, ...)",
            hint="name an empty or new folder with --kb",
        )
