"""Lines that must not be the same: neither when a model says one word for ever, nor when the budget ends the text."""

from __future__ import annotations

from typing import Any

import pytest

import formfact as ff
from formfact.errors import Refused
from formfact.patterns import tuned
from formfact.patterns.prompt import render

pytest.importorskip("torch", reason="needs the extra: pip install 'formfact[train]'")

TEXTS = ("The lamp stood by the door.", "<b>Größe</b>\n\n- eins\n- zwei")


@pytest.fixture(scope="module")
def decoder(tiny: Any) -> Any:
    return tuned.load("decoder")(tuned.load("network")(str(tiny)))


@pytest.mark.parametrize("budget", [40, 64, 140])
def test_no_line_is_the_same_however_little_room_there_is(decoder: Any, budget: int) -> None:
    contract = ff.Pattern("clarify").contract  # three lines at least, of seven characters at least
    for one in decoder.write([render(contract, text) for text in TEXTS], contract, limit=budget):
        assert contract.check(one.text) == []


@pytest.mark.parametrize("name", ["questions", "clarify"])
def test_a_budget_that_has_no_room_for_different_lines_is_refused(decoder: Any, name: str) -> None:
    contract = ff.Pattern(name).contract
    fitting = []
    for budget in range(4, 26):
        try:
            (one,) = decoder.write([render(contract, TEXTS[0])], contract, limit=budget)
        except Refused:
            continue
        fitting.append(budget)
        assert contract.check(one.text) == []
    assert fitting == list(range(fitting[0], 26))  # what fits a budget fits a larger one
    assert fitting[0] > 4


@pytest.mark.parametrize(
    ("text", "way", "same"),
    [
        ("- one?\n- t", b"wo?", False),
        ("- one?\n- o", b"ne?", True),
        ("- one?\n- On", b"E?", True),
        ("- one?\n- t", b"wo?\n- !!?\n- !!?", True),
        ("1. one\n2. o", b"ne", True),
        ("- one?\n- one?\n- t", b"wo?", False),  # what is there cannot be mended
        ("# a\n\n# b", b"\n\n", False),
        ("", b"- !!?\n- aa?", False),
    ],
)
def test_whether_a_way_out_says_the_same_again(text: str, way: bytes, same: bool) -> None:
    from formfact.patterns.tuned.guard import repeats

    assert repeats(text, way) is same


def test_a_line_that_lacks_only_its_mark_is_the_same() -> None:
    from formfact.patterns.tuned.vocabulary import Vocabulary

    words = Vocabulary({1: " oak", 2: "oak", 3: " oak?", 4: " ash", 5: "?", 6: " OAK", 7: " oakum"})
    assert set(words.completing("- an oak?\n- an")) == {1, 3, 6}
    assert set(words.completing("- an oak?\n- an oak")) == {5}
    assert words.completing("- an oak?\n- a") == []
