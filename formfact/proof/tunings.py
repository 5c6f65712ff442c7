"""What `tune` hands over: the changes that it tried on a base, what each gained on the held-out half, and why.

These nouns are of `formfact.proof`; they are kept as the base's card `tuning` and cross to the faces.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was tried, from `before` to `after`, both in words.

    `gain` is what it does to the mean discounted gain@10 of `questions` that had no part in choosing it (higher is
    better), `interval` its 95 % interval, `chance` how often chance alone gives as much. `judges` says whose questions
    decided, `why` what was decided.
    """

    name: str
    before: str
    after: str
    kept: bool
    judges: str
    questions: int
    gain: float
    interval: tuple[float, float]
    chance: float
    why: str


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was tried on a base, in order. `made` and `own` count the questions asked: made of passages, the user's.

    `before` and `after` are the mean discounted gain@10 of those that judged, without search keys, counted as people's
    would; `tuned` is the time in ISO 8601, UTC.
    """

    passages: int
    asked: int
    made: int
    own: int
    maker: str
    changes: tuple[Change, ...]
    before: float
    after: float
    tuned: str
    seconds: float

    @property
    def kept(self) -> tuple[Change, ...]:
        """The changes that stay."""
        return tuple(change for change in self.changes if change.kept)
