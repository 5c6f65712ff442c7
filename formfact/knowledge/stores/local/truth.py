"""The truth: one SQLite file with sources, documents, passages, int8 vectors, cards and the change log.

Everything else in a knowledge base's folder can be thrown away and drawn again from this file.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from formfact.errors import Damaged, NotFound, WrongVersion
from formfact.types import EmbedderCard

FILE = "knowledge.sqlite"
APPLICATION = 0x46464B42  # "FFKB" in the file's header, so that `file` and other tools can tell what it is
VERSION = 1
EMBEDDER = "embedder"
"""The card that every base has: the model it was made with."""
WAIT = 30.0
"""Seconds to wait for another process's transaction."""
KEPT_GENERATIONS = 4096
"""How far back the change log reaches; a shadow that is older is drawn anew."""

SCHEMA = """
CREATE TABLE card (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (
  id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL UNIQUE, root TEXT NOT NULL, path TEXT NOT NULL,
  stamp TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE documents (
  id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
  record TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL, format TEXT NOT NULL, text TEXT NOT NULL,
  blocks TEXT NOT NULL, pages TEXT NOT NULL, metadata TEXT NOT NULL, UNIQUE (source, record));
CREATE INDEX documents_record ON documents (record);
CREATE TABLE metadata (
  key TEXT NOT NULL, value TEXT NOT NULL, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  PRIMARY KEY (key, value, document)) WITHOUT ROWID;
CREATE INDEX metadata_document ON metadata (document);
CREATE TABLE passages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, headings TEXT NOT NULL, context TEXT NOT NULL,
  text TEXT NOT NULL, hash TEXT NOT NULL, vector BLOB NOT NULL, scale REAL NOT NULL);
CREATE INDEX passages_document ON passages (document);
CREATE INDEX passages_hash ON passages (hash);
CREATE TABLE generations (generation INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL);
CREATE TABLE changes (generation INTEGER NOT NULL, passage INTEGER NOT NULL, alive INTEGER NOT NULL);
CREATE INDEX changes_generation ON changes (generation);
"""
NOTES = """
CREATE TABLE IF NOT EXISTS notes (
  kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID
"""
"""Made by the first note: nothing needs it, and a base without it is of the same version."""
REWORDED = 2
"""In the change log a passage comes (1), goes (0), or stays while what BM25 reads of it changes."""


def connect(folder: Path, *, writable: bool) -> sqlite3.Connection:
    """A connection to the folder's truth, in manual transaction mode; `immutable` where nothing may be written."""
    query = "mode=rw" if writable else "mode=ro&immutable=1"
    # sqlite3 wants a URI for its open modes; as_uri() quotes what a path may hold.
    connection = sqlite3.connect(
        f"{(folder / FILE).absolute().as_uri()}?{query}",
        uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False, cached_statements=256,
    )  # fmt: skip
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def create(folder: Path, embedder: EmbedderCard) -> None:
    """Make a new truth in the folder; two processes may do so at once, and one of them finds it made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).touch()
    connection = connect(folder, writable=True)
    try:
        _choose_journal(connection, folder)
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO card VALUES (?, ?)", (EMBEDDER, json.dumps(asdict(embedder))))
            connection.execute("INSERT INTO generations (token) VALUES (lower(hex(randomblob(16))))")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()


def settle_journal(connection: sqlite3.Connection, folder: Path) -> None:
    """Give a base that came here as a copy, or from another kind of disk, the journal it would be made with here.

    Nobody is waited for: where others have the base open it keeps the journal it has.
    """
    now: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if (now == "wal") != on_network_disk(folder):
        return
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        _choose_journal(connection, folder)
    connection.execute(f"PRAGMA busy_timeout = {int(WAIT * 1000)}")


def _choose_journal(connection: sqlite3.Connection, folder: Path) -> None:
    """WAL where it works; a rollback journal on network disks, whose shared memory WAL cannot trust."""
    if on_network_disk(folder):
        connection.execute("PRAGMA journal_mode = DELETE")
    else:
        connection.execute("PRAGMA journal_mode = WAL")  # where it is refused, SQLite keeps the journal it has


NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "afs", "ceph", "glusterfs")


def on_network_disk(folder: Path, mounts: str | None = None) -> bool:
    """Whether the folder lies on a network file system, by Linux's table of mounts; False where there is none.

    `mounts` is that table's text, read from the system where it is None.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(errors="replace")
        except OSError:
            return False
    place, kind = "", ""
    target = str(folder.absolute())
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        if (target == point or target.startswith(point.rstrip("/") + "/")) and len(point) >= len(place):
            place, kind = point, fields[2]
    return kind.startswith(NETWORK_DISKS)


def is_new(folder: Path) -> bool:
    """Whether there is no truth yet, or one whose making was cut off before its only transaction."""
    if not (folder / FILE).exists():
        return True
    connection = connect(folder, writable=may_write(folder))
    try:
        tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return tables == 0
    finally:
        connection.close()


def check(connection: sqlite3.Connection, folder: Path) -> None:
    """Raise where the file is not a knowledge base of this version."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION:
        raise Damaged(
            f"{folder / FILE} is an SQLite file, but no knowledge base",
            hint="name another folder with --kb",
        )
    if version != VERSION:
        raise WrongVersion(
            f"{folder} was made by another version of formfact (its format is {version}, this one reads {VERSION})",
            hint="install the version that made it, or add the documents to a new knowledge base",
        )


def remembered(connection: sqlite3.Connection, folder: Path) -> EmbedderCard:
    """The embedder that the knowledge base was made with."""
    row = connection.execute("SELECT value FROM card WHERE name = ?", (EMBEDDER,)).fetchone()
    if row is None:
        raise Damaged(f"{folder / FILE} has no card of its embedder", hint="restore the folder from a copy")
    return EmbedderCard(**json.loads(row[0]))


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """The newest generation and its token."""
    generation, token = connection.execute(
        "SELECT generation, token FROM generations ORDER BY generation DESC LIMIT 1"
    ).fetchone()
    return generation, token


def has_notes(connection: sqlite3.Connection) -> bool:
    """Whether the table of notes was ever needed."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'notes'").fetchone() is not None


def may_write(folder: Path) -> bool:
    """Whether the folder and, where there is one, the truth in it may be written."""
    file = folder / FILE
    return os.access(folder, os.W_OK | os.X_OK) and (not file.exists() or os.access(file, os.W_OK))


def missing(folder: Path) -> NotFound:
    """The error for a folder without a knowledge base; where an exchange was cut off, the old one lies beside it."""
    old = folder.with_name(f"{folder.name}.old")
    if (old / FILE).exists():
        return NotFound(f"there is no knowledge base at {folder}, but there is {old}", hint=f"rename {old} to {folder}")
    return NotFound(
        f"there is no knowledge base at {folder}",
        hint="make one with: formfact add PATH   (or name another folder with --kb)",
    )
