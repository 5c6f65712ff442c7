"""A small base behind a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving

TEXTS = {
    "pump.md": "# Pumps\n\n## Reset\n\nHold the green lever for nine seconds to reset the pump.\n\n## Zürich\n\nEs.\n",
    "lamp.txt": "The lamp burns whale oil.\n",
    "rows.jsonl": '{"_id": "r1", "title": "Storm", "text": "The storm broke the mast.", "year": 1890}\n',
}


@pytest.fixture(scope="session")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="session")
def kb(docs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base that tests only read."""
    folder = tmp_path_factory.mktemp("base") / "kb"
    with Knowledge(folder, embedder="toy:64") as opened:
        opened.add(docs)
    return folder


@pytest.fixture(scope="session")
def client(kb: Path) -> Iterator[Client]:
    with serving(Settings(kb)) as opened:
        yield opened
