"""The page as a hand holds it: a phone's width and Back key, larger letters, a server that is slow or away."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving
from tests.interfaces.page.conftest import goto

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("key", ["back", "Escape"])
def test_back_closes_a_quotes_document_and_leaves_no_view(tab: Any, key: str) -> None:
    goto(tab, "documents")
    tab.locator(".listing tbody tr").first.wait_for()
    goto(tab, "ask")
    tab.get_by_label("Ask a question").fill("How many seconds do I hold the green lever to reset the pump?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").wait_for()
    tab.locator(".answer a").first.click()
    tab.locator("dialog mark").first.wait_for()
    if key == "back":
        tab.go_back()
    else:
        tab.keyboard.press(key)
    tab.locator("dialog").wait_for(state="detached")
    tab.wait_for_function("!history.state?.drawer")
    assert tab.locator(".turn").count() == 1
    tab.go_back()
    tab.locator(".listing").wait_for()


def test_a_question_that_could_not_be_sent_is_kept(browser: Any, server: Client) -> None:
    tab = browser.new_page()
    tab.goto(f"http://127.0.0.1:{server.port}/")
    tab.route("**/ask*", lambda route: route.abort())
    tab.get_by_label("Ask a question").fill("How is the pump reset?")
    tab.keyboard.press("Enter")
    tab.get_by_role("alert").wait_for()
    assert tab.get_by_label("Ask a question").input_value() == "How is the pump reset?"
    assert tab.locator("#said").inner_text() == ""
    tab.unroute("**/ask*")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").wait_for()
    assert tab.locator("#said").inner_text() == "The answer is complete."
    tab.close()


def test_rows_are_named_with_their_file_and_removed_alone(browser: Any, tmp_path: Path) -> None:
    with serving(Settings(tmp_path / "kb")) as opened:
        tab = browser.new_page()
        tab.set_default_timeout(10_000)
        tab.goto(f"http://127.0.0.1:{opened.port}/#/documents")
        rows = {"fares.csv": b"place,euros\nKessing,4\nAltau,7\n", "crew.csv": b"name,post\nIda,mate\nOle,cook\n"}
        files = [{"name": name, "mimeType": "text/csv", "buffer": one} for name, one in rows.items()]
        tab.get_by_label("Choose files to add").set_input_files(files)
        tab.get_by_text("4 added").wait_for()
        goto(tab, "search?question=mate")
        tab.locator(".hit", has_text="Ida").get_by_text("crew.csv:2").wait_for()
        goto(tab, "documents")
        tab.get_by_label("Remove crew.csv:2").click()
        tab.locator("dialog").get_by_role("button", name="Remove").click()
        tab.get_by_text("3 documents").wait_for()
        assert tab.evaluate("document.activeElement.ariaLabel") == "Remove crew.csv:3"
        tab.reload()
        tab.get_by_label("Remove fares.csv:2").wait_for()
        assert tab.locator(".listing tbody tr").count() == 3
        tab.close()


def test_a_view_that_waits_says_so(tab: Any) -> None:
    tab.route("**/patterns*", lambda route: (tab.wait_for_timeout(1000), route.continue_()))
    goto(tab, "patterns")
    shown = "getComputedStyle(document.querySelector('.place'), '::before').content"
    assert "Loading" in tab.evaluate(shown)
    tab.locator("h1").wait_for()
    assert "Loading" not in tab.evaluate(shown)


def test_letters_grow_with_the_browsers_own_size(tab: Any) -> None:
    tab.set_viewport_size({"width": 360, "height": 700})
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    for view in ("ask", "dialogues", "search?question=mast&explain=1", "documents", "patterns", "training"):
        goto(tab, view)
        tab.locator("h1").wait_for()
        tab.wait_for_timeout(100)
        assert tab.evaluate("getComputedStyle(document.querySelector('main p')).fontSize") >= "28px"
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, view


def test_it_works_at_360_pixels(tab: Any) -> None:
    tab.set_viewport_size({"width": 360, "height": 700})
    for view in ("ask", "dialogues", "search?question=mast&explain=1", "documents", "patterns", "training"):
        goto(tab, view)
        tab.locator("h1").wait_for()
        tab.wait_for_timeout(100)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, view
    labels = tab.evaluate("""() => [...document.querySelectorAll('nav a')].map((one) => {
      const range = document.createRange()
      range.selectNode(one.lastChild)
      const { left, right } = range.getBoundingClientRect()
      return [left, right]
    })""")
    gaps = [after[0] - before[1] for before, after in pairwise(labels)]
    assert min(gaps) >= 6, gaps


def test_an_upload_is_watched_again_by_whoever_comes_back(browser: Any, tmp_path: Path) -> None:
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        (tmp_path / "a.md").write_text("The mast is of ash.\n")
        kb.add(tmp_path / "a.md")
    with serving(Settings(tmp_path / "kb")) as opened:
        tab = browser.new_page()
        tab.set_default_timeout(20_000)
        tab.goto(f"http://127.0.0.1:{opened.port}/#/documents")
        rows = "".join(json.dumps({"_id": f"r{at}", "text": f"The ketch {at} is of ash."}) + "\n" for at in range(4000))
        file = {"name": "boats.jsonl", "mimeType": "application/json", "buffer": rows.encode()}
        tab.get_by_label("Choose files to add").set_input_files([file])
        tab.get_by_role("button", name="End it").wait_for()
        goto(tab, "search")
        tab.locator("main.search, .search h1").first.wait_for()
        goto(tab, "documents")
        tab.get_by_role("heading", name="Adding documents").wait_for()
        tab.get_by_text("4,000 added").wait_for()
        tab.get_by_text("4,001 documents").first.wait_for()
        tab.close()


def test_a_pattern_without_a_name_is_the_list(tab: Any) -> None:
    goto(tab, "pattern")
    tab.get_by_role("heading", name="Patterns").wait_for()
    assert tab.get_by_role("alert").count() == 0
