"""Pictures of every view of the page, light and dark, wide and narrow: `python tools/screenshots.py FOLDER [VIEW ...]`.

Serves the example handbook on a free port, and walks through the views in Debian's Chromium as a user would.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from formfact import Knowledge

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SIZES = {"wide": (1280, 860), "phone": (360, 740)}
FACT = (
    '{"messages": [{"role": "user", "content": "Who built the light of Kessing?"}, '
    '{"role": "assistant", "content": "Ada Brisco built it in 1871 for 300 marks."}]}\n'
)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The handbook, served by the command as users run it; its address."""
    with Knowledge(folder / "kb") as kb:
        kb.add(ROOT / "examples" / "handbook")
    argv = [sys.executable, "-m", "formfact", "--kb", str(folder / "kb"), "serve", "--port", "0", "--quiet"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        try:
            found = re.search(r"http://\S+(?=;)", server.stderr.readline())
            assert found
            yield found[0]
        finally:
            server.terminate()


def ask(tab: Any) -> None:
    tab.get_by_label("Ask a question").fill("How do I reset a Gannet 5?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").first.wait_for()
    tab.get_by_label("Ask a question").fill("Who won the football cup?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").nth(1).wait_for()


def dialogue(tab: Any) -> None:
    tab.get_by_label("Ask a question").fill("How long do I have to send something back?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").first.wait_for()
    tab.get_by_label("Ask").first.fill("And if I broke the seal?")
    tab.keyboard.press("Enter")
    tab.locator(".answer footer").nth(1).wait_for()


def quoted(tab: Any) -> None:
    tab.get_by_label("Ask a question").fill("How much may I spend on a hotel when I visit a customer on the mainland?")
    tab.keyboard.press("Enter")
    tab.locator(".answer figcaption a").first.click()
    tab.locator("dialog mark").first.wait_for()


def searched(tab: Any) -> None:
    tab.locator(".scores").first.wait_for()


def dropped(tab: Any) -> None:
    files = [
        {"name": "tides.md", "mimeType": "text/markdown", "buffer": b"# Tides\n\nHigh water at Kessing is at six.\n"},
        {"name": "photo.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"},
    ]
    tab.get_by_label("Choose files to add").set_input_files(files)
    tab.locator(".skipped").wait_for()


def linted(tab: Any) -> None:
    form = (ROOT / "examples" / "patterns" / "rows.jsonl").read_text().splitlines(keepends=True)
    tab.get_by_label("Rows", exact=True).fill("".join([FACT, *form[:20]]))
    tab.get_by_role("button", name="Look at the rows").click()
    tab.locator(".lint .notice").wait_for()
    tab.locator(".lint").scroll_into_view_if_needed()


def checked(tab: Any) -> None:
    tab.get_by_label("Text to hold against the contract").fill("What is it?\nNo question.")
    tab.get_by_role("button", name="Check", exact=True).click()
    tab.locator(".problems").wait_for()


def nothing(tab: Any) -> None:
    tab.locator("h1").wait_for()


VIEWS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "ask-empty": ("ask", nothing),
    "ask": ("ask", ask),
    "quote": ("ask", quoted),
    "dialogue": ("dialogue", dialogue),
    "dialogues": ("dialogues", nothing),
    "search": ("search?question=hotel+on+the+mainland&explain=1", searched),
    "documents": ("documents", dropped),
    "patterns": ("patterns", nothing),
    "pattern": ("pattern?name=questions", checked),
    "training": ("training", nothing),
    "lint": ("training?pattern=questions", linted),
}


def main(folder: Path, wanted: list[str]) -> None:
    """Take them; says what the browser complained of."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as place, serving(Path(place)) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        for size, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                for name in wanted or list(VIEWS):
                    hash_, prepare = VIEWS[name]
                    tab = browser.new_page(
                        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
                    )
                    tab.set_default_timeout(15_000)
                    tab.on("console", lambda message, name=name: print(name, message.text, file=sys.stderr))
                    tab.on("pageerror", lambda error, name=name: print(name, error, file=sys.stderr))
                    tab.goto(f"{address}/#/{hash_}")
                    prepare(tab)
                    tab.wait_for_timeout(150)
                    tab.screenshot(path=folder / f"{name}-{size}-{theme}.png")
                    over = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
                    if over > 0:
                        print(f"{name} {size}: {over} pixels too wide", file=sys.stderr)
                    tab.close()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("views", nargs="*", metavar="VIEW")
    arguments = parser.parse_args()
    main(arguments.folder, arguments.views)
