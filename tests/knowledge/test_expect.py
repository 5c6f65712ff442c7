"""What a question asks for, and whether a text holds it."""

from __future__ import annotations

import pytest

from formfact.knowledge.expect import expected, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people work here?", "number"),
        ("What is the price of a Gannet?", "number"),
        ("When was it built?", "date"),
        ("In which year did it open?", "date"),
        ("Who leads the team?", "name"),
        ("Where does she sit?", "name"),
        ("Why did it fail?", None),
        ("Wie hoch ist der Turm?", None),
    ],
)
def test_the_wording_says_what_is_expected(question: str, kind: str | None) -> None:
    assert expected(question) == kind


def test_a_number_may_be_a_word() -> None:
    assert holds("number", "There are twelve of them.", "How many?")
    assert not holds("number", "There are some of them.", "How many?")


def test_a_number_alone_is_no_date() -> None:
    assert holds("date", "It opened in 1988.", "When?")
    assert holds("date", "The shop opens on Monday.", "When?")
    assert not holds("date", "It weighs 38 kg.", "When?")


def test_a_name_that_the_question_says_is_no_answer() -> None:
    question = "Who leads Sennet?"
    assert not holds("name", "The works of Sennet are led well.", question)
    assert holds("name", "The works of Sennet are led by Beata.", question)


def test_a_capital_that_opens_a_sentence_is_no_name() -> None:
    assert not holds("name", "Somebody leads it. Nobody knows.", "Who leads it?")
