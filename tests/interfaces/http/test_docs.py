"""Every route is in docs/server.md, those of the OpenAI-compatible face in docs/openai.md."""

from __future__ import annotations

import re
from pathlib import Path

from formfact.interfaces.http.faces import all_routes
from formfact.interfaces.http.routes import Route

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_every_route_is_described_and_no_other() -> None:
    text = "\n".join((DOCS / name).read_text() for name in ("server.md", "openai.md"))
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    written = {name for row in rows for name in re.findall(r"`((?:GET|POST|PUT|DELETE|ANY) /[^`]*)`", row)}
    served = {f"{one.method if isinstance(one, Route) else 'ANY'} {one.path}" for one in all_routes()}
    assert written == served
