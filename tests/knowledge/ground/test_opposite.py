"""Sentences that say the opposite of their quote without a *not*, and those that only seem to."""

from __future__ import annotations

import pytest

from formfact.knowledge.ground.claims import Evidence, unheld
from formfact.knowledge.ground.opposite import KIN, OPPOSITES


def kinds(sentence: str, quote: str) -> list[str]:
    return [one.kind for one in unheld(sentence, Evidence.of([quote]))]


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("Dogs are forbidden in the building.", "Dogs are allowed in the building."),
        ("Smoking is prohibited in all rooms.", "Smoking is permitted in all rooms."),
        ("Frost damage is excluded.", "Frost damage is covered."),
        ("It is illegal to fish here.", "It is legal to fish here."),
        ("The door must stay unlocked.", "The door must stay locked."),
        ("Unpaid leave is granted for six weeks.", "Paid leave is granted for six weeks."),
        ("The fee is non-refundable.", "The fee is refundable."),
        ("The button is inactive at night.", "The button is active at night."),
        ("The temperature rose to 30 degrees.", "The temperature fell to 30 degrees."),
        ("The maximum load is 80 kg.", "The minimum load is 80 kg."),
        ("Turn the valve to the left.", "Turn the valve to the right."),
        ("At least 80 people came.", "At most 80 people came."),
        ("It takes less than 5 minutes.", "It takes more than 5 minutes."),
        ("Everyone may enter except children.", "Children may enter."),
        ("All damage is covered except frost damage.", "Frost damage is covered."),
        ("Water damage is covered. Fire damage is not covered.", "Water damage is not covered."),
    ],
)
def test_an_opposite_is_no_paraphrase(quote: str, sentence: str) -> None:
    assert kinds(sentence, quote) == ["denial"]


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        ("Dogs are forbidden in the building.", "Dogs are not allowed in the building."),
        ("The office is closed on Sundays.", "The office is not open on Sundays."),
        ("Parking is free of charge.", "You do not have to pay for parking."),
        ("The fee isn't refundable.", "The fee is non-refundable."),
        ("The fee is non-refundable.", "The fee is not refundable."),
        ("The shop is open every day except Sunday.", "The shop is closed on Sunday."),
        ("You may not take more than two tablets.", "You may take at most two tablets."),
        ("It takes no more than 5 minutes.", "It takes at most 5 minutes."),
        ("Prices rise in the autumn.", "In the fall prices rise."),
        ("The maximum load is 80 kg, the minimum 10 kg.", "The minimum load is 10 kg."),
        ("The door opens at nine and closes at noon.", "The door is closed from noon."),
        ("All damage is covered except frost damage.", "All damage is covered."),
        ("Guests must be at least 18 years old.", "Most guests must be 18 years old."),
        ("Persons under 18 are not admitted.", "Persons must be at least 18."),
        ("All drinks other than beer are free.", "Drinks other than beer are free."),
        ("It costs 1.250,50 €.", "It costs 1,250.50 euros."),
        ("Population: 2.5 million.", "It has a population of 2,500,000 people."),
        ("Open 9am-5pm.", "It is open from 9 am to 5 pm."),
    ],
)
def test_what_says_the_same_is_let_through(quote: str, sentence: str) -> None:
    assert kinds(sentence, quote) == []


def test_no_word_is_its_own_opposite() -> None:
    assert not [word for word in OPPOSITES if OPPOSITES[word] & KIN[word]]
