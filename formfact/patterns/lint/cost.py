"""What training on a file will take: minutes on this machine, dollars at providers by a dated table."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from formfact.patterns.recipe import Recipe
from formfact.types import TrainingCost

PRICES = Path(__file__).with_name("prices.toml")
TOKENS_A_SECOND = 97.9
"""Of a training step on one core that computes in 32 bits, with the default base: written by bench/training.py."""
OVERHEAD = 240.0
"""Seconds for opening the base, for the looks at conformance and the arms before and after."""
EPOCHS = 3
"""Rounds that hosted training takes where nothing is said."""


def cost(tokens: int, rows: int) -> TrainingCost:
    """Estimate minutes on this machine's processor, and dollars for EPOCHS rounds at each provider."""
    recipe, table = Recipe(), _table()
    longest = recipe.steps * recipe.tokens
    seconds = longest / (TOKENS_A_SECOND * min(os.cpu_count() or 1, 8)) + OVERHEAD if rows else 0.0
    prices = {name: round(tokens * EPOCHS / 1e6 * price, 2) for name, price in table["training"].items()}
    return TrainingCost(round(seconds / 60, 1), prices, str(table["date"]))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(PRICES.read_text("utf-8"))
