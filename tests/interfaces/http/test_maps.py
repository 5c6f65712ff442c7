"""The map of an audit over HTTP: drawn by the job, shown to who was given its address, and self-contained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from formfact import Knowledge
from formfact.interfaces.http import maps
from formfact.interfaces.http.maps import Tickets, drawn
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving
from tests.interfaces.http.test_serve import until

TOKENS = (
    '[[token]]\nname = "ada"\ntoken = "ada-ada"\nbases = ["kb"]\n[[token]]\nname = "bo"\ntoken = "bo-bo"\nbases = []\n'
)


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "pump.md").write_text("# Pumps\n\n## Reset\n\nHold the green lever for nine seconds to reset it.\n")
    (tmp_path / "tokens.toml").write_text(TOKENS)
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "pump.md")
    with serving(Settings(tmp_path / "kb", token="owner", tokens=tmp_path / "tokens.toml")) as client:
        yield client


def test_a_map_is_drawn_and_shown(mine: Client, tmp_path: Path) -> None:
    owner, ada, bo = (mine.with_token(token) for token in ("owner", "ada-ada", "bo-bo"))
    assert owner.post("/audit/map", {}).error["hint"] == "POST /audit draws it"
    job = owner.post("/audit", {}).json["id"]
    until(lambda: owner.get(f"/jobs/{job}").json["state"] == "done", 60)
    assert mine.post("/audit/map", {}).status == 401
    assert bo.post("/audit/map", {}).status == 404
    address = ada.post("/audit/map", {}).json["address"]
    shown = mine.get(address)
    assert shown.status == 200
    assert shown.headers["content-type"].startswith("text/html")
    page, policy = shown.body.decode(), shown.headers["content-security-policy"]
    assert "green lever" in page
    assert str(tmp_path) not in page.partition('"documents"')[0]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; img-src data:; base-uri 'none'; "
        r"form-action 'none'; frame-ancestors 'none'", policy,
    )  # fmt: skip
    assert shown.headers["cache-control"] == "no-store"
    assert mine.get(f"{address}x").status == 404
    assert mine.get("/audit/map/..%2fkb").status == 404


def test_an_address_lasts_a_while(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tickets = Tickets()
    first = tickets.give(tmp_path)
    assert tickets.file(first) == tmp_path
    monkeypatch.setattr(maps, "LASTS", -1.0)
    assert tickets.file(tickets.give(tmp_path)) is None
    monkeypatch.setattr(maps, "LASTS", 60.0)
    monkeypatch.setattr(maps, "MOST", 3)
    several = [tickets.give(tmp_path) for _ in range(3)]
    assert [tickets.file(one) for one in (first, *several)] == [None, *[tmp_path] * 3]


def test_half_a_map_is_none(tmp_path: Path) -> None:
    part, file = tmp_path / "a.part", tmp_path / "a.html"
    drawn(part, file)
    for text, whole in (("<html>old</html>\n", True), ("<html>ne", False)):
        part.write_text(text)
        drawn(part, file)
        assert not part.exists()
        assert (file.read_text() == text) is whole
    assert file.read_text() == "<html>old</html>\n"
