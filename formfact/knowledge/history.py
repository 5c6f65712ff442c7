"""Named dialogues kept beside a knowledge base: what was asked and answered, oldest first, until it is deleted.

They lie in an SQLite file of their own in the base's folder: private to this folder, so that `copy` leaves them behind,
and no part of the truth, so that a lost one costs no document. A quote is kept as it was shown; a document that was
removed since is found by no later question.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from formfact.errors import Damaged, NotFound, Refused
from formfact.knowledge.stores.local.faults import sqlite_errors
from formfact.types import DialogueListing, Quote, Turn

FILE = "dialogues.sqlite"
WAIT = 30.0
"""Seconds to wait for another process that writes."""
BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")
"""How SQLite names a file that is none of its own, or has other tables than these."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
  id INTEGER PRIMARY KEY AUTOINCREMENT, dialogue TEXT NOT NULL, said TEXT NOT NULL, question TEXT NOT NULL,
  answer TEXT NOT NULL, abstained INTEGER NOT NULL, quotes TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS turns_dialogue ON turns (dialogue, id);
"""


class History:
    """The dialogues of one folder, or of this process alone where there is none. Safe for threads and processes.

    Whatever reads or writes raises Damaged for a file that is no such file any more, and otherwise what a knowledge
    base would: Busy, DiskFull, ReadOnly, StoreError.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / FILE if folder else None
        self._memory = None if folder else self._connect()

    def add(self, dialogue: str, turn: Turn) -> None:
        """Keep a turn behind those that are there."""
        with self._open() as connection:
            connection.execute(
                "INSERT INTO turns (dialogue, said, question, answer, abstained, quotes) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    dialogue, turn.said or datetime.now(UTC).isoformat(timespec="seconds"), turn.question, turn.answer,
                    turn.abstained, json.dumps([asdict(quote) for quote in turn.quotes], ensure_ascii=False),
                ),
            )  # fmt: skip

    def turns(self, dialogue: str) -> list[Turn]:
        """All turns of a dialogue, oldest first; none for one that is not there."""
        with self._open(reading=True) as connection:
            rows = connection.execute(
                "SELECT question, answer, abstained, quotes, said FROM turns WHERE dialogue = ? ORDER BY id",
                (dialogue,),
            ).fetchall()
        return [
            Turn(question, answer, bool(abstained), tuple(_quote(one) for one in json.loads(quotes)), said)
            for question, answer, abstained, quotes, said in rows
        ]

    def listing(self) -> list[DialogueListing]:
        """All dialogues, the one that was spoken in last first."""
        with self._open(reading=True) as connection:
            rows = connection.execute(
                "SELECT dialogue, count(*), max(said) FROM turns GROUP BY dialogue ORDER BY max(id) DESC"
            ).fetchall()
        return [DialogueListing(*row) for row in rows]

    def delete(self, dialogue: str) -> None:
        """Take a dialogue out; its pages are overwritten in the file. Raises NotFound."""
        with self._open(reading=True) as connection:  # where there is no file there is nothing to delete
            gone = connection.execute("DELETE FROM turns WHERE dialogue = ?", (dialogue,)).rowcount
        if not gone:
            raise NotFound(f"there is no dialogue {dialogue!r}", hint="formfact chat --list")

    def close(self) -> None:
        """Forget what belongs to this process alone."""
        if self._memory is not None:
            self._memory.close()

    @contextmanager
    def _open(self, *, reading: bool = False) -> Iterator[sqlite3.Connection]:
        with sqlite_errors(self._file or Path(":memory:")):
            connection = self._memory
            try:
                if connection is None:
                    connection = self._connect(reading=reading)
                with connection:
                    yield connection
            except sqlite3.Error as failure:
                if getattr(failure, "sqlite_errorname", "").startswith(BROKEN):
                    raise Damaged(
                        f"the dialogues in {self._file} cannot be used: {failure}",
                        hint="delete this file: the documents are not in it",
                    ) from failure
                raise  # a busy file, a full disk: whoever deleted the file then would lose what is whole
            finally:
                if connection is not None and connection is not self._memory:
                    connection.close()

    def _connect(self, *, reading: bool = False) -> sqlite3.Connection:
        # Who only reads makes no file: a read-only base takes none.
        missing = reading and self._file is not None and not self._file.exists()
        place = ":memory:" if missing or self._file is None else self._file
        connection = sqlite3.connect(place, timeout=WAIT, check_same_thread=False)
        try:
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _quote(record: dict[str, object]) -> Quote:
    headings = record.pop("headings")
    assert isinstance(headings, list)
    return Quote(headings=tuple(headings), **record)  # type: ignore[arg-type]


def checked_name(name: str) -> str:
    """A dialogue's name. Raises Refused for one that could not be typed or listed."""
    if len(name) > 100 or not name.isprintable():
        raise Refused("a dialogue's name has at most 100 printable characters", hint="give it a shorter name")
    return name.strip()
