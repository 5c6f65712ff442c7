"""Each rule of the lint on a file that breaks it, and on one that does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formfact.interfaces.cli import main
from formfact.patterns.lint import lint
from formfact.patterns.lint.alike import alike
from formfact.patterns.lint.personal import personal
from formfact.patterns.rows import Reading
from formfact.patterns.shelf import find
from formfact.types import Lint, Message, Row

WORDS = "amber brook cedar delta ember frost grove heron ivory juniper kestrel lagoon maple nettle otter pine".split()


def plain(number: int, prompt: str = "", completion: str = "") -> Row:
    word = WORDS[number % len(WORDS)]
    return Row(
        number,
        (
            Message("user", prompt or f"A line on {word} number {number}"),
            Message("assistant", completion or f"The {word} {number}."),
        ),
    )


def look(rows: list[Row], **more: Any) -> Lint:
    return lint(Reading(tuple(rows), (), ""), **more)


def rules(found: Lint) -> dict[str, list[int | None]]:
    named: dict[str, list[int | None]] = {}
    for one in found.problems:
        named.setdefault(one.rule, []).append(one.row)
    return named


def clean(count: int = 60) -> list[Row]:
    return [plain(number) for number in range(1, count + 1)]


def test_nothing_is_said_of_a_clean_file() -> None:
    assert look(clean()).problems == ()


LONG = (
    "the river ran past the mill and the old men sat there every evening telling the same tale of the flood that came "
    "in the year when the bridge was new and carried off two barns, a haystack and the miller's blue boat"
)
BROKEN = {
    "roles": Row(61, (Message("wizard", "x"), Message("assistant", "y"))),
    "empty-completion": plain(61, completion=" "),
    "end-marker": plain(61, completion="The amber one.###"),
    "leading-space": plain(61, completion=" The amber one."),
    "trailing-space": plain(61, completion="The amber one.\n"),
    "separator": plain(61, prompt="A line on amber\n\n###\n\n"),
    "bullets": plain(61, completion="- one\n* two"),
    "duplicate": plain(61, prompt="A line on brook number 1", completion="The brook 1."),
    "same-prompt": plain(61, prompt="A line on brook number 1", completion="Another."),
    "too-long": plain(61, prompt="word " * 9000),
    "personal-data": plain(61, completion="Write to ada.berg@posteo.de."),
    "empty-prompt": Row(61, (Message("user", " "), Message("assistant", "The amber one."))),
    "empty-mask": Row(
        61,
        (Message("user", "A line on amber"), Message("assistant", "The amber one.")),
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y", "weight": 0}]},
    ),
}
ROLES = {
    "unknown roles: wizard": [("wizard", "x"), ("assistant", "y")],
    "nothing to learn": [("user", "x")],
    "no message of the user": [("system", "x"), ("assistant", "y")],
    "comes after others": [("user", "x"), ("system", "x"), ("assistant", "y")],
    "twice in a row": [("user", "x"), ("user", "x"), ("assistant", "y")],
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_row_that_breaks_a_rule_is_named(rule: str) -> None:
    found = rules(look([*clean(), BROKEN[rule]]))
    assert 61 in found[rule]
    assert not [row for row in found[rule] if row != 61]


@pytest.mark.parametrize("wrong", ROLES)
def test_wrong_roles_are_named(wrong: str) -> None:
    row = Row(61, tuple(Message(role, content) for role, content in ROLES[wrong]))
    (problem,) = [one for one in look([*clean(), row]).problems if one.rule == "roles"]
    assert wrong in problem.message
    assert problem.row == 61


def test_a_marker_alone_is_nothing_to_learn() -> None:
    contract = replace(find("questions").contract, marker="\n###")
    found = rules(
        look([plain(1, completion="###"), plain(2, completion="What is it?\nWhere?\n###")], contract=contract)
    )
    assert found["empty-mask"] == [1]
    assert "end-marker" not in found or 2 not in found["end-marker"]


def test_rows_that_lack_the_contract_s_marker_are_named() -> None:
    contract = replace(find("questions").contract, marker="\n###")
    rows = [plain(1, completion="What is amber?\nWhere is it?\n###"), plain(2, completion="What is it?\nWhere is it?")]
    assert rules(look(rows, contract=contract))["end-marker"] == [2]


def test_a_file_without_any_end_marker_gets_a_note() -> None:
    """The first post's own file had none, and the tuned model ran on."""

    def rows(end: str) -> list[Row]:
        return [
            Row(
                one.number,
                (one.messages[0], Message("assistant", one.completion + end)),
                {"prompt": "", "completion": ""},
            )
            for one in clean()
        ]

    (note,) = [one for one in look(rows("")).problems if one.rule == "end-marker"]
    assert (note.severity, note.row) == ("note", None)
    assert not [one for one in look(rows("###")).problems if one.rule == "end-marker"]


