"""The JSON contract of every face: exactly these keys and types, one line, and nothing else on standard output."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.interfaces import progress, wire
from formfact.interfaces.cli import main
from formfact.proof.evaluate import Evaluation
from formfact.types import AddReport, Answer, FileCounts, Hit, Listing, Loss, Quote, Scores, Skipped, Status

HIT = {"rank", "score", "document", "source", "title", "headings", "page", "start", "end", "text", "metadata", "via"}
SCORES = {"dense", "bm25", "dense_rank", "bm25_rank", "fused", "relevance"}
QUOTE = {"text", "document", "source", "headings", "page", "start", "end"}
STATUS = {
    "address", "documents", "passages", "sources", "generation", "embedder", "dimensions", "bytes", "journal",
    "version", "writable", "tuned", "calibrated",
}  # fmt: skip
EVALUATION = {
    "ndcg@10", "recall@5", "recall@20", "recall@100", "mrr@10", "queries", "documents", "passages", "embedder",
    "weight", "seconds",
}  # fmt: skip


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    (folder / "pump.md").write_text(
        "# Pumps\n\n## Reset\n\nHold the green lever for nine seconds to reset the pump.\n\n"
        "## Zürich\n\nEs läuft: 漢字 🜂\n"
    )
    (folder / "lamp.txt").write_text("The lamp burns whale oil.\n")
    (folder / "rows.jsonl").write_text('{"_id": "r1", "title": "Storm", "text": "The storm.", "year": 1890}\n')
    (folder / "photo.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture(scope="module")
def base(docs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "kb"
    assert main(["--kb", str(folder), "--quiet", "add", str(docs), "--embedder", "toy:64", "--json"]) == 0
    return folder


class Run:
    """Runs a command with --json; standard output is one line of JSON alone, `error` what the other stream got."""

    def __init__(self, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.base, self.capsys, self.error = base, capsys, ""

    def __call__(self, *argv: str, kb: Path | None = None) -> Any:
        self.capsys.readouterr()
        assert main(["--kb", str(kb or self.base), *argv, "--json"]) == 0
        out, self.error = self.capsys.readouterr()
        assert out.endswith("\n")
        assert out.count("\n") == 1
        return json.loads(out, parse_constant=pytest.fail)


@pytest.fixture
def run(base: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Progress is written at every step."""
    monkeypatch.setattr(progress, "EVERY_ELSEWHERE", 0.0)
    return Run(base, capsys)


def kinds(value: Any) -> Any:
    """The names of the types of a JSON object's values."""
    return {name: type(inner).__name__ for name, inner in value.items()}


# The commands -----------------------------------------------------------------------------------------------------


def test_add(run: Run, docs: Path, tmp_path: Path) -> None:
    report = run("add", str(docs), "--embedder", "toy:64", kb=tmp_path / "kb")
    assert kinds(report) == {
        "files": "dict", "added": "int", "updated": "int", "unchanged": "int", "removed": "int", "skipped": "list",
        "passages": "int", "seconds": "float",
    }  # fmt: skip
    assert report["files"] == {"seen": 4, "read": 3, "skipped": 1}
    assert report["skipped"] == [{"path": "photo.png", "reason": "no reader for .png"}]
    assert (report["added"], report["passages"]) == (3, 4)
    again = run("add", str(docs), kb=tmp_path / "kb")
    assert (again["added"], again["unchanged"], again["passages"]) == (0, 3, 4)


def test_progress_goes_to_standard_error(run: Run, docs: Path, tmp_path: Path) -> None:
    run("add", str(docs), "--embedder", "toy:64", kb=tmp_path / "kb")
    assert "4/4 files" in run.error
    run("re-embed", "--embedder", "toy:32", kb=tmp_path / "kb")
    assert "4/4 files" in run.error
    run("add", str(docs), "--embedder", "toy:64", "--quiet", kb=tmp_path / "other")
    assert run.error == ""


def test_search(run: Run, docs: Path) -> None:
    found = run("search", "how do I reset the pump?", "-k", "3")
    assert kinds(found) == {"question": "str", "hits": "list", "milliseconds": "float"}
    assert found["question"] == "how do I reset the pump?"
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    for hit in found["hits"]:
        assert set(hit) == HIT
        assert 0 <= hit["score"] <= 1
    first = found["hits"][0]
    assert (first["document"], first["source"]) == ("pump.md", str(docs / "pump.md"))
    assert (first["headings"], first["page"], first["title"], first["metadata"]) == (
        ["Pumps", "Reset"],
        None,
        "Pumps",
        {},
    )
    assert (docs / "pump.md").read_text()[first["start"] : first["end"]] == first["text"]


