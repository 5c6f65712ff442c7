"""The lexical shadow: a tantivy index over each passage's context and text.

tantivy commits by itself; `manifest.json` beside the index says up to which generation it was brought. It is written
after the commit, so that a writer killed between the two leaves a manifest that is too old: the changes are then
replayed once more, which is harmless, because each passage is first deleted and then added.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import tantivy

from formfact.knowledge.words import analyzer, spell_out

FORMAT = 1
HEAP = 30_000_000
"""Bytes tantivy's writer gathers before it writes a segment: twice its minimum."""
ANALYZER = "formfact"
DEEPEST = 1_000_000
"""tantivy's result heap is allocated for the limit asked; nobody needs more."""
NEVER_GIVEN = 1 << 62
FEW = 500
"""Up to so many ids are looked up one by one, four times as fast as by a set."""


class Broken(Exception):
    """The index cannot be used and is to be drawn anew."""


@contextmanager
def _breaks() -> Iterator[None]:
    """Whatever tantivy makes of damaged files (an error, or a panic that is no Exception) becomes Broken."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise Broken(str(error)) from error
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        raise Broken("the index is damaged") from panic


@dataclass(frozen=True, slots=True)
class Manifest:
    """Up to which generation the index in folder `name` was brought; `words` of text in `passages` ever added."""

    format: int
    generation: int
    token: str
    name: str
    passages: int
    words: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage on its way into the index."""

    id: int
    text: str


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_unsigned_field("id", indexed=True, fast=True)
        .add_text_field("words", tokenizer_name=ANALYZER, index_option="freq")
        .build()
    )


class Lexical:
    """One published state of the index, safe to search from any thread."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        with _breaks():
            self._index = tantivy.Index.open(str(folder / manifest.name))
            self._index.register_tokenizer(ANALYZER, analyzer())
            self._searcher = self._index.searcher()
        self._schema = self._index.schema

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    @property
    def average_length(self) -> float:
        """About how many terms a passage has: white-space words, which is near enough to rank the unwritten tail."""
        return self.manifest.words / max(self.manifest.passages, 1)

    def best(self, terms: Sequence[str], limit: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The `limit` best (id, BM25 score) of passages that hold any of the terms, best first."""
        if not terms or not len(self):
            return []
        clauses = [(tantivy.Occur.Should, self._term(term)) for term in terms]
        question = tantivy.Query.boolean_query(clauses)
        if allowed is not None:
            question = tantivy.Query.boolean_query([(tantivy.Occur.Must, question), self._only(allowed)])
        return self._run(question, limit)

    def scores(self, terms: Sequence[str], passages: Sequence[int]) -> Mapping[int, float]:
        """The BM25 score of each of those passages that holds any of the terms."""
        if not terms or not passages:
            return {}
        # The passages lead and the words are optional: each is looked up instead of every holder of every word.
        clauses = [self._only(passages), *((tantivy.Occur.Should, self._term(term)) for term in terms)]
        found = self._run(tantivy.Query.boolean_query(clauses), len(passages))
        return {passage: score for passage, score in found if score > 0}

    def _run(self, question: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        with _breaks():
            hits = self._searcher.search(question, min(limit, DEEPEST), count=False).hits
            ids_found = self._searcher.fast_field_values("id", [address for _, address in hits])
        found = [(int(i), float(score)) for i, (score, _) in zip(ids_found, hits, strict=True) if i is not None]
        if any(passage >= NEVER_GIVEN for passage, _ in found):
            raise Broken("the index holds ids that were never given")
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _only(self, passages: Sequence[int]) -> tuple[tantivy.Occur, tantivy.Query]:
        """The condition that lets through those passages alone and adds nothing to their score."""
        if len(passages) <= FEW:
            each = [tantivy.Query.term_query(self._schema, "id", passage) for passage in passages]
            ids = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in each])
        else:
            ids = tantivy.Query.term_set_query(self._schema, "id", list(passages))
        return tantivy.Occur.Must, tantivy.Query.const_score_query(ids, 0.0)

    def holding(self, terms: Sequence[str]) -> list[int]:
        """How many passages hold each term."""
        with _breaks():
            return [int(self._searcher.doc_freq("words", term)) for term in terms]

    def _term(self, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "words", term, "freq")


def open_lexical(folder: Path) -> Lexical | None:
    """The published index, or None where there is none that can be used."""
    for _ in range(3):
        # A redraw by another process may clear the index between the reading of its manifest and its opening.
        try:
            manifest = Manifest(**json.loads((folder / "manifest.json").read_text()))
            return Lexical(folder, manifest) if manifest.format == FORMAT else None
        except (OSError, ValueError, TypeError, Broken):
            continue
    return None


def redraw(folder: Path, head: tuple[int, str], entries: Iterable[Entry]) -> None:
    """Make a new index of all passages and publish it. The caller holds the shadows' lock."""
    name = f"index-{secrets.token_hex(8)}"
    (folder / name).mkdir(parents=True)
    with _breaks():
        index = tantivy.Index(_schema(), str(folder / name))
        counts = _write(index, entries, ())
    _publish(folder, Manifest(FORMAT, *head, name, *counts))


def extend(folder: Path, lexical: Lexical, head: tuple[int, str], born: Iterable[Entry], dead: Iterable[int]) -> None:
    """Add new passages, take out the deleted ones, publish. The caller holds the shadows' lock."""
    old = lexical.manifest
    with _breaks():
        index = tantivy.Index.open(str(folder / old.name))
        passages, words = _write(index, born, dead)
    _publish(folder, Manifest(FORMAT, *head, old.name, old.passages + passages, old.words + words))


def _write(index: tantivy.Index, born: Iterable[Entry], dead: Iterable[int]) -> tuple[int, int]:
    """One tantivy commit; returns how many passages and words of text were added."""
    index.register_tokenizer(ANALYZER, analyzer())
    schema = index.schema
    writer = index.writer(HEAP, 1)
    passages = words = 0
    for gone in dead:
        _delete(writer, schema, gone)
    for entry in born:
        # Deleted first, because a replay may bring a passage that is already there.
        _delete(writer, schema, entry.id)
        text = spell_out(entry.text)
        writer.add_document(tantivy.Document.from_dict({"id": entry.id, "words": text}, schema))
        passages += 1
        words += text.count(" ") + 1
    writer.commit()
    writer.wait_merging_threads()
    return passages, words


def _delete(writer: tantivy.IndexWriter, schema: tantivy.Schema, passage: int) -> None:
    # By query and not by term: the latter takes a Python int for a signed number, and then finds nothing.
    writer.delete_documents_by_query(tantivy.Query.term_query(schema, "id", passage))


def _publish(folder: Path, manifest: Manifest) -> None:
    draft = folder / "manifest.json.new"
    with draft.open("w") as file:
        json.dump(asdict(manifest), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "manifest.json")
    for path in folder.iterdir():
        if path.is_dir() and path.name != manifest.name:
            shutil.rmtree(path, ignore_errors=True)
