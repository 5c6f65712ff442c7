"""The wrench and the screw: the same facts held in weights and found by search, measured on the user's own machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from formfact.errors import Refused
from formfact.knowledge.stores import Store
from formfact.models import Embedder, Writer
from formfact.patterns import tuned
from formfact.proof.compare.arms import QUICK, Bench, Size
from formfact.proof.compare.corpus import Corpus, corpus, placed
from formfact.proof.compare.facts import Facts, drawn
from formfact.proof.compare.prices import read_prices
from formfact.proof.comparison import ARMS, Comparison
from formfact.types import Advance

FULL, SMALL = Size(40, 420.0), Size(15, 120.0)


def compare(
    store: Store | None,
    embedder: Embedder,
    given: Facts,
    *,
    quick: bool = False,
    arms: Sequence[str] = (),
    base: str | None = None,
    writer: Writer | None = None,
    prices: Path | None = None,
    progress: Callable[[Advance], None] | None = None,
) -> Comparison:
    """Measure every arm on a copy of the base, without one on the handbook; see `formfact.front.comparisons`."""
    started = time.perf_counter()
    chosen, table, size = _chosen(arms, quick), read_prices(prices), SMALL if quick else FULL
    with (
        tempfile.TemporaryDirectory(prefix="formfact-compare-") as folder,
        corpus(store, embedder, Path(folder)) as place,
    ):
        here, absent = placed(place, given.facts)
        if not here:
            raise Refused("no document holds any of the answers", hint="add the documents first, or name other facts")
        asked = drawn(here, size.facts)
        bench = Bench(place, asked, given.unanswerable, table, size, writer=writer, base=base)
        done = []
        for at, name in enumerate(chosen):
            done.append(bench.arm(name, _teller(progress, ARMS[name], at, len(chosen), started)))
        return Comparison(
            arms=tuple(done),
            facts=len(asked),
            unanswerable=len(given.unanswerable),
            absent=absent,
            # Rules know only so many wordings: what was taught is told, not what was wished for.
            paraphrases=min(len(fact.taught) for fact in asked) - 1,
            quick=quick,
            base=bench.book.address if bench.opened else "",
            hardware=tuned.load("hardware")() if bench.opened else "",
            known_before=bench.known_before,
            documents=place.documents,
            passages=len(place.held),
            corpus_tokens=place.tokens,
            prices=table,
            notes=(*bench.notes, *_notes(given, place, absent)),
            seconds=time.perf_counter() - started,
        )


def _chosen(arms: Sequence[str], quick: bool) -> list[str]:
    unknown = [name for name in arms if name not in ARMS]
    if unknown:
        raise Refused(f"there is no arm {unknown[0]!r}", hint=f"choose from {', '.join(ARMS)}")
    return [name for name in ARMS if name in (arms or (QUICK if quick else ARMS))]


def _notes(given: Facts, place: Corpus, absent: int) -> list[str]:
    notes = []
    if given.reworded:
        notes.append("Some wordings were made by rules: what is asked then resembles what was trained on.")
    if absent:
        stand = "1 answer stands" if absent == 1 else f"{absent:,} answers stand"
        notes.append(f"{stand} in no document, and such facts were left out.")
    if place.estimated:
        notes.append("The seconds of setting up search are estimated from embedding a sample of the passages anew.")
    else:
        notes.append("The documents and facts are those of the handbook that ships, not of a knowledge base of yours.")
    return notes


def _teller(
    progress: Callable[[Advance], None] | None, what: str, at: int, total: int, started: float
) -> Callable[[str], None]:
    """Tells how far one arm is, and at the end, with no word, that it is done."""

    def tell(word: str) -> None:
        done = at + (not word)
        shown = f"{what}: {word}" if word else what
        if progress:
            progress(Advance(shown, done, total, time.perf_counter() - started, done == total))

    return tell