def test_a_record(run: Run, docs: Path) -> None:
    (hit,) = run("search", "storm", "--where", "year=1890")["hits"]
    assert (hit["document"], hit["source"], hit["title"]) == ("r1", str(docs / "rows.jsonl"), "Storm")
    assert hit["metadata"] == {"year": 1890}


def test_nothing_found_is_an_empty_list(run: Run) -> None:
    assert run("search", "storm", "--where", "year=1")["hits"] == []


def test_explained(run: Run) -> None:
    hit = run("search", "reset", "--explain")["hits"][0]
    assert set(hit) == HIT | {"scores"}
    assert set(hit["scores"]) == SCORES


def test_why(run: Run) -> None:
    lost = run("search", "reset the pump", "-k", "1", "--why", "lamp.txt")
    assert kinds(lost) == {"why": "str", "rank": "int", "needed": "float", "best": "dict"}
    assert set(lost["best"]) == HIT | {"scores"}


def test_why_asks_the_whole_base(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A filter that was silently passed over would explain another search than the one that was lost."""
    for filtered in (["--path", "*.md"], ["--where", "year=1890"]):
        assert main(["--kb", str(base), "search", "pump", "--why", "lamp.txt", *filtered, "--json"]) == 1
        out, err = capsys.readouterr()
        assert (out, "leave out --path" in err) == ("", True)


ANSWER = {
    "question": "str", "answer": "str", "abstained": "bool", "confidence": "float", "quotes": "list",
    "nearest": "list", "milliseconds": "float", "claims": "list", "flags": "list", "dropped": "int",
    "verified": "bool", "writer": "str", "pattern": "str", "fallback": "str", "carried": "list",
    "rewritten": "str", "shifted": "bool", "answerable": "NoneType", "short": "NoneType",
}  # fmt: skip


def test_ask(run: Run) -> None:
    for question in ("How long must the green lever be held to reset the pump?", "zebra quagga okapi?"):
        answer = run("ask", question)
        assert kinds(answer) == ANSWER
        assert answer["question"] == question
        assert 0 <= answer["confidence"] <= 1
        assert answer["abstained"] == (answer["quotes"] == [])
        assert all(set(quote) == QUOTE for quote in answer["quotes"])
        assert all(set(hit) == HIT for hit in answer["nearest"])
    assert answer["abstained"], "the second is not in the documents"
    assert answer["nearest"]


def test_status(run: Run, base: Path) -> None:
    status = run("status")
    assert set(status) == STATUS
    assert (status["documents"], status["passages"], status["embedder"], status["writable"]) == (3, 4, "toy:64", True)
    assert isinstance(status["generation"], int)
    assert status["bytes"] >= (base / "knowledge.sqlite").stat().st_size
    listed = run("status", "--documents")
    assert set(listed) == STATUS | {"listing"}
    assert listed["documents"] == 3, "a number still"
    assert kinds(listed["listing"][0]) == {
        "document": "str", "source": "str", "title": "str", "format": "str", "passages": "int",
    }  # fmt: skip


def test_evaluate(run: Run, tmp_path: Path) -> None:
    rows = [{"_id": str(i), "text": text} for i, text in enumerate(["the pump", "the lamp", "the mast"])]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "pump"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\t0\t1\n")
    figures = run("evaluate", str(tmp_path), "--embedder", "toy:64")
    assert set(figures) == EVALUATION
    assert [figures[name] for name in ("ndcg@10", "recall@5", "recall@20", "recall@100", "mrr@10")] == [1.0] * 5
    assert (figures["queries"], figures["documents"]) == (1, 3)


def test_remove_copy_and_embedding_anew(run: Run, docs: Path, tmp_path: Path) -> None:
    run("add", str(docs), "--embedder", "toy:64", kb=tmp_path / "kb")
    assert run("copy", str(tmp_path / "copy"), kb=tmp_path / "kb") == {"copy": str(tmp_path / "copy")}
    assert run("remove", "r1", "lamp.txt", kb=tmp_path / "kb") == {"removed": 2}
    assert set(run("re-embed", "--embedder", "toy:32", kb=tmp_path / "kb")) == STATUS


def test_text_is_written_as_it_is(run: Run, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kb", str(base), "search", "Es läuft: 漢字 🜂", "--json"]) == 0
    out = capsys.readouterr().out
    assert "漢字 🜂" in out
    assert json.loads(out)["hits"][0]["headings"] == ["Pumps", "Zürich"]


# The nouns --------------------------------------------------------------------------------------------------------

texts = st.text(max_size=20)
numbers = st.integers(0, 10**6)
shares = st.floats(0, 1)
some_headings = st.lists(texts, max_size=3).map(tuple)
page_numbers = st.none() | st.integers(1, 9999)
metadata = st.dictionaries(texts, texts | numbers | shares | st.booleans(), max_size=3)
scores = st.builds(Scores, st.floats(-1, 1), st.floats(0, 99), page_numbers, page_numbers, shares)
hits = st.builds(
    Hit, numbers, shares, texts, texts, texts, some_headings, page_numbers, numbers, numbers, texts, metadata, scores,
    numbers,
)  # fmt: skip
quotes = st.builds(Quote, texts, texts, texts, some_headings, page_numbers, numbers, numbers)
answers = st.builds(
    Answer, texts, texts, st.booleans(), shares, st.lists(quotes, max_size=2).map(tuple),
    st.lists(hits, max_size=2).map(tuple), shares,
)  # fmt: skip
files = st.builds(FileCounts, numbers, numbers, numbers)
skipped = st.lists(st.builds(Skipped, texts, texts), max_size=3).map(tuple)
reports = st.builds(AddReport, files, numbers, numbers, numbers, numbers, skipped, numbers, shares)


def through(value: wire.Json) -> Any:
    """What the other side reads."""
    return json.loads(json.dumps(value, allow_nan=False))


@given(hits, st.booleans())
def test_a_hit_comes_through(found: Hit, explained: bool) -> None:
    read = through(wire.hit(found, explained=explained))
    assert set(read) == HIT | ({"scores"} if explained else set())
    for name in HIT - {"headings", "score"}:
        assert read[name] == getattr(found, name), name
    assert tuple(read["headings"]) == found.headings
    assert read["score"] == pytest.approx(found.score, abs=1e-6)
    if explained:
        assert Scores(**read["scores"]) == found.scores


@given(quotes)
def test_a_quote_comes_through_whole(one: Quote) -> None:
    read = through(wire.quote(one))
    assert set(read) == QUOTE
    assert Quote(**{**read, "headings": tuple(read["headings"])}) == one


@given(answers)
def test_an_answer_comes_through(given_answer: Answer) -> None:
    read = through(wire.answer(given_answer))
    assert kinds(read) == ANSWER
    assert [quote["text"] for quote in read["quotes"]] == [quote.text for quote in given_answer.quotes]
    assert [hit["text"] for hit in read["nearest"]] == [hit.text for hit in given_answer.nearest]
    assert read["confidence"] == pytest.approx(given_answer.confidence, abs=1e-4)


@given(reports)
def test_a_report_comes_through_whole(done: AddReport) -> None:
    read = through(wire.report(done))
    files, listed = FileCounts(**read.pop("files")), tuple(Skipped(**one) for one in read.pop("skipped"))
    assert AddReport(files, skipped=listed, **read) == done


@given(hits, page_numbers, shares, texts)
def test_a_loss_comes_through(found: Hit, rank: int | None, needed: float, why: str) -> None:
    read = through(wire.loss(Loss(found, rank, needed, why)))
    assert (read["rank"], read["needed"], read["why"]) == (rank, needed, why)
    assert read["best"]["scores"]["fused"] == found.scores.fused


def test_a_status_comes_through_whole() -> None:
    state = Status("kb", 1, 2, 3, 4, "toy:64", 64, 5, "wal", 1, False)
    assert Status(**through(wire.status(state))) == state
    one = Listing("a", "/a", "A", "text", 2)
    assert [Listing(**listed) for listed in through(wire.status(state, [one]))["listing"]] == [one]
    assert through(wire.status(state, []))["listing"] == []


def test_every_figure_has_its_name_in_the_field() -> None:
    found = Evaluation(0.1, 0.2, 0.3, 0.4, 0.5, 6, 7, 8, "toy:64", 0.65, 9.12345)
    read = through(wire.evaluation(found))
    assert list(read.values()) == [0.1, 0.2, 0.3, 0.4, 0.5, 6, 7, 8, "toy:64", 0.65, 9.123]
    assert len(read) == len(fields(Evaluation))
