"""A real server with a small base, and the official client that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import serving

QUOTE = "Hold the green lever of the pump for nine seconds."


def client_of(port: int, key: str = "none") -> OpenAI:
    return OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key=key, max_retries=0)


@pytest.fixture(scope="session")
def v1_kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("v1")
    (home / "docs").mkdir()
    (home / "docs" / "pump.md").write_text(f"# Pumps\n\n## Reset\n\n{QUOTE}\n\n## Care\n\nOil the pump in May.\n")
    (home / "docs" / "lamp.txt").write_text("The lamp burns whale oil.\n")
    rows = [
        f'{{"_id": "r{year}", "text": "The storm of {year} broke the mast.", "year": {year}}}'
        for year in range(1880, 1900)
    ]
    (home / "docs" / "storms.jsonl").write_text("\n".join(rows) + "\n")
    with Knowledge(home / "kb") as kb:
        kb.add(home / "docs")
    return home / "kb"


@pytest.fixture(scope="session")
def openai(v1_kb: Path) -> Iterator[OpenAI]:
    with serving(Settings(v1_kb)) as server, client_of(server.port) as client:
        yield client
