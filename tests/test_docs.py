"""What is written is run: the blocks of README and docs, the reference, the links, the help."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import formfact
from formfact.interfaces.cli import main, make_parser
from formfact.models.onnx import Encoder

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import make_reference  # noqa: E402

PAGES = [ROOT / "README.md", ROOT / "AGENTS.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "examples" / "README.md"]
RUN_NAMES = {
    "README.md",
    "audit.md",
    "diagnose.md",
    "calibrate.md",
    "knowledge.md",
    "mcp.md",
    "patterns.md",
    "reader.md",
    "tune.md",
}
RUN = [page for page in PAGES if page.name in RUN_NAMES and page.parent.name != "examples"]
BLOCK = re.compile(
    r"(?P<left><!-- not run: [^\n]+ -->\n)?^```(?P<kind>sh|console|python)\n(?P<text>.*?)^```", re.M | re.S
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Kind and text of the blocks that are to be run."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if not match["left"]:
            yield match["kind"], match["text"]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def run_line(line: str) -> None:
    words = shlex.split(line, comments=True)
    if not words:
        return
    if words[0] == "make":
        assert words[1] in targets(), line
    elif words[0] == "formfact":
        assert main(words[1:]) == 0, line
    else:
        pytest.fail(f"nobody can say whether this works: {line}")


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch, vectors: dict[tuple[int, ...], NDArray[np.float32]]) -> None:
    """The pages read one folder again and again: what a text's vector is, is computed once for all of them."""
    compute = Encoder.vectors

    def remember(self: Encoder, tokens: Sequence[list[int]]) -> NDArray[np.float32]:
        new = list({tuple(ids): ids for ids in tokens if tuple(ids) not in vectors}.values())
        if new:
            vectors.update(zip(map(tuple, new), compute(self, new), strict=True))
        return np.stack([vectors[tuple(ids)] for ids in tokens])

    monkeypatch.setattr(Encoder, "vectors", remember)


@pytest.fixture(scope="module")
def vectors() -> dict[tuple[int, ...], NDArray[np.float32]]:
    """Vectors of the bundled model, by tokens."""
    return {}


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_what_is_written_is_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembering: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORMFACT_KB", raising=False)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    names: dict[str, object] = {}
    found = list(blocks(page))
    assert found
    for kind, text in found:
        if kind == "python":
            exec(compile(text, str(page), "exec"), names)
        else:
            for line in text.splitlines():
                run_line(line.removeprefix("$ "))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_reference_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    written = make_reference.REFERENCE.read_text(encoding="utf-8")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("argparse words its help otherwise in other versions of Python; the page is made with 3.11")
    assert written == make_reference.reference(), "run tools/make_reference.py"


def test_every_public_name_says_what_it_is() -> None:
    for name in formfact.__all__:
        thing = getattr(formfact, name)
        assert isinstance(thing, str) or thing.__doc__, name


def test_every_command_describes_itself() -> None:
    (commands,) = [action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction)]
    for name, parser in commands.choices.items():
        assert parser.description, name
        assert all(action.help for action in parser._actions), name


def test_the_agents_page_is_short() -> None:
    assert len((ROOT / "AGENTS.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_tables_of_figures_are_not_empty() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    marked = re.findall(r"<!-- bench:(\w+) -->\n(.*?)<!-- /bench -->", text, re.S)
    assert marked
    for name, table in marked:
        # A table, or a sentence with a figure in it.
        assert table.count("|") > 6 or "**" in table, f"bench/{name}.py --write has not been run"
