"""What a repair does to a row, and what it leaves alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.patterns.contract import Contract
from formfact.patterns.lint import lint
from formfact.patterns.lint.fix import fix
from formfact.patterns.lint.habits import Habits
from formfact.patterns.lint.mend import BARE, BULLETS, LINES, MARK, SEPARATED, SPACE, mend
from formfact.patterns.rows import Reading, read_rows, write_chat
from formfact.patterns.shelf import find
from formfact.types import Message, Row

QUESTIONS = find("questions").contract
MARKED = replace(QUESTIONS, marker="\n###")
ASKED = "What is amber?\nWhere is the brook?"
NONE = Habits("", "", "")


def row(completion: str, prompt: str = "Ask") -> Row:
    return Row(1, (Message("user", prompt), Message("assistant", completion)))


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
