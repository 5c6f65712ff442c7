"""All passages of a base, and which of them are asked: every one, or a sample that stands for them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from formfact.errors import Refused
from formfact.knowledge.prepare import embedded_text, hash_of
from formfact.knowledge.stores import Snapshot, Stored
from formfact.proof.findings import Place
from formfact.types import Passage

AT_ONCE = 500
RUN = 20
"""Passages of a long document that are held out together."""


@dataclass(frozen=True, slots=True)
class Held:
    """A passage of the base; `stratum` is the part of the base that a sample must not leave out."""

    id: int
    digest: str
    place: Place
    format: str
    passage: Passage

    @property
    def read(self) -> str:
        """What search reads of it."""
        return embedded_text(self.passage)

    @property
    def stratum(self) -> str:
        return stratum_of(self.place, self.format)


def gather(view: Snapshot) -> list[Held]:
    """Every passage, by rising id."""
    return [_held(stored) for stored in _read(view)]


def _read(view: Snapshot) -> Iterator[Stored]:
    ids = view.ids()
    for start in range(0, len(ids), AT_ONCE):
        yield from view.read(ids[start : start + AT_ONCE])


def _held(stored: Stored) -> Held:
    document, passage = stored.document, stored.passage
    place = Place(document.id, document.source, passage.start, passage.end)
    return Held(stored.id, hash_of(passage), place, document.format, passage)


def portions(held: Sequence[Held], *, whole: int = RUN) -> Iterator[list[Held]]:
    """The parts that are held out as a whole: documents of at most `whole` passages, longer ones in runs of RUN."""
    documents: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for one in held:
        documents[one.place.source, one.place.document].append(one)
    for every in documents.values():
        size = len(every) if len(every) <= whole else RUN
        yield from (every[start : start + size] for start in range(0, len(every), size))


def folder_of(place: Place) -> str:
    """The first folder of a document's path (`.` where it has none); for a record the file that it came from."""
    if not place.source.endswith(place.document):
        return place.source.rpartition("/")[2]
    first, slash, _ = place.document.partition("/")
    return first if slash else "."


def stratum_of(place: Place, kind: str) -> str:
    """The part of the base that passages of a folder and a format make up."""
    return f"{folder_of(place)} {kind}"


def draw(held: Sequence[Held], size: int | None, seed: int) -> list[Held]:
    """One passage of each hash: all, or `size` of them, from every stratum in proportion and at least two.

    Raises Refused for a size below two.
    """
    if size is not None and size < 2:
        raise Refused(f"a sample of {size} says nothing", hint="sample some hundred passages, or leave --sample out")
    distinct = list({one.digest: one for one in reversed(held)}.values())[::-1]
    if size is None or size >= len(distinct):
        return distinct
    strata: dict[str, list[Held]] = defaultdict(list)
    for one in distinct:
        strata[one.stratum].append(one)
    drawn = random.Random(seed)
    chosen: list[Held] = []
    for members in strata.values():
        share = max(2, round(size * len(members) / len(distinct)))
        chosen += drawn.sample(members, min(share, len(members)))
    return sorted(chosen, key=lambda one: one.id)
