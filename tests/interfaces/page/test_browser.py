"""The page in a real Chromium: it works by keyboard, documents are never more than text, no request goes elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import Client, serving
from tests.interfaces.page.conftest import TEXTS, goto
from tests.models import server as endpoint

pytestmark = pytest.mark.slow
FACT = (
    '{"messages": [{"role": "user", "content": "Who built the light of Kessing?"}, '
    '{"role": "assistant", "content": "Ada Brisco built it in 1871 for 300 marks."}]}\n'
)
FORM = (
    '{"messages": [{"role": "user", "content": "The mast is of ash.\\n\\nQUESTIONS:"}, '
    '{"role": "assistant", "content": "What is the mast made of?"}]}\n'
)


def test_a_question_by_keyboard_and_its_quote_in_the_document(tab: Any) -> None:
    tab.get_by_label("Ask a question").fill("How many seconds do I hold the green lever to reset the pump?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").wait_for()
    tab.locator(".answer a").first.focus()
    tab.keyboard.press("Enter")
    mark = tab.locator("dialog mark").first
    mark.wait_for()
    assert "green lever" in mark.inner_text()
    tab.keyboard.press("Escape")
    assert tab.locator("dialog").count() == 0
    assert tab.locator("[aria-live]").count() > 0


@pytest.mark.parametrize(
    "document", ["evil.md", next(name for name in TEXTS if name.startswith("x<")), "wide.md", "r1"]
)
def test_documents_are_text(tab: Any, document: str) -> None:
    tab.evaluate("name => { location.hash = '#/document?' + new URLSearchParams({document: name}) }", document)
    tab.locator(".paper").wait_for()
    assert document == "r1" or "<script>" in tab.locator(".paper").inner_text()
    assert tab.locator("main a[href^=javascript]").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_documents_in_answers_hits_and_lists(tab: Any) -> None:
    tab.get_by_label("Ask a question").fill("What does the keeper of Kessing write in the log?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").wait_for()
    goto(tab, "search?question=keeper+mast&explain=1")
    tab.locator(".scores").first.wait_for()
    goto(tab, "documents")
    tab.locator(".listing tbody tr").first.wait_for()
    assert tab.locator(".listing tbody tr").count() == len(TEXTS)


def test_offsets_are_counted_in_characters(tab: Any, server: Client) -> None:
    text = server.get("/document?document=pump.md").json["text"]
    start = text.index("The lamp")
    goto(tab, f"document?document=pump.md&start={start}&end={start + len('The lamp is red.')}")
    assert tab.locator("mark").inner_text() == "The lamp is red."


def test_search_with_filters(tab: Any) -> None:
    goto(tab, "search?question=mast&metadata=year%3D1890&explain=1")
    tab.locator(".scores").first.wait_for()
    assert tab.locator(".hit").count() == 1
    tab.get_by_label("Document").fill("pump.md")
    tab.get_by_role("button", name="Say why").click()
    tab.locator("form.card .hit").wait_for()


def test_a_dialogue_is_kept(tab: Any) -> None:
    goto(tab, "dialogue")
    tab.get_by_label("Ask a question").fill("How do I reset the pump?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").wait_for()
    tab.reload()
    tab.locator(".turn").wait_for()
    goto(tab, "dialogues")
    tab.get_by_role("button", name="Delete").click()
    tab.locator("dialog").get_by_role("button", name="Delete").click()
    tab.locator(".list li").wait_for(state="detached")


def test_files_are_added_skipped_with_a_reason_and_removed(tab: Any) -> None:
    goto(tab, "documents")
    files = [
        {"name": "tides.md", "mimeType": "text/markdown", "buffer": b"# Tides\n\nHigh water is at six.\n"},
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG"},
    ]
    tab.get_by_label("Choose files to add").set_input_files(files)
    tab.locator(".skipped").wait_for()
    assert "photo.png" in tab.locator(".skipped").inner_text()
    tab.get_by_label("Filter").fill("tides")
    tab.get_by_label("Remove tides.md").click()
    tab.locator("dialog").get_by_role("button", name="Remove").click()
    tab.get_by_text("No document is called that").wait_for()


def test_rows_that_teach_facts_are_marked_and_moved(tab: Any, server: Client) -> None:
    goto(tab, "training")
    tab.get_by_label("Rows", exact=True).fill(FACT + FORM)
    tab.get_by_role("button", name="Look at the rows").click()
    tab.locator(".facts-rows mark").first.wait_for()
    assert "1871" in tab.locator(".facts-rows mark").all_inner_texts()
    tab.get_by_role("button", name="Move 1 row").click()
    tab.get_by_text("1 added").wait_for()
    assert tab.get_by_label("Rows", exact=True).input_value().count("\n") == 1
    server.post("/remove", {"what": ["row-1"]})


def test_a_pattern_is_shown_and_a_text_checked(tab: Any) -> None:
    goto(tab, "patterns")
    tab.get_by_role("link", name="questions").first.click()
    tab.get_by_label("Text to hold against the contract").fill("No question.")
    tab.get_by_role("button", name="Check", exact=True).click()
    tab.locator(".problems li").first.wait_for()


def test_training_is_watched(browser: Any, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.patterns.tuned.tiny import make_tiny

    with serving(Settings(tmp_path / "kb", base=str(make_tiny(tmp_path / "tiny")))) as opened:
        tab = browser.new_page()
        tab.goto(f"http://127.0.0.1:{opened.port}/#/training?pattern=questions")
        tab.get_by_label("Name of the tuned pattern").fill("mine")
        tab.get_by_label("Steps").fill("2")
        tab.get_by_role("button", name="Start training").click()
        tab.locator(".arms").wait_for(timeout=240_000)
        assert tab.locator(".chart .dot").count() > 0
        tab.close()


CONTRAST = """() => {
  const channels = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number)
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((one, at) => one * a + under[at] * (1 - a))
  const light = (colour) => {
    const [r, g, b] = colour.map((one) => (one /= 255) <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    return .2126 * r + .7152 * g + .0722 * b
  }
  const ground = (element) => {
    const chain = []
    for (let one = element; one; one = one.parentElement) chain.push(getComputedStyle(one))
    const base = matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255]
    return chain.reverse().reduce((under, style) => over(channels(style.backgroundColor), under), base)
  }
  const found = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (!texts.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue
    if (element.closest(':disabled, script, style, noscript, option, .unseen, .skip')) continue
    const style = getComputedStyle(element), under = ground(element)
    const [a, b] = [light(over(channels(style.color), under)), light(under)].sort((a, b) => b - a)
    const said = texts.currentNode.data.trim().slice(0, 40)
    found.push([(a + .05) / (b + .05), said, style.color, `${under.map(Math.round)}`])
  }
  return found
}"""
"""The contrast of every text that can be seen with what lies under it, as WCAG 2 has it."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(tab: Any, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    seen: list[Any] = []

    def look() -> None:
        tab.wait_for_timeout(150)
        seen.extend(tab.evaluate(CONTRAST))

    tab.get_by_label("Ask a question").fill("How many seconds do I hold the green lever to reset the pump?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").wait_for()
    look()
    tab.get_by_label("Ask a question").fill("Who was the first emperor of Byzantium?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").nth(1).wait_for()
    look()
    for view in (
        "search?question=lever+pump&explain=1", "documents", "document?document=pump.md&start=0&end=20", "dialogues",
        "patterns", "pattern?name=questions",
    ):  # fmt: skip
        goto(tab, view)
        tab.locator("h1").first.wait_for()
        look()
    tab.get_by_label("Text to hold against the contract").fill("No question.")
    tab.get_by_role("button", name="Check", exact=True).click()
    tab.locator(".problems li").first.wait_for()
    look()
    goto(tab, "training")
    tab.get_by_label("Rows", exact=True).fill(FACT + FORM)
    tab.get_by_role("button", name="Look at the rows").click()
    tab.locator(".facts-rows mark").first.wait_for()
    look()
    goto(tab, "documents")
    tab.get_by_label("Remove pump.md").click()
    tab.locator("dialog").wait_for()
    look()
    tab.keyboard.press("Escape")
    assert len(seen) > 300
    assert len({(colour, under) for _, _, colour, under in seen}) > 10
    assert sorted(one for one in seen if one[0] < 4.5) == []


