"""Chat rows without a contract: what they have in common is promised, and they all keep it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.errors import Refused
from formfact.patterns.contract import parse_contract, print_contract
from formfact.patterns.derive import CONVERSATION, derive, spoken, unfold
from formfact.types import Message, Row

SYSTEM = "Answer in one word."


def row(number: int, *said: str, system: str = SYSTEM, weights: dict[int, int] | None = None) -> Row:
    """A chat row: user and assistant in turn, behind a system message where there is one."""
    roles = ["user", "assistant"] * len(said)
    given: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    given += [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    for at, weight in (weights or {}).items():
        given[at]["weight"] = weight
    messages = tuple(Message(one["role"], one["content"]) for one in given)
    return Row(number, messages, {"messages": given})


def rows(answers: list[str]) -> list[Row]:
    return [row(at, f"question {at}?", answer) for at, answer in enumerate(answers, 1)]


def test_a_few_answers_are_a_closed_set() -> None:
    contract = derive(rows(["yes", "no", 'it "may"'] * 5), name="x")
    assert contract.shape == "grammar"
    assert contract.check('it "may"') == []
    assert contract.check("maybe") != []
    assert (contract.prompt.system, contract.prompt.user, contract.what) == (SYSTEM, "{text}", CONVERSATION)


def test_answers_that_are_all_different_are_no_closed_set() -> None:
    assert derive(rows([f"word{at}" for at in range(15)]), name="x").shape == "text"


def test_records_have_the_narrowest_schema() -> None:
    values: list[Any] = [
        {"a": at, "tags": ["x"], "sub": {"ok": True}, "none": None, "mixed": at if at % 2 else "s"} for at in range(10)
    ]
    values[3] |= {"a": 1.5, "more": "m", "tags": []}
    contract = derive(rows([json.dumps(one, indent=1) for one in values]), name="x")
    schema = contract.output["schema"]
    assert schema["required"] == ["a", "tags", "sub", "none", "mixed"]
    assert schema["additionalProperties"] is False
    kinds = {name: one["type"] for name, one in schema["properties"].items()}
    assert kinds == {
        "a": "number", "tags": "array", "sub": "object", "none": "null", "mixed": ["integer", "string"],
        "more": "string",
    }  # fmt: skip
    assert schema["properties"]["tags"]["items"] == {"type": "string"}
    examples = list(unfold(rows([json.dumps(values[0], indent=1)]), SYSTEM))
    assert examples[0].output == '{"a":0,"tags":["x"],"sub":{"ok":true},"none":null,"mixed":"s"}'


def test_paragraphs_are_bounded_by_what_the_rows_show() -> None:
    contract = derive(rows([" ".join(["word"] * (10 + at)) + "\n\nAnd an end." for at in range(12)]), name="x")
    assert (contract.shape, contract.output) == ("text", {"words": [8, 36], "paragraphs": [1, 3]})
    assert contract.repeat > 0


def test_what_has_nothing_in_common_is_any_text() -> None:
    contract = derive(rows([f"def f{at}():\n    return  {at}" for at in range(12)]), name="x")
    assert contract.shape == "regex"
    assert contract.check("    any\n\n\n\ntext") == []
    assert contract.check(" ") != []


def test_the_budget_holds_the_longest_row_and_half_as_much() -> None:
    contract = derive(rows(["one two three four five six seven eight nine ten"] * 3 + ["one"] * 9), name="x")
    assert contract.output_tokens == 15 + 16


def test_every_turn_of_weight_is_an_example() -> None:
    said = row(4, "is iron heavy?", "yes", "and wool?", "no", "and air?", "no", weights={2: 0, 4: 1})
    texts = [(one.text, one.output, one.kind) for one in unfold([said], SYSTEM)]
    assert texts == [
        ("User: is iron heavy?\n\nAssistant: yes\n\nUser: and wool?", "no", "row-4"),
        ("User: is iron heavy?\n\nAssistant: yes\n\nUser: and wool?\n\nAssistant: no\n\nUser: and air?", "no", "row-4"),
    ]


def test_the_usual_system_message_is_the_contracts_and_another_is_input() -> None:
    many = [*rows(["yes", "no"] * 6), row(99, "is it?", "yes", system="Speak like a pirate.")]
    contract = derive(many, name="x")
    assert contract.prompt.system == SYSTEM
    texts = [one.text for one in unfold(many, SYSTEM)]
    assert texts[0] == "question 1?"
    assert texts[-1] == "System: Speak like a pirate.\n\nUser: is it?"
    # What is asked later is put the same way as what was trained.
    assert spoken([Message("system", SYSTEM), Message("user", "question 1?")], SYSTEM) == texts[0]


def test_without_anything_to_learn_it_is_refused() -> None:
    with pytest.raises(Refused, match="no row has an assistant's message"):
        derive([row(1, "only a question")], name="x")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@settings(deadline=None)
@given(st.lists(st.one_of(WORDS, st.dictionaries(WORDS, st.one_of(WORDS, st.integers()), max_size=3).map(json.dumps)),
                min_size=1, max_size=12))  # fmt: skip
def test_all_rows_or_nearly_all_keep_their_contract(answers: list[str]) -> None:
    given_rows = rows([one for one in answers if one.strip()] or ["x"])
    contract = derive(given_rows, name="x")
    assert parse_contract(print_contract(contract)) == contract
    examples = list(unfold(given_rows, contract.prompt.system))
    broken = [one.output for one in examples if contract.check(one.output)]
    assert len(broken) <= 0.05 * len(examples)


def test_a_file_of_another_form_is_derived_too(tmp_path: Path) -> None:
    from formfact.patterns.rows import read_rows

    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(json.dumps({"prompt": f"{at}?", "completion": " yes"}) for at in range(9)))
    contract = derive(read_rows(file).rows, name="x")
    assert (contract.shape, contract.prompt.system) == ("grammar", "")
