"""The embedder that a base remembers, and a new base beside it with vectors of another one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from formfact.errors import Refused, WrongEmbedder
from formfact.knowledge import sync
from formfact.knowledge.history import FILE as DIALOGUES
from formfact.knowledge.stores import Store, open_store
from formfact.knowledge.stores.local.faults import named_errors
from formfact.models import Embedder, open_embedder
from formfact.types import EmbedderCard, Progress


def embed_anew(
    old: Store, address: str, embedder: Embedder, *, progress: Callable[[Progress], None] | None = None
) -> Path:
    """Make a base beside that at the address, with all its documents; goes on where it stopped. Returns its folder.

    Raises Refused, before anything is embedded, where the two could not be exchanged.
    """
    folder = Path(address)
    new = _beside(folder, "re-embedding")
    if not folder.is_dir():
        raise Refused(f"{address} cannot be embedded anew", hint="re-embed works on a folder's knowledge base")
    if _beside(folder, "old").exists():
        raise Refused(
            f"{_beside(folder, 'old')} is in the way: the old base is put there for a moment",
            hint="move it away, or delete it where it is nothing of yours",
        )
    if folder.is_mount():
        raise Refused(
            f"{folder} is the root of a disk of its own, which no other folder can take the place of",
            hint="formfact copy TO, then formfact --kb TO re-embed",
        )
    store = open_store(str(new), embedder=embedder.card, create=True)
    try:
        sync.transfer(old, store, embedder, progress=progress)
    finally:
        store.close()
    return new


def exchange(folder: Path, new: Path) -> None:
    """Put a folder in the place of another by two renames, then delete the old one; its dialogues come along."""
    old = _beside(folder, "old")
    with named_errors(folder):
        if (folder / DIALOGUES).exists():
            shutil.copy2(folder / DIALOGUES, new / DIALOGUES)
        folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:
            old.rename(folder)
            raise
        shutil.rmtree(old)


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f"{folder.name}.{what}")


def reopened(card: EmbedderCard) -> Embedder:
    """The embedder that a knowledge base remembers; WrongEmbedder where its address now holds another model."""
    embedder = open_embedder(card.address)
    if embedder.card.digest != card.digest:
        raise WrongEmbedder(
            f"the model at {card.address} is no longer the one that the knowledge base was made with",
            hint="put the old model back, or embed the documents anew: formfact re-embed",
        )
    return embedder
