"""No error tells a client where anything lies on the server's machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import compile_path

from formfact import Knowledge
from formfact.errors import NotFound
from formfact.interfaces.http.faces import all_routes
from formfact.interfaces.http.placeless import Places
from formfact.interfaces.http.routes import Route
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, form, serving
from tests.interfaces.http.test_serve import until

MCP = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a name that a pattern for paths alone would not see the end of."""
    home = tmp_path / "of John Smith" / "bases"
    home.mkdir(parents=True)
    return home


@pytest.fixture
def empty(home: Path) -> Iterator[Client]:
    with serving(Settings(home / "kb", bases=home, patterns=home / "forms")) as client:
        yield client


def leaks(home: Path, text: str) -> list[str]:
    return [part for part in ("John", "Smith", str(home.parents[1]), os.sep + "tmp") if part in text]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_base_that_is_not_there(empty: Client, home: Path, method: str) -> None:
    asked = (method, "/search", {"question": "x"}) if method == "POST" else (method, "/search?question=x", None)
    missing = empty(*asked)
    assert (missing.status, missing.error["message"]) == (404, "there is no knowledge base at kb")
    assert missing.error["hint"].startswith("add documents: POST /add")


def test_a_blank_question_is_told_as_such(client: Client) -> None:
    assert client.get("/search?question=%20").error["message"] == "the request['question']: it is blank"


def test_hints_name_what_a_client_has_at_hand(client: Client) -> None:
    """Whoever has a page or a program has no command line."""
    for method, path, value, hint in (
        ("GET", "/document?document=no.md", None, "GET /documents lists them"),
        ("POST", "/explain", {"question": "x", "document": "no.md"}, "GET /documents lists them"),
        ("POST", "/v1/vector_stores/vs_kb/search", {"query": " "}, "ask something, in full words"),
        ("POST", "/patterns/json-record/write", {"texts": ["x"]}, "give one: schema"),
        ("POST", "/patterns/prose/write", {"texts": ["x"], "limit": 5}, "raise limit, or"),
    ):
        refused = client(method, path, value)
        assert refused.status in (400, 404)
        told = refused.error.get("hint", refused.error["message"])
        assert hint in told
        assert "formfact " not in told
        assert "--" not in told


def test_no_route_tells_a_path(empty: Client, home: Path) -> None:
    """Every route is asked for something of a base that is not there, and of one that is damaged."""
    (home / "bad").mkdir()
    (home / "bad" / "knowledge.sqlite").write_bytes(b"no database at all" * 1000)
    seen = set()
    for route in all_routes():
        if not isinstance(route, Route) or route.path == "/openapi.json" or route.media == "text/event-stream":
            continue
        names = compile_path(route.path)[2]
        path = route.path
        for name in names:
            path = path.replace(f"{{{name}}}", "bad").replace(f"{{{name}:path}}", "bad")
        for kb in ("", "?kb=bad"):
            query = "&".join(filter(None, [kb, "question=x&document=a&name=b"]))
            query = query if kb else f"?{query}"
            asked = {"question": "x"} if route.path in ("/ask", "/search") else {"text": "x"}
            value = asked if route.method == "POST" and route.accepts == "application/json" else None
            found = empty(route.method, path + (kb if value else query), value)
            seen.add(found.status)
            if found.status >= 400:
                assert not leaks(home, found.body.decode()), (route.path, found.body)
    assert {404, 500} <= seen


def test_v1_and_mcp_tell_none(empty: Client, home: Path) -> None:
    chat = {"model": "knowledge", "messages": [{"role": "user", "content": "x"}]}
    for stream in (False, True):
        found = empty.post("/v1/chat/completions", {**chat, "stream": stream})
        assert (found.status, leaks(home, found.body.decode())) == (404, [])
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": "x"}},
    }
    told = empty("POST", "/mcp", call, headers=MCP).body.decode()
    assert "there is no knowledge base at kb" in told
    assert not leaks(home, told)
    listed = empty("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "resources/list"}, headers=MCP).body.decode()
    assert "there is no knowledge base at kb" in listed
    assert not leaks(home, listed)


def test_a_job_that_fails_tells_none(empty: Client, home: Path) -> None:
    (home / "bad").mkdir()
    (home / "bad" / "knowledge.sqlite").write_bytes(b"no database at all" * 1000)
    body, kind = form(("a.txt", b"The lamp burns whale oil."))
    job = empty("POST", "/add?kb=bad", body=body, headers={"Content-Type": kind}).json["id"]
    until(lambda: empty.get(f"/jobs/{job}").json["state"] == "failed")
    error = empty.get(f"/jobs/{job}").json["error"]
    assert error["type"] == "Damaged"
    assert not leaks(home, json.dumps(error))


def test_a_pattern_tells_its_name_alone(empty: Client, home: Path) -> None:
    shown = {one["name"]: one["folder"] for one in empty.get("/patterns").json["patterns"]}
    assert shown["questions"] == "questions"
    assert not any(os.sep in folder for folder in shown.values())


def test_a_fallback_names_no_path(home: Path) -> None:
    (home / "pump.txt").write_text("Hold the green lever for nine seconds to reset the pump.\n")
    with Knowledge(home / "kb", embedder="toy:64") as kb:
        kb.add(home / "pump.txt")
    with serving(Settings(home / "kb", writer=f"local:{home / 'no' / 'model'}")) as client:
        found = client.post("/ask", {"question": "how do I reset the pump?"})
        assert not leaks(home, json.dumps(found.json.get("error") or found.json["fallback"]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("there is nothing at /srv/data/kb", "there is nothing at kb"),
        ("'/srv/data/kb/x.sqlite' is damaged", "'x.sqlite' is damaged"),
        ("/srv/data: no space is left", "/srv/data: no space is left".replace("/srv/data", "data")),
        (r"C:\Users\me\kb failed", "kb failed"),
        ("~/cache/model is no model", "model is no model"),
        ("see /openapi.json, or GET /v1/files lists them", "see /openapi.json, or GET /v1/files lists them"),
        ("https://host/v1/chat#model gave no reply", "https://host/v1/chat#model gave no reply"),
        ("text/html and a/b are no paths", "text/html and a/b are no paths"),
        ("there is no 'sub/page.md', it is in ../x/y", "there is no 'sub/page.md', it is in ../x/y"),
        ("/of/us two/kb is locked; /of/us two is full", "kb is locked; us two is full"),
    ],
)
def test_what_is_a_path(text: str, shown: str) -> None:
    places = Places([Path("/of/us two")])
    assert places.hide(text) == shown
    told = places.hidden(NotFound(text, hint=text))
    assert (type(told), told.message, told.hint) == (NotFound, shown, shown)
