"""The verbs of `Knowledge` over HTTP: the same names and JSON as on the command line."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from formfact import Knowledge
from formfact.interfaces.cli import main
from formfact.interfaces.http.knowledge import Ask, without_models
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving

QUESTION = "how do I reset the pump?"


def cli(capsys: pytest.CaptureFixture[str], kb: Path, *argv: str) -> object:
    capsys.readouterr()
    assert main(["--kb", str(kb), *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def untimed(value: object) -> object:
    """Without the one member that differs from run to run."""
    assert isinstance(value, dict)
    return {name: one for name, one in value.items() if name != "milliseconds"}


def test_search_is_what_the_command_line_gives(client: Client, kb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = untimed(cli(capsys, kb, "search", QUESTION, "-k", "2", "--explain"))
    asked = {"question": QUESTION, "k": 2, "explain": True}
    assert untimed(client.post("/search", asked).json) == expected
    assert untimed(client.get("/search?question=how+do+I+reset+the+pump?&k=2&explain=true").json) == expected


def test_ask_is_what_the_command_line_gives(client: Client, kb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = untimed(cli(capsys, kb, "ask", QUESTION))
    assert untimed(client.post("/ask", {"question": QUESTION}).json) == expected
    streamed = client.post("/ask", {"question": QUESTION, "stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in streamed.events][-1] == "answer"
    assert untimed(streamed.events[-1][1]) == expected


def test_two_rounds_are_what_the_command_line_gives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "team.md").write_text("The firmware team is led by Beata Skjorne.\n")
    (tmp_path / "docs" / "desks.csv").write_text("".join(f"P{i},desk,{i}\n" for i in range(30)) + "Beata Skjorne,6\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as opened:
        opened.add(tmp_path / "docs")
    asked = {"question": "which desk has the firmware team", "hops": 2}
    with serving(Settings(tmp_path / "kb")) as client:
        found, answer = client.post("/search", asked).json, client.post("/ask", asked).json
        assert client.post("/search", asked | {"hops": 3}).status == 400
    assert "Beata Skjorne" in [hit["via"] for hit in found["hits"]]
    for verb, given in (("search", found), ("ask", answer)):
        assert untimed(given) == untimed(cli(capsys, tmp_path / "kb", verb, str(asked["question"]), "--hops", "2"))


def test_filters(client: Client) -> None:
    found = client.post("/search", {"question": "storm", "metadata": {"year": 1890}}).json["hits"]
    assert [hit["document"] for hit in found] == ["r1"]
    assert client.get("/search?question=storm&metadata=year=1890").json["hits"] == found
    lamps = client.post("/search", {"question": "storm", "paths": ["*.txt"]}).json["hits"]
    assert {hit["document"] for hit in lamps} == {"lamp.txt"}


def test_explain_and_status(client: Client, kb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"question": QUESTION, "document": "lamp.txt"}
    assert client.post("/explain", asked).json == cli(capsys, kb, "search", QUESTION, "--why", "lamp.txt")
    assert client.get("/status").json == cli(capsys, kb, "status")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "'question' is a required property"),
        ({"question": ""}, "'' should be non-empty"),
        ({"question": 3}, "3 is not of type 'string'"),
        ({"question": "x", "k": 0}, "0 is less than the minimum of 1"),
        ({"question": "x", "limit": 3}, "'limit' was unexpected"),
        ([], "no JSON object"),
    ],
)
def test_what_is_wrong_is_said(client: Client, asked: object, message: str) -> None:
    refused = client.post("/search", asked)
    assert refused.status == 400
    assert message in refused.error["message"]
    assert refused.error["hint"]
    assert refused.error["type"] == "Refused"


def test_what_is_not_there(client: Client) -> None:
    assert client.get("/nothing").status == 404
    assert client("DELETE", "/search").status == 405
    missing = client.post("/search?kb=other", {"question": "x"})
    assert (missing.status, missing.error["type"]) == (404, "NotFound")
    assert client.post("/explain", {"question": "x", "document": "no.txt"}).status == 404


def test_many_ask_while_the_base_changes(tmp_path: Path) -> None:
    """Each request has a view of its own, and each change makes the views' shadows old: none meets another's."""
    page = tmp_path / "page.md"
    page.write_text("Hold the green lever for nine seconds to reset the pump.\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(page)
        with serving(Settings(tmp_path / "kb")) as server, ThreadPoolExecutor(12) as pool:
            asks = [pool.submit(server.post, "/ask", {"question": f"{QUESTION} {at}"}) for at in range(60)]
            talks = [pool.submit(server.post, "/chat", {"text": QUESTION, "name": f"d{at % 5}"}) for at in range(40)]
            for at in range(20):
                page.write_text(f"Hold the green lever for {at + 10} seconds to reset the pump.\n")
                kb.add(page)
            replies = [one.result() for one in [*asks, *talks]]
            assert {one.status for one in replies} == {200}
            last = server.post("/ask", {"question": QUESTION}).json
            assert "29 seconds" in json.dumps(last)
            held = sum(one["turns"] for one in server.get("/dialogues").json["dialogues"])
            assert held == 40


def test_whether_a_model_will_write_is_told_without_opening_one() -> None:
    settings = SimpleNamespace(writer="local:")
    call: Any = SimpleNamespace(desk=SimpleNamespace(settings=settings))
    assert not without_models(call, Ask("How?"))
    assert without_models(call, Ask("How?", writer=False))
    assert not without_models(call, Ask("How?", writer=False, pattern="questions"))
