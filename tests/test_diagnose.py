"""`diagnose` from files to advice, on every face: Python, the command line, a terminal."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

import formfact
from formfact import Knowledge
from formfact.errors import NotFound, Refused
from formfact.front.seen import language, read_questions, see_documents, see_questions, see_rows
from formfact.interfaces.cli import main
from formfact.interfaces.diagnosing import interview
from formfact.patterns.shelf import start_from
from formfact.proof.interview import CHOICES, QUESTIONS

FACT = ("Who built the light of Kessing?", "Ada Brisco built it in 1871 for 300 marks.")
FORM = ("The mast is of ash.\n\nQUESTIONS:", "What is the mast made of?\nWhich wood is the mast of?\nWhat is of ash?")
GERMAN = "Die Fähre ist nicht gefahren, und der Kapitän war mit dem Wetter auf der See nicht zufrieden. "


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    pairs = [FACT, FACT, *[FORM] * 6]
    file.write_text("".join(json.dumps({"prompt": a, "completion": b}) + "\n" for a, b in pairs) + "no JSON\n")
    return file


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "mast.md").write_text("# The mast\n\nThe mast of the boat is made of spruce, and it was cut on Osk.\n")
    (folder / "wetter.txt").write_text(GERMAN * 5)
    (folder / "photo.png").write_bytes(b"\x89PNG")
    return folder


def test_rows_are_seen_with_their_numbers(rows: Path) -> None:
    found = see_rows(rows)
    assert (found.rows, found.facts, found.broken) == (8, (1, 2), (9,))
    assert found.form == (3, 4, 5, 6, 7, 8)
    assert (found.known, found.keep) == ("", 0)
    rows.write_text("".join(json.dumps({"prompt": FORM[0], "completion": FORM[1]}) + "\n" for _ in range(4)))
    assert (see_rows(rows).known, see_rows(rows).keep) == ("questions", 4)


def test_rows_without_anything_to_learn_are_no_form(tmp_path: Path) -> None:
    file = tmp_path / "asked.jsonl"
    file.write_text(json.dumps({"messages": [{"role": "user", "content": "hello"}]}) + "\n")
    assert see_rows(file).shape == ""


def test_documents_are_seen_without_a_base(documents: Path) -> None:
    found = see_documents([documents])
    assert (found.files, found.looked, found.documents, found.passages) == (3, 3, 2, 2)
    assert found.reasons == {"no reader for .png": 1}
    assert found.languages is not None
    assert found.languages["de"] > found.languages["en"] > 0
    with pytest.raises(NotFound):
        see_documents([documents / "nothing"])


def test_of_many_files_a_part_is_read(tmp_path: Path) -> None:
    for number in range(701):
        (tmp_path / f"{number}.txt").write_text(f"Note {number} says what was done on the day.\n")
    found = see_documents([tmp_path])
    assert (found.files, found.looked) == (701, 234)


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        (GERMAN, "de"),
        ("The boat was there when we came to the pier.", "en"),
        ("船は港に着きました。", "kana"),
        ("12", ""),
    ],
)
def test_the_language_of_a_text(text: str, tongue: str) -> None:
    assert language(text) == tongue


def test_questions_are_put_to_a_base(documents: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(
        'What is the mast made of?\n\n{"question": "Where was the mast cut?", "answer": "Osk"}\n'
        "Which insurance covers quantum computers?\n"
    )
    every = read_questions(file)
    assert [answers for _, answers in every] == [(), ("Osk",), ()]
    with Knowledge("memory:") as kb:
        kb.add(documents)
        found = see_questions(kb, every)
    assert (found.asked, found.answered, found.silent, found.judged, found.missed) == (3, 2, (3,), 1, ())


@pytest.mark.parametrize("text", ["", '{"quest": 1}', '{"question": ""}', "{broken"])
def test_a_file_without_questions_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(text)
    with pytest.raises(Refused):
        read_questions(file)


def test_from_files_to_advice(rows: Path, documents: Path, tmp_path: Path) -> None:
    found = formfact.diagnose({"often": "often"}, rows=rows, documents=documents)
    assert found.advice == "both"
    assert {one.about for one in found.evidence} == {"interview", "rows", "documents"}
    with pytest.raises(Refused, match="nothing to judge"):
        formfact.diagnose()
    with pytest.raises(Refused, match="questions need documents"):
        formfact.diagnose(questions=tmp_path / "questions.txt")


def test_one_json_whether_by_text_or_by_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"goal": "both", "form": "fixed"}
    (tmp_path / "answers.json").write_text(json.dumps(given))
    told = []
    for answers in (json.dumps(given), str(tmp_path / "answers.json")):
        assert main(["diagnose", "--answers", answers, "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]
    assert set(told[0]) == {"advice", "why", "evidence", "steps", "instead", "cautions"}
    assert told[0]["advice"] == "both"
    assert set(told[0]["evidence"][0]) == {"about", "says", "speaks", "rows"}
    assert [set(one) for one in told[0]["steps"]] == [{"command", "why"}] * 2


def test_the_interview_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", "--interview", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["questions"]
    assert {one["name"]: tuple(c["word"] for c in one["choices"]) for one in listed} == CHOICES
    assert main(["diagnose", "--interview"]) == 0
    out = capsys.readouterr().out
    assert all(one.why[:30] in out and f"{one.name}: " in out for one in QUESTIONS)


@pytest.mark.parametrize(
    ("answers", "hint"),
    [("{", "it looks like"), ("[1]", "JSON: {"), ('{"goal": "answer"}', "did you mean 'answers'?"), ("none.json", "{")],
)
def test_wrong_answers_are_refused_with_the_next_step(
    answers: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diagnose", "--answers", answers]) == 1
    assert hint in capsys.readouterr().err


def test_nobody_to_ask_is_an_error(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main(["diagnose"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "standard input is no terminal" in err
    assert "--answers" in err


def test_the_interview_takes_numbers_words_and_nothing_and_ends_with_its_input() -> None:
    shown = io.StringIO()
    assert interview(io.StringIO("1\nheads\n\nnonsense\n9\n2\n"), shown) == {
        "goal": "answers", "source": "heads", "changes": "often"
    }  # fmt: skip
    assert shown.getvalue().count("a number from 1 to 2, or Enter") == 2
    assert max(map(len, shown.getvalue().split("\n"))) <= 80
    asked = interview(io.StringIO("1\n" * 9), io.StringIO(), known={"source", "amount"})
    assert set(asked) == set(CHOICES) - {"source", "amount"}


def test_what_is_shown_fits_eighty_columns(rows: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", "--rows", str(rows), "--documents", str(documents), "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "rows 1-2" in out
    assert "rows 3-8" in out
    assert [line for line in out.split("\n") if len(line) > 80 and "formfact" not in line] == []


def test_a_contract_is_made_of_rows_with_them_as_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.jsonl"
    records = [{"prompt": f"note {n}", "completion": json.dumps({"n": n, "done": True})} for n in range(9)]
    file.write_text("".join(json.dumps(one) + "\n" for one in records))
    folder = tmp_path / "notes"
    assert main(["pattern", "new", "notes", "--folder", str(folder), "--from", str(file)]) == 0
    assert "JSON of one form" in capsys.readouterr().out
    made = formfact.Pattern(folder)
    assert made.contract.shape == "json"
    assert len(made.examples()) == 9
    assert all(not made.check(one.output) for one in made.examples())
    assert made.check('{"n": "nine"}')
    with pytest.raises(Refused, match="exists already"):
        start_from("notes", folder, rows=())
