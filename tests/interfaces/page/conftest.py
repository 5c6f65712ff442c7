"""The page's tests share a base of hostile documents, its server, and a tab that lets nothing of them run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving

RUN = "window.owned=1"
EVIL = (
    f"<script>{RUN}</script><img src=x onerror='{RUN}'><svg onload='{RUN}'><iframe src='javascript:{RUN}'></iframe> "
    f"[a link](javascript:{RUN}) \u202eleftwards\u202c"
)
TEXTS = {
    "pump.md": "# Pumps\n\n## Reset\n\nHold the green lever for nine seconds to reset it.\n\n😀 The lamp is red.\n",
    "evil.md": f"# Keeper {EVIL}\n\nThe keeper of Kessing writes {EVIL} in the log.\n\n- {EVIL}\n\n```\n{EVIL}\n```\n",
    f"x<img src=x onerror='{RUN}'>.txt": f"The mast of the ketch is of ash. {EVIL}\n",
    "wide.md": "# Wide\n\n| " + " | ".join(f"name{n}" for n in range(400)) + " |\n|" + "---|" * 400 + "\n"
    + ("| " + " | ".join(EVIL if n % 50 == 0 else "cell" for n in range(400)) + " |\n") * 8,
    "rows.jsonl": f'{{"_id": "r1", "title": "<b>{RUN}</b>", "text": "The storm broke the mast.", "year": 1890}}\n',
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    docs, base = tmp_path_factory.mktemp("docs"), tmp_path_factory.mktemp("base") / "kb"
    for name, text in TEXTS.items():
        (docs / name).write_text(text, encoding="utf-8")
    with Knowledge(base, embedder="toy:64") as kb:
        kb.add(docs)
    return base


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Client]:
    with serving(Settings(folder)) as opened:
        yield opened


@pytest.fixture
def tab(browser: Any, server: Client) -> Iterator[Any]:
    """A tab at the page; fails where it asked another place, complained, or ran what a document holds."""
    context = browser.new_context(viewport={"width": 1100, "height": 800}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    asked, said = [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(f"http://127.0.0.1:{server.port}/")
    yield opened
    assert opened.evaluate("window.owned") is None
    assert opened.locator("main :is(script, iframe, img)").count() == 0
    assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{server.port}"}
    assert said == []
    context.close()


def goto(tab: Any, view: str) -> None:
    tab.evaluate("view => { location.hash = view }", f"#/{view}")
