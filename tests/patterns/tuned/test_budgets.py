"""A model of random weights under every mask that ships, with budgets of all sizes: closed in time, or refused."""

from __future__ import annotations

import random
import warnings
from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.errors import Refused
from formfact.patterns import tuned
from formfact.patterns.prompt import render
from formfact.patterns.shelf import names
from tests.patterns.tuned.tiny import make_tiny

TEXTS = ("The lamp stood by the door.", 'x = {"a": 3}', "<b>Größe</b>\n\n- eins\n- zwei", "SELECT 1; # 中文")
NOT_OF_THE_GRAMMAR = {"distinct"}
"""A model that says one word for ever may leave such a rule no other way; it gives way before the grammar does."""


def written(decoder: Any, name: str, budget: int) -> int:
    """Write some texts within a budget and look at each; returns how many were written, 0 where it was refused."""
    pattern = ff.Pattern(name)
    example = pattern.examples()[0]
    contract = pattern.contract if example.schema is None else pattern.contract.with_schema(example.schema)
    try:
        done = decoder.write([render(contract, text) for text in TEXTS], contract, limit=budget)
    except Refused as refused:
        if "shortest text" not in refused.message:
            raise
        return 0
    for one in done:
        assert one.tokens <= budget, name
        assert [problem for problem in contract.check(one.text) if problem.rule not in NOT_OF_THE_GRAMMAR] == [], (
            one.text
        )
    return len(done)


@pytest.fixture(scope="module")
def decoder(tiny: Path) -> Any:
    return tuned.load("decoder")(tuned.load("network")(str(tiny)))


@pytest.mark.parametrize("name", names())
def test_a_structure_is_closed_within_its_budget(decoder: Any, name: str) -> None:
    chance = random.Random(name)
    counts = [written(decoder, name, budget) for budget in (4, chance.randint(5, 60), chance.randint(61, 140))]
    assert counts[0] == 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize("name", names())
def test_it_is_closed_whatever_the_weights(name: str, seed: int, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = tuned.load("network")(str(make_tiny(tmp_path / "tiny", seed=seed)))
    decoder = tuned.load("decoder")(network)
    chance = random.Random(f"{name} {seed}")
    for _ in range(6):
        written(decoder, name, chance.randint(2, 200))
