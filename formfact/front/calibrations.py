"""`Knowledge.calibrate` and what goes with it: questions read, the fit run or undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from formfact.front.makers import open_maker
from formfact.knowledge.stores import Store
from formfact.models import Embedder
from formfact.proof import calibrate as proof
from formfact.proof.audit.own import read_own
from formfact.proof.makers import Maker
from formfact.types import Advance, Calibration

remembered, undo = proof.remembered, proof.undo


def calibrate(
    store: Store,
    embedder: Embedder,
    *,
    maker: str | Maker,
    questions: str | Path | None,
    sample: int | None,
    seed: int,
    error: float,
    progress: Callable[[Advance], None] | None,
) -> Calibration:
    """See `Knowledge.calibrate`."""
    own = read_own(Path(questions)) if questions else ()
    size = proof.SAMPLE if sample is None else sample
    return proof.calibrate(
        store, embedder, maker=open_maker(maker), own=own, sample=size, seed=seed, error=error, progress=progress
    )
