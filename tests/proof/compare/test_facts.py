"""Facts from files, from the handbook, and read off a base."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import formfact as ff
from formfact.errors import NotFound, Refused, Unreadable
from formfact.front.comparisons import compare
from formfact.proof.compare.facts import change, corrected, drawn, handbook, read_facts
from formfact.proof.compare.made import answer_in, made_facts


class TestFiles:
    def test_the_last_wording_is_asked_and_never_taught(self, tmp_path: Path) -> None:
        file = tmp_path / "facts.jsonl"
        row = {"question": "q0?", "answer": "x", "questions": ["q1?", "q2?", "q3?", "q4?", "q5?", "q6?"]}
        file.write_text(json.dumps(row) + "\n\n" + json.dumps({"question": "no answer to this?"}) + "\n")
        found = read_facts(file, wordings_each=4)
        [fact] = found.facts
        assert (fact.asked, fact.taught) == ("q6?", ("q0?", "q1?", "q2?", "q3?", "q4?"))
        assert found.unanswerable == ("no answer to this?",)

    def test_wordings_that_are_lacking_are_made_and_it_is_said(self, tmp_path: Path) -> None:
        file = tmp_path / "facts.csv"
        file.write_text("question,answer\nWho keeps the light?,Mara Venn\nHow tall is the mast?,\n")
        found = read_facts(file, wordings_each=3)
        [fact] = found.facts
        assert fact.asked == "Who keeps the light?"
        assert len(set(fact.taught)) == 4
        assert fact.asked not in fact.taught
        assert found.reworded
        assert found.unanswerable == ("How tall is the mast?",)

    @pytest.mark.parametrize(
        "text", ["not json", "[1]", '{"question": 3}', '{"question": " ", "answer": "x"}',
                 '{"question": "a", "answer": 5}', '{"question": "a?", "answer": "b", "questions": "c"}'],
    )  # fmt: skip
    def test_a_line_of_another_shape_is_named(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "facts.jsonl"
        file.write_text('{"question": "a?", "answer": "b"}\n' + text + "\n")
        with pytest.raises(Unreadable, match="line 2"):
            read_facts(file, wordings_each=4)

    def test_a_wording_that_says_the_question_again_is_not_asked(self, tmp_path: Path) -> None:
        file = tmp_path / "facts.jsonl"
        row = {"question": "Who rows?", "answer": "Mara", "questions": ["Who is at the oars?", "who  rows?"]}
        file.write_text(json.dumps(row) + "\n")
        [fact] = read_facts(file, wordings_each=1).facts
        assert fact.asked == "Who is at the oars?"
        assert fact.taught[0] == "Who rows?"

    def test_it_is_said_of_facts_alone_that_wordings_are_made(self, tmp_path: Path) -> None:
        file = tmp_path / "facts.jsonl"
        row = {"question": "q0?", "answer": "x", "questions": ["q1?", "q2?"]}
        file.write_text(json.dumps(row) + "\n" + json.dumps({"question": "none?"}) + "\n")
        assert not read_facts(file, wordings_each=1).reworded
        found = read_facts(file, wordings_each=2)
        assert len(found.facts[0].taught) == 3
        assert found.reworded

    def test_an_answer_of_nought_is_no_missing_one(self, tmp_path: Path) -> None:
        file = tmp_path / "facts.jsonl"
        file.write_text('{"question": "a?", "answer": "b"}\n{"question": "How many?", "answer": 0}\n')
        with pytest.raises(Unreadable, match="line 2: `answer` is no text"):
            read_facts(file, wordings_each=4)

    def test_ends_of_lines_inside_a_text_end_no_line(self, tmp_path: Path) -> None:
        lines, table = tmp_path / "facts.jsonl", tmp_path / "facts.csv"
        lines.write_text('{"question": "Who\u2028rows?", "answer": "Mara"}\n', encoding="utf-8")
        table.write_text('question,answer\n"Who\nrows?",Mara\n')
        assert read_facts(lines, wordings_each=4).facts[0].asked == "Who\u2028rows?"
        assert read_facts(table, wordings_each=4).facts[0].asked == "Who\nrows?"
        table.write_text('question,answer\n"' + "x" * 200_000)
        before = csv.field_size_limit(100_000)  # the process has one limit, and readers of documents raise it
        try:
            with pytest.raises(Unreadable, match=r"behind record 0: field larger"):
                read_facts(table, wordings_each=4)
        finally:
            csv.field_size_limit(before)

    def test_a_file_that_is_not_there_or_empty(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound):
            read_facts(tmp_path / "none.jsonl", wordings_each=4)
        (tmp_path / "empty.jsonl").write_text('{"question": "only a question?"}\n')
        with pytest.raises(Refused, match="no fact"):
            read_facts(tmp_path / "empty.jsonl", wordings_each=4)


def test_the_handbook_teaches_no_wording_that_it_asks() -> None:
    found = handbook(wordings_each=4)
    assert len(found.facts) == 60
    assert len(found.unanswerable) == 20
    taught = {wording for fact in found.facts for wording in fact.taught}
    assert not taught & {fact.asked for fact in found.facts}


def test_the_change_is_a_fact_of_its_own() -> None:
    one = change()
    assert one.fact.answer in one.fact.statement
    assert one.corrected in one.correction
    assert one.fact.answer not in corrected(one).statement


def test_facts_are_drawn_evenly_and_once() -> None:
    facts = handbook(wordings_each=2).facts
    assert drawn(facts, 100) == list(facts)
    some = drawn(facts, 15)
    assert len({one.asked for one in some}) == 15
    assert some[0] == facts[0]
    assert some[-1] == facts[-1]


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The tower was built in 1887 by the board.", "When was the tower built?", "1887"),
        ("A pass costs 12.50 a week.", "How much does a pass cost?", "12.50"),
        ("The desk is run by Ada Pell on weekdays.", "Who runs the desk?", "Ada Pell"),
        ("Passes cost 4 or 6.", "How much does a pass cost?", ""),
        ("The desk is open.", "When is the desk open?", ""),
        ("Room 4 holds 20 people.", "How many people does room 4 hold?", "20"),
    ],
)
def test_an_answer_is_read_where_there_is_just_one(sentence: str, question: str, answer: str) -> None:
    assert answer_in(sentence, question) == answer


def test_facts_are_read_off_a_base(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Lamps\n\nThe harbour lamp at Osk was lit in 1887 by the town. The harbour's night watch has 14 people.\n"
    )
    with ff.Knowledge("memory:") as kb:
        kb.add(tmp_path / "a.md")
        store, _ = kb._open()
        found = made_facts(store, wordings_each=2)
    assert found.reworded
    assert all(fact.answer in ("1887", "14", "Osk") for fact in found.facts)
    assert found.facts


def test_which_facts_must_be_said_for_a_base_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nThe lamp was lit in 1887.\n")
    with ff.Knowledge(tmp_path / "kb") as kb:
        kb.add(tmp_path / "a.md")
        with pytest.raises(Refused, match="which facts"):
            compare(kb)
        with pytest.raises(Refused, match="no arm"):
            compare(kb, "made", arms=["magic"])
