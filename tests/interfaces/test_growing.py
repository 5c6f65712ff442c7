"""`formfact pattern grow`: a story by an endpoint, a tree by a local model, the JSON, and what is refused."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.interfaces.cli import main
from formfact.interfaces.growing import GrowthMeter
from formfact.types import Growing
from tests.models.server import Handler, Server, says

IDEA = "the prize cheese vanishes from a locked cellar"
SIZE = ["--count", "outline=4", "--count", "scene=2"]


def novelist(handler: Handler, asked: dict[str, Any]) -> None:
    """Answers each level with the rows of one story, as many lines as the test asks for."""
    prompt = asked["messages"][-1]["content"]
    level = re.findall(r"\n\n([A-Z]+):$", prompt)[0].lower()
    level = {"plan": "chapter", "scenes": "scene"}.get(level, level)
    text = ff.Pattern(level).examples()[0].output
    lines = {"outline": 4, "scene": 2}.get(level)
    says("\n".join(text.split("\n")[:lines]))(handler, asked)


def run(monkeypatch: pytest.MonkeyPatch, text: str, *argv: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return main(["pattern", "grow", *argv])


def test_a_story_by_an_endpoint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: Server, tmp_path: Path
) -> None:
    server.script = [novelist] * 18
    out = tmp_path / "story"
    argv = ["premise", "--out", str(out), "--writer", f"{server.address}#big", *SIZE]
    assert run(monkeypatch, IDEA, *argv) == 0
    shown = capsys.readouterr()
    assert "The Wheel in Bay Nine" in shown.out
    assert "1 premise, 1 outline, 4 chapter, 4 scene, 8 prose" in shown.out
    assert "18 texts written" in shown.out
    assert "prose 8/8" in shown.err
    assert max(map(len, shown.out.splitlines())) <= 80
    story = (out / "document.md").read_text()
    heads = re.findall(r"^(#+) (.*)", story, re.MULTILINE)
    assert [head for mark, head in heads if mark == "##"] == [
        "1. An Empty Shelf", "2. The Only Key", "3. What the Scales Say", "4. Hedda's Barn",
    ]  # fmt: skip
    assert [mark for mark, _ in heads] == ["#", *["##", "###", "###"] * 4]
    # The second scene of a chapter is told how the first one ended, and what the next chapter begins with.
    prompts = [one["messages"][-1]["content"] for one in server.seen]
    second = next(prompt for prompt in prompts if "\n\nScene: 2. " in prompt)
    assert re.search(r"\nBefore: .* began to feel for an edge\.\n", second)
    assert re.search(r"\nNext: The deepest gallery, Friday at dusk: Irena follows", second)
    # A run that has nothing left to do asks for nothing.
    asked = len(server.seen)
    assert run(monkeypatch, "", "--json", *argv) == 0
    tree = json.loads(capsys.readouterr().out)
    assert (tree["written"], tree["title"], len(server.seen)) == (0, "The Wheel in Bay Nine", asked)
    assert [node["pattern"] for node in tree["root"]["children"][0]["children"]] == ["chapter"] * 4
    assert tree["words"] == 8 * len(ff.Pattern("prose").examples()[0].output.split())


@pytest.mark.filterwarnings("ignore")
def test_a_tree_by_a_local_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Path, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, shape, child in (
        ("list", "shape = 'lines'\nline = '[a-z]{3,9}'\ncount = [2, 3]\ntokens = 40", "note"),
        ("note", "shape = 'text'\nwords = [5, 12]\nparagraphs = [1, 1]\ntokens = 40", ""),
    ):
        (tmp_path / name).mkdir()
        children = (
            f"[[children]]\npattern = '{child}'\neach = 'line'\ninput = '{{part}} after {{before}}'" if child else ""
        )
        text = f"name = '{name}'\ndescribes = 'a test'\n[output]\n{shape}\n[write]\nrepeat = 4\n{children}\n"
        (tmp_path / name / "pattern.toml").write_text(text)
    assert run(monkeypatch, "sea", "list", "--base", str(tiny), "--words", "15", "--json", "--quiet") == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["folder"] == "list-grown"
    assert len(tree["root"]["children"]) == 3
    assert tree["words"] >= 15
    assert all(ff.Pattern("note").check(node["text"]) == [] for node in tree["root"]["children"])


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["premise", "--count", "outline"], "no LEVEL=N"),
        (["premise", "--count", "outline=3"], "4 to 24 lines"),
        (["premise", "--words", "900000"], "can promise"),
        (["premise", "--tuned", "prose=here"], "no pattern is called 'here'"),
        (["premise", "--tuned", "nowhere"], "holds no folder"),
        (["premise", "--tuned", "prose=here", "--writer", "http://127.0.0.1:9/v1#x"], "not by an endpoint"),
        (["questions", "--words", "100"], "no number of words"),
    ],
)
def test_what_is_refused_is_refused_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: list[str], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, IDEA, *argv) == 1
    error = capsys.readouterr().err
    assert what in error
    assert "next: " in error
    assert list(tmp_path.iterdir()) == []


def test_progress_is_a_line_a_batch_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    meter = GrowthMeter(stream)
    meter.step(Growing("prose", 10, 40, 3123, 75.0))
    meter.clear()
    assert stream.getvalue() == "prose 10/40  3,123 words  1:15\n"
