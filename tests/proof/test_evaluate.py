"""A BEIR-shaped folder is measured through the real `add` and search, and what is wrong with it is said by line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, asdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from formfact.errors import FormfactError, NotFound, Refused, Unreadable
from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.models.toy import Toy
from formfact.proof.evaluate import evaluate, rank, temporary_base
from formfact.proof.judged import read_judged
from formfact.types import Progress

CORPUS = [
    {"_id": "1", "title": "Pumps", "text": "The pump has a red reset lever."},
    {"_id": "2", "title": "Lamps", "text": "The lamp is yellow and glows at night."},
    {"_id": "3", "title": "", "text": "A kettle boils water for tea."},
    {"_id": "four words for id", "title": "Boats", "text": "A boat needs an anchor and a rope."},
    {"_id": "5", "title": "", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "red reset lever pump"},
    {"_id": "q2", "text": "anchor rope boat"},
    {"_id": "q3", "text": "yellow lamp night"},
    {"_id": "q4", "text": "kettle"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\t1\t2\nq2\tfour words for id\t1\nq3\t3\t0\nq1\t5\t1\nq2\t2\t0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "set"
    place.mkdir()
    write(place / "corpus.jsonl", CORPUS)
    write(place / "queries.jsonl", QUERIES)
    (place / "qrels.tsv").write_text(QRELS)
    return place


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def write(path: Path, rows: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_figures_of_a_small_set(folder: Path, temporary: Path) -> None:
    found = evaluate(folder, embedder="toy:64")
    # q3 has nothing relevant and q4 was not judged; q1's second document is empty and cannot be found.
    assert (found.queries, found.documents, found.passages) == (2, 4, 4)
    assert found.mrr_10 == 1
    assert found.recall_5 == found.recall_20 == found.recall_100 == pytest.approx((1 / 2 + 1) / 2)
    assert found.ndcg_10 == pytest.approx((2 / (2 + 1 / np.log2(3)) + 1) / 2)
    assert (found.embedder, found.weight) == ("toy:64", DENSE_WEIGHT)
    assert found.seconds > 0
    assert not list(temporary.iterdir())


def test_an_evaluation_is_frozen_and_json(folder: Path) -> None:
    found = evaluate(folder, embedder=Toy())
    assert json.loads(json.dumps(asdict(found)))["ndcg_10"] == found.ndcg_10
    with pytest.raises(FrozenInstanceError):
        found.ndcg_10 = 1.0  # type: ignore[misc]


def test_progress_is_that_of_add(folder: Path) -> None:
    seen: list[Progress] = []
    evaluate(folder, embedder="toy:64", progress=seen.append)
    assert seen[-1].done
    assert seen[-1].passages == 4


def test_the_weight_is_used(folder: Path) -> None:
    assert evaluate(folder, embedder="toy:64", weight=0).weight == 0
    for weight in (-0.1, 1.1):
        with pytest.raises(Refused, match="it can be 0"):
            evaluate(folder, embedder="toy:64", weight=weight)


def test_a_document_ranks_by_its_best_passage_and_a_hundred_are_reached(folder: Path) -> None:
    long = "\n\n".join(f"The pump number {i} has a lever. " * 25 for i in range(300))
    others = [{"_id": f"other {i}", "text": f"Note {i}0000 about something else entirely."} for i in range(150)]
    write(folder / "corpus.jsonl", [{"_id": "long", "text": long}, *others])
    model = Toy()
    with temporary_base(folder / "corpus.jsonl", model) as store, store.snapshot() as view:
        assert view.status().passages >= 450
        ranked = rank(view, model, "pump lever")
    assert ranked[0] == "long"
    assert len(ranked) == len(set(ranked)) == 100


def test_all_documents_are_ranked_where_there_are_fewer(folder: Path) -> None:
    model = Toy()
    with temporary_base(folder / "corpus.jsonl", model) as store, store.snapshot() as view:
        assert sorted(rank(view, model, "pump")) == ["1", "2", "3", "four words for id"]


def test_qrels_may_lie_in_a_folder_and_have_no_names(folder: Path) -> None:
    (folder / "qrels.tsv").unlink()
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(QRELS.split("\n", 1)[1])
    assert [question.id for question in read_judged(folder)] == ["q1", "q2"]


def test_numbers_are_ids_and_white_space_in_ids_is_as_the_reader_has_it(folder: Path) -> None:
    write(folder / "corpus.jsonl", [{"_id": 7, "text": "Seven."}, {"_id": "a  b", "text": "Ab."}])
    write(folder / "queries.jsonl", [{"_id": 1, "text": "seven ab"}])
    (folder / "qrels.tsv").write_text("1\t7\t1\r\n1\ta  b\t1.5\r\n\r\n")
    found = evaluate(folder, embedder="toy:64")
    assert found.recall_5 == 1


class Interrupted(Toy):
    """A model during whose work the user presses Ctrl-C: while passages are added, or a question is asked."""

    def __init__(self, *, question: bool) -> None:
        super().__init__()
        self.question = question

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        if question == self.question:
            raise KeyboardInterrupt
        return super().embed(texts, question=question)


@pytest.mark.parametrize("question", [False, True])
def test_an_interrupted_run_leaves_nothing(folder: Path, temporary: Path, question: bool) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate(folder, embedder=Interrupted(question=question))
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(NotFound, match=name) as caught:
        evaluate(folder, embedder="toy:64")
    assert "corpus.jsonl, queries.jsonl and qrels.tsv" in caught.value.hint


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        evaluate(tmp_path / "nowhere", embedder="toy:64")
    assert "queries.jsonl" in caught.value.hint


GOOD = '{"_id": "q1", "text": "pump"}\n'
BROKEN = [
    ("queries.jsonl", GOOD + "{oops\n", Unreadable, "queries.jsonl, line 2: not JSON"),
    ("queries.jsonl", GOOD + '{"_id": "q2"}\n', Unreadable, "queries.jsonl, line 2: not of the form"),
    ("queries.jsonl", GOOD + "\n[1]\n", Unreadable, "queries.jsonl, line 3: not of the form"),
    ("queries.jsonl", GOOD + '{"_id": "q1", "text": "lamp"}\n', Unreadable, "line 2: an earlier line"),
    ("queries.jsonl", GOOD, Refused, "qrels.tsv, line 3: queries.jsonl has no question 'q2'"),
    ("queries.jsonl", '{"_id": "q1", "text": " "}\n{"_id": "q2", "text": "b"}\n{"_id": "q3", "text": "c"}\n',
     Unreadable, "'q1' was judged and has no text"),
    ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\t1\n", Unreadable, "qrels.tsv, line 2: 2 fields"),
    ("qrels.tsv", "q1\t1\t1\nq1\t2\tgood\n", Unreadable, "qrels.tsv, line 2: the score 'good'"),
    ("qrels.tsv", "q1\t1\t1\nq1\t2\tnan\n", Unreadable, "qrels.tsv, line 2: the score 'nan'"),
    ("qrels.tsv", "q1\t1\t1\nq1\t1\t2\n", Unreadable, "qrels.tsv, line 2: an earlier line"),
    ("qrels.tsv", "q1\t1\t0\n", Refused, "no relevant document"),
    ("qrels.tsv", "q1\tnine\t1\n", Refused, "none of the judged documents"),
    ("corpus.jsonl", '{"_id": "1", "text": "pump"}\n{"_id": \n', Unreadable, "corpus.jsonl, line 2: not JSON"),
    ("corpus.jsonl", '{"_id": "1", "text": "a"}\n{"_id": "1", "text": "b"}\n', Unreadable, "line 2: duplicate id"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "error", "message"), BROKEN)
def test_what_is_wrong_is_said_by_line(
    folder: Path, temporary: Path, name: str, content: str, error: type[FormfactError], message: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(error, match=message.replace("[", r"\[")):
        evaluate(folder, embedder="toy:64")
    assert not list(temporary.iterdir())


def test_a_file_that_is_not_text_is_unreadable(folder: Path) -> None:
    (folder / "queries.jsonl").write_bytes(GOOD.encode() + b"\xff\xfe\n")
    with pytest.raises(Unreadable, match=r"queries.jsonl, line 2: not UTF-8"):
        evaluate(folder, embedder="toy:64")
