"""The whole way on the real base, few steps long: rows, training, writing, export, loaded again, measured again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.patterns import tuned
from formfact.patterns.bases import SMOLLM2, downloaded, find_base
from formfact.patterns.contract import Contract, print_contract
from formfact.patterns.examples import write_examples
from formfact.patterns.recipe import Recipe
from formfact.patterns.shelf import find
from formfact.patterns.tuned.outcomes import outcomes
from formfact.types import Example

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(3600)]

ROWS, HELD_OUT, BUDGET = 10, 2, 48
RECIPE = Recipe(steps=2, look=2, looked_at=1, tokens=512)
"""Too few to learn the form: what is tested is that nothing is lost on the way."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`questions` with its briefest rows and few tokens to write, tuned."""
    pytest.importorskip("torch", reason="needs the extra: pip install 'formfact[train]'")
    if not find_base().gguf and not downloaded(SMOLLM2):
        pytest.skip("the base model is not here")
    found, folder = find("questions"), tmp_path_factory.mktemp("questions")
    (folder / "pattern").mkdir()
    brief = sorted(ff.Pattern("questions").examples(), key=lambda one: len(one.text))[: ROWS + HELD_OUT]
    (folder / "pattern" / "pattern.toml").write_text(print_contract(replace(found.contract, output_tokens=BUDGET)))
    write_examples(brief[:ROWS], folder / "pattern" / "examples.jsonl")
    write_examples(brief[ROWS:], folder / "validation.jsonl")
    card = ff.Pattern(folder / "pattern").train(
        out=folder / "tuned", validation=folder / "validation.jsonl", held_out=HELD_OUT, recipe=RECIPE
    )
    assert card.data["trained_on"] == ROWS
    assert [one.step for one in card.history] == [1, 2]
    # The mask keeps the form whatever was learnt.
    assert card.conformance["after_masked"].conforming == HELD_OUT
    return folder


def held_out(folder: Path) -> list[Example]:
    lines = (folder / "held-out.jsonl").read_text("utf-8").splitlines()
    return [Example(one["text"], one["output"]) for one in map(json.loads, lines)]


def test_what_was_tuned_writes_and_is_exported_and_loaded_again(home: Path, tmp_path: Path) -> None:
    pattern = ff.Pattern(home / "tuned")
    contract: Contract = pattern.contract
    examples = held_out(home / "tuned")
    written = pattern.write(examples[0].text)
    assert written.problems == ()
    for form, opened in (("merged", "network"), ("gguf", "gguf network")):
        done = pattern.export(tmp_path / form, form=form)
        assert (done.before.checked, done.after.checked) == (HELD_OUT, HELD_OUT)
        place = tmp_path / form if form == "merged" else tmp_path / form / "questions.gguf"
        network: Any = tuned.load(opened)(str(place) if form == "merged" else place)
        decoder = tuned.load("decoder")(network)
        assert sum(outcomes(decoder, contract, examples)) == done.after.conforming
        assert outcomes(decoder, contract, examples, masked=True) == [True] * HELD_OUT
