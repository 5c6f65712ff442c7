"""Audit, re-embedding and evaluation as jobs; answers by the server's writer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from formfact import Knowledge
from formfact.interfaces.http import measuring
from formfact.interfaces.http.settings import Settings
from formfact.proof.comparison import ARMS
from tests.interfaces.http.serving import Client, Reply, form, serving
from tests.models import server as endpoints
from tests.models.server import says

PAGE = "# Masts\n\nThe mast is made of spruce.\n\n## Oars\n\nOars are made of ash.\n"


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "masts.md").write_text(PAGE)
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "masts.md")
    with serving(Settings(tmp_path / "kb", embedders=("toy:32",))) as client:
        yield client


def finished(client: Client, started: Reply) -> dict[str, object]:
    assert started.status == 202, started.body
    last = client.get(f"/jobs/{started.json['id']}/events").events[-1][1]
    assert last["state"] == "done", last
    assert isinstance(last["result"], dict)
    return last["result"]


def test_audit(mine: Client) -> None:
    found = finished(mine, mine.post("/audit", {"sample": 2}))
    assert "findability" in found


def test_tune_and_its_undoing(mine: Client) -> None:
    assert [change["kept"] for change in finished(mine, mine.post("/tune", {"sample": 2}))["changes"]] == [False] * 4  # type: ignore[attr-defined]
    assert finished(mine, mine.post("/tune", {"undo": True})) == {"undone": True}
    assert mine.get("/status").json["tuned"] == ""


def test_calibrate_and_its_undoing(mine: Client) -> None:
    found = finished(mine, mine.post("/calibrate", {"sample": 2, "error": 0.1}))
    assert found["error"] == 0.1
    assert "error 0.1" in mine.get("/status").json["calibrated"]
    assert finished(mine, mine.post("/calibrate", {"undo": True})) == {"undone": True}
    assert mine.get("/status").json["calibrated"] == ""
    assert mine.post("/calibrate", {"error": 0.9}).status == 400


def test_another_model_is_taken_only_from_those_that_are_offered(mine: Client) -> None:
    for address in ("toy:16", "/etc", "http://169.254.169.254/v1#x"):
        refused = mine.post("/re-embed", {"embedder": address})
        assert refused.status == 400
        assert refused.error["hint"] == "choose from all-MiniLM-L6-v2, toy:32"
    assert mine.get("/status").json["embedder"] == "toy:64"
    finished(mine, mine.post("/re-embed", {"embedder": "toy:32"}))
    assert mine.get("/status").json["embedder"] == "toy:32"
    assert mine.get("/search?question=oars").json["hits"]


def test_evaluate(mine: Client) -> None:
    judged = [
        ("corpus.jsonl", b'{"_id": "d1", "text": "the mast is of spruce"}\n{"_id": "d2", "text": "oars are of ash"}\n'),
        ("queries.jsonl", b'{"_id": "q1", "text": "what is the mast made of?"}\n'),
        ("qrels.tsv", b"query-id\tcorpus-id\tscore\nq1\td1\t1\n"),
    ]
    body, kind = form(*judged)
    found = finished(mine, mine("POST", "/evaluate", body=body, headers={"Content-Type": kind}))
    assert found["ndcg@10"] == 1.0
    body, kind = form(*judged[:2])
    assert mine("POST", "/evaluate", body=body, headers={"Content-Type": kind}).status == 400


def test_a_writer_says_it_in_words_and_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "masts.md").write_text(PAGE)
    with Knowledge(tmp_path / "kb") as kb:
        kb.add(tmp_path / "masts.md")
    asked = {"question": "What is the mast made of?"}
    with endpoints.serving() as endpoint:
        settings = Settings(tmp_path / "kb", writer=f"{endpoint.address}#m")
        with serving(settings) as client:
            endpoint.script += [says("The mast is made of spruce [1]."), says("The mast is made of spruce [1].")]
            told = client.post("/ask", asked).json
            assert (told["answer"], told["writer"]) == ("The mast is made of spruce [1].", settings.writer)
            streamed = client.post("/ask", {**asked, "stream": True}).events
            assert [name for name, _ in streamed] == ["claim", "answer"]
            plain = client.post("/ask", {**asked, "writer": False}).json
            assert (plain["writer"], len(endpoint.seen)) == ("", 2)
            assert client.post("/ask", {**asked, "writer": "http://elsewhere/v1#m"}).status == 400


def test_compare_by_search_alone(mine: Client) -> None:
    """No training extra is needed for it; an arm that there is not is told before a job is made."""
    assert mine.post("/compare", {"arms": ["magic"]}).status == 400
    assert get_args(measuring.Arm) == tuple(ARMS)
    found = finished(mine, mine.post("/compare", {"arms": ["search"]}))
    assert found["facts"] == 15
    assert found["arms"]
