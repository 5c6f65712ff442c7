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
    ("question", "quote"),
    [
        ("What is the oven's code? I can't find it.", "The code of the oven is on its lid."),
        ("What does the large oven cost, not the small one?", "The large oven costs 300 euros."),
        ("What does rule no. 5 say?", "Rule 5 is about aprons."),
        ("What is the fine for not washing up?", "Dirty dishes cost two euros."),
        ("What does the shop charge for trays not returned?", "Trays that come back late cost two euros."),
        ("What happens to bread not sold by six?", "Old bread goes to the hens."),
        ("What causes the dough not to rise?", "Old yeast is the usual cause of flat dough."),
        ("What I don't understand is how to open the lid?", "The lid opens to the left."),
        ("What should I not clean the lid with?", "Avoid alcohol on the lid."),
        ("When is the bakery not open?", "The bakery is closed on Mondays."),
        ("Who does not have to pay?", "Children eat free of charge."),
        ("Where can guests not park?", "The yard is reserved for staff."),
        ("Who may not use the mill?", "The mill is for members only."),
        ("What is not insured?", "Damage by frost lies outside the insurance."),
    ],
)
def test_what_is_given_and_what_says_no_in_other_words_is_no_false_alarm(question: str, quote: str) -> None:
    assert denied(question, [quote]) == 0


@pytest.mark.parametrize(
    "question",
    [
        "What is not covered? I read the list.",
        "Which of the loaves were not sold?",
        "What does the warranty for the oven not cover?",
        "When was the Social Charter not adopted?",
        "Which sources did the bakers not draw on?",
    ],
)
def test_what_is_not_so_is_still_asked_for(question: str) -> None:
    assert denied(question, [DRY]) == 2


@pytest.mark.parametrize(
    ("question", "quote", "found"),
    [
        ("Which is the largest lake?", "Lake Orr is the smallest of them.", 1),
        ("Which is the largest lake?", "Lake Orr is the largest, Lake Tam the smallest.", 0),
        ("Is it the largest or the smallest lake?", "Lake Orr is the smallest.", 0),
        ("How do I disable the alarm?", "To enable the alarm, press A.", 1),
        ("How long is the bridge?", "It is a short bridge of nine metres.", 0),
        ("Which lake is deep?", "Lake Orr is the smallest.", 0),
        ("Are dogs allowed in?", "Dogs are forbidden everywhere.", 0),
        ("Is the form mandatory?", "The form is optional.", 0),
        ("How do I add a user?", "Users are created and removed in the menu.", 0),
        ("What do I do when the tank is full?", "Empty the tank at once.", 0),
        ("When was the largest lake found?", "The smallest lake was found in 1900.", 1),
    ],
)
def test_an_opposite_in_place_of_a_word(question: str, quote: str, found: int) -> None:
    assert opposed(question, [quote]) == found


def test_nothing_is_opposed_by_no_quote() -> None:
    assert opposed("Which is the largest lake?", []) == 0


def test_opposites_are_mutual() -> None:
    assert all(word in OPPOSITES[other] for word, others in OPPOSITES.items() for other in others)
    assert not [word for word, others in OPPOSITES.items() if word in others]
