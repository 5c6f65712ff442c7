"""Keeping both shadows up with the truth: replay the change log, redraw where that cannot be trusted.

Whoever searches tries the lock. The one who gets it catches up; the others search what is published and read the
rest of the change log from the truth (see `view.py`). Nobody waits.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np

from formfact.errors import Busy, StoreError
from formfact.knowledge.stores import KEYS
from formfact.knowledge.stores.local import dense, lexical, truth
from formfact.knowledge.stores.local.faults import named_errors

BATCH = 2000
"""Passages read from the truth at a time: a few megabytes."""
FIRST_WAIT = 60.0
"""Seconds to wait for the process that draws a shadow for the first time."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a generation: passages that came (and may be gone again), those that went, and those that
    were there before and have other words now.
    """

    born: list[int]
    dead: list[int]
    reworded: list[int]


def changes_since(connection: sqlite3.Connection, generation: int) -> Changes:
    """The change log behind a generation, as this connection sees it."""
    rows = connection.execute("SELECT passage, alive FROM changes WHERE generation > ?", (generation,)).fetchall()
    dead = {passage for passage, alive in rows if not alive}
    born = {passage for passage, alive in rows if alive == 1} - dead
    reworded = {passage for passage, alive in rows if alive == truth.REWORDED} - born - dead
    return Changes(sorted(born), sorted(dead), sorted(reworded))


class Shadows:
    """The published shadows of one knowledge base, opened once and reopened when another process publishes."""

    def __init__(self, folder: Path, *, dimensions: int, writable: bool) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._home = folder
        self._dimensions = dimensions
        self._mutex = threading.Lock()
        self._settle(folder if writable else self._elsewhere(folder))

    def _settle(self, folder: Path) -> None:
        self._dense_folder = folder / "dense"
        self._lexical_folder = folder / "words"
        self._lock_file = folder / "lock"
        self._dense: dense.Dense | None = None
        self._lexical: lexical.Lexical | None = None
        self._read_marks: tuple[object, object] = (None, None)

    def _elsewhere(self, folder: Path) -> Path:
        """A folder that may not be written gets a copy of its shadows, because tantivy locks even to read."""
        self._temporary = tempfile.TemporaryDirectory(prefix="formfact-shadows-")
        target = Path(self._temporary.name)
        for name in ("dense", "words"):
            try:
                shutil.copytree(folder / name, target / name)
            except OSError:
                # Unreadable or not there: they are then drawn anew from the truth.
                shutil.rmtree(target / name, ignore_errors=True)
        return target

    def close(self) -> None:
        """Let go of the files."""
        with self._mutex:
            self._dense = self._lexical = None
            if self._temporary is not None:
                self._temporary.cleanup()

    def drop(self) -> None:
        """Throw the shadows away: what is published turned out to be damaged."""
        with self._mutex:
            self._dense = self._lexical = None
            self._read_marks = (None, None)
            shutil.rmtree(self._dense_folder, ignore_errors=True)
            shutil.rmtree(self._lexical_folder, ignore_errors=True)

    def published(self, connection: sqlite3.Connection) -> tuple[dense.Dense, lexical.Lexical]:
        """Both shadows, brought as near to the truth as can be had without waiting.

        Only a base that has no usable shadow at all makes its callers wait for the one who draws it.
        """
        self._reopen()
        if not self._current(truth.head(connection)):
            with suppress(filelock.Timeout, OSError, lexical.Broken):
                self._catch_up(connection, wait=0)
        if not self._usable(connection):
            self._draw_first(connection)
        near, index = self._dense, self._lexical
        if near is None or index is None:
            raise StoreError(f"the search index beside {self._home} cannot be made", hint="check the disk's space")
        return near, index

    def _draw_first(self, connection: sqlite3.Connection) -> None:
        """There is nothing to search with: wait for whoever draws, or draw where there is room."""
        try:
            self._catch_up(connection, wait=FIRST_WAIT)
        except filelock.Timeout as error:
            raise Busy(f"another process is indexing {self._home.parent}", hint="wait for it to end") from error
        except (OSError, lexical.Broken):
            # A full or read-only disk does not keep anyone from searching while there is room elsewhere.
            self._settle(self._elsewhere(self._home))
            with named_errors(self._home):
                self._catch_up(connection, wait=FIRST_WAIT)

    def _current(self, head: tuple[int, str]) -> bool:
        return all(state is not None and _mark(state) == head for state in (self._dense, self._lexical))

    def _usable(self, connection: sqlite3.Connection) -> bool:
        return all(_is_known(connection, state) for state in (self._dense, self._lexical))

    def _reopen(self) -> None:
        """Open what is published, where that is not what we hold."""
        with self._mutex:
            marks = (_file_mark(self._dense_folder), _file_mark(self._lexical_folder))
            if marks[0] != self._read_marks[0] or self._dense is None:
                self._dense = dense.open_dense(self._dense_folder)
            if marks[1] != self._read_marks[1] or self._lexical is None:
                self._lexical = lexical.open_lexical(self._lexical_folder)
            self._read_marks = marks

    def _catch_up(self, connection: sqlite3.Connection, *, wait: float) -> None:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(self._lock_file, timeout=wait):
            self._reopen()  # the one before us may have done it
            connection.execute("BEGIN")
            try:
                self._draw_dense(connection)
                self._draw_lexical(connection)
            finally:
                connection.execute("COMMIT")
        self._reopen()

    def _draw_dense(self, connection: sqlite3.Connection) -> None:
        head, state = truth.head(connection), self._dense
        if state is not None and _mark(state) == head:
            return
        if state is not None and _is_known(connection, state):
            changes = changes_since(connection, state.manifest.generation)
            if not dense.wants_folding(state, len(changes.born), len(changes.dead)):
                born = vectors_of(connection, changes.born)
                dense.extend(self._dense_folder, state, head, born, np.array(changes.dead, np.int64))
                return
        dense.redraw(self._dense_folder, head, self._dimensions, vectors_of(connection, None))

    def _draw_lexical(self, connection: sqlite3.Connection) -> None:
        head, state = truth.head(connection), self._lexical
        if state is not None and _mark(state) == head:
            return
        if state is not None and _is_known(connection, state):
            changes = changes_since(connection, state.manifest.generation)
            try:
                # tantivy counts what was deleted until segments merge: words that are taken back would leave a trace.
                if not changes.reworded:
                    born = texts_of(connection, changes.born)
                    lexical.extend(self._lexical_folder, state, head, born, changes.dead)
                    return
            except lexical.Broken:
                shutil.rmtree(self._lexical_folder, ignore_errors=True)
        lexical.redraw(self._lexical_folder, head, texts_of(connection, None))


def _mark(state: dense.Dense | lexical.Lexical) -> tuple[int, str]:
    return state.manifest.generation, state.manifest.token


def _is_known(connection: sqlite3.Connection, state: dense.Dense | lexical.Lexical | None) -> bool:
    """Whether the shadow was drawn from a moment of this very truth: its token is in the list of generations."""
    if state is None:
        return False
    known = connection.execute("SELECT token FROM generations WHERE generation = ?", (state.manifest.generation,))
    row: tuple[str] | None = known.fetchone()
    return row == (state.manifest.token,)


def _file_mark(folder: Path) -> object:
    try:
        stat = (folder / "manifest.json").stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def vectors_of(connection: sqlite3.Connection, ids: list[int] | None) -> Iterator[dense.Rows]:
    """The vectors of those passages (all for None) in batches, by rising id."""
    for rows in _batches(connection, "p.id, p.vector, p.scale", ids):
        matrix = np.frombuffer(b"".join(row[1] for row in rows), np.int8).reshape(len(rows), -1)
        yield dense.Rows(
            np.array([row[0] for row in rows], np.int64), matrix, np.array([row[2] for row in rows], np.float32)
        )


def texts_of(connection: sqlite3.Connection, ids: list[int] | None) -> Iterator[lexical.Entry]:
    """What BM25 reads of those passages (all for None): context, text and keys."""
    keys = (
        f"(SELECT value FROM notes WHERE kind = '{KEYS}' AND key = p.hash)" if truth.has_notes(connection) else "NULL"
    )
    for rows in _batches(connection, f"p.id, p.context, p.text, {keys}", ids):
        for passage, context, text, keyed in rows:
            parts = (context, text, *(json.loads(keyed) if keyed else ()))
            yield lexical.Entry(passage, "\n".join(part for part in parts if part))


def _batches(connection: sqlite3.Connection, columns: str, ids: list[int] | None) -> Iterator[list[tuple]]:  # type: ignore[type-arg]
    if ids is None:
        cursor = connection.execute(f"SELECT {columns} FROM passages p ORDER BY p.id")
        yield from iter(lambda: cursor.fetchmany(BATCH), [])
        return
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        rows = connection.execute(
            f"SELECT {columns} FROM passages p WHERE p.id IN ({','.join('?' * len(part))}) ORDER BY p.id", part
        ).fetchall()
        if rows:
            yield rows
