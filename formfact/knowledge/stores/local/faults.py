"""What SQLite and the file system say, as the house's errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formfact.errors import Busy, Damaged, DiskFull, FormfactError, ReadOnly, StoreError


@contextmanager
def sqlite_errors(folder: Path) -> Iterator[None]:
    """Turn what SQLite says into the house's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise _named(error, folder) from error


@contextmanager
def named_errors(folder: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say into the house's errors."""
    with sqlite_errors(folder):
        try:
            yield
        except OSError as error:
            raise _named_os(error, folder) from error


@contextmanager
def errors_of_copy(to: Path) -> Iterator[None]:
    """What goes wrong with writing while a base is copied is told of the copy; the rest is the base's own."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "") or ""
        if code == "SQLITE_FULL":
            raise DiskFull(f"no space is left for {to}", hint="free some space, or name a folder elsewhere") from error
        if code.startswith(("SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_CANTOPEN")):
            raise StoreError(f"{to} cannot be written: {error}", hint="check the disk's space and health") from error
        raise


def _named(error: sqlite3.Error, folder: Path) -> FormfactError:
    code = getattr(error, "sqlite_errorname", "") or ""
    if code == "SQLITE_FULL":
        return _full(folder)
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy(
            f"another process is writing to {folder} and did not finish in time",
            hint="wait for it to end, then run the same command again",
        )
    if code.startswith("SQLITE_READONLY"):
        return ReadOnly(f"{folder} cannot be written to", hint="copy it to a folder of your own: formfact copy TO")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Damaged(
            f"the knowledge base {folder} is damaged ({error})",
            hint="restore the folder from a copy, or move it away and add the documents again",
        )
    if code.startswith("SQLITE_CANTOPEN"):
        return StoreError(f"the knowledge base {folder} cannot be opened", hint="check the folder's permissions")
    return StoreError(f"the knowledge base {folder} failed: {error}", hint="check the disk's space and health")


def _named_os(error: OSError, folder: Path) -> FormfactError:
    if error.errno in DiskFull.numbers:
        return _full(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReadOnly(f"{folder}: {error.strerror}", hint="check the folder's permissions, or use another --kb")
    return StoreError(f"{folder}: {error.strerror or error}", hint="check the path and the disk")


def _full(folder: Path) -> DiskFull:
    return DiskFull(
        f"no space is left for {folder}; what was committed stays",
        hint="free some space, then run the same command again: it goes on where it stopped",
    )
