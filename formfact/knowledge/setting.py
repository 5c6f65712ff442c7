"""How a base is searched: as everything is set by default, or as `tune` measured it and wrote on the base's card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.knowledge.stores import Candidate, Probe, Snapshot

CARD = "fusion"
"""Under this name a base remembers its setting (see `formfact.knowledge.stores.Batch.cards`)."""
TUNING = "tuning"
"""And under this one what was tried and gained (`formfact.proof.tunings.Tuning`)."""
DEPTH = 100
"""How many candidates each leg gives at least."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`weight` is the share of meaning, `depth` how many candidates each leg gives at least."""

    weight: float = DENSE_WEIGHT
    depth: int = DEPTH


@dataclass(frozen=True, slots=True)
class Looked:
    """What both legs found for a question, and the share of meaning that orders it."""

    candidates: Sequence[Candidate]
    weight: float


def setting_of(view: Snapshot) -> Setting:
    """The base's setting; what its card does not say is as by default."""
    said = view.card(CARD)
    return Setting(**said) if said else Setting()


def as_card(setting: Setting) -> dict[str, Any] | None:
    """The setting as a base keeps it; None, which takes the card out, for the default."""
    return None if setting == Setting() else asdict(setting)


def look(view: Snapshot, probe: Probe) -> Looked:
    """Both legs' candidates as the base is set."""
    setting = setting_of(view)
    deep = max(probe.depth, setting.depth)
    return Looked(view.retrieve(replace(probe, depth=deep)), setting.weight)


def tuned(view: Snapshot) -> str:
    """When the base was tuned and what that changed, in a line; empty where nothing is changed."""
    card = view.card(TUNING)
    kept = [f"{one['name']} {one['before']} → {one['after']}" for one in card["changes"] if one["kept"]] if card else []
    return f"{card['tuned'][:10]}: {', '.join(kept)}" if kept else ""
