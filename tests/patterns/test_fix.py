"""What a repair does to a row, and what it leaves alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.patterns.contract import Contract
from formfact.patterns.facts.rewrite import rewrite
from formfact.patterns.lint import lint
from formfact.patterns.lint.fix import fix
from formfact.patterns.lint.habits import Habits
from formfact.patterns.lint.mend import BARE, BULLETS, LINES, MARK, SEPARATED, SPACE, mend
from formfact.patterns.rows import Reading, read_rows, to_chat, write_chat
from formfact.patterns.rows.forms import messages_of
from formfact.patterns.shelf import find
from formfact.types import FactsReport, Message, Row, RowVerdict

QUESTIONS = find("questions").contract
MARKED = replace(QUESTIONS, marker="\n###")
ASKED = "What is amber?\nWhere is the brook?"
NONE = Habits("", "", "")


def row(completion: str, prompt: str = "Ask", number: int = 1) -> Row:
    return Row(number, (Message("user", prompt), Message("assistant", completion)))


@pytest.mark.parametrize(
    ("was", "habits", "contract", "becomes", "why"),
    [
        (" The amber one. \n", NONE, None, "The amber one.", [SPACE]),
        ("one \ntwo", NONE, None, "one\ntwo", [SPACE]),
        ("one###", NONE, None, "one", [MARK]),
        ("one", Habits("###", "", ""), None, "one###", [MARK]),
        ("one<|end|>", Habits("\n###", "", ""), None, "one\n###", [MARK]),
        ("The tale is at its END", NONE, None, "The tale is at its END", []),
        ("- one\n* two", Habits("", "", "-"), None, "- one\n- two", [BULLETS]),
        ("* one\n* two", Habits("", "", "1."), None, "1. one\n2. two", [BULLETS]),
        ("* one\n* two", NONE, None, "* one\n* two", []),
        (ASKED, NONE, MARKED, f"{ASKED}\n###", [MARK]),
        ("- What is amber?\n- Where is the brook?", NONE, QUESTIONS, ASKED, [BARE]),
        ("1. What is amber?\n\n2. Where is the brook?", NONE, QUESTIONS, ASKED, [BARE, LINES]),
        (f"{ASKED}\nWHAT is  amber?\nNo question", NONE, QUESTIONS, ASKED, [LINES]),
        (f"{ASKED}\nNo question", NONE, MARKED, f"{ASKED}\n###", [MARK, LINES]),
    ],
)
def test_a_completion_is_mended(
    was: str, habits: Habits, contract: Contract | None, becomes: str, why: list[str]
) -> None:
    done = mend(row(was), habits, contract)
    assert done.row
    assert done.row.completion == becomes
    assert list(done.changes) == why


@pytest.mark.parametrize(
    ("prompt", "separator", "becomes"),
    [("Ask ->", "\n\n###\n\n", "Ask\n\n###\n\n"), ("Ask", " ->", "Ask ->"), ("Ask ->", "", "Ask"), ("Ask", "", "Ask")],
)
def test_a_separator_is_that_of_most_rows(prompt: str, separator: str, becomes: str) -> None:
    done = mend(row("one", prompt), Habits("", separator, ""))
    assert done.row
    assert done.row.messages[0].content == becomes
    assert list(done.changes) == ([SEPARATED] if prompt != becomes else [])


def test_what_cannot_be_repaired_stays_out() -> None:
    assert mend(row("One question?"), NONE, QUESTIONS).row is None


words = st.text("ab -*1.?\n#", max_size=30)
habits = st.builds(
    Habits, st.sampled_from(["", "###", "\n###"]), st.sampled_from(["", " ->"]), st.sampled_from(["", "-", "1."])
)


@given(words, words, habits, st.sampled_from([None, QUESTIONS, MARKED]))
def test_mending_what_was_mended_changes_nothing(
    prompt: str, completion: str, usual: Habits, contract: Contract | None
) -> None:
    once = mend(row(completion or "x", prompt), usual, contract)
    if once.row:
        again = mend(once.row, usual, contract)
        assert again.row == once.row
        assert not again.changes


def test_what_a_message_holds_beside_its_text_survives(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    record = {
        "messages": [
            {"role": "system", "content": "s", "name": "boss"},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "42"},
            {"role": "assistant", "content": " It is 42. ", "weight": 1},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "parallel_tool_calls": False,
    }
    file, fixed = tmp_path / "rows.jsonl", tmp_path / "fixed.jsonl"
    file.write_text(json.dumps(record) + "\n")
    reading = read_rows(file)
    kept, done = fix(reading.rows, lint(reading))
    write_chat(kept, fixed)
    record["messages"][-1]["content"] = "It is 42."  # type: ignore[index]
    assert json.loads(fixed.read_text()) == record
    assert done == [f"1 row: {SPACE}"]


def test_each_change_is_counted() -> None:
    rows = [Row(at, (Message("user", f"Ask {at}"), Message("assistant", f"{ASKED}\nWho is {at}?"))) for at in range(20)]
    rows += [Row(21, (Message("user", "a"), Message("assistant", f" {ASKED}")))]
    rows += [Row(22, (Message("user", "b"), Message("assistant", f"{ASKED}\nno")))]
    rows += [Row(23, (Message("user", "c"), Message("assistant", "no")))]
    rows += [replace(rows[3], number=24), Row(25, (Message("user", "d"),))]
    kept, done = fix(rows, lint(Reading(tuple(rows), (), ""), QUESTIONS), QUESTIONS)
    assert len(kept) == 22
    assert sorted(done) == [
        "1 row: left out: it breaks the contract",
        "1 row: left out: the last message is not the assistant's, or a role is unknown",
        "1 row: left out: the same as an earlier row",
        f"1 row: {LINES}",
        f"1 row: {SPACE}",
    ]


IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1} '}}


def chat(number: int, *messages: dict[str, Any]) -> Row:
    record = {"messages": list(messages)}
    return Row(number, messages_of(record), record)


def test_images_and_calls_of_tools_survive_a_repair() -> None:
    rows = [row(f"The answer {at}###", f"Ask {at}", at) for at in range(20)]
    asked = {"role": "user", "content": [{"type": "text", "text": "What is it? ->"}, IMAGE]}
    seen = chat(20, asked, {"role": "assistant", "content": [{"type": "text", "text": " A mill. "}, IMAGE]})
    call = chat(21, {"role": "user", "content": "Do it"}, {"role": "assistant", "content": None, "tool_calls": [CALL]})
    found = lint(Reading((*rows, seen, call), (), ""))
    assert 21 not in [one.row for one in found.problems]
    kept, _ = fix([*rows, seen, call], found)
    assert to_chat(kept[20])["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "What is it?"}, IMAGE]},
        {"role": "assistant", "content": [{"type": "text", "text": "A mill.###"}, IMAGE]},
    ]
    assert kept[21] == call
    assert mend(call, NONE, QUESTIONS).row is None


def test_what_has_no_text_is_given_no_separator() -> None:
    silent = chat(1, {"role": "user", "content": None}, {"role": "assistant", "content": "a"})
    assert mend(silent, Habits("", " ->", "")).changes == ()


@pytest.mark.parametrize("first", [[], [{"role": "system", "content": "s", "name": "boss"}]])
def test_facts_given_to_a_row_that_nobody_asked_leave_its_messages(first: list[dict[str, Any]]) -> None:
    given = [
        *first,
        {"role": "tool", "content": "x", "tool_call_id": "1"},
        {"role": "assistant", "content": "Edmund Tarrant founded it in 1887.", "name": "n", "weight": 1},
    ]
    rows = [chat(1, *given)]
    verdict = RowVerdict(1, "knowledge", 1.0, (), "move")
    (made,), _ = rewrite(rows, FactsReport("knowledge", 1.0, (verdict,)))
    *before, inserted, last = to_chat(made)["messages"]
    assert [*before, last] == given
    assert inserted["role"] == "user"
    assert rows[0].completion in inserted["content"]


def test_facts_are_given_to_a_question_with_its_image() -> None:
    given = {"role": "user", "content": [IMAGE, {"type": "text", "text": "Who founded it?"}], "name": "n"}
    rows = [chat(1, given, {"role": "assistant", "content": "Edmund Tarrant founded it in 1887."})]
    verdict = RowVerdict(1, "knowledge", 1.0, (), "move")
    (made,), _ = rewrite(rows, FactsReport("knowledge", 1.0, (verdict,)))
    text = f"Context:\n\nWho founded it? {rows[0].completion}\n\nWho founded it?"
    assert to_chat(made)["messages"][0] == given | {"content": [IMAGE, {"type": "text", "text": text}]}


def test_where_no_way_is_that_of_most_none_is_mended() -> None:
    rows = [
        row(f"The answer {at}{['', '###'][at % 2]}", f"Ask {at}{[' ->', '', '###'][at % 3]}", at) for at in range(60)
    ]
    found = lint(Reading(tuple(rows), (), ""))
    assert [(one.rule, one.row, one.message) for one in found.problems] == [
        ("end-marker", None, "rows differ: no end marker in 30, end marker '###' in 30"),
        ("separator", None, "rows differ: separator ' ->' in 20, no separator in 20, separator '###' in 20"),
    ]
    assert fix(rows, found) == (rows, [])


@pytest.mark.parametrize(("one", "other"), [("US", "us"), ("    x = 1", "        x = 1"), ("a\n    b", "a\n        b")])
def test_completions_that_differ_are_no_duplicates(one: str, other: str) -> None:
    rows = [row(f"s: {one}", "us", 1), row(f"s: {other}", "us", 2), row(f"s: {other}\n", " us", 3)]
    found = lint(Reading(tuple(rows), (), ""))
    named = {one.rule: one.row for one in found.problems if one.rule in ("duplicate", "same-prompt")}
    assert named == {"same-prompt": 2, "duplicate": 3}
    assert [one.number for one in fix(rows, found)[0]] == [1, 2]
