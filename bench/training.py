"""How many tokens a second a training step takes on one core; with --write into formfact/patterns/lint/cost.py.

The default base, the default recipe, the rows that ship with `questions`. Seconds are the processor's, in one thread:
other programs run beside it. A machine that computes in 16 bits is quicker, so the estimate is one at the most.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import replace

import torch
from table import ROOT

from formfact.front import Pattern
from formfact.patterns import tuned
from formfact.patterns.recipe import Recipe
from formfact.patterns.tuned.loss import encode
from formfact.patterns.tuned.network import add_adapter
from formfact.patterns.tuned.session import hardware
from formfact.patterns.tuned.training import train
from formfact.types import TrainingStep

STEPS = 4
"""Of which the first is not counted: it makes what the others use."""
COST = ROOT / "formfact" / "patterns" / "lint" / "cost.py"


def tokens_a_second() -> float:
    """Tokens, padding left out, by a second of one core."""
    torch.set_num_threads(1)
    pattern, recipe = Pattern("questions"), replace(Recipe(), steps=STEPS)
    network = tuned.load("network")()
    rows = encode(network, pattern.contract, pattern.examples())
    add_adapter(network, rank=recipe.rank, alpha=recipe.alpha, seed=recipe.seed)
    marks: list[tuple[float, float]] = []

    def note(at: TrainingStep) -> None:
        marks.append((time.process_time(), at.tokens_per_second * at.seconds))

    train(network, pattern.contract, rows, [], recipe=recipe, report=note)
    (began, before), (ended, after) = marks[0], marks[-1]
    return (after - before) / (ended - began)


def main() -> None:
    """Print the figure, and write it where that is asked for."""
    line = f"TOKENS_A_SECOND = {tokens_a_second():.1f}"
    print(f"{line}  (one of {hardware()})")
    if "--write" in sys.argv[1:]:
        text = COST.read_text(encoding="utf-8")
        COST.write_text(re.sub(r"^TOKENS_A_SECOND = .*$", line, text, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    main()
