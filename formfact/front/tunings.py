"""`Knowledge.tune` and what goes with it: the maker opened, the user's questions read, the tuning run or taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from formfact.front.makers import open_maker
from formfact.knowledge.stores import Store
from formfact.models import Embedder
from formfact.proof import tune as proof
from formfact.proof.audit.own import read_own
from formfact.proof.makers import Maker
from formfact.proof.tunings import Tuning
from formfact.types import Advance

remembered, undo = proof.remembered, proof.undo


def tune(
    store: Store,
    embedder: Embedder,
    *,
    maker: str | Maker,
    questions: str | Path | None,
    sample: int | None,
    seed: int,
    progress: Callable[[Advance], None] | None,
) -> Tuning:
    """See `Knowledge.tune`."""
    own = read_own(Path(questions)) if questions else ()
    size = proof.SAMPLE if sample is None else sample
    return proof.tune(store, embedder, maker=open_maker(maker), own=own, sample=size, seed=seed, progress=progress)
