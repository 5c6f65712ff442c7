"""`diagnose` over HTTP: the same JSON as on the command line, and no path of the server."""

from __future__ import annotations

import json

import pytest

from formfact.interfaces.cli import main
from tests.interfaces.http.serving import Client
from tests.interfaces.http.test_patterns import FACT, rows


def test_the_same_json_as_on_the_command_line(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", "--interview", "--json"]) == 0
    assert client.get("/diagnose").json == json.loads(capsys.readouterr().out)
    answers = {"goal": "both", "form": "fixed"}
    assert main(["diagnose", "--answers", json.dumps(answers), "--json"]) == 0
    assert client.post("/diagnose", {"answers": answers}).json == json.loads(capsys.readouterr().out)


def test_rows_and_questions(client: Client) -> None:
    found = client.post("/diagnose", {"rows": rows(FACT, FACT), "questions": ["How do I reset the pump?"]}).json
    assert found["advice"] == "search"
    assert {one["about"] for one in found["evidence"]} == {"rows", "questions"}
    assert next(one["rows"] for one in found["evidence"] if one["about"] == "rows") == [1, 2]
    assert found["steps"][0]["command"] == "formfact pattern lint rows.jsonl --to-kb ./.formfact"


def test_nothing_and_what_is_no_answer_are_refused(client: Client) -> None:
    assert "GET /diagnose" in client.post("/diagnose", {}).error["hint"]
    wrong = client.post("/diagnose", {"answers": {"goal": "answer"}})
    assert wrong.status == 400
    assert "answers" in wrong.error["hint"]
