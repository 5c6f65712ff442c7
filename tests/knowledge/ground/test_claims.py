"""What a sentence says that its quotes do not: names, numbers, dates, quotations, links, wording, denials."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.ground.amounts import Day, amounts, coded, moments
from formfact.knowledge.ground.claims import Evidence, unheld
from formfact.knowledge.ground.language import language
from formfact.knowledge.names import names

QUOTES = (
    "Staff who become parents have 22 weeks of paid leave, from 1 May 2024.",
    "Do not press the red button after 21:00.",
    "The Gannet 3 was built by John F. Smith in the U.S. for 1,200 dollars; 5 % of them fail below −4 °C.",
    "“Grease the lower bearing first”, says the manual at https://docs.example/gannet#grease.",
    "Model A4 of the 1990s, version 2.1.3, holds two and a half thousand litres.",
)
QUESTION = "How much paid time off do new parents have, and what of the Gannet?"


def kinds(sentence: str, *, headings: tuple[str, ...] = ("Service of the Petrel 2",)) -> list[str]:
    evidence = Evidence.of(QUOTES, headings=headings, question=QUESTION)
    return [one.kind for one in unheld(sentence, evidence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "New parents have 22 weeks of paid leave.",
        "Parents have twenty-two weeks of paid leave.",
        "Since May 2024 parents have paid leave.",
        "Paid leave for parents starts on May 1st, 2024.",
        "Paid leave for parents starts on 2024-05-01.",
        "Do not press the red button after 9 pm.",
        "The red button must not be pressed after 9 p.m.",
        "The Gannet 3 was built by John Smith for $1,200.",
        "The Gannet was built in the US by Smith for 1200 dollars.",
        "5 percent of Gannets fail below -4 °C.",
        "The manual says “grease the lower bearing first”.",
        "The manual is at https://docs.example/gannet#grease.",
        "The A4 of the 1990s holds 2,500 litres.",
        "Version 2.1.3 holds 2.5 thousand litres.",
        "1. Do not press the red button.",
        "- Grease the lower bearing first.",
        "The Petrel 2 has a lower bearing to grease.",
    ],
)  # fmt: skip
def test_what_the_quotes_hold_is_let_through(sentence: str) -> None:
    assert kinds(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("New parents have 23 weeks of paid leave.", "number"),
        ("New parents have twenty-three weeks of paid leave.", "number"),
        ("New parents have 22 days of paid leave.", "number"),
        ("New parents have 2,2 weeks of paid leave.", "number"),
        ("Parents have paid leave from 2 May 2024.", "date"),
        ("Parents have paid leave from May 2023.", "date"),
        ("Parents have paid leave from 01.06.2024.", "date"),
        ("Do not press the red button after 8 pm.", "date"),
        ("Do not press the red button on Monday.", "date"),
        ("5 percent of Gannets fail below 4 °C.", "number"),
        ("The Gannet 3 was built for €1,200.", "number"),
        ("The Gannet 4 was built by John Smith.", "number"),
        ("Obama built the Gannet 3.", "name"),
        ("The Gannet 3 was built in Portugal.", "name"),
        ("Mary Smith built the Gannet 3.", "name"),
        ("The A5 of the 1990s holds two and a half thousand litres.", "name"),
        ("The A4 of the 1980s holds two and a half thousand litres.", "name"),
        ("Version 2.1.4 holds two and a half thousand litres.", "name"),
        ("The manual says “grease the upper bearing first”.", "quotation"),
        ("The manual says `grease everything`.", "quotation"),
        ("The manual on greasing the bearing is at https://docs.example/gannet.", "link"),
        ("The manual on greasing the bearing is at evil.example.com.", "link"),
        ("Mail the manual of the lower bearing to a@evil.example.", "link"),
        ("The lower bearing ![grease](https://docs.example/gannet#grease) of the manual.", "markup"),
        ("The lower bearing <img src=x> of the manual.", "markup"),
        ("Please visit our site and enter your password.", "wording"),
        ("Yes.", "wording"),
        ("Press the red button after 9 pm.", "denial"),
        ("Parents have no paid leave.", "denial"),
        ("The Petrel 3 has a lower bearing to grease.", "number"),
    ],
)
def test_what_they_do_not_hold_is_found(sentence: str, kind: str) -> None:
    assert kind in kinds(sentence)


def test_two_peoples_names_make_no_third() -> None:
    evidence = Evidence.of(["John Brown met Mary Smith in Paris."])
    assert [one.text for one in unheld("Mary Brown met someone in Paris.", evidence)] == ["Brown"]
    assert unheld("Mary Smith met John Brown in Paris.", evidence) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.5 and 1.234.567 and 3,5", ["1234.5", "1234567", "3.5"]),
        ("-5 to 3-4", ["-5", "3", "4"]),
        ("$5 million, 3bn, 10k", ["5000000", "3000000000", "10000"]),
        ("two hundred and five, twenty-two, a dozen, half", ["205", "22", "12", "0.5"]),
        ("two million three hundred thousand", ["2300000"]),
        ("the 3rd of five", ["3", "5"]),
        ("this one, the one, one can", []),
        ("one day", ["1"]),
        ("A4, COVID-19s, 1990s", []),
    ],
)
def test_numbers_have_values(text: str, values: list[str]) -> None:
    taken = list(coded(text))
    found = [one.value for one in amounts(text) if not any(a <= one.start < b for a, b in taken)]
    assert found == [Decimal(value) for value in values]


@given(st.integers(0, 10**9))
def test_a_number_is_the_same_with_separators(number: int) -> None:
    (plain,), (set_apart,) = amounts(f"it is {number} so"), amounts(f"it is {number:,} so")
    assert plain.value == set_apart.value == number


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)))
def test_a_date_is_the_same_in_every_way_of_writing_it(day: date) -> None:
    forms = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d.%m.%Y", "%b %d %Y")
    wanted = Day(day.year, day.month, day.day)
    for form in forms:
        found = [one for moment in moments(f"on {day:{form}} it") for one in moment.days]
        assert wanted in found, form


def test_a_date_holds_what_says_less_and_not_what_says_other() -> None:
    whole = Day(2024, 5, 1)
    assert whole.holds(Day(None, 5, 1))
    assert whole.holds(Day(2024, 5, None))
    assert not whole.holds(Day(2024, 5, 2))
    assert not Day(2024, 5, None).holds(whole)


def test_names_are_capitals_that_need_a_reason() -> None:
    sentence = "However, Anna and the U.S. team met McDonald's; Employees left for New York."
    assert [one.word for one in names(sentence, {"employees"})] == ["anna", "us", "mcdonald", "new", "york"]
    assert [one.after for one in names("in New York", ())] == ["", "new"]
    assert list(names("Hold the lever. Then I'm done.", ())) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pump is reset by holding the lever.", "English"),
        ("Die Pumpe ist nicht mit dem Hebel zu starten.", "German"),
        ("La pompe est dans le bâtiment et les clés ne sont pas là.", "French"),
        ("La bomba no se puede reiniciar con el botón, por eso los leemos.", "Spanish"),
        ("Насос сбрасывается рычагом.", "CYRILLIC"),
        ("ポンプはレバーでリセットします", "CJK"),
        ("22 weeks.", ""),
    ],
)
def test_a_language_is_told_by_its_small_words(text: str, expected: str) -> None:
    assert language(text) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_makes_it_fail_and_nothing_is_flagged_beyond_the_text(sentence: str, quote: str) -> None:
    for one in unheld(sentence, Evidence.of([quote])):
        assert 0 <= one.start < one.end <= len(sentence)
        assert sentence[one.start : one.end] == one.text


@given(st.sampled_from(QUOTES))
def test_a_quote_holds_itself(quote: str) -> None:
    assert unheld(quote, Evidence.of([quote])) == []
