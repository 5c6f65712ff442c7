"""The map page: what documents say is no markup, nothing is asked of another place, and it works in Chromium."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from formfact.front import Knowledge
from formfact.interfaces import audit_map
from formfact.interfaces.cli import main
from formfact.proof.findings import Audit

EVIL = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u2028 & <b>bold</b>"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    docs = tmp_path_factory.mktemp("docs")
    (docs / "pump").mkdir()
    (docs / "pump" / "reset.md").write_text(
        "# Reset\n\nHold the green lever of the pump for 9 seconds. The lamp turns white.\n"
    )
    (docs / "pump" / "old.md").write_text(
        "# Reset\n\nHold the green lever of the pump for 7 seconds. The lamp turns white.\n"
    )
    (docs / "evil.txt").write_text(f"The keeper writes {EVIL} into the log of the harbour on 7 May.\n")
    (docs / "short.txt").write_text("17 18 19\n")
    (docs / "rows.jsonl").write_text(
        '{"_id": "r1", "text": "The storm broke the mast in 1890."}\n{"_id": "r2", "text": "A cat sleeps."}\n'
    )
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(docs)
        return kb.audit()


@pytest.fixture(scope="module")
def page(found: Audit) -> str:
    return audit_map.page(found, "a base & <more>")


def data_of(page: str) -> Any:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert match
    return json.loads(match[1])


def test_documents_are_data(page: str) -> None:
    assert EVIL.split("\u2028")[0] not in page
    data = data_of(page)
    assert any(EVIL.split("\u2028")[0] in one["text"] for one in data["passages"])
    assert data["address"] == "a base & <more>"


def test_the_policy_allows_the_page_itself_and_nothing_else(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        inline = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        assert len(inline) == 1
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy[1]


def test_it_asks_no_other_place(page: str) -> None:
    outside = page.replace(page[page.index('id="data">') : page.index("</script>", page.index('id="data">'))], "")
    assert not re.search(r"(?:src|href)=\"(?!data:|#)|url\(|@import|fetch\(|XMLHttp|https?://", outside)


def test_passages_carry_what_is_known_of_them(page: str, found: Audit) -> None:
    data = data_of(page)
    assert len(data["passages"]) == found.passages
    assert {data["documents"][one["document"]]["group"] for one in data["passages"]} == {"pump", "", "rows.jsonl"}
    for clash in data["clashes"]:
        for one in (clash["one"], clash["other"]):
            assert one["text"] in data["passages"][one["at"]]["text"]
    assert len(data["clashes"]) == 1


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("The storm broke the mast in 1890.\n")
    kb = ["--kb", str(tmp_path / "kb"), "--quiet"]
    assert main([*kb, "add", str(tmp_path / "a.txt"), "--embedder", "toy:64"]) == 0
    assert main([*kb, "audit", "--html", str(tmp_path / "map.html")]) == 0
    assert "Findability map" in (tmp_path / "map.html").read_text()
    assert main([*kb, "audit", "--html", str(tmp_path / "no" / "map.html")]) == 1
    assert "cannot be written" in capsys.readouterr().err


# In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def file(page: str, tmp_path: Path) -> Path:
    path = tmp_path / "map.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_reader_gets_from_the_map_to_a_passage(browser: Any, file: Path) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    asked, said = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(file.as_uri())
    assert tab.locator(".cell").count() == 6
    tab.locator('.cell[aria-label^="evil.txt"]').click()
    assert tab.locator("#panel-title").inner_text() == "evil.txt"
    assert "<img src=x" in tab.locator("#panel-body .text").first.inner_text()
    assert tab.title() == "Findability map"
    tab.keyboard.press("Escape")
    assert tab.locator("#panel-title").inner_text() == "Where to look first"
    assert sorted(tab.locator("#clashes mark").all_inner_texts()) == ["7 seconds", "9 seconds"]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.mark.slow
def test_keys_and_search_work(browser: Any, file: Path) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(file.as_uri())
    tab.locator('.cell[tabindex="0"]').focus()
    before = tab.evaluate("document.activeElement.ariaLabel")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        tab.keyboard.press(key)
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.className").startswith("cell")
    tab.keyboard.press("Enter")
    assert tab.locator("#panel-body .passage").count() >= 1
    tab.keyboard.press("Escape")
    tab.keyboard.press("/")
    tab.keyboard.type("storm")
    tab.locator(".cell.dim").nth(4).wait_for()
    assert tab.locator(".cell:not(.dim)").count() == 1
    assert tab.locator("#panel-body mark").first.inner_text().lower() == "storm"
    assert before


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_can_be_read(browser: Any, file: Path, width: int, scheme: str) -> None:
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab.goto(file.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    ground, ink = tab.evaluate(
        "(() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; })()"
    )
    assert contrast(ground, ink) >= 7
    tab.locator(".cell").first.click()
    assert tab.locator("#panel").is_visible()


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2 has it."""
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(colour: str) -> float:
    parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
