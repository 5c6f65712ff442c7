"""One batch -> one transaction: documents whole, the generation and the change log with them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from formfact.knowledge.stores import KEYS, Batch, Committed, Entry, Note, Prepared, Source, as_text
from formfact.knowledge.stores.local import truth
from formfact.knowledge.stores.vectors import quantise
from formfact.types import Passage


def carry_out(connection: sqlite3.Connection, batch: Batch) -> Committed:
    """Write the batch inside one `BEGIN IMMEDIATE`; on any error nothing of it stays."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = _Transaction(connection).run(batch)
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has SQLite roll back by itself; a second ROLLBACK would hide the error that matters.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return done


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.counts = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0}
        self.generation = 0
        self.lost = False

    def run(self, batch: Batch) -> Committed:
        self.generation = self._begin_generation()
        for source in batch.sources:
            self._note(source)
        for prepared in batch.put:
            self._put(prepared)
        for entry in batch.drop:
            self._drop(entry)
        for source in batch.forget:
            self._forget(source)
        for name, value in batch.cards.items():
            self._remember(name, value)
        self._write_down(batch.notes)
        self._lose_keys()
        self._prune()
        return Committed(self.generation, **self.counts)

    def _begin_generation(self) -> int:
        added = self.connection.execute("INSERT INTO generations (token) VALUES (lower(hex(randomblob(16))))")
        assert added.lastrowid is not None
        return added.lastrowid

    def _note(self, source: Source) -> None:
        # A file reached through a second root keeps the root and path it was first known by.
        self.connection.execute(
            "INSERT INTO sources (address, root, path, stamp, digest) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (address) DO UPDATE SET stamp = excluded.stamp, digest = excluded.digest",
            (source.address, source.root, source.path, source.stamp, source.digest),
        )

    def _put(self, prepared: Prepared) -> None:
        source = self.connection.execute("SELECT id FROM sources WHERE address = ?", (prepared.address,)).fetchone()[0]
        record = prepared.document.id
        old = self.connection.execute(
            "SELECT id, digest FROM documents WHERE source = ? AND record = ?", (source, record)
        ).fetchone()
        # The look inside the lock: another process may have written this very content meanwhile.
        if old and old[1] == prepared.digest:
            self.counts["unchanged"] += 1
            return
        if old:
            self._delete_document(old[0])
        key = self._insert_document(source, prepared)
        self._insert_passages(key, prepared)
        self.counts["updated" if old else "added"] += 1

    def _insert_document(self, source: int, prepared: Prepared) -> int:
        document = prepared.document
        metadata = dict(document.metadata)
        cursor = self.connection.execute(
            "INSERT INTO documents (source, record, digest, title, format, text, blocks, pages, metadata) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source, document.id, prepared.digest, document.title, document.format, document.text,
                _compact([[b.kind, b.start, b.end, b.level] for b in document.blocks]),
                _compact(document.pages), _compact(metadata),
            ),
        )  # fmt: skip
        key = cursor.lastrowid
        assert key is not None
        self.connection.executemany(
            "INSERT INTO metadata (key, value, document) VALUES (?, ?, ?)",
            [(name, as_text(value), key) for name, value in metadata.items()],
        )
        return key

    def _insert_passages(self, key: int, prepared: Prepared) -> None:
        if not prepared.passages:
            return
        quantised, scales = quantise(prepared.vectors)
        rows = zip(prepared.passages, prepared.hashes, quantised, scales.tolist(), strict=True)
        ids = []
        for passage, digest, vector, scale in rows:
            cursor = self.connection.execute(
                'INSERT INTO passages (document, start, "end", page, headings, context, text, hash, vector, scale) '
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, *_columns(passage), digest, vector.tobytes(), scale),
            )
            ids.append(cursor.lastrowid)
        self._log(ids, alive=1)

    def _drop(self, entry: Entry) -> None:
        still = self.connection.execute("SELECT digest FROM documents WHERE id = ?", (entry.key,)).fetchone()
        if still and still[0] == entry.digest:
            self._delete_document(entry.key)
            self.counts["removed"] += 1

    def _forget(self, source: Source) -> None:
        row = self.connection.execute(
            "SELECT id FROM sources WHERE address = ? AND stamp = ?", (source.address, source.stamp)
        ).fetchone()
        if row is None:
            return
        for (key,) in self.connection.execute("SELECT id FROM documents WHERE source = ?", row).fetchall():
            self._delete_document(key)
            self.counts["removed"] += 1
        self.connection.execute("DELETE FROM sources WHERE id = ?", row)

    def _remember(self, name: str, value: object) -> None:
        if name == truth.EMBEDDER:
            raise ValueError("the embedder's card is written once, when the base is made")
        if value is None:
            self.connection.execute("DELETE FROM card WHERE name = ?", (name,))
        else:
            self.connection.execute("INSERT OR REPLACE INTO card VALUES (?, ?)", (name, _compact(value)))

    def _write_down(self, notes: Sequence[Note]) -> None:
        if not notes:
            return
        self.connection.execute(truth.NOTES)
        gone = [(note.kind, note.key) for note in notes if note.value is None]
        self.connection.executemany("DELETE FROM notes WHERE kind = ? AND key = ?", gone)
        self.connection.executemany(
            "INSERT OR REPLACE INTO notes VALUES (?, ?, ?)",
            [(note.kind, note.key, _compact(note.value)) for note in notes if note.value is not None],
        )
        for note in notes:
            if note.kind == KEYS:
                found = self.connection.execute("SELECT id FROM passages WHERE hash = ?", (note.key,)).fetchall()
                self._log([passage for (passage,) in found], alive=truth.REWORDED)
                self.lost = self.lost or not found

    def _lose_keys(self) -> None:
        """Keys go with their passage; what was deleted and put again in this transaction keeps them."""
        if self.lost and truth.has_notes(self.connection):
            self.connection.execute(
                "DELETE FROM notes WHERE kind = ? AND NOT EXISTS (SELECT 1 FROM passages WHERE hash = key)", (KEYS,)
            )

    def _delete_document(self, key: int) -> None:
        gone = self.connection.execute("SELECT id FROM passages WHERE document = ?", (key,)).fetchall()
        self._log([passage for (passage,) in gone], alive=0)
        self.lost = True
        self.connection.execute("DELETE FROM documents WHERE id = ?", (key,))

    def _log(self, passages: Iterable[int | None], *, alive: int) -> None:
        self.connection.executemany(
            "INSERT INTO changes (generation, passage, alive) VALUES (?, ?, ?)",
            [(self.generation, passage, alive) for passage in passages],
        )

    def _prune(self) -> None:
        if self.generation % 256 == 0:
            oldest = (self.generation - truth.KEPT_GENERATIONS,)
            self.connection.execute("DELETE FROM changes WHERE generation < ?", oldest)
            self.connection.execute("DELETE FROM generations WHERE generation < ?", oldest)


def _columns(passage: Passage) -> tuple[object, ...]:
    headings = _compact(passage.headings)
    return (passage.start, passage.end, passage.page, headings, passage.context, passage.text)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
