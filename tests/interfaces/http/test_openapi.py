"""The API says what it takes and gives, and keeps to it under whatever is sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from formfact import Knowledge
from formfact.interfaces.http.faces import all_routes
from formfact.interfaces.http.routes import Route
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving

V1 = "^/v1/"
OWN = "^(?!/v1/)(?!/re-embed)(?!/compare)(?!/jobs/[^/]+/events)"
"""Without what trains for minutes, and without the events of jobs, which go on for as long as a job does."""
JUDGED = "(?:/chat|/evaluate|/lint|/diagnose)"
LONG = "/patterns/.*/(?:train|write)"
"""What both are given has a meaning that no schema tells: rows, judged questions, names that are taken, schemas."""
UNTYPED = ("--exclude-checks", "positive_data_acceptance")


def test_every_route_is_in_the_document(client: Client) -> None:
    document = client.get("/openapi.json").json
    written = {(method.upper(), path) for path, one in document["paths"].items() for method in one}
    assert written == {(one.method, one.path) for one in all_routes() if isinstance(one, Route)}
    ids = [operation["operationId"] for one in document["paths"].values() for operation in one.values()]
    assert len(set(ids)) == len(ids)


def test_its_schemas_are_schemas(client: Client) -> None:
    for path in client.get("/openapi.json").json["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                Draft202012Validator.check_schema(parameter["schema"])
            for body in operation.get("requestBody", {}).get("content", {}).values():
                Draft202012Validator.check_schema(body["schema"])
            for answer in operation["responses"].values():
                for content in answer["content"].values():
                    Draft202012Validator.check_schema(content.get("schema", {}))


@pytest.mark.parametrize(
    ("method", "path", "value"),
    [
        ("get", "/status?documents=true", None),
        ("post", "/search", {"question": "pump", "explain": True}),
        ("post", "/ask", {"question": "how do I reset the pump?"}),
        ("post", "/ask", {"question": "who won the cup?"}),
        ("post", "/explain", {"question": "pump", "document": "lamp.txt"}),
        ("get", "/documents", None),
        ("get", "/document?document=pump.md", None),
        ("get", "/bases", None),
        ("get", "/jobs", None),
        ("get", "/health", None),
        ("get", "/nowhere", None),
    ],
)
def test_answers_are_as_described(client: Client, method: str, path: str, value: object) -> None:
    found = client(method.upper(), path, value)
    operation = client.get("/openapi.json").json["paths"].get(path.partition("?")[0], {}).get(method)
    answers = (
        operation["responses"]
        if operation
        else client.get("/openapi.json").json["paths"]["/status"]["get"]["responses"]
    )
    described = answers.get(str(found.status)) or answers[f"{found.status // 100}XX"]
    Draft202012Validator(described["content"]["application/json"]["schema"]).validate(found.json)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_holds_whatever_is_sent(tmp_path: Path) -> None:
    """Schemathesis: no 5xx, answers as described, wrong requests refused and right ones accepted."""
    pytest.importorskip("torch")
    from tests.patterns.tuned.tiny import make_tiny

    (tmp_path / "page.md").write_text("# Masts\n\nThe mast is made of spruce.\n\n## Oars\n\nOars are of ash.\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "page.md")
    with serving(Settings(tmp_path / "kb", base=str(make_tiny(tmp_path / "tiny")))) as client:
        attack(client, tmp_path, "--include-path-regex", f"^{JUDGED}", *UNTYPED)
        attack(client, tmp_path, "--include-path-regex", f"{OWN}(?!{JUDGED})(?!{LONG})")
        # A model writes and is trained for each of these.
        attack(client, tmp_path, "--include-path-regex", f"^{LONG}", *UNTYPED, examples=4)
        for one in client.get("/jobs").json["jobs"]:
            assert client("DELETE", f"/jobs/{one['id']}").status == 200
        # While a base is given other vectors it answers 503, so this route is alone.
        attack(client, tmp_path, "--include-path", "/re-embed", *UNTYPED)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_compatible_api_holds_too(tmp_path: Path) -> None:
    """The same under /v1, whose models, files and jobs are named by what no schema tells."""
    (tmp_path / "page.md").write_text("# Masts\n\nThe mast is made of spruce.\n\n## Oars\n\nOars are of ash.\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "page.md")
    with serving(Settings(tmp_path / "kb")) as client:
        attack(client, tmp_path, "--include-path-regex", V1, *UNTYPED)


def attack(client: Client, folder: Path, *options: str, examples: int = 20) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"http://127.0.0.1:{client.port}/openapi.json",
        "--max-examples", str(examples), "--phases", "coverage,fuzzing", "--generation-deterministic",
        "--request-timeout", "60", *options,
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, "NO_COLOR": "1"}
    )
    assert done.returncode == 0, done.stdout[-6000:]
