"""What counts as right, as an abstention, as a confabulation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.proof.compare.judge import READ, contains, gives_up, judge


@pytest.mark.parametrize(
    ("said", "gold", "right"),
    [
        ("The fee is 6.40 crowns.", "6.40 crowns", True),
        ("It weighs 1,250 kg", "1250 kg", True),
        ("It was Ottoline  BRASK", "Ottoline Brask", True),
        ("the second Thursday of March", "second Thursday of March", True),
        ("It is 16.40 crowns", "6.40 crowns", False),
        ("Brask", "Ottoline Brask", False),
        ("word " * READ + "6.40 crowns", "6.40 crowns", False),
        ("anything at all", "", False),
    ],
)
def test_right_is_the_gold_answer_among_the_first_words(said: str, gold: str, right: bool) -> None:
    assert judge(said, gold).right is right
    assert judge(said, gold).confabulated is not right


@pytest.mark.parametrize(
    "said",
    ["I don't know.", "I do not know", "", "…", "Not in your documents.", "Unknown", "This is not stated anywhere"],
)
def test_an_abstention_is_neither_right_nor_a_confabulation(said: str) -> None:
    found = judge(said, "know")
    assert found.abstained
    assert not found.right
    assert not found.confabulated


def test_an_answer_is_no_abstention_for_speaking_of_knowledge() -> None:
    assert not gives_up("The knowledge desk, room 4.")
    assert not gives_up("Number 17, known as the old gate")


def test_what_the_arm_says_of_itself_counts() -> None:
    assert judge("the fee is 6 crowns", "6 crowns", abstained=True).abstained
    assert judge("I don't know is the ship's name", "ship's name", abstained=False).right


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=8), st.data())
def test_every_run_of_words_is_contained(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    part = [word for word in words[start:end] if word not in ("an", "the")]
    assert contains(" ".join(words).upper(), " ".join(part)) is bool(part)