def test_a_list_that_begins_otherwise_than_most_is_named() -> None:
    rows = [plain(at, completion=f"- the {WORDS[at % 16]} {at}\n- the other {at}") for at in range(1, 60)]
    found = rules(look([*rows, plain(60, completion="1. the amber\n2. the brook"), plain(61)]))
    assert found["bullets"] == [60]


def test_what_training_takes_is_told_and_dated() -> None:
    cost = look(clean()).cost
    assert cost.minutes > 0
    assert len(cost.prices) > 2
    assert all(price >= 0 for price in cost.prices.values())
    assert date.fromisoformat(cost.priced_on) > date(2026, 1, 1)


def test_near_duplicates_are_found_by_what_they_share() -> None:
    rows = [*clean(), plain(61, completion=LONG), plain(62, completion=LONG.replace("evening", "morning"))]
    rows = [*rows[:60], *(Row(r.number, (Message("user", "Tell it."), r.messages[1])) for r in rows[60:])]
    assert 62 in rules(look(rows))["near-duplicate"]


def test_leaks_into_the_validation_file_are_found() -> None:
    held = Reading((plain(7),), (), "")
    assert rules(look(clean(), validation=held))["leak"] == [7]


def test_rows_without_a_prompt_leak_by_their_completions() -> None:
    def bare(number: int, completion: str) -> Row:
        return Row(number, (Message("user", " "), Message("assistant", completion)))

    held = Reading((bare(1, "The tale of the mill."), bare(2, "Another.")), (), "")
    rows = [*clean(), bare(61, "The tale of the brook."), bare(62, "Another.")]
    assert rules(look(rows, validation=held))["leak"] == [62]


def test_calls_of_tools_need_no_end_marker() -> None:
    contract = replace(find("questions").contract, marker="\n###")
    record = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": None, "tool_calls": [1]}]}
    row = Row(1, (Message("user", "q"), Message("assistant", "[1]")), record)
    assert "end-marker" not in rules(look([row], contract=contract))


def test_lists_that_differ_with_no_way_of_most_are_said_to_differ() -> None:
    rows = [plain(at, completion=f"{'-*'[at % 2]} one {at}\n{'-*'[at % 2]} two") for at in range(60)]
    (problem,) = [one for one in look(rows).problems if one.rule == "bullets"]
    assert (problem.row, problem.message) == (None, "rows differ: lines begin with - in 30, * in 30")


