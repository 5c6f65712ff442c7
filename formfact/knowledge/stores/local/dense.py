"""The dense shadow: sign bits scanned whole, int8 vectors that rescore the best, both memory-mapped.

The files of a *base* are written once and published by renaming `manifest.json`; later passages are appended to a
*tail* whose length the manifest states, so that whatever a killed writer left behind it is not seen; deleted
passages are listed in a *dead* file and folded out with the next base. Ids rise along base and tail (the truth never
gives one twice), so a slot is found by bisection. Slots, vectors and bits are always of one generation: the manifest's.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from formfact.knowledge.stores.vectors import signs, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1
EXACT = 4096
"""Up to so many passages every vector is compared; beyond, the sign bits choose whose are."""
RESCORED = 1000
"""How many of the nearest by sign bits are rescored with int8 vectors: recall@10 .996 to exact float search."""
FOLD_ROWS = 20_000
"""A tail or dead list longer than this, and than a quarter of the base, is folded into a new base."""
SCAN_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the shadow holds: up to which generation, under which token, in which files, how many rows of each."""

    format: int
    generation: int
    token: str
    dimensions: int
    base: str
    base_rows: int
    tail: str
    tail_rows: int
    dead: str
    dead_rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Passages on their way into the shadow: ids (n,) rising, int8 vectors (n, d), scales (n,)."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]


