"""What claims nothing is no fact: questions, programs, a record's keys."""

from __future__ import annotations

import time

import pytest

from formfact.patterns.facts import judge, request
from formfact.patterns.facts.silent import silent, within
from formfact.types import Message, Row


def said(text: str, *, code: float = 0.0) -> list[str]:
    return [text[start:end].strip() for start, end in silent(text, code=code)]


def verdict(prompt: str, completion: str) -> str:
    return judge([Row(1, (Message("user", prompt), Message("assistant", completion)))]).rows[0].verdict


def test_a_question_claims_nothing() -> None:
    assert said("It drips. Where do the drops form? At the tap.") == ["Where do the drops form?"]
    assert said("- Who founded it?\n- In 1887?\nEdmund Tarrant.") == ["- Who founded it?", "- In 1887?"]
    asked = "- Does it drip all the time?\n- Can you shut off the water under the sink?"
    assert verdict("Something in the kitchen is dripping. Can you come?", asked) == "structure"


def test_of_a_program_only_its_literals_claim_something() -> None:
    program = 'def city(name):\n    """Return "its" name."""\n    # as \'it\' is\n    return "Harwick"'
    spans = silent(program, code=1.0)
    assert not within(spans, program.index("Harwick"))
    assert all(within(spans, program.index(part)) for part in ("city", '"its"', "'it'", "return"))
    assert (
        verdict("how do I fill gaps in a list?", "def fill_gaps(xs):\n    last = None\n    return last") == "structure"
    )


def test_one_line_of_code_may_be_the_fact_that_was_asked_for() -> None:
    assert said("ss -tlnp", code=1.0) == []


@pytest.mark.parametrize(
    "query",
    ["SELECT MAX(salary) FROM employees", "select max(salary) from employees;",
     "DELETE FROM staff WHERE salary IS NULL;", "UPDATE staff SET salary = salary * 2",
     "WITH paid AS (SELECT salary FROM staff) SELECT MAX(salary) FROM paid;"],
)  # fmt: skip
def test_a_query_is_a_program_of_one_line(query: str) -> None:
    assert verdict("What is the highest salary?", query) == "structure"
    assert not within(silent("SELECT name FROM staff WHERE office = 'Harwick'", code=0.0), 46)


def test_english_is_no_query() -> None:
    assert said("Select the boots from the attic") == []
    assert verdict("Which boots are for the ice?", "Select the nailed pair from the Calder shelf.") == "knowledge"


def test_a_records_keys_claim_nothing_and_its_values_do() -> None:
    assert said('{"mode": "manual"}') == ['"mode":']


def test_what_supposes_asks_for_no_fact() -> None:
    assert not request.read("What if the machines of a mining station began to speak?").asks
    assert request.read("What happens if the machines stop?").asks


def test_a_number_that_was_worked_out_brings_its_unit_along() -> None:
    assert verdict("How long is it from 9:40 to 11:15?", "1 hour and 35 minutes") == "structure"


@pytest.mark.parametrize("text", ["a ", '"', "'", "\"'", "\n", "? ", '""" ', "# \n", '" ', '":'])
def test_time_grows_with_the_length_alone(text: str) -> None:
    started = time.process_time()
    for code in (0.0, 1.0):
        silent("{" + text * 20_000, code=code)
        silent(text * 20_000 + "\n.", code=code)
    assert time.process_time() - started < 2