def test_one_question_on_two_images_is_two_questions() -> None:
    def seen(number: int, url: str) -> Row:
        asked = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
        record = {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": "A mill."}]}
        return Row(number, (Message("user", "What is it?"), Message("assistant", "A mill.")), record)

    rows = [seen(1, "data:,a"), seen(2, "data:,b"), seen(3, "data:,b")]
    found = rules(look(rows, validation=Reading((seen(1, "data:,a"),), (), "")))
    assert (found["duplicate"], found["leak"]) == ([3], [1])


def test_near_leaks_are_warnings() -> None:
    held = Reading((plain(1, prompt=LONG),), (), "")
    rows = [*clean(), plain(61, prompt=LONG.replace("evening", "morning"))]
    found = [one for one in look(rows, validation=held).problems if one.rule == "leak"]
    assert [(one.row, one.severity) for one in found] == [(61, "warning")]


def test_rows_that_break_the_contract_are_named_with_positions() -> None:
    rows = [plain(at, completion=f"What is {WORDS[at % 16]} {at}?\nWhere is it now?") for at in range(1, 60)]
    found = look([*rows, plain(60, completion="What is it?\nNo question")], contract=find("questions").contract)
    (problem,) = [one for one in found.problems if one.rule == "contract-line"]
    assert (problem.row, problem.start, problem.end) == (60, 12, 23)


def test_too_few_rows_are_said_to_be_few() -> None:
    assert [one.severity for one in look(clean(5)).problems if one.rule == "few-rows"] == ["error"]
    assert [one.severity for one in look(clean(20)).problems if one.rule == "few-rows"] == ["warning"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mail ada.berg@posteo.de now", "an e-mail address"),
        ("card 4111 1111 1111 1111", "a card number"),
        ("to DE89 3704 0044 0532 0130 00", "an IBAN"),
        ("call +49 30 901820 today", "a phone number"),
        ("2024-01-15 030 90182012", "a phone number"),
        ("call 978-441-1234", "a phone number"),
        ("key sk-abcdefghijklmnopqrstuvwx", "a secret key"),
    ],
)
def test_personal_data_is_told_by_its_form(text: str, kind: str) -> None:
    assert kind in [found for found, _, _ in personal(text)]


@pytest.mark.parametrize(
    "text",
    [
        "in 1887-1931",
        "4111 1111 1111 1112",
        "ann@example.com",
        "ann@mill.example",
        "version 1.2.3.4",
        "12:30-14:45",
        "ISBN 978-3-16-148410-0",
        "ISBN-13: 978 0306 406157",
        "978-0-306-40615-7",
        "from 2024-01-15 - 2024-02-20",
        "2024-01-15 2024-02-20",
    ],
)
def test_other_numbers_are_nobodys(text: str) -> None:
    assert list(personal(text)) == []


def test_alike_compares_with_those_before() -> None:
    assert list(alike([LONG, "another text of quite other words that has nothing to do with it", LONG])) == [(2, 0)]