def test_the_map_of_an_audit_is_opened(tab: Any) -> None:
    goto(tab, "documents")
    tab.get_by_role("button", name="Audit", exact=True).click()
    tab.get_by_text("found again:").wait_for(timeout=60_000)
    tab.get_by_role("button", name="Open the map").first.click()
    tab.get_by_role("heading", name="What search finds again").wait_for()
    assert "kb" in tab.locator("#about").inner_text()
    assert tab.locator("#map *").count() > 0
    tab.go_back()
    tab.locator("nav").wait_for()


def test_a_writers_words_come_one_by_one(browser: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    said = ["It is held for nine seconds [1]. ", "It is ", "of solid gold [1]. ", "The lever is green [1]."]
    with endpoint.serving() as model, serving(Settings(folder, writer=f"{model.address}#small")) as opened:
        tab = browser.new_page()
        for view in ("ask", "dialogue"):
            model.script = [endpoint.pieces(said, wait=0.4)]
            tab.goto(f"http://127.0.0.1:{opened.port}/#/{view}")
            tab.get_by_label("Ask a question").fill("How many seconds do I hold the green lever to reset the pump?")
            tab.keyboard.press("Enter")
            tab.get_by_text("It is held for nine seconds").wait_for()
            assert tab.get_by_text("The lever is green").count() == 0, "they came all at once"
            tab.locator(".answer footer").wait_for()
            shown = tab.locator(".answer").inner_text()
            assert "The lever is green" in shown
            assert "gold" not in shown
            assert tab.get_by_role("button", name="Stop").is_hidden()
        tab.close()


def test_a_pattern_writes(browser: Any, tiny: Path, tmp_path: Path) -> None:
    with serving(Settings(tmp_path / "kb", base=str(tiny))) as opened:
        tab = browser.new_page()
        tab.goto(f"http://127.0.0.1:{opened.port}/#/pattern?name=questions")
        tab.get_by_label("Text to write for").fill("The mast of the ketch is of ash.")
        tab.get_by_role("button", name="Write", exact=True).click()
        tab.locator("pre.output").wait_for(timeout=120_000)
        assert "?" in tab.locator("pre.output").inner_text()
        tab.get_by_text("Keeps the contract.").wait_for()
        tab.close()


def test_a_token_is_asked_for(browser: Any, tmp_path: Path) -> None:
    with serving(Settings(tmp_path / "kb", token="secret")) as opened:
        tab = browser.new_page()
        tab.goto(f"http://127.0.0.1:{opened.port}/#/documents")
        for given in ("wrong", "secret"):
            tab.get_by_label("Token", exact=True).last.fill(given)
            tab.keyboard.press("Enter")
            tab.wait_for_timeout(300)
        tab.get_by_text("No documents yet").wait_for()
        assert tab.evaluate("sessionStorage.getItem('token')") == "secret"
        tab.close()
