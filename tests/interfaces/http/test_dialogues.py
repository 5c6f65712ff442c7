"""Dialogues over HTTP: understood in context, kept by name, and each client's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving
from tests.models import server as endpoint

TOKENS = "".join(f'[[token]]\nname = "{name}"\ntoken = "{name}-{name}"\nbases = ["kb"]\n' for name in ("ada", "bo"))


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "pump.md").write_text(
        "# Pumps\n\nThe red pump is reset by the green lever. The red pump weighs nine kilos.\n"
    )
    (tmp_path / "tokens.toml").write_text(TOKENS)
    with Knowledge(tmp_path / "kb") as kb:
        kb.add(tmp_path / "pump.md")
    with serving(Settings(tmp_path / "kb", token="owner", tokens=tmp_path / "tokens.toml")) as client:
        yield client


def test_a_dialogue_goes_on(mine: Client) -> None:
    ada, bo, owner = (mine.with_token(token) for token in ("ada-ada", "bo-bo", "owner"))
    first = ada.post("/chat", {"text": "How is the red pump reset?", "name": "work"}).json
    assert first["quotes"]
    assert ada.post("/chat", {"text": "How much does it weigh?", "name": "work"}).json["carried"]
    streamed = ada.post("/chat", {"text": "thanks", "name": "work", "stream": True}).events
    assert [name for name, _ in streamed] == ["answer"]
    (listed,) = ada.get("/dialogues").json["dialogues"]
    assert (listed["name"], listed["turns"]) == ("work", 2)
    said = ada.get("/dialogue?name=work").json
    assert [turn["question"] for turn in said["turns"]] == ["How is the red pump reset?", "How much does it weigh?"]
    assert bo.get("/dialogues").json == {"dialogues": []}
    for name in ("work", "ada:%20work"):
        assert bo.get(f"/dialogue?name={name}").status == bo("DELETE", f"/dialogue?name={name}").status == 404
    assert [one["name"] for one in owner.get("/dialogues").json["dialogues"]] == ["ada: work"]
    assert ada("DELETE", "/dialogue?name=work").json == {"deleted": "work"}
    assert owner.get("/dialogues").json == {"dialogues": []}


def test_one_without_a_name_is_not_kept(mine: Client) -> None:
    owner = mine.with_token("owner")
    assert owner.post("/chat", {"text": "How is the red pump reset?"}).json["quotes"]
    assert owner.get("/dialogues").json == {"dialogues": []}
    assert owner.post("/chat", {"text": "x", "name": "a\nb"}).status == 400


def test_a_writers_sentences_are_streamed_as_they_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "pump.md").write_text("# Pumps\n\nThe red pump is reset by the green lever. It weighs nine kilos.\n")
    with Knowledge(tmp_path / "kb") as kb:
        kb.add(tmp_path / "pump.md")
    said = "The red pump is reset by the green lever [1]. It is of gold [1]. The lever is green [1]."
    with (
        endpoint.serving() as model,
        serving(Settings(tmp_path / "kb", writer=f"{model.address}#small")) as client,
    ):
        asked = {"text": "How is the red pump reset?", "name": "work", "stream": True}
        model.script = [endpoint.says(said)]
        events = client.post("/chat", asked).events
        assert [name for name, _ in events] == ["claim", "claim", "answer"]
        answer = events[-1][1]
        assert [data for _, data in events[:-1]] == answer["claims"]
        assert answer["dropped"] == 1
        (listed,) = client.get("/dialogues").json["dialogues"]
        assert listed["turns"] == 1
        schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
        model.script = [endpoint.says("How is the red pump reset?"), endpoint.says('{"answer": "by the green lever"}')]
        made = client.post("/chat", {**asked, "schema": schema}).events
        assert made[-1][1]["answer"] == '{"answer": "by the green lever"}'
        refused = client.post("/chat", {**asked, "text": " x" * 20_000})
        assert refused.status == 400