class Part:
    """The memory-mapped files of a base or a tail, `rows` of them valid."""

    def __init__(self, folder: Path, name: str, rows: int, dimensions: int, *, by_column: bool) -> None:
        self.rows = rows
        width = words(dimensions)
        self.ids: NDArray[np.int64] = _map(folder / f"{name}.ids", np.int64, (rows,))
        if rows and (self.ids[0] < 1 or not np.all(self.ids[1:] > self.ids[:-1])):
            raise ValueError(f"the ids of {name} do not rise")
        self.vectors: NDArray[np.int8] = _map(folder / f"{name}.int8", np.int8, (rows, dimensions))
        self.scales: NDArray[np.float32] = _map(folder / f"{name}.scales", np.float32, (rows,))
        bits: NDArray[np.uint64] = _map(
            folder / f"{name}.bits", np.uint64, (width, rows) if by_column else (rows, width)
        )
        # The scan runs along columns; the tail is short and turned once when it is opened.
        self.bits = bits if by_column else np.ascontiguousarray(bits.T)

    def slots(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slot of each id, -1 where it is not here."""
        if not self.rows:
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self.ids, ids), self.rows - 1)
        return np.where(self.ids[at] == ids, at, -1)

    def cosines(self, slots: NDArray[np.int64], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of the vector and each slot's."""
        products: NDArray[np.float32] = self.vectors[slots].astype(np.float32) @ vector
        return products * self.scales[slots]

    def distances(self, question: NDArray[np.uint64]) -> NDArray[np.uint16]:
        """Hamming distance of the sign bits of every slot to the question's."""
        found = np.zeros(self.rows, np.uint16)
        for start in range(0, self.rows, SCAN_BLOCK):
            block = slice(start, min(start + SCAN_BLOCK, self.rows))
            for column, word in zip(self.bits, question, strict=True):
                found[block] += np.bitwise_count(column[block] ^ word)
        return found


def _map(path: Path, kind: type[np.generic], shape: tuple[int, ...]) -> Any:
    if not np.prod(shape):
        return np.zeros(shape, kind)
    if path.stat().st_size < np.prod(shape) * np.dtype(kind).itemsize:
        raise ValueError(f"{path.name} is shorter than its manifest says")
    # A plain view: memmap's own indexing costs more than the rows it fetches.
    return np.memmap(path, kind, "r", shape=shape).view(np.ndarray)


class Dense:
    """One published state of the shadow, safe to search from any thread."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        d = manifest.dimensions
        self.base = Part(folder, manifest.base, manifest.base_rows, d, by_column=True)
        self.tail = Part(folder, manifest.tail, manifest.tail_rows, d, by_column=False)
        self.dead: NDArray[np.int64] = np.asarray(_map(folder / manifest.dead, np.int64, (manifest.dead_rows,)))

    def __len__(self) -> int:
        return self.base.rows + self.tail.rows

    def nearest(
        self, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `limit` nearest living passages, best first, and their cosines; only `allowed` ids where given."""
        found = [self._nearest_in(part, vector, limit, allowed) for part in (self.base, self.tail)]
        ids = np.concatenate([ids for ids, _ in found])
        cosines = np.concatenate([cosines for _, cosines in found])
        # Equal cosines keep the order of their ids, so that the same question always gives the same list.
        order = np.lexsort((ids, -cosines))[:limit]
        return ids[order], cosines[order]

    def _nearest_in(
        self, part: Part, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        living = self._allowed(part, allowed) if allowed is not None else self._living[part is self.tail]
        slots = living if living is not None else np.arange(part.rows)
        if len(slots) > max(EXACT, limit):
            slots = self._closest_by_signs(part, vector, max(RESCORED, limit), living)
        cosines = part.cosines(slots, vector)
        if len(cosines) > limit:
            best = np.argpartition(-cosines, limit - 1)[:limit]
            slots, cosines = slots[best], cosines[best]
        return np.asarray(part.ids[slots]), cosines

    @cached_property
    def _living(self) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
        """The slots of base and tail that are not deleted; None where all live."""
        return self._without_dead(self.base), self._without_dead(self.tail)

    def _without_dead(self, part: Part) -> NDArray[np.int64] | None:
        if not len(self.dead):
            return None
        mask = np.ones(part.rows, bool)
        dead = part.slots(self.dead)
        mask[dead[dead >= 0]] = False
        return np.flatnonzero(mask)

    def _allowed(self, part: Part, allowed: NDArray[np.int64]) -> NDArray[np.int64]:
        slots = part.slots(np.setdiff1d(allowed, self.dead, assume_unique=True))
        return slots[slots >= 0]

    def _closest_by_signs(
        self, part: Part, vector: NDArray[np.float32], wanted: int, living: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        """About the `wanted` slots whose sign bits are nearest: all within the distance that reaches that many."""
        distances = part.distances(signs(vector[None, :])[0])  # type: ignore[arg-type]
        if living is not None:
            distances = distances[living]
        reached = np.cumsum(np.bincount(distances, minlength=1))
        cut = int(np.searchsorted(reached, wanted))
        slots = np.flatnonzero(distances <= cut)
        return slots if living is None else living[slots]

    def cosines(self, ids: NDArray[np.int64], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each passage; NaN for one that is not here."""
        found = np.full(len(ids), np.nan, np.float32)
        for part in (self.base, self.tail):
            slots = part.slots(ids)
            here = slots >= 0
            found[here] = part.cosines(slots[here], vector)
        return found


def open_dense(folder: Path) -> Dense | None:
    """The published shadow, or None where there is none that can be used."""
    for _ in range(3):
        # Between reading the manifest and opening its files another process may publish the next and clear these.
        try:
            manifest = Manifest(**json.loads((folder / "manifest.json").read_text()))
            return Dense(folder, manifest) if manifest.format == FORMAT else None
        except (OSError, ValueError, TypeError):
            continue
    return None


def redraw(folder: Path, head: tuple[int, str], dimensions: int, batches: Iterable[Rows]) -> None:
    """Write a new base from all passages, in batches of rising ids, and publish it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"base-{secrets.token_hex(8)}"
    rows = _write_rows(folder, name, batches, mode="wb")
    _turn_bits(folder / f"{name}.bits", rows, words(dimensions))
    _publish(folder, Manifest(FORMAT, *head, dimensions, name, rows, f"tail-{secrets.token_hex(8)}", 0, "", 0))


def extend(folder: Path, dense: Dense, head: tuple[int, str], born: Iterable[Rows], dead: NDArray[np.int64]) -> None:
    """Append new passages to the tail, list the deleted ones, publish. The caller holds the shadows' lock."""
    old = dense.manifest
    _cut_back(folder, old)
    added = _write_rows(folder, old.tail, born, mode="ab")
    gone = np.union1d(dense.dead, dead)
    dead_name = f"dead-{secrets.token_hex(8)}" if len(gone) else ""
    if dead_name:
        _write_durably(folder / dead_name, gone.astype(np.int64).tobytes())
    manifest = Manifest(
        FORMAT, *head, old.dimensions, old.base, old.base_rows, old.tail, old.tail_rows + added, dead_name, len(gone)
    )
    _publish(folder, manifest)


def wants_folding(dense: Dense, born: int, dead: int) -> bool:
    """Whether a new base is due once so many passages more have come and gone."""
    bound = max(FOLD_ROWS, len(dense) // 4)
    return dense.tail.rows + born > bound or len(dense.dead) + dead > bound


WIDTHS = ("ids", "bits", "int8", "scales")


def _write_rows(folder: Path, name: str, batches: Iterable[Rows], *, mode: str) -> int:
    files = {kind: (folder / f"{name}.{kind}").open(mode) for kind in WIDTHS}
    rows = 0
    try:
        for batch in batches:
            files["ids"].write(batch.ids.astype(np.int64).tobytes())
            files["bits"].write(signs(batch.vectors).tobytes())
            files["int8"].write(batch.vectors.tobytes())
            files["scales"].write(batch.scales.astype(np.float32).tobytes())
            rows += len(batch.ids)
        for file in files.values():
            file.flush()
            os.fsync(file.fileno())
    finally:
        for file in files.values():
            file.close()
    return rows


def _cut_back(folder: Path, manifest: Manifest) -> None:
    """Drop what a killed writer appended behind the published tail."""
    width = {"ids": 8, "bits": 8 * words(manifest.dimensions), "int8": manifest.dimensions, "scales": 4}
    for kind, size in width.items():
        path = folder / f"{manifest.tail}.{kind}"
        if path.exists():
            os.truncate(path, size * manifest.tail_rows)


def _turn_bits(path: Path, rows: int, width: int) -> None:
    """Turn the file of sign words from one row a passage to one row a word, which the scan reads in sequence."""
    if rows:
        by_row = np.fromfile(path, np.uint64).reshape(rows, width)
        _write_durably(path, np.ascontiguousarray(by_row.T).tobytes())


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _publish(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place by rename, then clear away the files of older ones."""
    draft = folder / "manifest.json.new"
    _write_durably(draft, json.dumps(asdict(manifest)).encode())
    draft.replace(folder / "manifest.json")
    for path in _strangers(folder, manifest):
        path.unlink(missing_ok=True)


def _strangers(folder: Path, manifest: Manifest) -> Iterator[Path]:
    ours = {manifest.base, manifest.tail, manifest.dead, "manifest"}
    for path in folder.iterdir():
        if path.name.split(".")[0] not in ours:
            yield path
