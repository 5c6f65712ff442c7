"""Whether quotes say the opposite of what is asked."""

from __future__ import annotations

import pytest

from formfact.knowledge.contrary import OPPOSITES, denied, opposed

DRY = "The seed loaf contains rye and linseed."
NONE = "The seed loaf does not contain walnuts."


@pytest.mark.parametrize(
    ("question", "quotes", "found"),
    [
        ("Which loaf does not contain walnuts?", [DRY], 2),
        ("Which loaf does not contain walnuts?", [DRY, NONE], 1),
        ("Which loaf does not contain walnuts?", [NONE, DRY], 0),
        ("Which loaf does not contain walnuts?", [], 2),
        ("In which loaf are there no walnuts?", [DRY], 2),
        ("Which loaves don’t contain walnuts?", ["Loaves without walnuts: rye, seed."], 0),
        ("Which visitors are not allowed in?", ["Children are forbidden to enter."], 0),
        ("Which loaf contains walnuts?", [DRY], 0),
        ("Why is there no bread on Mondays?", ["On Mondays the oven is cleaned."], 0),
        ("Isn't the oven hot?", ["The oven is cold on Mondays."], 0),
        ("What helps if the oven does not start?", ["Press the red button."], 0),
        ("How do I see that it is not hot?", ["The lamp is green."], 0),
        ("What is not only cheap but good?", [DRY], 0),
        ("How long does it no longer matter?", [DRY], 0),
        ("Welches Brot hat keine Nüsse?", [DRY], 0),
    ],
)
def test_a_question_for_what_is_not_wants_a_denial(question: str, quotes: list[str], found: int) -> None:
    assert denied(question, quotes) == found


@pytest.mark.parametrize(
    ("question", "quote", "found"),
    [
        ("Which is the largest lake?", "Lake Orr is the smallest of them.", 1),
        ("Which is the largest lake?", "Lake Orr is the largest, Lake Tam the smallest.", 0),
        ("Is it the largest or the smallest lake?", "Lake Orr is the smallest.", 0),
        ("How do I disable the alarm?", "To enable the alarm, press A.", 1),
        ("How long is the bridge?", "It is a short bridge of nine metres.", 0),
        ("Which lake is deep?", "Lake Orr is the smallest.", 0),
    ],
)
def test_an_opposite_in_place_of_a_word(question: str, quote: str, found: int) -> None:
    assert opposed(question, [quote]) == found


def test_nothing_is_opposed_by_no_quote() -> None:
    assert opposed("Which is the largest lake?", []) == 0


def test_opposites_are_mutual() -> None:
    assert all(word in OPPOSITES[other] for word, others in OPPOSITES.items() for other in others)
    assert not [word for word, others in OPPOSITES.items() if word in others]
