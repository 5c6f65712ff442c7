"""How to train: values that are right for small data on two cores."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from formfact.errors import Refused

SEEDS = 2**63
"""Seeds lie below, and not below its negative."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`tokens` go into one step; `steps` is the most that are taken; every `look` steps conformance is measured on
    `looked_at` inputs that are not trained on, and training ends when it was `enough` twice in a row. The
    adapter that is kept is a moving average of the weights: `follow` is the share of the former average in each step.
    """

    rank: int = 16
    alpha: int = 32
    rate: float = 6e-4
    tokens: int = 1536
    steps: int = 150
    warm: int = 10
    look: int = 30
    looked_at: int = 24
    enough: float = 0.95
    follow: float = 0.9
    seed: int = 7

    def check(self) -> None:
        """Raise Refused for values with which nothing can be trained."""
        for name in ("rank", "steps", "look", "tokens"):
            if getattr(self, name) < 1:
                raise Refused(f"{name} is {getattr(self, name)}", hint=f"--{name} is 1 at the least")
        if not (isfinite(self.rate) and self.rate > 0):
            raise Refused(f"the learning rate is {self.rate}", hint="--rate is a number above 0, such as 6e-4")
        if not -SEEDS <= self.seed < SEEDS:
            raise Refused(f"the seed {self.seed} is too large", hint="--seed is a number of 64 bits")