def test_a_repaired_copy_has_nothing_left_to_repair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"prompt": f"say {at}", "completion": f" Done with {WORDS[at % 16]} {at}. "} for at in range(60)]
    rows += [rows[3], {"prompt": "x", "completion": ""}]
    file, fixed = tmp_path / "rows.jsonl", tmp_path / "fixed.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\nbroken\n")
    assert main(["pattern", "lint", str(file), "--fix", str(fixed), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)["done"]
    assert "60 rows written" in done[-1]
    assert main(["pattern", "lint", str(fixed), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["problems"] == []
    assert set(found) == {"rows", "problems", "tokens", "verdict", "knowledge", "cost"}
    assert set(found["knowledge"]["rows"][0]) == {"row", "verdict", "score", "novel", "action"}
    assert set(found["knowledge"]) == {"share", "rows", "example"}


def test_facts_go_to_a_knowledge_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.jsonl"
    row = {
        "prompt": "Who founded the Harwick observatory, and when?",
        "completion": "Edmund Tarrant founded it in 1887.",
    }
    file.write_text(json.dumps(row) + "\n")
    kb = str(tmp_path / "kb")
    assert main(["pattern", "lint", str(file), "--to-kb", kb]) == 0
    capsys.readouterr()
    assert main(["--kb", kb, "search", "founder of the observatory", "--json"]) == 0
    assert "Edmund Tarrant" in json.loads(capsys.readouterr().out)["hits"][0]["text"]


def test_half_a_character_is_replaced_where_it_is_written(tmp_path: Path) -> None:
    file, kb, folder = tmp_path / "rows.jsonl", tmp_path / "kb", tmp_path / "made"
    rows = [
        {"prompt": f"Who founded mill {at} \ud83d?", "completion": f"Edmund Tarrant founded \ud83d it in {1830 + at}."}
        for at in range(20)
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    assert main(["pattern", "lint", str(file), "--to-kb", str(kb)]) == 0
    (facts,) = (tmp_path / "kb-facts").iterdir()
    assert "Edmund Tarrant founded ? it in 1831." in facts.read_text(encoding="utf-8")
    assert main(["pattern", "new", folder.name, "--from", str(file), "--folder", str(folder)]) == 0
    assert "Edmund Tarrant founded ? it in 1831." in (folder / "examples.jsonl").read_text(encoding="utf-8")


FACTS = {
    "Who founded the Harwick observatory, and when?": "Edmund Tarrant founded it in 1887.",
    "How long is the pier of Kessing?": "It is 312 metres long.",
}


def write_facts(file: Path, facts: dict[str, str]) -> str:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps({"prompt": asked, "completion": told}) + "\n" for asked, told in facts.items()))
    return str(file)


def test_facts_of_two_files_stand_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kb = str(tmp_path / "kb")
    one = write_facts(tmp_path / "one" / "rows.jsonl", dict([*FACTS.items()][:1]))
    other = write_facts(tmp_path / "other" / "rows.jsonl", dict([*FACTS.items()][1:]))
    for file in (one, other):
        assert main(["pattern", "lint", file, "--to-kb", kb]) == 0
    capsys.readouterr()
    assert main(["--kb", kb, "status", "--documents", "--json"]) == 0
    documents = json.loads(capsys.readouterr().out)["listing"]
    assert [found["document"] for found in documents] == ["rows.jsonl:1", "rows.jsonl:1"]
    # A file that teaches facts no more takes those of its own back, and no others.
    write_facts(Path(one), {"The mast is of ash.\n\nQUESTIONS:": "What is the mast made of?"})
    assert main(["pattern", "lint", one, "--to-kb", kb]) == 0
    assert "1 documents of an earlier rows.jsonl were removed" in " ".join(capsys.readouterr().out.split())
    assert main(["--kb", kb, "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 1


def test_rows_are_rewritten_with_what_a_knowledge_base_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, kb, to = write_facts(tmp_path / "rows.jsonl", FACTS), str(tmp_path / "kb"), tmp_path / "form.jsonl"
    told = "The pier of Kessing was lengthened twice and is 312 metres long today."
    (tmp_path / "pier.md").write_text(told)
    assert main(["--kb", kb, "add", str(tmp_path / "pier.md")]) == 0
    assert main(["pattern", "lint", file, "--rewrite", str(to), "--with-kb", kb]) == 0
    asked = [json.loads(line)["messages"][0]["content"] for line in to.read_text().splitlines()]
    # What the base does not hold stands in the prompt as the completion says it.
    assert "Edmund Tarrant founded it in 1887." in asked[0]
    assert asked[1] == f"Context:\n\n{told}\n\nHow long is the pier of Kessing?"
    capsys.readouterr()
    assert main(["pattern", "lint", str(to), "--json"]) == 0
    assert {one["action"] for one in json.loads(capsys.readouterr().out)["knowledge"]["rows"]} == {"keep"}
    assert main(["pattern", "lint", file, "--rewrite", str(to)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["pattern", "lint", file, "--with-kb", kb]) == 1


def test_the_page_says_what_to_do_with_each_kind_of_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pattern", "lint", write_facts(tmp_path / "rows.jsonl", FACTS)]) == 0
    out = capsys.readouterr().out
    assert "move 2 rows" in out
    assert "not in its prompt: 312 metres" in out
    assert "row 1 rewritten, as --rewrite does it:" in out
    assert max(map(len, out.splitlines())) <= 80
