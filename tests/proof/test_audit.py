"""The audit: what counts as found, what is kept, what a sample says, and how the command tells it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import pytest

from formfact.errors import Refused
from formfact.front import Knowledge
from formfact.interfaces import audit_shown
from formfact.interfaces.cli import main
from formfact.interfaces.terminal import Page
from formfact.knowledge.stores import Candidate, open_store
from formfact.proof import questions
from formfact.proof.audit import slices
from formfact.proof.audit.expected import NOWHERE, REPEATED, expected, lead
from formfact.proof.audit.rates import Observed, rate
from formfact.proof.findings import Asked, Audited, Lost, Place
from tests.models.server import says, serving

PUMP = "# Pumps\n\nThe green pump came on 7 May with the ferry. It needs 12 bolts.\n"
LAMP = "# Lamps\n\nThe harbour lamp burns whale oil at dusk. The keeper lights it.\n"

WHO = ("barge", "skipper", "ferry", "donkey", "widow")
WHAT = ("granite", "herring", "letters", "barrels")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "old").mkdir(parents=True)
    (folder / "pump.md").write_text(PUMP)
    (folder / "lamp.md").write_text(LAMP)
    (folder / "old" / "mast.txt").write_text("The storm broke the mast of the schooner in March 1890.\n")
    return folder


@pytest.fixture
def kb(tmp_path: Path, docs: Path) -> Iterator[Knowledge]:
    with Knowledge(tmp_path / "kb", embedder="toy:64") as opened:
        opened.add(docs)
        yield opened


def test_every_passage_of_a_small_base_is_found(kb: Knowledge) -> None:
    found = kb.audit()
    assert (found.passages, found.asked, found.sampled) == (3, 3, False)
    assert found.findability[20].rate == 1.0
    low, high = found.findability[20].interval
    assert low < 1.0 == high
    assert {one.name for one in found.by["format"]} == {"markdown", "text"}
    assert {one.name for one in found.by["folder"]} == {".", "old"}


def test_only_what_is_new_or_changed_is_asked_again(kb: Knowledge, docs: Path) -> None:
    for number, (who, what) in enumerate(product(WHO, WHAT)):
        (docs / f"more{number}.txt").write_text(f"The {who} carries {what} to the quay.\n")
    kb.add(docs)
    assert kb.audit().kept == 0
    assert kb.audit().kept == 23
    (docs / "pump.md").write_text(PUMP.replace("12 bolts", "14 bolts"))
    kb.add(docs)
    again = kb.audit()
    assert (again.asked, again.kept) == (23, 22)
    assert kb.audit(fresh=True).kept == 0


def test_a_base_that_has_grown_is_asked_for_again(kb: Knowledge, docs: Path) -> None:
    kb.audit()
    (docs / "more.txt").write_text("The barge carries stone to the quay of Kessing.\n")
    kb.add(docs)
    assert kb.audit().kept == 0


def test_a_copy_knows_what_was_asked(kb: Knowledge, tmp_path: Path) -> None:
    kb.audit()
    kb.copy(tmp_path / "copy")
    with Knowledge(tmp_path / "copy") as copied:
        assert copied.audit().kept == 3
    kb.close()
    shutil.copytree(kb.address, tmp_path / "folder")
    with Knowledge(tmp_path / "folder") as again:
        assert again.audit().kept == 3


def test_the_questions_can_be_read_by_others(kb: Knowledge) -> None:
    kb.audit()
    kb.close()
    store = open_store(kb.address, embedder=None, create=False)
    with store.snapshot() as view:
        kept = questions.kept(view)
    store.close()
    assert len(kept) == 3
    for asked in kept.values():
        for one in asked:
            assert one.text.endswith("?")
            assert one.evidence


def test_another_passage_with_the_same_sentence_counts(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(30):
        (docs / f"{number}.txt").write_text(f"The green pump came on 7 May with the ferry. {number}\n")
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(docs)
        found = kb.audit()
    assert found.findability[20].rate > 0.9


def test_a_sample_stands_for_the_whole(kb: Knowledge, docs: Path) -> None:
    for number, (who, what) in enumerate(product(WHO, WHAT)):
        (docs / "old" / f"more{number}.txt").write_text(f"The {who} carries {what} to the quay.\n")
    kb.add(docs)
    found = kb.audit(sample=8, seed=1)
    assert found.sampled
    assert 8 <= found.asked <= 10
    assert {one.name for one in found.by["folder"]} == {".", "old"}
    assert kb.audit(sample=8, seed=1).kept == found.asked
    with pytest.raises(Refused, match="a sample of 1"):
        kb.audit(sample=1)


def test_what_an_earlier_audit_knows_is_no_part_of_a_sample(kb: Knowledge, docs: Path) -> None:
    for number, (who, what) in enumerate(product(WHO, WHAT)):
        (docs / "old" / f"more{number}.txt").write_text(f"The {who} carries {what} to the quay.\n")
    kb.add(docs)
    drawn = kb.audit(sample=8, seed=1)
    assert len(kb.audit().audited) > drawn.asked
    again = kb.audit(sample=8, seed=1)
    for name in ("folder", "document", "format"):
        assert sum(one.passages for one in again.by[name]) == drawn.asked
    assert (again.by, again.lost) == (drawn.by, drawn.lost)
    assert sum(one.drawn for one in again.audited) == drawn.asked


def test_parts_of_a_sample_weigh_as_in_the_base() -> None:
    found, missed = (Asked("?", "", 1.0, rank, ()) for rank in (1, None))
    asked = [("big/a", "text", found), ("small/a", "text", missed), ("small/b", "text", missed)]
    audited = [Audited(Place(name, name, 0, 1), kind, (), None, "", (one,)) for name, kind, one in asked]
    by = slices(audited, {"big text": 9, "small text": 3})
    assert [one.findability[10].rate for one in by["format"]] == [0.75]
    assert [one.findability[10].rate for one in by["folder"]] == [1.0, 0.0]
    assert [(one.name, one.findability[10].rate) for one in by["overlap"]] == [("the same words", 0.75)]


def test_rows_of_two_tables_are_no_one_document_for_sharing_an_id() -> None:
    found, missed = (Asked("?", "", 1.0, rank, ()) for rank in (1, None))
    places = [("7", "/r/p.csv", found), ("7", "/r/q.csv", missed), ("8", "/r/p.csv", found)]
    audited = [Audited(Place(name, file, 0, 1), "csv", (), None, "", (one,)) for name, file, one in places]
    by = {one.name: one.findability[10].rate for one in slices(audited)["document"]}
    assert by == {"/r/p.csv:7": 1.0, "/r/q.csv:7": 0.0, "8": 1.0}


def test_a_band_weighs_by_how_many_passages_of_a_stratum_have_such_questions() -> None:
    same, other = (Asked("?", "", share, 1, ()) for share in (1.0, 0.1))
    missed = Asked("?", "", 1.0, None, ())
    asked = [("big/a", same), ("big/b", other), ("small/a", missed), ("small/b", missed)]
    audited = [Audited(Place(name, name, 0, 1), "text", (), None, "", (one,)) for name, one in asked]
    by = {one.name: one.findability[10].rate for one in slices(audited, {"big text": 18, "small text": 3})["overlap"]}
    assert by == {"different words": 1.0, "the same words": 0.75}


def test_two_of_a_small_stratum_that_agree_say_little() -> None:
    drawn, covered, times = Random(1), 0, 300
    for _ in range(times):
        base = {"big": [drawn.random() < 0.97 for _ in range(1000)], "small": [drawn.random() < 0.5 for _ in range(10)]}
        asked = [("big", one) for one in drawn.sample(base["big"], 20)]
        asked += [("small", one) for one in drawn.sample(base["small"], 2)]
        observed = [Observed(name, (1 if found else None,)) for name, found in asked]
        low, high = rate(observed, 10, {name: len(found) for name, found in base.items()}).interval
        covered += low <= sum(map(sum, base.values())) / 1010 <= high
    assert covered >= 0.92 * times


def test_an_empty_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "docs")
        with pytest.raises(Refused, match="no passages"):
            kb.audit()


def test_the_command_prints_json_of_the_stated_shape(kb: Knowledge, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kb", kb.address, "audit", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= {"passages", "asked", "findability", "lost"}
    assert set(found["findability"]) == {"1", "5", "10", "20"}
    assert set(found["findability"]["1"]) == {"rate", "interval"}


def test_the_terminal_report_fits(
    kb: Knowledge, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--kb", kb.address, "--quiet", "audit"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("95 % interval" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_passages_without_questions_are_told_from_those_that_theirs_miss(tmp_path: Path) -> None:
    place = Place("lamp.md", "/docs/lamp.md", 0, 5)
    missed = Lost(place, (), None, "A lamp.", "outranked", "why", "help", "Which lamp?", None, ())
    silent = replace(missed, text="17", question="")
    page = Page(io.StringIO())
    asked, without = "not among the best 10 for any of its questions", "without words to ask for, and in no rate above"
    for found, said in (
        ([missed, missed], [f"2 lost: {asked}"]),
        ([silent], [f"1 lost: {without}"]),
        ([missed, silent, missed], ["3 lost", f"       2 {asked}", f"       1 {without}"]),
    ):
        shown = list(audit_shown.lost(page, found))
        assert shown[1 : 1 + len(said)] == said


def test_a_bar_that_is_missed_is_a_named_error(kb: Knowledge, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kb", kb.address, "--quiet", "audit", "--fail-under", "1.0@20"]) == 0
    assert main(["--kb", kb.address, "--quiet", "audit", "--fail-under", "150%"]) == 1
    assert "outside 0 to 1" in capsys.readouterr().err
    assert main(["--kb", kb.address, "--quiet", "audit", "--fail-under", "high"]) == 1
    assert "is no rate" in capsys.readouterr().err


# The user's own questions, and other makers -------------------------------------------------------------------------


def write_rows(file: Path, *rows: object) -> Path:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def test_own_questions_are_judged_by_document_and_answer(kb: Knowledge, tmp_path: Path) -> None:
    file = write_rows(
        tmp_path / "own.jsonl",
        {"question": "When did the green pump come?", "document": "pump.md", "answer": "on 7 May"},
        {"question": "What broke the mast?", "document": "old/mast.txt"},
        {"question": "What does the lamp burn?", "answer": "whale  OIL"},
        {"question": "What does the lamp burn?", "answer": "gas"},
        {"question": "Is there a lamp?"},
    )
    own = kb.audit(questions=file).own
    assert own is not None
    assert (own.asked, own.unjudged) == (4, 1)
    assert [one.place is not None for one in own.questions] == [True, True, True, False]
    assert own.findability[20].rate == 1.0
    assert own.findability[20].passages == 3


def test_of_several_answers_or_documents_any_one_will_do(kb: Knowledge, tmp_path: Path) -> None:
    file = write_rows(
        tmp_path / "own.jsonl",
        {"question": "What does the lamp burn?", "answers": ["gas", "whale oil"], "documents": ["none.md", "lamp.md"]},
        {"question": "What does the lamp burn?", "answers": ["gas", "coal"]},
        {"question": "What does the lamp cost?", "answers": [], "documents": []},
    )
    own = kb.audit(questions=file).own
    assert own is not None
    assert (own.asked, own.unjudged) == (2, 1)
    assert [one.place and one.place.document for one in own.questions] == ["lamp.md", None]
    assert own.questions[0].answer == "gas; whale oil"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no question"),
        ("not json\n", "line 1: not JSON"),
        ('{"question": ""}\n', "line 1: not of the form"),
        ('{"question": "a?"}\n[1]\n', "line 2: not of the form"),
        ('{"question": "a?", "answer": 7}\n', "line 1: not of the form"),
        ('{"question": "a?", "documents": [7]}\n', "line 1: not of the form"),
    ],
)
def test_a_file_of_another_shape_is_refused(kb: Knowledge, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.jsonl").write_text(text)
    with pytest.raises(Refused, match=message):
        kb.audit(questions=tmp_path / "own.jsonl")


FAR, NEAR = (0.9,) * 4, (NOWHERE,) * 4


def test_a_passage_is_as_findable_as_the_best_of_its_questions() -> None:
    clear, lost = Asked("a?", "", 1.0, 1, FAR), Asked("b?", "", 1.0, None, NEAR)
    assert expected([("", (clear, lost))]) == pytest.approx(dict.fromkeys((1, 5, 10, 20), 1.0), abs=1e-3)
    assert expected([("", (clear,)), ("", (lost,))]) == pytest.approx(dict.fromkeys((1, 5, 10, 20), 0.5), abs=1e-3)
    assert expected([("", ())]) == expected([]) == {}


def test_a_sampled_stratum_stands_for_its_size() -> None:
    found, missed = Asked("a?", "", 1.0, 1, FAR), Asked("b?", "", 1.0, None, NEAR)
    asked = [("big", (found,)), ("small", (missed,)), ("small", (missed,))]
    assert expected(asked, {"big": 9, "small": 3})[10] == pytest.approx(0.75, abs=1e-3)


def test_a_lead_is_over_what_stands_at_each_cut_and_words_of_the_passage_count_less() -> None:
    others = [Candidate(at, 0.5 - at / 100, 10.0 - at, at, at) for at in range(2, 14)]
    found = [Candidate(1, 0.9, 10.0, 1, 1), *others]
    first, fifth, tenth, beyond = lead(found, {1}, 0.5)
    assert first < fifth < tenth < beyond
    by_words = Candidate(1, 0.37, 10.0, 13, 1)
    assert lead([by_words, *others], {1}, 0.5)[2] < lead([by_words, *others], {1}, 0.5, repeated=1.0)[2]
    same = [Candidate(1, 0.9, 10 * REPEATED, 1, 1), *others]
    assert lead(found, {1}, 0.5) == lead(same, {1}, 0.5, repeated=1.0)
    assert lead(others, {1}, 0.5) == NEAR
    assert lead([by_words], {1}, 0.5) == (1.0,) * 4


def test_own_questions_are_told_in_the_terminal(
    kb: Knowledge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_rows(tmp_path / "own.jsonl", {"question": "What is burnt?", "answer": "gas"}, {"question": "Why?"})
    assert main(["--kb", kb.address, "--quiet", "audit", "--questions", str(file)]) == 0
    out = capsys.readouterr().out
    assert "no passage holds the answer (1):" in out
    assert "1 name neither document nor answer" in out
    assert main(["--kb", kb.address, "--quiet", "audit", "--questions", str(tmp_path / "none.jsonl")]) == 1
    assert "there is no file" in capsys.readouterr().err


def test_a_writer_can_ask(kb: Knowledge) -> None:
    with serving() as server:
        server.script = [says("Who burns the oil?\nWhat is lit at dusk?\nWho burns the oil?") for _ in range(20)]
        found = kb.audit(f"{server.address}#m")
    assert found.maker.endswith("#m")
    asked = {question.question for one in found.audited for question in one.asked}
    assert asked == {"Who burns the oil?", "What is lit at dusk?"}
    again = kb.audit()
    assert again.kept == 0  # another maker's questions are not these
    assert again.maker == "rules"


def test_a_pattern_that_writes_no_lists_cannot_ask(kb: Knowledge) -> None:
    with pytest.raises(Refused, match="writes no list of questions"):
        kb.audit("python")
