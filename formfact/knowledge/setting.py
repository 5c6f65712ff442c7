"""How a base is searched: as everything is set by default, or as `tune` measured it and wrote on the base's card."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.knowledge.stores import Candidate, Probe, Snapshot
from formfact.knowledge.words import IDENTIFIER

CARD = "fusion"
"""Under this name a base remembers its setting (see `formfact.knowledge.stores.Batch.cards`)."""
TUNING = "tuning"
"""And under this one what was tried and gained (`formfact.proof.tunings.Tuning`)."""
UNFINISHED = {"unfinished": True}
"""What it remembers there while search keys are tried."""
DEPTH = 100
"""How many candidates each leg gives at least."""
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Setting:
    """`weight` is the share of meaning, `depth` how many candidates each leg gives at least.

    `keyed` is the share of meaning for questions that are (see `is_keyed`), None where it is the same for all.
    """

    weight: float = DENSE_WEIGHT
    depth: int = DEPTH
    keyed: float | None = None

    def share(self, *, keyed: bool) -> float:
        """The share of meaning for a question that is keyed or is not."""
        return self.keyed if keyed and self.keyed is not None else self.weight


def is_keyed(question: str) -> bool:
    """Whether a question holds a number or a code symbol, which a text has as they are or has not."""
    return bool(DIGIT.search(question) or IDENTIFIER.search(question))


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
    share = setting.share(keyed=is_keyed(probe.question))
    return Looked(view.retrieve(replace(probe, depth=deep)), share)


def tuned(view: Snapshot) -> str:
    """When the base was tuned and what that changed, in a line; empty where nothing is changed."""
    card = view.card(TUNING)
    if card == UNFINISHED:
        return "cut off while search keys were tried; formfact tune --undo takes them back"
    kept = [f"{one['name']} {one['before']} → {one['after']}" for one in card["changes"] if one["kept"]] if card else []
    return f"{card['tuned'][:10]}: {', '.join(kept)}" if kept else ""
