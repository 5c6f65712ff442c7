"""Questions put to search as a user's would be: where does each find its passage, or one that holds the same answer?

What was found is kept in the base by the passage's hash. It is asked again when the passage or its questions changed,
when search is set otherwise, when the passage was not found, and when the base has grown or shrunk by a tenth since.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from formfact.errors import ReadOnly
from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.knowledge.search import embed_question, first_round, read_hits
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import KEYS, Batch, Note, Probe, Snapshot, Store
from formfact.models import Embedder
from formfact.proof import questions
from formfact.proof.audit.expected import lead
from formfact.proof.audit.gather import Held
from formfact.proof.findings import Asked
from formfact.proof.makers import Maker
from formfact.proof.questions import Question
from formfact.types import Advance

KIND = "audit"
DEEPEST = 20
"""Hits that are looked at."""
LOST_BEYOND = 10
"""A passage that is not among so many for any of its questions is lost."""
STALE = 0.1
"""The share of the base that may have come or gone before what was found is asked for again."""
FIRST, MOST = 16, 256
"""Passages between two commits: few at first, then as many as take about SECONDS; a model writes slowly."""
SECONDS = 4.0

Report = Callable[[Advance], None]
Reached = tuple[int | None, tuple[float, ...]]
"""A question's rank and lead: see `formfact.proof.findings.Asked`."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What each passage was asked, by hash; `kept` are those that were known."""

    asked: Mapping[str, tuple[Asked, ...]]
    kept: frozenset[str]


def ask(
    store: Store,
    embedder: Embedder,
    maker: Maker,
    chosen: Sequence[Held],
    *,
    held: Sequence[Held],
    fresh: bool = False,
    progress: Report | None = None,
) -> Answers:
    """Ask for each of the chosen passages; `held` are all that the base has."""
    started = time.monotonic()
    total = len(held)
    with store.snapshot() as view:
        known = questions.kept(view, maker)
        true = {} if fresh else _still_true(view.notes(KIND), known, _settings(view, maker), total)
    # What a sample leaves out is no part of it, even where an earlier audit knows it.
    found = {one.digest: true[one.digest] for one in chosen if one.digest in true}
    kept = frozenset(found)
    todo = [one for one in chosen if one.digest not in found]
    done, size = 0, FIRST
    while done < len(todo):
        if progress:
            progress(Advance("passages", done, len(todo), time.monotonic() - started))
        began = time.monotonic()
        found |= _ask_part(store, embedder, maker, todo[done : done + size], known, total)
        done += size
        size = min(MOST, size * 2) if time.monotonic() - began < SECONDS else max(1, size // 2)
    if progress:
        progress(Advance("passages", len(todo), len(todo), time.monotonic() - started, finished=True))
    return Answers(found, kept)


def _settings(view: Snapshot, maker: Maker) -> list[Any]:
    """What an outcome depends on beside the passages: search keys find what nothing else would."""
    settings, keys = [maker.name, DENSE_WEIGHT, view.card("fusion")], view.notes(KEYS)
    return [*settings, zlib.crc32(json.dumps(keys, sort_keys=True).encode())] if keys else settings


def _still_true(
    notes: Mapping[str, Any], known: Mapping[str, Sequence[Question]], settings: list[Any], total: int
) -> dict[str, tuple[Asked, ...]]:
    found = {}
    for digest, note in notes.items():
        made = known.get(digest)
        true = made is not None and note["settings"] == settings and len(note.get("leads", ())) == len(made)
        if true and made and abs(note["among"] - total) <= STALE * note["among"]:
            ranks = note["ranks"]
            if any(rank is not None and rank <= LOST_BEYOND for rank in ranks):
                found[digest] = _asked(made, zip(ranks, map(tuple, note["leads"]), strict=True))
        elif true and not made:
            found[digest] = ()
    return found


def _asked(made: Sequence[Question], reached: Iterable[Reached]) -> tuple[Asked, ...]:
    return tuple(
        Asked(one.text, one.evidence, one.overlap, rank, lead) for one, (rank, lead) in zip(made, reached, strict=True)
    )


def _ask_part(
    store: Store,
    embedder: Embedder,
    maker: Maker,
    part: Sequence[Held],
    known: Mapping[str, Sequence[Question]],
    total: int,
) -> dict[str, tuple[Asked, ...]]:
    new = [one for one in part if one.digest not in known]
    made = dict(zip((one.digest for one in new), questions.ask(maker, [one.read for one in new]), strict=True))
    of = {one.digest: made.get(one.digest) or known.get(one.digest, ()) for one in part}
    pairs = [(one, question) for one in part for question in of[one.digest]]
    with store.snapshot() as view:
        probes = probes_of(embedder, [question.text for _, question in pairs])
        reached = iter([reach(view, probe, *pair) for pair, probe in zip(pairs, probes, strict=True)])
        settings = _settings(view, maker)
    found = {digest: _asked(made_, islice(reached, len(made_))) for digest, made_ in of.items()}
    notes = [questions.note(digest, maker, made_) for digest, made_ in made.items()]
    for digest, asked in found.items():
        ranks, leads = [one.rank for one in asked], [[round(each, 4) for each in one.lead] for one in asked]
        notes.append(Note(KIND, digest, {"settings": settings, "among": total, "ranks": ranks, "leads": leads}))
    with suppress(ReadOnly):  # then nothing is kept, and the next audit asks again
        store.commit(Batch(notes=tuple(notes)))
    return found


def probes_of(embedder: Embedder, texts: Sequence[str]) -> list[Probe]:
    """Questions made ready as `search` would, embedded together where they fit the embedder's window."""
    if not texts:
        return []
    fits = [tokens <= embedder.card.window - 2 for tokens in embedder.count(texts)]
    short = [text for text, fit in zip(texts, fits, strict=True) if fit]
    vectors = iter(embedder.embed(short, question=True) if short else ())
    return [
        Probe(text, next(vectors) if fit else embed_question(embedder, text), DEPTH)
        for text, fit in zip(texts, fits, strict=True)
    ]


def reach(view: Snapshot, probe: Probe, held: Held, question: Question) -> Reached:
    """The rank among the best DEEPEST of the passage or another with its evidence, and their lead over all others."""
    said, first = flat(question.evidence), first_round(view, probe)
    hits = read_hits(view, first.again.order[:DEEPEST])
    good = [one for one in hits if one.stored.id == held.id or (said and said in flat(one.hit.text))]
    right = {held.id, *(one.stored.id for one in good)}
    return (good[0].hit.rank if good else None), lead(first.candidates, right, first.weight)


def flat(text: str) -> str:
    """A text as two are compared: lower case, white space of any kind one space."""
    return " ".join(text.lower().split())
