"""One consistent view of the truth, and the search through its shadows.

A shadow may be behind the view: then passages that it lacks are scored straight from the truth (the *tail* of the
change log), and passages that are gone are dropped, with deeper looks until the list is full or nothing remains.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from formfact.knowledge.stores import Candidate, Entry, Filter, Probe, Source, Stored, as_text, bm25, globs
from formfact.knowledge.stores.local import dense, lexical, shadows, truth
from formfact.knowledge.stores.vectors import quantise, restore
from formfact.knowledge.words import question_terms, terms
from formfact.types import Block, Document, Listing, Passage, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_ONCE = 500
"""Ids in one SQL statement."""


class View:
    """See `formfact.knowledge.stores.Snapshot`."""

    def __init__(self, connection: sqlite3.Connection, shadow: shadows.Shadows, folder: Path, writable: bool) -> None:
        self._connection = connection
        self._shadows = shadow
        self._folder = folder
        self._writable = writable
        self._near: dense.Dense | None = None
        self._index: lexical.Lexical | None = None

    def _sql(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run a reading statement; the first one takes the view."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
        return self._connection.execute(statement, values)

    def retrieve(self, probe: Probe) -> list[Candidate]:
        for attempt in (1, 2):
            try:
                return self._retrieve(probe)
            except lexical.Broken:
                if attempt == 2:
                    raise
                # The published index is damaged: the truth draws another.
                self.leave()
                self._shadows.drop()
        raise AssertionError("unreachable")

    def _retrieve(self, probe: Probe) -> list[Candidate]:
        near, index = self._near, self._index
        if near is None or index is None:
            # A shadow may by now be ahead of the view; taking the view again behind it keeps the two in order.
            self.leave()
            near, index = self._near, self._index = self._shadows.published(self._connection)
        return _Search(self, probe, near, index).run()

    def leave(self) -> None:
        """End the view, and let go of the shadows that belong to it."""
        self._near = self._index = None
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def tail(self, generation: int) -> shadows.Changes:
        """What changed between a shadow's generation and this view."""
        self._sql("SELECT 1")
        return shadows.changes_since(self._connection, generation)

    def born(self, ids: list[int]) -> Iterator[tuple[int, NDArray[np.float32], str]]:
        """Id, vector and BM25 text of passages that a shadow lacks."""
        vectors = shadows.vectors_of(self._connection, ids)
        texts = shadows.texts_of(self._connection, ids)
        for rows in vectors:
            yield from (
                (int(i), vector, next(texts).text)
                for i, vector in zip(rows.ids, restore(rows.vectors, rows.scales), strict=True)
            )

    def living(self, ids: Sequence[int]) -> set[int]:
        """Those of the passages that this view holds."""
        found: set[int] = set()
        for part in _parts(ids):
            found.update(i for (i,) in self._sql(f"SELECT id FROM passages WHERE id IN ({_marks(part)})", part))
        return found

    def allowed(self, within: Filter) -> NDArray[np.int64] | None:
        """The passages that a filter lets through, by rising id; None where it lets all through."""
        if not within:
            return None
        conditions, values = _conditions(within)
        rows = self._sql(
            "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document JOIN sources s ON s.id = d.source "
            f"WHERE {' AND '.join(conditions)} ORDER BY p.id",
            values,
        )
        return np.fromiter((i for (i,) in rows), np.int64)

    def read(self, passages: Sequence[int]) -> list[Stored]:
        found: dict[int, Stored] = {}
        for part in _parts(passages):
            rows = self._sql(
                'SELECT p.id, p.document, p.start, p."end", p.text, p.headings, p.page, p.context, '
                "d.record, s.address, d.title, d.format, d.metadata "
                "FROM passages p JOIN documents d ON d.id = p.document JOIN sources s ON s.id = d.source "
                f"WHERE p.id IN ({_marks(part)})",
                part,
            )
            found.update((row[0], _stored(row)) for row in rows)
        return [found[i] for i in passages if i in found]

    def ids(self) -> list[int]:
        return [i for (i,) in self._sql("SELECT id FROM passages ORDER BY id")]

    def documents(self, keys: Sequence[int]) -> Iterator[Document]:
        for key in keys:
            row = self._sql(
                "SELECT d.record, s.address, d.text, d.title, d.format, d.blocks, d.pages, d.metadata "
                "FROM documents d JOIN sources s ON s.id = d.source WHERE d.id = ?",
                (key,),
            ).fetchone()
            if row:
                record, address, text, title, form, blocks, pages, metadata = row
                yield Document(
                    record, address, text, title, form, tuple(Block(*block) for block in json.loads(blocks)),
                    tuple(json.loads(pages)), json.loads(metadata),
                )  # fmt: skip

    def sources(self, under: str = "") -> list[Source]:
        columns = (
            "SELECT address, root, path, stamp, digest, "
            "(SELECT count(*) FROM documents WHERE source = sources.id) FROM sources"
        )
        if not under:
            return [Source(*row) for row in self._sql(f"{columns} ORDER BY address")]
        # The range holds every address that begins with `under/`: "0" is the character behind "/".
        below = under.rstrip("/")
        rows = self._sql(
            f"{columns} WHERE address = ? OR (address >= ? AND address < ?) ORDER BY address",
            (under, f"{below}/", f"{below}0"),
        )
        return [Source(*row) for row in rows]

    def entries(self, addresses: Sequence[str] | None = None, records: Sequence[str] | None = None) -> list[Entry]:
        columns = "SELECT d.id, s.address, d.record, d.digest FROM documents d JOIN sources s ON s.id = d.source"
        if addresses is None and records is None:
            return [Entry(*row) for row in self._sql(columns)]
        column, named = ("d.record", records or ()) if addresses is None else ("s.address", addresses)
        found: list[Entry] = []
        for part in _parts(named):
            found += (Entry(*row) for row in self._sql(f"{columns} WHERE {column} IN ({_marks(part)})", part))
        wanted = None if records is None else set(records)
        return [one for one in found if wanted is None or one.record in wanted]

    def listing(self) -> list[Listing]:
        rows = self._sql(
            "SELECT d.record, s.address, d.title, d.format, (SELECT count(*) FROM passages WHERE document = d.id) "
            "FROM documents d JOIN sources s ON s.id = d.source ORDER BY s.address, d.id"
        )
        return [Listing(*row) for row in rows]

    def vectors(self, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        for part in _parts(hashes):
            rows = self._sql(f"SELECT hash, vector, scale FROM passages WHERE hash IN ({_marks(part)})", part)
            for digest, vector, scale in rows:
                row = np.frombuffer(vector, np.int8)[None]
                found[digest] = restore(row, np.array([scale], np.float32))[0]
        return found

    def rarity(self, terms: Sequence[str]) -> list[float]:
        index = self._index
        if index is None:
            self.leave()  # shadows are brought up to date outside the view
            _, index = self._shadows.published(self._connection)
        count = len(index)
        return [bm25.rarity(count, min(holding, count)) for holding in index.holding(terms)]

    def card(self, name: str) -> Any:
        row = self._sql("SELECT value FROM card WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def notes(self, kind: str) -> Mapping[str, Any]:
        self._sql("SELECT 1")
        if not truth.has_notes(self._connection):
            return {}
        rows = self._sql("SELECT key, value FROM notes WHERE kind = ?", (kind,))
        return {key: json.loads(value) for key, value in rows}

    def copy_truth(self, file: Path) -> None:
        """Write the truth as one file that needs no WAL. VACUUM takes its own consistent view."""
        self.leave()
        self._connection.execute("VACUUM INTO ?", (str(file),))

    def status(self) -> Status:
        counts = [self._sql(f"SELECT count(*) FROM {what}").fetchone()[0] for what in _COUNTED]
        card = truth.remembered(self._connection, self._folder)
        return Status(
            address=str(self._folder),
            documents=counts[0], passages=counts[1], sources=counts[2],
            generation=truth.head(self._connection)[0],
            embedder=card.address, dimensions=card.dimensions,
            bytes=_bytes(self._folder),
            journal=self._sql("PRAGMA journal_mode").fetchone()[0] if self._writable else "none",
            version=truth.VERSION, writable=self._writable,
        )  # fmt: skip


_COUNTED = ("documents", "passages", "sources WHERE digest NOT LIKE '!%'")
_Look = Callable[[int], list[tuple[int, float]]]


class _Search:
    """One retrieval: both legs over shadow and tail, each deep enough to give what was asked for."""

    def __init__(self, view: View, probe: Probe, near: dense.Dense, index: lexical.Lexical) -> None:
        self.view, self.probe, self.near, self.index = view, probe, near, index
        self.terms = question_terms(probe.words or probe.question)
        # The vector is compared as passages are kept, so that an equal text has cosine 1 to within rounding.
        self.vector = restore(*quantise(probe.vector[None]))[0]
        self.current = True
        self.tail_dense: dict[int, float] = {}
        self.tail_bm25: dict[int, float] = {}

    def run(self) -> list[Candidate]:
        self._read_tail()
        allowed = self.view.allowed(self.probe.within)
        nearest = self._leg(lambda limit: self._nearest(limit, allowed), self.tail_dense, allowed)
        best = self._leg(lambda limit: self._best(limit, allowed), self.tail_bm25, allowed)
        dense_ranks = {passage: rank for rank, (passage, _) in enumerate(nearest, 1)}
        bm25_ranks = {passage: rank for rank, (passage, _) in enumerate(best, 1)}
        cosines = dict(nearest) | self._cosines([p for p in bm25_ranks if p not in dense_ranks])
        scores = dict(best) | self._scores([p for p in dense_ranks if p not in bm25_ranks])
        return [
            Candidate(p, cosines[p], scores.get(p, 0.0), dense_ranks.get(p), bm25_ranks.get(p))
            for p in sorted(dense_ranks.keys() | bm25_ranks.keys())
        ]

    def _read_tail(self) -> None:
        """Score what the shadows do not hold yet."""
        generation = min(self.near.manifest.generation, self.index.manifest.generation)
        changes = self.view.tail(generation)
        born = sorted([*changes.born, *changes.reworded])
        self.current = not born and not changes.dead
        if not born:
            return
        asked = dict.fromkeys(self.terms)
        holding = self.index.holding(list(asked))
        rarities = {t: bm25.rarity(len(self.index) + len(born), n) for t, n in zip(asked, holding, strict=True)}
        average = self.index.average_length
        for passage, vector, text in self.view.born(born):
            self.tail_dense[passage] = float(vector @ self.vector)
            found = terms(text)
            score = bm25.score(self.terms, found, rarities=rarities, average_length=average or len(found))
            if score > 0:
                self.tail_bm25[passage] = score

    def _nearest(self, limit: int, allowed: NDArray[np.int64] | None) -> list[tuple[int, float]]:
        ids, cosines = self.near.nearest(self.vector, limit, allowed)
        return list(zip(ids.tolist(), cosines.tolist(), strict=True))

    def _best(self, limit: int, allowed: NDArray[np.int64] | None) -> list[tuple[int, float]]:
        return self.index.best(self.terms, limit, None if allowed is None else allowed.tolist())

    def _leg(
        self, look: _Look, tail: Mapping[int, float], allowed: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """The best `depth` living passages of shadow and tail, looking deeper while gone ones leave room."""
        mine = set(tail) if allowed is None else set(tail).intersection(allowed.tolist())
        limit = self.probe.depth
        while True:
            found = look(limit)
            if self.current:
                # The shadows are of this very generation; what they hold is there.
                return found
            living = self.view.living([passage for passage, _ in found])
            kept = [pair for pair in found if pair[0] in living and pair[0] not in mine]
            if len(kept) + len(mine) >= self.probe.depth or len(found) < limit:
                break
            limit *= 4
        kept += ((passage, tail[passage]) for passage in mine)
        return sorted(kept, key=lambda pair: (-pair[1], pair[0]))[: self.probe.depth]

    def _cosines(self, passages: list[int]) -> dict[int, float]:
        ids = np.array(passages, np.int64)
        found = dict(zip(passages, self.near.cosines(ids, self.vector).tolist(), strict=True))
        # A passage that only the lexical shadow has yet is in the tail.
        return {p: self.tail_dense.get(p, cosine) for p, cosine in found.items()}

    def _scores(self, passages: list[int]) -> dict[int, float]:
        found = dict(self.index.scores(self.terms, passages))
        return found | {p: self.tail_bm25[p] for p in passages if p in self.tail_bm25}


def _bytes(folder: Path) -> int:
    """What a folder's files take; those of a shadow may go while they are counted."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(root) / name).stat().st_size
    return total


def _parts(values: Sequence[object]) -> Iterator[list[object]]:
    for start in range(0, len(values), AT_ONCE):
        yield [int(v) if isinstance(v, np.integer) else v for v in values[start : start + AT_ONCE]]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _conditions(within: Filter) -> tuple[list[str], list[str]]:
    conditions, values = [], []
    if within.paths:
        one = "(d.record GLOB ? OR s.path GLOB ? OR s.address GLOB ?)"
        # SQLite spells "none of these characters" with `^`, the shell and fnmatch with `!`.
        wanted = [glob.replace("[!", "[^") for path in within.paths for glob in globs(path)]
        conditions.append(f"({' OR '.join([one] * len(wanted)) or '0'})")
        values += [glob for glob in wanted for _ in range(3)]
    for key, value in within.metadata.items():
        conditions.append("EXISTS (SELECT 1 FROM metadata m WHERE m.document = d.id AND m.key = ? AND m.value = ?)")
        values += [key, as_text(value)]
    # A terminal's broken bytes, as lone surrogates, are no text that SQLite takes.
    return conditions, [_whole(value) for value in values]


def _whole(text: str) -> str:
    """A text without halves of surrogate pairs; what stands for one must be no sign of a glob."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _stored(row: Sequence[Any]) -> Stored:
    (passage, key, start, end, text, headings, page, context, record, address, title, form, metadata) = row
    return Stored(
        passage, key,
        Document(record, address, "", title, form, metadata=json.loads(metadata)),
        Passage(start, end, text, tuple(json.loads(headings)), page, context),
    )  # fmt: skip
