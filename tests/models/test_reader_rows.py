"""What tools/reader_rows.py makes of a folder of questions: right and wrong passages, spans, and changed questions."""

from __future__ import annotations

import csv
import json
import random
import sys
from pathlib import Path

import pytest

from formfact.models.toy import Toy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import reader_rows

TOWNS = ("Aldbury", "Bexmoor", "Carwick", "Denholt", "Ellerby", "Fenwold")


def passage(at: int) -> str:
    return (
        f"The old mill of the town {TOWNS[at]} stands beside the river. It was built by Martin Holt in {1700 + at}. "
        "Nobody lives there today, and the wheel has not turned for many years."
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lists = [
        {"text": passage(at), "questions": [f"When was the mill of {TOWNS[at]} built?", "Who lives there today?"]}
        for at in range(6)
    ]
    marked = [
        {
            "title": f"Article {at}",
            "context": passage(at),
            "question": f"Who built the mill of {TOWNS[at]}?",
            "answerable": at % 2 == 0,
            "answers": ["Martin Holt", "by Martin Holt"] if at % 2 == 0 else [],
        }
        for at in range(6)
    ]
    long = "\n".join(passage(at % 6) for at in range(60))
    at = long.index("Carwick")
    gold = json.dumps([{"content": "Carwick", "start_index": at, "end_index": at + 7}])
    turns = [{"speaker": "user", "text": "Is there a mill?"}, {"speaker": "agent", "text": "Yes."}]
    task = {"turns": turns, "last_turn": "Who built it?", "relevant": ["d0"]}
    put(tmp_path / "questions/squad11_train44.jsonl", lists)
    put(tmp_path / "questions/fairytale_train.jsonl", lists)
    put(tmp_path / "unanswerable/squad2_dev_8.jsonl", marked)
    put(tmp_path / "dialogue/corpus.jsonl", [{"_id": f"d{at}", "text": passage(at)} for at in range(6)])
    put(tmp_path / "dialogue/tasks.jsonl", [task])
    (tmp_path / "chunking/corpora").mkdir(parents=True)
    (tmp_path / "chunking/corpora/towns.md").write_text(long)
    with (tmp_path / "chunking/questions_df.csv").open("w", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("question", "references", "corpus_id"), ("Where is the third mill?", gold, "towns")])
    return tmp_path


def put(file: Path, rows: list[dict[str, object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(map(json.dumps, rows)))


def test_groups_hold_a_right_passage_before_a_wrong_one(folder: Path) -> None:
    groups = reader_rows.rows(folder, Toy(64))
    pairs = [group for group in groups if len(group) == 2 and group[0].relevant]
    assert len(pairs) > 12
    for right, wrong in pairs:
        assert right.question == wrong.question
        assert right.passage != wrong.passage
        assert (right.answerable, wrong.answerable, wrong.relevant) == (True, False, False)
    assert any(group[0].question == "Is there a mill? Who built it?" for group in groups)
    assert any(group[0].question == "Where is the third mill?" and "Carwick" in group[0].passage for group in groups)


def test_articles_that_are_left_out_are_never_trained_on(folder: Path) -> None:
    left = {pair.question for pair in reader_rows.marked(folder, held_out=True)}
    assert len(left) == reader_rows.HELD_OUT
    assert not left & {pair.question for group in reader_rows.rows(folder, Toy(64)) for pair in group}


def test_marked_answers_keep_their_place(folder: Path) -> None:
    kept = [pair for pair in reader_rows.marked(folder) if pair.answerable]
    assert [pair.passage[slice(*pair.span)] for pair in kept] == ["Martin Holt", "Martin Holt"]


def test_the_same_seed_gives_the_same_rows_and_a_share_gives_fewer(folder: Path) -> None:
    whole = reader_rows.rows(folder, Toy(64))
    assert whole == reader_rows.rows(folder, Toy(64))
    assert len(reader_rows.rows(folder, Toy(64), share=0.3)) < len(whole)


def test_an_answer_is_guessed_where_there_is_one_of_its_kind() -> None:
    text = passage(3)
    span = reader_rows.guessed("When was it built by Martin Holt?", text)
    assert text[slice(*span)] == "1703"
    assert reader_rows.guessed("Why was the mill of Denholt built?", text) is None
    assert reader_rows.guessed("When?", text) is None


def test_a_changed_question_is_another_one() -> None:
    rng = random.Random(1)
    assert "after" in reader_rows.turned("What stood there before the mill?", passage(0), passage(1), rng)
    for at in range(20):
        changed = reader_rows.turned("Where does Martin Holt live today?", "Nobody knows.", passage(1), rng)
        assert changed is None or changed != "Where does Martin Holt live today?", at


def test_a_gap_is_answered_by_what_was_taken_out() -> None:
    pair = reader_rows.gap(passage(2), random.Random(2))
    assert pair is not None
    answer = pair.passage[slice(*pair.span)]
    assert answer
    assert answer not in pair.question
