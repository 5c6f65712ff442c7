"""What a turn is lent by those before it, when it is lent nothing, and what a dialogue carries along."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.dialogue import (
    FADES,
    WORDS_KEPT,
    WORDS_LENT,
    Context,
    follow,
    is_courtesy,
    replay,
    shifts,
    understand,
)
from formfact.models import open_embedder

TOY = open_embedder("toy:64")
RARE = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 1.0)


def vector(text: str) -> np.ndarray:
    return TOY.embed([text], question=True)[0]


def after(*questions: str) -> Context:
    return replay([(one, vector(one)) for one in questions])


def rarities(context: Context) -> dict[str, float]:
    return dict.fromkeys(context.words, 2.0)


def test_the_first_turn_is_taken_as_it_is() -> None:
    read = understand("How is the Gannet reset?", vector("x"), Context(), rarity={})
    assert (read.words, read.carried, read.shifted) == ("How is the Gannet reset?", (), False)
    assert np.array_equal(read.vector, vector("x"))


def test_a_pronoun_is_lent_the_words_and_the_meaning_before_it() -> None:
    context = after("How is the Gannet reset?")
    asked = "And how long does it take?"
    read = understand(asked, vector(asked), context, rarity=rarities(context))
    assert "Gannet" in read.carried
    assert read.words.count(asked) == 2
    assert float(read.vector @ vector("How is the Gannet reset?")) > float(vector(asked) @ context.vector)
    assert np.linalg.norm(read.vector) == pytest.approx(1, abs=1e-5)


def test_words_that_no_document_holds_are_not_lent() -> None:
    context = after("How is the Gannet reset?")
    read = understand("How long?", vector("How long?"), context, rarity=dict.fromkeys(context.words, 0.0))
    assert read.carried == ()


@pytest.mark.parametrize(
    ("text", "cosine", "shifted"),
    [
        ("What is the postal code of Kessing harbour?", 0.05, True),
        ("What is the postal code of its harbour?", 0.05, False),
        ("What is the postal code of Kessing harbour?", 0.4, False),
        ("By the way, who won the sailing race?", 0.4, True),
        ("How much?", 0.0, False),
    ],
)
def test_a_change_of_subject(text: str, cosine: float, shifted: bool) -> None:
    assert shifts(text, cosine) is shifted


def test_a_change_of_subject_is_lent_nothing_and_begins_anew() -> None:
    context = after("How is the Gannet reset?")
    asked = "By the way, who sails to Kessing harbour?"
    read = understand(asked, vector(asked), context, rarity=rarities(context))
    assert read.shifted
    assert read.carried == ()
    anew = follow(asked, vector(asked), context, shifted=True)
    assert not {word for word, _ in anew.words.values()} & {"Gannet", "reset"}


def test_what_was_said_fades() -> None:
    context = after("How is the Gannet reset?", "And where is its lamp?", "Is it red?")
    fresh = dict(context.words.values())
    assert fresh["Gannet"] == pytest.approx(FADES**2)
    assert fresh["lamp"] == pytest.approx(FADES)


@pytest.mark.parametrize("text", ["Thanks!", "ok, thank you very much", "Good morning", "got it. great", "Hi"])
def test_courtesies(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize("text", ["ok, and the price?", "Is it good?", "Thanks to whom is the harbour safe?", "?"])
def test_questions_are_no_courtesies(text: str) -> None:
    assert not is_courtesy(text)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=12))
def test_a_dialogue_carries_little_whatever_is_said(said: list[str]) -> None:
    context = after(*said)
    assert len(context.words) <= max(WORDS_KEPT, len(said[-1]))
    read = understand(said[-1], vector(said[-1]), context, rarity=rarities(context))
    assert len(read.carried) <= WORDS_LENT
    assert np.isfinite(read.vector).all()


@pytest.mark.parametrize("asked", ["and the Gannet 3?", "What about the Gannet 3 on Osk?", "or on the old model?"])
def test_the_rest_of_a_question_leaves_no_subject(asked: str) -> None:
    assert not shifts(asked, -0.2)


def test_a_whole_question_may_leave_it_however_it_opens() -> None:
    assert shifts("And when does the harbour ferry sail?", -0.2)


def test_how_a_subject_is_left_is_not_carried_along() -> None:
    context = after("By the way, how long is the ferry to Kessing?")
    assert {word for word, _ in context.words.values()} >= {"ferry", "Kessing"}
    assert "way" not in {word for word, _ in context.words.values()}
