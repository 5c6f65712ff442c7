"""`Knowledge.audit`: the maker opened, the user's questions read, the audit run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from formfact.front.makers import open_maker
from formfact.knowledge.stores import Store
from formfact.models import Embedder
from formfact.proof import audit as proof
from formfact.proof.audit.own import read_own
from formfact.proof.findings import Audit
from formfact.proof.makers import Maker
from formfact.types import Advance


def audit(
    store: Store,
    embedder: Embedder,
    *,
    maker: str | Maker,
    questions: str | Path | None,
    sample: int | None,
    seed: int,
    fresh: bool,
    progress: Callable[[Advance], None] | None,
) -> Audit:
    """See `Knowledge.audit`."""
    own = read_own(Path(questions)) if questions else ()
    return proof.audit(
        store, embedder, maker=open_maker(maker), own=own, sample=sample, seed=seed, fresh=fresh, progress=progress
    )
