"""`Knowledge.copy`: a snapshot of a store in a new folder, where the store can make one."""

from __future__ import annotations

from pathlib import Path

from formfact.errors import Refused
from formfact.knowledge.stores import Store


def copy(store: Store, address: str, *, to: str | Path) -> None:
    """See `Knowledge.copy`."""
    copies = getattr(store, "copy", None)
    if copies is None:
        raise Refused(f"{address} cannot be copied", hint="copy works on a folder's knowledge base")
    copies(Path(to))
