"""Which of several settings is best, and whether it is so on questions that had no part in the choice.

Trials are halved by document. Each half chooses, and the other one judges its choice: so all questions judge, and none
its own choice. Only what beats the setting that stands by more than chance is kept; then all trials choose together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.setting import Setting
from formfact.proof.paired import Paired, paired
from formfact.proof.tune.trials import Trial, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.025
"""A gain that chance alone gives as often is none; the 95 % interval of one that counts lies above 0."""
FEWEST = 30
"""Groups of questions below which nothing is chosen: too few can show nothing."""
SMOOTH = (0.06, 0.24, 0.4, 0.24, 0.06)
"""Neighbouring settings of a row have a say in each other's mean: a peak of one point is chance."""


@dataclass(frozen=True, slots=True)
class Picked:
    """The best column by all trials, and what the held-out halves say of picking so."""

    at: int
    held_out: Paired


@dataclass(frozen=True, slots=True)
class Choice:
    """The best of the settings, and what the held-out halves say of choosing so."""

    best: Setting
    held_out: Paired

    @property
    def kept(self) -> bool:
        """Whether choosing so gains more than chance does."""
        return beyond_chance(self.held_out)


def beyond_chance(found: Paired) -> bool:
    """Whether a gain is one."""
    return found.gain > 0 and found.chance < LEVEL


def choose(
    trials: Sequence[Trial], counts: NDArray[np.float64], settings: Sequence[Setting], standing: Setting
) -> Choice:
    """The best of settings in a row (`counts` says how much each trial counts), judged against the standing one."""
    gains = table(trials, [*settings, standing])
    picked = pick(gains[:, :-1], gains[:, -1], counts, [one.group for one in trials])
    return Choice(settings[picked.at], picked.held_out)


def pick(
    tried: NDArray[np.float64], stands: NDArray[np.float64], counts: NDArray[np.float64], groups: Sequence[str]
) -> Picked:
    """The best column of `tried`, (trials, settings), judged against the gains `stands`, (trials,)."""
    halves = np.array([half(group) for group in groups])
    gained = np.zeros(len(groups))
    for mine in (0, 1):
        if (halves == mine).any():
            at = best(tried[halves == mine], counts[halves == mine])
            gained[halves != mine] = tried[halves != mine, at] - stands[halves != mine]
    return Picked(best(tried, counts), paired(gained.tolist(), counts.tolist(), groups))


def half(group: str) -> int:
    """The half that a group is in: 0 or 1, the same each time."""
    return hashlib.sha256(group.encode()).digest()[0] % 2


def best(gains: NDArray[np.float64], counts: NDArray[np.float64]) -> int:
    """The column of the highest smoothed mean."""
    means = counts @ gains / counts.sum()
    reach = len(SMOOTH) // 2
    padded = np.pad(means, reach, mode="edge")
    return int(np.convolve(padded, SMOOTH, mode="valid").argmax())
