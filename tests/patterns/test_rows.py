"""Training files in every form that people have, and back to chat JSONL without loss."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formfact.errors import NotFound, Refused
from formfact.patterns.rows import read_rows, to_chat, write_chat
from formfact.patterns.rows.forms import messages_of, weight
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
        ({"context": "c", "question": "q", "answer": "a"}, [(U, "c\n\nq"), (A, "a")]),
        ({"context": "", "question": "q", "answer": "a"}, [(U, "q"), (A, "a")]),
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


contents = st.text(max_size=30) | st.sampled_from(["\ud800", "\u2028", "\x00\x1c\x85", "a\r\nb"])
messages = st.lists(st.fixed_dictionaries({"role": st.sampled_from([S, U, A]), "content": contents}), min_size=1)
chats = st.fixed_dictionaries(
    {"messages": messages},
    optional={"weight": st.integers(0, 1), "tools": st.lists(st.dictionaries(contents, contents))},
)


@given(chats)
def test_chat_comes_back_as_it_was(record: dict[str, Any]) -> None:
    assert to_chat(Row(1, messages_of(record), record)) == record


calls = st.fixed_dictionaries(
    {"role": st.just(A), "content": st.none(), "tool_calls": st.lists(st.dictionaries(contents, contents), min_size=1)}
)
named = st.fixed_dictionaries({"role": st.sampled_from([S, U, A]), "content": contents, "name": contents})
pairs = st.lists(st.tuples(contents, contents).map(list), max_size=2)
turns = st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt", "system", "tool"]), "value": contents})
FIVE: dict[str, st.SearchStrategy[Any]] = {
    "chat": st.fixed_dictionaries({"messages": st.lists(calls | named, min_size=1), "extra": contents}),
    "prompt": st.fixed_dictionaries(
        {"prompt": contents, "completion": contents, "extra": contents, "system": contents}
    ),
    "alpaca": st.fixed_dictionaries(
        {"instruction": contents, "input": contents, "output": contents, "extra": contents},
        optional={"system": contents, "history": pairs},
    ),
    "sharegpt": st.fixed_dictionaries({"conversations": st.lists(turns, min_size=1), "extra": contents}),
    "table": st.fixed_dictionaries({"prompt": contents, "completion": contents, "extra": contents}),
    "context": st.fixed_dictionaries(
        {"context": contents, "question": contents, "answer": contents, "extra": contents},
        optional={"system": contents},
    ),
}


@pytest.mark.parametrize("form", FIVE)
@given(data=st.data())
def test_every_form_becomes_chat_without_loss(form: str, data: st.DataObject) -> None:
    record = data.draw(FIVE[form])
    made = to_chat(Row(1, messages_of(record), record))
    assert messages_of(made) == messages_of(record)
    assert made["extra"] == record["extra"]
    if form == "chat":
        assert made == record


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FIVE["table"], min_size=1, max_size=5))
def test_a_table_goes_through_a_file_to_chat(tmp_path: Path, records: list[dict[str, str]]) -> None:
    records = [{key: value.replace("\ud800", "") for key, value in record.items()} for record in records]
    with (tmp_path / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["prompt", "completion", "extra"], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(records)
    reading = read_rows(tmp_path / "rows.csv")
    assert not reading.problems
    write_chat(reading.rows, tmp_path / "chat.jsonl")
    again = read_rows(tmp_path / "chat.jsonl").rows
    assert [(row.prompt, row.completion, row.extra["extra"]) for row in again] == [
        (record["prompt"], record["completion"], record["extra"]) for record in records
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.jsonl", b'\xef\xbb\xbf{"prompt": "q", "completion": "a"}\n'),
        ("crlf.jsonl", b'{"prompt": "q", "completion": "a"}\r\n\r\n'),
        ("list.json", b'[{"prompt": "q", "completion": "a"}]'),
        ("list.jsonl", b'[\n{"prompt": "q",\n"completion": "a"}\n]'),
        ("held.json", b'{"version": 1, "data": [\n{"prompt": "q", "completion": "a"}]}'),
        ("one.json", b'{"messages": [\n{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}'),
        ("lines.json", b'{"prompt": "q", "completion": "a"}\n'),
        ("crlf.csv", b"\xef\xbb\xbfprompt,completion\r\nq,a\r\n"),
        ("capitals.csv", b"Prompt,Completion\nq,a\n"),
        ("semicolons.csv", b"prompt;completion\nq;a\n"),
        ("tabs.tsv", b"prompt\tcompletion\nq\ta\n"),
    ],
)
def test_files_as_people_have_them(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    reading = read_rows(tmp_path / name)
    assert [(row.number, row.prompt, row.completion) for row in reading.rows] == [(1, "q", "a")]
    assert not reading.problems


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jsonl", b"", "holds no rows"),
        ("blank.jsonl", b"\n \n", "holds no rows"),
        ("header.csv", b"prompt,completion\n", "holds no rows"),
        ("latin.jsonl", b'{"prompt": "ok"}\n{"prompt": "caf\xe9"}', "not UTF-8 .line 2"),
        ("wide.jsonl", '{"prompt": "ok"}'.encode("utf-16"), "is UTF-16"),
        ("book.xlsx", b"PK\x03\x04....", "zip file"),
        ("rows.jsonl.gz", b"\x1f\x8b....", "gzip"),
        ("rows.parquet", b"PAR1....", "Parquet"),
        ("torn.json", b'[{"prompt": "q", "completion": "a"}', "is no JSON"),
        ("deep.json", b"[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_training_file_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=message) as caught:
        read_rows(tmp_path / name)
    assert caught.value.hint


def test_a_deep_line_is_malformed_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"prompt": "q", "completion": "a"}\n' + '{"a":' * 100_000)
    reading = read_rows(tmp_path / "rows.jsonl")
    assert len(reading.rows) == 1
    assert [one.row for one in reading.problems] == [2]


def test_a_line_of_ten_megabytes_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({"prompt": "word " * 2_000_000, "completion": "a"}) + "\n")
    (row,) = read_rows(tmp_path / "rows.jsonl").rows
    assert len(row.prompt) == 10_000_000


def test_a_torn_quote_ends_a_table_and_not_the_program(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text('prompt,completion\nq,a\n"torn,a\n')
    reading = read_rows(tmp_path / "rows.csv")
    assert len(reading.rows) == 1
    assert [one.row for one in reading.problems] == [2]


def test_written_chat_is_read_again(tmp_path: Path) -> None:
    rows = [Row(at, (Message(U, f"q\u2028{at}"), Message(A, "ä"))) for at in (1, 2)]
    write_chat(rows, tmp_path / "chat.jsonl")
    assert [row.messages for row in read_rows(tmp_path / "chat.jsonl").rows] == [row.messages for row in rows]


IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
parts = st.lists(
    contents | st.just(IMAGE) | st.fixed_dictionaries({"type": st.just("text"), "text": contents}), max_size=4
)


@given(parts, contents | st.builds("".join, st.lists(contents, max_size=3)))
def test_another_text_of_parts_leaves_the_images_where_they_are(given: list[Any], text: str) -> None:
    record: dict[str, Any] = {"messages": [{"role": U, "content": given, "name": "n"}, {"role": A, "content": "a"}]}
    made = to_chat(Row(1, (Message(U, text), Message(A, "a")), record))
    assert messages_of(made)[0].content == text
    assert made["messages"][0]["name"] == "n"
    content = made["messages"][0]["content"]
    assert given.count(IMAGE) == (content.count(IMAGE) if isinstance(content, list) else 0)


def test_a_change_stays_in_the_part_where_it_is() -> None:
    given = [{"type": "text", "text": "Look:"}, IMAGE, {"type": "text", "text": "What is it? ->", "x": 1}]
    record = {"messages": [{"role": U, "content": given}, {"role": A, "content": "a"}]}
    made = to_chat(Row(1, (Message(U, "Look:What is it?"), Message(A, "a")), record))
    assert made["messages"][0]["content"] == [given[0], IMAGE, {"type": "text", "text": "What is it?", "x": 1}]
    made = to_chat(Row(1, (Message(U, "Context.\n\nLook:What is it? ->"), Message(A, "a")), record))
    assert made["messages"][0]["content"] == [{"type": "text", "text": "Context.\n\nLook:"}, *given[1:]]


@pytest.mark.parametrize("quotes", ['"question "x', '"5" pipe"'])
def test_a_bad_record_does_not_end_a_table(quotes: str, tmp_path: Path) -> None:
    lines = [f"question {at},answer {at}" for at in range(1, 21)]
    lines[4] = f"{quotes},answer"
    lines[9] = '"two\nlines",answer 10'
    (tmp_path / "rows.csv").write_text("\n".join(["prompt,completion", *lines]) + "\n")
    reading = read_rows(tmp_path / "rows.csv")
    assert [row.number for row in reading.rows] == [at for at in range(1, 21) if at != 5]
    assert [row.completion for row in reading.rows] == [f"answer {row.number}" for row in reading.rows]
    assert [(one.rule, one.row) for one in reading.problems] == [("malformed", 5)]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('q,a\n"torn,a\nq,a\n', 3),  # all that follows may be the torn field's
        ('q,a\n"torn,a\n"q","a"\n', 3),
        ('"He said "hi" to me.\nAnd then left, she cried.",a\nq,a\n', 2),
    ],
)
def test_a_record_whose_end_cannot_be_told_is_named(content: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"prompt,completion\n{content}")
    with pytest.raises(Refused, match=f"on line {line} ") as caught:
        read_rows(tmp_path / "rows.csv")
    assert caught.value.hint


def test_columns_that_are_no_csv_are_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text('"prompt"x,completion\nq,a\n')
    with pytest.raises(Refused, match="line 1"):
        read_rows(tmp_path / "rows.csv")


@pytest.mark.parametrize("history", [5, "ab", {"ab": 1}, [5]])
def test_a_history_that_is_none_spoils_its_row_alone(history: object, tmp_path: Path) -> None:
    rows = [{"instruction": "q", "output": "a", "history": one} for one in (history, [["q", "a"]], None)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    reading = read_rows(tmp_path / "rows.jsonl")
    assert [row.number for row in reading.rows] == [2, 3]
    assert [one.row for one in reading.problems] == [1]


def test_a_weight_that_no_float_holds_is_a_weight() -> None:
    assert [weight({"messages": [{"role": A, "weight": one}]}) for one in (0, 0.5, 10**400)] == [0, 0.5, 1]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written") as caught:
        write_chat([], tmp_path / "none" / "chat.jsonl")
    assert caught.value.hint
