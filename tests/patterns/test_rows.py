"""Training files in every form that people have, and back to chat JSONL without loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.errors import NotFound, Refused
from formfact.patterns.rows import read_rows, to_chat, write_chat
from formfact.patterns.rows.forms import messages_of
from formfact.types import Message, Row

U, A, S = "user", "assistant", "system"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"messages": [{"role": U, "content": "q"}, {"role": A, "content": "a"}]}, [(U, "q"), (A, "a")]),
        ({"prompt": "q", "completion": "a"}, [(U, "q"), (A, "a")]),
        ({"instruction": "do", "input": "x", "output": "a"}, [(U, "do\n\nx"), (A, "a")]),
        ({"instruction": "do", "input": "", "output": "a", "system": "s"}, [(S, "s"), (U, "do"), (A, "a")]),
        (
            {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s"},
            [(S, "s"), (U, "q"), (A, "a")],
        ),
        ({"text": "t", "output": "o", "kind": "news"}, [(U, "t"), (A, "o")]),
        ({"text": "t", "questions": ["a?", "b?"]}, [(U, "t"), (A, "a?\nb?")]),
        (
            {"messages": [{"role": U, "content": [{"type": "text", "text": "q"}]}, {"role": A, "content": None}]},
            [(U, "q"), (A, "")],
        ),
    ],
)
def test_each_form_is_read(record: dict[str, Any], said: list[tuple[str, str]], tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n" + json.dumps(record) + "\n")
    (row,) = read_rows(file).rows
    assert row.number == 2  # the line of the file
    assert [(one.role, one.content) for one in row.messages] == said


def test_a_table_is_read_by_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text('prompt,completion\n"one\ntwo",a\nb,"c, d"\nlonely\n')
    reading = read_rows(file)
    assert [(row.number, row.prompt, row.completion) for row in reading.rows] == [
        (1, "one\ntwo", "a"),
        (2, "b", "c, d"),
    ]
    assert [one.row for one in reading.problems] == [3]


def test_what_is_no_row_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"prompt": "q", "completion": "a"}\nnot json\n[1]\n{"a": 1}\n{"messages": []}\n{"text": 3, "output": ""}'
    )
    reading = read_rows(file)
    assert [row.number for row in reading.rows] == [1]
    assert [(one.row, one.rule) for one in reading.problems] == [(at, "malformed") for at in (2, 3, 4, 5, 6)]


def test_errors_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_rows(tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "ok"}\n{"prompt": "caf\xe9"}')
    with pytest.raises(Refused, match="line 2"):
        read_rows(tmp_path / "latin.jsonl")


contents = st.text(max_size=30)
messages = st.lists(st.fixed_dictionaries({"role": st.sampled_from([S, U, A]), "content": contents}), min_size=1)
chats = st.fixed_dictionaries(
    {"messages": messages},
    optional={"weight": st.integers(0, 1), "tools": st.lists(st.dictionaries(contents, contents))},
)


@given(chats)
def test_chat_comes_back_as_it_was(record: dict[str, Any]) -> None:
    assert to_chat(Row(1, messages_of(record), record)) == record


@given(st.fixed_dictionaries({"prompt": contents, "completion": contents, "note": contents}))
def test_other_forms_become_chat_and_keep_the_rest(record: dict[str, Any]) -> None:
    made = to_chat(Row(1, messages_of(record), record))
    assert messages_of(made) == messages_of(record)
    assert made["note"] == record["note"]


def test_written_chat_is_read_again(tmp_path: Path) -> None:
    rows = [Row(at, (Message(U, f"q\u2028{at}"), Message(A, "ä"))) for at in (1, 2)]
    write_chat(rows, tmp_path / "chat.jsonl")
    assert [row.messages for row in read_rows(tmp_path / "chat.jsonl").rows] == [row.messages for row in rows]
