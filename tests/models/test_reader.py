"""Readers by address: folders, endpoints, the toy; what each judges, and what is said where it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formfact.errors import ModelError, Refused
from formfact.models import open_reader
from formfact.models.post import Patience
from formfact.models.reader_endpoint import Rerank, parse
from formfact.types import Judgement
from tests.models import server, tiny

HIGH, LOW = 1 / (1 + 2.718281828**-5), 1 / (1 + 2.718281828**5)


@pytest.fixture
def endpoint() -> Iterator[server.Server]:
    with server.serving() as running:
        yield running


def scored(*scores: Any, **more: Any) -> server.Reply:
    """The reply of an endpoint that reranks, the best document first, as they all do."""
    rows = [{"index": at, "relevance_score": score} for at, score in enumerate(scores)]
    rows.sort(key=lambda row: -row["relevance_score"] if isinstance(row["relevance_score"], float) else 0)
    return lambda handler, asked: handler.send(200, json.dumps({"results": rows, **more}).encode())


# Folders ----------------------------------------------------------------------------------------------------------


def test_a_reader_tells_relevance_the_answer_and_whether_there_is_one(tmp_path: Path) -> None:
    reader = open_reader(str(tiny.write(tmp_path, tiny.reader())))
    passage = "a river : stone mill"
    with_stone, without = reader.read("query", [passage, "river mill"])
    assert passage[with_stone.start : with_stone.end] == "stone"
    assert with_stone.relevance == pytest.approx(HIGH, abs=1e-4)
    assert with_stone.answerable == pytest.approx(HIGH, abs=1e-4)
    assert with_stone.sure > 0.9
    assert without.answerable == pytest.approx(LOW, abs=1e-4)


def test_the_question_is_no_place_for_the_answer(tmp_path: Path) -> None:
    reader = open_reader(str(tiny.write(tmp_path, tiny.reader())))
    (found,) = reader.read("stone stone", ["river mill"])
    assert "river mill"[found.start : found.end] in ("river", "mill", "river mill")


def test_long_passages_are_read_to_their_end(tmp_path: Path) -> None:
    reader = open_reader(str(tiny.write(tmp_path, tiny.reader(), sentence_bert_config={"max_seq_length": 12})))
    for before in range(0, 40, 3):
        passage = " ".join(["river"] * before + ["stone"] + ["mill"] * (40 - before))
        (found,) = reader.read("query", [passage])
        assert (found.start, found.end) == (6 * before, 6 * before + 5)
        assert found.relevance == pytest.approx(HIGH, abs=1e-4)


def test_an_overlong_question_leaves_room_for_the_passage(tmp_path: Path) -> None:
    reader = open_reader(str(tiny.write(tmp_path, tiny.reader(), sentence_bert_config={"max_seq_length": 12})))
    (found,) = reader.read("query " * 100, ["river stone"])
    assert found.start == 6


def test_a_cross_encoder_tells_relevance_alone(tmp_path: Path) -> None:
    reader = open_reader(f"onnx:{tiny.write(tmp_path, tiny.reader(outputs=('logits1',)))}")
    assert reader.read("query", ["stone", "mill"])[1] == Judgement(pytest.approx(LOW, abs=1e-4))
    assert reader.address == str(tmp_path)
    assert reader.read("query", []) == []


def test_folders_that_hold_no_reader_say_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        open_reader(str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match=r"no model\.onnx"):
        open_reader(str(tmp_path))
    with pytest.raises(ModelError, match="gives last_hidden_state: it is no reader"):
        open_reader(str(tiny.write(tmp_path / "embedder")))
    with pytest.raises(ModelError, match="no ONNX model"):
        open_reader(str(tiny.write(tmp_path / "broken", b"not a graph")))


# Endpoints --------------------------------------------------------------------------------------------------------


def test_an_endpoint_is_asked_once_for_all_passages(endpoint: server.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMFACT_API_KEY", server.KEY)
    reader = open_reader(f"{endpoint.address}#small-reranker")
    endpoint.script.append(scored(0.1, 0.9, 0.4))
    assert [one.relevance for one in reader.read("why?", ["a", "b", "c"])] == [0.1, 0.9, 0.4]
    (seen,) = endpoint.seen
    assert seen["path"] == "/v1/rerank"
    assert seen["headers"]["Authorization"] == f"Bearer {server.KEY}"
    assert (seen["model"], seen["query"], seen["documents"]) == ("small-reranker", "why?", ["a", "b", "c"])
    assert server.KEY not in reader.address
    assert reader.read("why?", []) == []


def test_the_whole_path_of_an_endpoint_may_be_given(endpoint: server.Server) -> None:
    endpoint.script.append(scored(0.5))
    open_reader(f"{endpoint.address}/rerank#m").read("why?", ["a"])
    assert endpoint.seen[0]["path"] == "/v1/rerank"


def test_logits_become_shares(endpoint: server.Server) -> None:
    endpoint.script.append(scored(-5.0, 5.0))
    low, high = open_reader(f"{endpoint.address}#m").read("why?", ["a", "b"])
    assert (low.relevance, high.relevance) == (pytest.approx(LOW, abs=1e-4), pytest.approx(HIGH, abs=1e-4))


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"{}",
        b'{"results": [{"index": 0}]}',
        b'{"results": [{"index": 0, "relevance_score": 1}]}',
        b'{"results": [{"index": 0, "relevance_score": 1}, {"index": 2, "relevance_score": 1}]}',
        b'{"results": [{"index": 0, "relevance_score": NaN}, {"index": 1, "relevance_score": 1}]}',
    ],
)
def test_replies_without_a_score_for_each_passage_are_errors(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse(body, 2)


def test_an_endpoint_without_scores_is_told_by_its_address(endpoint: server.Server) -> None:
    endpoint.script.append(server.status(200, "{}"))
    with pytest.raises(ModelError, match="gave no usable scores") as raised:
        Rerank("there", f"{endpoint.address}/rerank", "m", patience=Patience(5, 1)).read("why?", ["a"])
    assert raised.value.hint


@pytest.mark.parametrize("address", ["https://host/v1", "https://user:word@host/v1#m", "https:///v1#m"])
def test_addresses_that_cannot_be_used_are_refused(address: str) -> None:
    with pytest.raises(Refused) as raised:
        open_reader(address)
    assert raised.value.hint
