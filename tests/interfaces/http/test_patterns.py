"""The verbs of `Pattern` over HTTP; what writes and trains does so in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formfact import Pattern
from formfact.interfaces.cli import main
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving
from tests.interfaces.http.test_serve import children, until

FACT = {"messages": [{"role": "user", "content": "Who built the light of Kessing?"}]}
FACT["messages"].append({"role": "assistant", "content": "Ada Brisco built it in 1871 for 300 marks."})
FORM = {"messages": [{"role": "user", "content": "The mast is of ash.\n\nQUESTIONS:"}]}
FORM["messages"].append({"role": "assistant", "content": "What is the mast made of?"})


def rows(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Client]:
    with serving(Settings(tmp_path / "kb")) as client:
        yield client


def test_listed_and_shown(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    listed = client.get("/patterns").json["patterns"]
    assert {one["name"] for one in listed} == set(Pattern.names())
    assert main(["pattern", "show", "questions", "--json"]) == 0
    shown = client.get("/patterns/questions").json
    assert shown == json.loads(capsys.readouterr().out) | {"folder": "questions"}
    for name in ("none", "..", "%2e%2e%2fquestions", "%2fetc"):
        assert client.get(f"/patterns/{name}").status == 404


def test_what_has_changed_is_read_again(mine: Client, tmp_path: Path) -> None:
    folder = tmp_path / "kb.server" / "patterns" / "mine"
    folder.mkdir(parents=True)
    contract = (Pattern("questions").folder / "pattern.toml").read_text().replace('"questions"', '"mine"')

    def listed() -> dict[str, Any]:
        return {one["name"]: one for one in mine.get("/patterns").json["patterns"]}

    assert "mine" not in listed()
    (folder / "pattern.toml").write_text(contract)
    before = listed()["mine"]
    assert before == mine.get("/patterns/mine").json
    (folder / "pattern.toml").write_text(contract.replace("tokens = ", "tokens = 1"))
    assert listed()["mine"]["tokens"] > before["tokens"]
    assert listed()["mine"] == mine.get("/patterns/mine").json
    (folder / "examples.jsonl").write_text('{"text": "a", "output": "What is it?"}\n')
    assert listed()["mine"]["examples"] == 1
    (folder / "pattern.toml").unlink()
    assert "mine" not in listed()


def test_the_catalogue_is_not_read_at_every_call(client: Client) -> None:
    client.get("/patterns")
    started = time.process_time()
    for _ in range(5):
        client.get("/patterns")
    assert time.process_time() - started < 0.5  # of one processor; to read it once takes about as long


def test_check(client: Client) -> None:
    found = client.post("/patterns/questions/check", {"texts": ["What is it?\nWho was it?", "No question."]}).json
    assert (found["checked"], found["conforming"]) == (2, 1)
    assert {problem["row"] for problem in found["problems"]} == {2}
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    asked = {"texts": ['{"n": 1}', "{}"], "schema": schema}
    assert client.post("/patterns/json-record/check", asked).json["conforming"] == 1
    assert client.post("/patterns/questions/check", {"texts": []}).status == 400


def test_rows_that_are_none_are_told_without_a_place_of_the_server(client: Client) -> None:
    refused = client.post("/lint", {"rows": "0", "form": "tsv"})
    assert (refused.status, refused.error["message"]) == (400, "rows.tsv holds no rows")


def test_lint_and_its_repaired_copy(client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = rows(FORM, FORM, FACT)
    (tmp_path / "rows.jsonl").write_text(text)
    assert main(["pattern", "lint", str(tmp_path / "rows.jsonl"), "--pattern", "questions", "--json"]) == 0
    found = client.post("/lint", {"rows": text, "pattern": "questions"}).json
    assert found == json.loads(capsys.readouterr().out)
    fixed = client.post("/lint", {"rows": text, "fix": True}).json
    assert len(fixed["fixed"].splitlines()) == 2
    assert fixed["done"]
    table = client.post("/lint", {"rows": "prompt,completion\nWhat?,That.\n", "form": "csv"}).json
    assert table["rows"] == 1


def test_rows_that_teach_facts_go_to_the_knowledge_base(mine: Client) -> None:
    found = mine.post("/lint", {"rows": rows(FACT, FORM), "to_kb": True}).json
    facts = [row["row"] for row in found["knowledge"]["rows"] if row["verdict"] == "knowledge"]
    assert facts == [1]
    assert mine.get(f"/jobs/{found['job']['id']}/events").events[-1][1]["state"] == "done"
    answer = mine.post("/ask", {"question": "Who built the light of Kessing?"}).json
    assert "Ada Brisco" in answer["answer"]
    assert "job" not in mine.post("/lint", {"rows": rows(FORM), "to_kb": True}).json


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("torch")
    from tests.patterns.tuned.tiny import make_tiny

    return str(make_tiny(tmp_path_factory.mktemp("tiny")))


@pytest.fixture
def writing(tiny: str, tmp_path: Path) -> Iterator[Client]:
    with serving(Settings(tmp_path / "kb", base=tiny)) as client:
        yield client


ASKED = {"texts": ["The mast is of ash."], "limit": 40}


def test_write_in_a_process_that_stays_for_the_next(writing: Client) -> None:
    before = children(os.getpid())
    first = writing.post("/patterns/questions/write", ASKED)
    assert first.status == 200, first.body
    (text,) = first.json["writings"]
    assert text["tokens"] > 0
    stay = children(os.getpid()) - before
    assert writing.post("/patterns/questions/write", ASKED).json["writings"][0]["text"] == text["text"]
    stay &= children(os.getpid())
    assert stay
    for scribe in stay:
        os.kill(scribe, signal.SIGKILL)
    until(lambda: writing.post("/patterns/questions/write", ASKED).status == 200)
    too_long = writing.post("/patterns/questions/write", {"texts": ["mast " * 20_000]})
    assert (too_long.status, too_long.error["type"]) == (400, "Refused")
    assert writing.post("/patterns/json-record/write", {"texts": ["x"]}).error["message"].endswith("a schema of yours")


@pytest.mark.slow
def test_train_as_a_job_and_write_with_the_result(writing: Client, tmp_path: Path) -> None:
    asked = {"name": "mine", "steps": 2, "look": 1, "held_out": 1}
    started = writing.post("/patterns/questions/train", asked)
    assert started.status == 202, started.body
    assert writing.post("/patterns/questions/train", {**asked, "name": "questions"}).status == 400
    assert writing.post("/patterns/questions/train", {**asked, "name": "../mine"}).status == 400
    last = writing.get(f"/jobs/{started.json['id']}/events").events[-1][1]
    assert last["state"] == "done", last
    assert last["progress"]["step"] == 2
    assert "mine" in {one["name"] for one in writing.get("/patterns").json["patterns"] if one["tuned"]}
    assert writing.post("/patterns/mine/write", ASKED).status == 200
    assert not [path for path in (tmp_path / "kb.server" / "patterns").iterdir() if path.suffix == ".jsonl"]


def test_whose_token_is_limited_has_no_part_in_patterns(tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text('[[token]]\nname = "x"\ntoken = "limited"\nbases = ["kb"]\nmay = "write"\n')
    with serving(Settings(tmp_path / "kb", tokens=tmp_path / "tokens.toml")) as opened:
        limited = opened.with_token("limited")
        assert limited.get("/patterns").status == 403
        assert limited.post("/patterns/questions/train", {"name": "mine"}).status == 403
        assert limited.post("/patterns/questions/write", ASKED).status == 403
        assert limited.post("/lint", {"rows": rows(FORM)}).status == 200
        assert limited.post("/evaluate", None).status == 403
