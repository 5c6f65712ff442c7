"""Make the knowledge base agree with a path: new, changed and vanished files, each document whole.

Files are read and passages embedded outside the store's lock, in batches across documents; every batch is one
transaction. A run that is killed leaves whole documents, and the next one finds them unchanged and goes on. A file's
digest is noted with its last document, so that one cut off half-way is read again. Vanished files are forgotten last:
a renamed one then finds its vectors still there.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from formfact.errors import NotFound, Refused, Unreadable
from formfact.knowledge import documents, prepare
from formfact.knowledge.reach import Reach
from formfact.knowledge.read import is_called
from formfact.knowledge.stores import Batch, Committed, Entry, Source, Store
from formfact.knowledge.walk import File, Unseen, check_path, walk
from formfact.models import Embedder
from formfact.types import AddReport, Document, FileCounts, Progress, Skipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH_PASSAGES = 256
"""Passages embedded and committed together at most. A document with more is still committed whole."""
FEWEST_PASSAGES = 32
BATCH_SECONDS = 2.0
"""What a batch may take: so much work is lost where a run is killed. How many passages that is, the embedder shows."""
LONG = 200_000
"""Characters of a document that takes a second to be cut."""
EMBED_AT_ONCE = 64
"""Passages between two reports of progress."""
SKIPPED_MARK = "!"
"""What a source's digest begins with when the file was skipped; the reason follows, and it is not read again."""

Report = Callable[[Progress], None]


def add(
    store: Store,
    embedder: Embedder,
    paths: Sequence[str | Path],
    *,
    leave_out: Iterable[Path] = (),
    limit: int | None = None,
    progress: Report | None = None,
) -> AddReport:
    """Bring the store into agreement with all that lies under the paths.

    `limit` is the size in bytes above which a file is skipped (None: each format's own). Raises NotFound or
    Refused for a path that is missing or may not be read, before anything is changed.
    """
    if not paths:
        raise Refused("no path was given", hint="formfact add FOLDER")
    roots = [check_path(path) for path in paths]
    return _Run(store, embedder, limit, progress or _silent).run(roots, tuple(leave_out))


def remove(store: Store, what: str, *, here: bool = True) -> int:
    """Take documents out: all of a file or folder (from here, or from the added root), or the one with this id.

    `file.csv:id` is that row of that file alone, with the file's name or as much of its path as is given. `here` says
    whether `what` may be a path on this machine. Returns how many. They stay out until their file changes or is added
    under another path.
    Raises NotFound where nothing matches, Refused for an empty name and for one that documents of several files have.
    """
    if not what.strip():  # resolved it would be the folder one is in
        raise Refused("nothing was named to be removed", hint="name a document, a file or a folder")
    address = Path(what).expanduser().resolve().as_posix() if here else what.rstrip("/")
    with store.snapshot() as view:
        gone = tuple(view.sources(address) if address else ())
        named = () if gone else tuple(one for one in view.sources() if one.path == what.rstrip("/"))
        entries = () if gone or named else tuple(one for one in view.entries() if _is_called(one, what, address))
    exact = [one.address for one in named] or [f"{one.address}:{one.record}" for one in entries]
    if not gone and not exact:
        raise NotFound(f"the knowledge base has no document {what!r}", hint="formfact status --documents lists them")
    if len(exact) > 1:
        raise Refused(
            f"{len(exact)} documents are called {what!r}", hint=f"name one of: {', '.join(sorted(exact)[:5])}"
        )
    return store.commit(Batch(drop=entries, forget=gone or named)).removed


def _is_called(entry: Entry, what: str, address: str) -> bool:
    """Whether a document is meant, by a name of its own or as a row of a file that is named from here."""
    return is_called(entry, what) or address == f"{entry.address}:{entry.record}"


def transfer(old: Store, new: Store, embedder: Embedder, *, progress: Report | None = None) -> None:
    """Bring all documents of one store into another with vectors of its own embedder; goes on where it stopped."""
    run = _Run(new, embedder, None, progress or _silent)
    with old.snapshot() as view:
        sources = view.sources()
        run.seen = {source.address for source in sources}
        for source in sources:
            keys = [entry.key for entry in view.entries([source.address])]
            run.take_over(source, view.documents(keys))


def _silent(progress: Progress) -> None:
    """For those who want no reports."""


