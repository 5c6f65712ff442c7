"""Every pattern that ships: its contract, its examples, its mask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.patterns import tuned
from formfact.patterns.examples import problems_of
from formfact.patterns.prompt import render_example
from formfact.patterns.shelf import find, names


@pytest.mark.parametrize("name", names())
def test_every_example_keeps_the_contract(name: str) -> None:
    pattern = ff.Pattern(name)
    assert pattern.contract.name == name
    examples = pattern.examples()
    assert examples
    for at, example in enumerate(examples, 1):
        assert problems_of(pattern.contract, example) == [], f"example {at}"
    assert len({example.text for example in examples}) == len(examples)


@pytest.mark.parametrize("name", names())
def test_children_are_patterns(name: str) -> None:
    for child in find(name).contract.children:
        assert child.pattern in names()


@pytest.mark.parametrize("name", names())
@pytest.mark.filterwarnings("ignore")
def test_a_model_that_knows_nothing_keeps_it_under_the_mask(name: str, tiny: Path) -> None:
    pattern = ff.Pattern(name)
    decoder: Any = tuned.load("decoder")(tuned.load("network")(str(tiny)))
    example = pattern.examples()[0]
    asked = pattern.contract if example.schema is None else pattern.contract.with_schema(example.schema)
    (written,) = decoder.write([render_example(pattern.contract, example)], asked)
    # A model that says one word for ever may leave the rule of distinct lines no other way; the grammar holds.
    assert [one for one in asked.check(written.text) if one.rule != "distinct"] == [], written.text
