"""What of a row is the input, and what of it the pattern's own words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from formfact.errors import Refused
from formfact.interfaces.cli import main
from formfact.patterns.contract import Contract, Prompt
from formfact.patterns.derive import derive, spoken
from formfact.patterns.examples import as_example, load_examples
from formfact.patterns.prompt import render
from formfact.patterns.shelf import find, names
from formfact.types import Message, Row

HELD = "Annual meeting of the harbour club.\n\nQUESTIONS:\nAsked about dues, the treasurer said no."
SCHEMA = {"type": "object", "description": "A meeting.\n\nJSON: by date"}


def read(contract: Contract, prompt: str) -> str:
    return as_example(contract, Row(1, (Message("user", prompt), Message("assistant", "x")))).text


def with_prompt(user: str) -> Contract:
    return replace(find("json-record").contract.with_schema(SCHEMA), prompt=Prompt(user))


def test_a_conversation_is_the_input_that_it_is_written_for() -> None:
    """Also where rows are trained on by a contract that was derived from others."""
    said = (Message("system", "Be kind."), Message("user", "Hi"), Message("assistant", "Yes?"), Message("user", "Bye"))
    rows = [Row(at, (*said, Message("assistant", f"So long, {at}."))) for at in range(3)]
    contract = derive(rows, name="talk")
    asked = spoken(said, contract.prompt.system)
    assert as_example(contract, rows[0]).text == asked == "User: Hi\n\nAssistant: Yes?\n\nUser: Bye"
    other = replace(contract, prompt=Prompt("{text}", "Be brief."))
    assert as_example(other, rows[0]).text.startswith("System: Be kind.\n\nUser: Hi")


def test_an_input_that_holds_the_heading_is_whole() -> None:
    assert read(find("questions").contract, HELD) == HELD
    assert read(find("questions").contract, f"{HELD}\n\nQUESTIONS:") == HELD
    assert read(find("questions").contract, f"{HELD}\n\nQUESTIONS:\n") == HELD


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("text", ["A text.", HELD, "A.\n\nSCHEMA: {}\n\nJSON: is a form.\n\nB.", "Idea: a"])
def test_the_input_of_a_prompt_is_what_was_put_into_it(name: str, text: str) -> None:
    contract = find(name).contract
    assert read(contract, render(contract, text)[-1].content) == text


@pytest.mark.parametrize(
    "user",
    [
        "{text}\n\nSCHEMA: {schema}\n\nJSON:",
        "{text} by {schema}",
        "{text}\n{schema}\nJSON:",
        "Text: {text}\n{schema}\n",
    ],
)
def test_a_prompt_with_a_schema_gives_its_input_alone(user: str) -> None:
    contract = with_prompt(user)
    for text in ("A text.", "A text\n\nSCHEMA: {}\n\nJSON: by hand\n{}\nJSON: and so on"):
        assert read(contract, render(contract, text)[-1].content) == text
        assert read(contract, text) == text


def test_a_schema_that_is_no_json_ends_the_input_too() -> None:
    assert read(find("json-record").contract, "A.\n\nSCHEMA: name, age\n\nJSON:") == "A."


def test_a_row_of_another_pattern_may_have_a_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": "The club met.", "output": "Who met today?\\nWhere did it meet?", "schema": {"a": 1}}\n')
    assert main(["pattern", "lint", str(file), "--pattern", "questions"]) == 0
    assert "takes no schema" not in "".join(capsys.readouterr())
    row = Row(1, (Message("user", "x"), Message("assistant", "{}")), extra={"schema": SCHEMA})
    assert as_example(find("questions").contract, row).schema is None
    assert as_example(find("json-record").contract, row).schema == SCHEMA


@pytest.mark.parametrize("line", ["{bad", '{"text": "a"}', '{"text": "a", "output": 5}', "[1]", "[" * 100_000])
def test_an_example_that_is_none_is_refused_and_its_line_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "examples.jsonl").write_text(f'{{"text": "a", "output": "b"}}\n\n{line}\n')
    with pytest.raises(Refused, match=r"examples\.jsonl, line 3: no "):
        load_examples(tmp_path)


def test_a_row_that_no_file_has_is_shown_to_nobody_and_trains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["pattern", "train", "questions", "--show-mask", "0"]) != 0
    assert "has no row 0" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