class _Run:
    def __init__(self, store: Store, embedder: Embedder, limit: int | None, progress: Report) -> None:
        self.store, self.embedder, self.limit, self.progress = store, embedder, limit, progress
        self.started = time.perf_counter()
        self.seen: set[str] = set()
        self.unseen: list[str] = []
        self.skipped: list[Skipped] = []
        self.counts = {"added": 0, "updated": 0, "unchanged": 0, "removed": 0}
        self.files_done = self.files_seen = self.files_skipped = self.passages = 0
        self.batch = _Gathered()
        self.most = min(FEWEST_PASSAGES, BATCH_PASSAGES)
        self.reach = Reach()

    def run(self, roots: Sequence[Path], leave_out: tuple[Path, ...]) -> AddReport:
        files = list(self._files(roots, leave_out))
        self.files_seen += len(files)
        known = self._known(roots)
        self.reach.before(files)
        for file in files:
            self.reach.begin(file)
            self._report()
            self._file(file, known.get(file.address))
            self._flush_when_due()
            self.files_done += 1
            self.reach.end()
        self._report()
        self._flush()
        self._forget(known.values())
        self._report(done=True)
        return self._finish()

    def take_over(self, source: Source, found: Iterable[Document]) -> None:
        """Put a source and its documents as another store has them."""
        self._put_all(source, found)
        self._flush()
        self.files_done += 1
        self._report()

    def _files(self, roots: Sequence[Path], leave_out: tuple[Path, ...]) -> Iterator[File]:
        for root in roots:
            for found in walk(root, leave_out=leave_out):
                if isinstance(found, Unseen):
                    self.unseen.append(found.address)
                    self._skip(found.skipped, met_now=True)
                elif isinstance(found, Skipped):
                    self._skip(found, met_now=True)
                elif found.address not in self.seen:
                    self.seen.add(found.address)
                    yield found

    def _skip(self, skipped: Skipped, *, met_now: bool = False) -> None:
        """List a file, or a folder (its path ends in a slash and it counts as no file)."""
        self.skipped.append(skipped)
        is_file = not skipped.path.endswith("/")
        self.files_skipped += is_file
        self.files_seen += is_file and met_now

    def _known(self, roots: Sequence[Path]) -> dict[str, Source]:
        with self.store.snapshot() as view:
            return {source.address: source for root in roots for source in view.sources(root.as_posix())}

    def _file(self, file: File, known: Source | None) -> None:
        if known and known.stamp == file.stamp and known.digest and not self._fits_now(file, known):
            self._untouched(known)
            return
        try:
            with Path(file.address).open("rb") as content:
                self._read(file, known, content)
        except Unreadable as error:
            self._unreadable(file, error.reason)
        except OSError as error:
            # The file may be readable again tomorrow: what is known of it stays.
            self._skip(Skipped(file.path, (error.strerror or str(error)).lower()))

    def _fits_now(self, file: File, known: Source) -> bool:
        """Whether a file that was too large is not, by today's limit."""
        if not known.digest.startswith(SKIPPED_MARK + documents.TOO_LARGE):
            return False
        try:
            documents.check_size(file.path, file.size, self.limit)
        except Unreadable:
            return False
        return True

    def _untouched(self, known: Source) -> None:
        if known.digest.startswith(SKIPPED_MARK):
            self._skip(Skipped(known.path, known.digest[len(SKIPPED_MARK) :]))
        self.counts["unchanged"] += known.documents

    def _read(self, file: File, known: Source | None, content: IO[bytes]) -> None:
        documents.check_size(file.path, file.size, self.limit)
        digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
        source = Source(file.address, file.root, file.path, file.stamp, digest)
        if known and known.digest == digest and known.stamp.split(":")[0] == file.stamp.split(":")[0]:
            self.counts["unchanged"] += known.documents
            self.batch.sources.append(source)
            return
        content.seek(0)
        self._documents(replace(source, path=known.path if known else file.path), content)

    def _documents(self, source: Source, content: IO[bytes]) -> None:
        self._put_all(source, self._met(content, source.path))

    def _met(self, content: IO[bytes], path: str) -> Iterator[Document | Skipped]:
        for found in documents.read(content, path):
            self.reach.document(content)
            yield found

    def _put_all(self, source: Source, every: Iterable[Document | Skipped]) -> None:
        """Put what is new or changed, drop what is gone, and note the source with the last of it."""
        before = self._entries(source.address)
        # Until its last document is committed the source has no digest, and so is read again after a crash.
        self.batch.sources.append(replace(source, digest=""))
        met: set[str] = set()
        for found in every:
            if isinstance(found, Skipped):
                self.skipped.append(found)
            elif found.id in met:
                self.skipped.append(Skipped(f"{source.path}:{found.id}", "an id that an earlier row has"))
            else:
                met.add(found.id)
                self._document(source, found, before.get(found.id))
        self.batch.drop += (entry for record, entry in before.items() if record not in met)
        self.batch.sources.append(source)

    def _entries(self, address: str) -> dict[str, Entry]:
        with self.store.snapshot() as view:
            return {entry.record: entry for entry in view.entries([address])}

    def _document(self, source: Source, document: Document, before: Entry | None) -> None:
        document = replace(document, source=source.address)
        digest = prepare.digest_of(document)
        if before and before.digest == digest:
            self.counts["unchanged"] += 1
            return
        if len(document.text) > LONG:
            self._report()  # cutting it takes seconds, in which there is nothing to tell
        self.batch.append(prepare.cut(source.address, document, digest, self.embedder))
        self._flush_when_due()

    def _unreadable(self, file: File, reason: str) -> None:
        """Its content cannot become a document: what the base had of it is no longer there."""
        self._skip(Skipped(file.path, reason))
        if self.batch.cuts and self.batch.cuts[-1].address == file.address:
            self._flush()  # only what is in the store can be dropped
        self.batch.drop += self._entries(file.address).values()
        self.batch.sources.append(Source(file.address, file.root, file.path, file.stamp, f"{SKIPPED_MARK}{reason}"))

    def _flush_when_due(self) -> None:
        if self.batch.passages >= self.most or time.perf_counter() - self.batch.started > BATCH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        """Embed what has no vector yet and commit the batch."""
        batch, self.batch = self.batch, _Gathered()
        if not batch:
            return
        vectors = self._vectors(batch.cuts)
        dimensions = self.embedder.card.dimensions
        put = tuple(prepare.complete(cut, vectors, dimensions) for cut in batch.cuts)
        sources = {source.address: source for source in batch.sources}
        self._count(self.store.commit(Batch(tuple(sources.values()), put, tuple(batch.drop))))

    def _vectors(self, cuts: Sequence[prepare.Cut]) -> dict[str, NDArray[np.float32]]:
        wanted = [digest for cut in cuts for digest in cut.hashes]
        if not wanted:
            return {}
        with self.store.snapshot() as view:
            vectors = dict(view.vectors(wanted))
        missing = prepare.missing(cuts, vectors)
        self.passages += len(wanted) - len(missing)
        self._report()
        hashes, texts = list(missing), list(missing.values())
        started = time.perf_counter()
        for start in range(0, len(hashes), EMBED_AT_ONCE):
            part = slice(start, start + EMBED_AT_ONCE)
            vectors.update(zip(hashes[part], self.embedder.embed(texts[part]), strict=True))
            self.passages += len(hashes[part])
            self.reach.embedded(min(part.stop / len(hashes), 1.0))
            self._report()
        if hashes:
            in_time = int(BATCH_SECONDS * len(hashes) / max(time.perf_counter() - started, 1e-6))
            self.most = min(max(in_time, FEWEST_PASSAGES), BATCH_PASSAGES)
        return vectors

    def _forget(self, known: Iterable[Source]) -> None:
        gone = [s for s in known if s.address not in self.seen and not self._may_still_be_there(s.address)]
        if gone:
            self._count(self.store.commit(Batch(forget=tuple(gone))))

    def _may_still_be_there(self, address: str) -> bool:
        return any(address == place or address.startswith(f"{place}/") for place in self.unseen)

    def _count(self, done: Committed) -> None:
        for name in self.counts:
            self.counts[name] += getattr(done, name)

    def _report(self, *, done: bool = False) -> None:
        seconds = time.perf_counter() - self.started
        share = 1.0 if done else self.reach.share
        self.progress(Progress(self.files_done, len(self.seen), self.passages, seconds, done, share, self.reach.file))

    def _finish(self) -> AddReport:
        with self.store.snapshot() as view:
            passages = view.status().passages
        files = FileCounts(self.files_seen, self.files_seen - self.files_skipped, self.files_skipped)
        seconds = round(time.perf_counter() - self.started, 3)
        return AddReport(files, **self.counts, skipped=tuple(self.skipped), passages=passages, seconds=seconds)


class _Gathered:
    """A batch in the making."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.sources: list[Source] = []
        self.cuts: list[prepare.Cut] = []
        self.drop: list[Entry] = []
        self.passages = 0

    def __bool__(self) -> bool:
        return bool(self.sources or self.cuts or self.drop)

    def append(self, cut: prepare.Cut) -> None:
        self.cuts.append(cut)
        self.passages += len(cut.passages)
