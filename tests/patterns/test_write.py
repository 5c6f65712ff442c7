"""What is read from standard input: one text, or a batch of them."""

from __future__ import annotations

import io

import pytest

from formfact.errors import Refused
from formfact.interfaces.cli import main
from formfact.patterns.shelf import find
from formfact.patterns.write import Draft, Input, read_inputs, write

BATCH = '{"text": "a"}\n\n{"text": "b", "schema": {"type": "object"}}\r\n'


def test_a_batch_is_a_text_a_line() -> None:
    assert read_inputs(BATCH) == [Input("a"), Input("b", {"type": "object"})]
    assert read_inputs(f"\ufeff{BATCH}") == read_inputs(BATCH)
    assert read_inputs(BATCH, one=True) == [Input(BATCH)]


@pytest.mark.parametrize("line", ['{"text": 5}', '{"txt": "b"}', '"b"', "b", '{"text": "b"', "[" * 100_000])
def test_a_batch_with_an_odd_line_is_refused_and_the_line_named(line: str) -> None:
    with pytest.raises(Refused, match="line 3 ") as refused:
        read_inputs(f'{{"text": "a"}}\n\n{line}\n{{"text": "c"}}\n')
    assert "--one" in refused.value.hint


@pytest.mark.parametrize(
    "text", ["", "\n", "a\n" + BATCH, '{"title": "a"}\n' + BATCH, "[" * 100_000, "{\n" + BATCH, "5"]
)
def test_what_does_not_begin_as_a_batch_is_one_text(text: str) -> None:
    assert read_inputs(text) == [Input(text)]


def test_the_command_counts_a_batch_with_a_byte_order_mark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('\ufeff{"text": "a"}\n{"text": "b"}\n'))
    assert main(["pattern", "check", "questions", "--json"]) == 0
    assert '"checked": 2' in capsys.readouterr().out


def test_the_command_checks_a_text_that_is_nested_too_deeply_for_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("[" * 100_000))
    assert main(["pattern", "check", "questions"]) == 0
    assert "line 1" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "write"])
def test_what_is_no_utf_8_is_refused(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Gr\xf6\xdfe".encode("latin-1")), encoding="utf-8"))
    assert main(["pattern", command, "questions"]) == 1
    assert "standard input is no text in UTF-8" in capsys.readouterr().err


class Silent:
    def write(self, *_: object, **__: object) -> list[Draft]:
        raise AssertionError("nothing is to be written")

    def count(self, chat: object) -> int:
        return 0


@pytest.mark.parametrize("inputs", [[""], ["a pump", " \n"]])
def test_an_input_without_a_word_is_refused(inputs: list[str]) -> None:
    with pytest.raises(Refused, match="is empty"):
        write(find("questions").contract, [Input(one) for one in inputs], Silent())


@pytest.mark.parametrize("limit", [0, -5])
def test_a_budget_of_nothing_is_refused(limit: int) -> None:
    with pytest.raises(Refused, match=f"the budget is {limit} tokens"):
        write(find("questions").contract, [Input("a")], Silent(), limit=limit)
