"""Trees of texts: what feeds what, what waits for what, what is kept, and that size and depth have bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from formfact.errors import ModelError, NotFound, Refused
from formfact.patterns.contract import Child, parse_contract
from formfact.patterns.grow import FIRST, LAST, grow
from formfact.patterns.grow.levels import Level, plan, sure_words, walk
from formfact.patterns.grow.parts import fill, parts
from formfact.patterns.grow.recap import names, tail
from formfact.patterns.shelf import find
from formfact.types import Growing, Node, Writing

IDEA = "a lamp that nobody lit"
ENDS = """input = "{input} | {output} | {part} | {before} | {next}\""""


def pattern(folder: Path, name: str, shape: str, *, child: str = "") -> None:
    (folder / name).mkdir(parents=True)
    text = f'name = "{name}"\ndescribes = "a test"\n[output]\n{shape}\n'
    (folder / name / "pattern.toml").write_text(text + (f"[[children]]\n{child}\n" if child else ""))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """plan: a list of two or three → tale: one line each → word: a text for each word that begins with a capital."""
    pattern(
        tmp_path, "plan", "shape = 'lines'\nline = '[^\\n]+'\ncount = [2, 3]", child="pattern = 'tale'\neach='line'"
    )
    pattern(tmp_path, "tale", "shape = 'regex'\npattern = '[^\\n]+'", child=f"pattern='word'\neach='[A-Z]\\w+'\n{ENDS}")
    pattern(tmp_path, "word", "shape = 'text'\nwords = [2, 9]\nparagraphs = [1, 1]")
    return tmp_path


class Scribe:
    """Writes what a test has put down for a level, and notes what it was asked for."""

    def __init__(self, **said: Sequence[str]) -> None:
        self.said = {name: list(texts) for name, texts in said.items()}
        self.asked: list[tuple[str, list[str]]] = []
        self.apart: list[Sequence[str] | None] = []

    def __call__(self, level: Level, inputs: Sequence[str], apart: Sequence[str] | None) -> list[Writing]:
        self.apart.append(apart)
        self.asked.append((level.name, list(inputs)))
        texts = [self.said[level.name].pop(0) for _ in inputs]
        return [Writing(text, tuple(level.contract.check(text)), 3, 0.5) for text in texts]


def scribe() -> Scribe:
    return Scribe(
        plan=["1. Dusk: a door\n2. Dawn: a road"],
        tale=["Ada met Bo", "then Cy left"],
        word=["Ada came. She sang.", "Cy left alone.", "Bo heard it."],
    )


def texts(node: Node) -> list[str]:
    return [node.text, *(text for child in node.children for text in texts(child))]


def test_each_level_feeds_the_next(shelf: Path, tmp_path: Path) -> None:
    writer = scribe()
    told: list[Growing] = []
    done = grow(
        plan(find(shelf / "plan"), counts={"plan": 2}), IDEA, tmp_path / "out", write=writer, report=told.append
    )
    assert [name for name, _ in writer.asked] == ["plan", "tale", "word", "word"]
    assert writer.asked[1][1] == ["1. Dusk: a door", "2. Dawn: a road"]
    first, second = writer.asked[2][1], writer.asked[3][1]
    # First siblings together, then the second one, which reads how the first one ended.
    assert first == [
        f"1. Dusk: a door | Ada met Bo | Ada | {FIRST} | Bo",
        f"2. Dawn: a road | then Cy left | Cy | Bo | {LAST}",
    ]
    assert writer.apart == [None, None, [], ["Ada came. She sang.", "Cy left alone."]]
    assert second == ["1. Dusk: a door | Ada met Bo | Bo | Ada came. She sang. | Cy"]
    assert done.words == 10
    assert texts(done.root)[1:4] == ["Ada met Bo", "Ada came. She sang.", "Bo heard it."]
    assert told[-1] == Growing("word", 3, 3, 10, told[-1].seconds)
    document = (tmp_path / "out" / "document.md").read_text()
    assert document.split("\n\n")[:4] == ["# Plan", "## 1. Dusk", "### Ada", "Ada came. She sang."]


def test_what_was_written_stays_when_a_run_goes_on(shelf: Path, tmp_path: Path) -> None:
    levels = plan(find(shelf / "plan"), counts={"plan": 2})
    stopped = Scribe(plan=["1. Dusk: a door\n2. Dawn: a road"], tale=["Ada met Bo", ""])
    with pytest.raises(ModelError, match=r"1 of 2 texts break the contract of tale.*tale-02\.md"):
        grow(levels, IDEA, tmp_path / "out", write=stopped)
    goes_on = Scribe(tale=["then Cy left"], word=["Ada came. She sang.", "Cy left alone.", "Bo heard it."])
    done = grow(levels, "", tmp_path / "out", write=goes_on)
    assert goes_on.asked[0] == ("tale", ["2. Dawn: a road"])
    assert done.written == 4
    again = grow(levels, IDEA, tmp_path / "out", write=Scribe())
    assert again.written == 0
    assert again.root == done.root


def test_what_a_person_changed_is_taken_up_and_what_hangs_on_it_is_written_anew(shelf: Path, tmp_path: Path) -> None:
    levels = plan(find(shelf / "plan"), counts={"plan": 2})
    grow(levels, IDEA, tmp_path / "out", write=scribe())
    (tmp_path / "out" / "tale-02.md").write_text("then Di left\n")
    (tmp_path / "out" / "tale-01" / "word-01.md").write_text("Mine alone.\n")
    writer = Scribe(word=["Di is gone.", "Bo heard that."])
    done = grow(levels, "", tmp_path / "out", write=writer)
    assert [len(inputs) for _, inputs in writer.asked] == [1, 1]
    assert "Mine alone." in writer.asked[1][1][0]
    assert texts(done.root)[1:] == ["Ada met Bo", "Mine alone.", "Bo heard that.", "then Di left", "Di is gone."]
    (tmp_path / "out" / "tale-01.md").write_text("two\nlines\n")
    with pytest.raises(Refused, match=r"tale-01\.md breaks the contract"):
        grow(levels, "", tmp_path / "out", write=Scribe())


def test_a_folder_keeps_to_its_own_text(shelf: Path, tmp_path: Path) -> None:
    levels = plan(find(shelf / "plan"), counts={"plan": 2})
    with pytest.raises(NotFound, match="nothing to grow from"):
        grow(levels, "", tmp_path / "out", write=Scribe())
    grow(levels, IDEA, tmp_path / "out", write=scribe())
    with pytest.raises(Refused, match="another text"):
        grow(levels, "another idea", tmp_path / "out", write=Scribe())
    with pytest.raises(Refused, match="not of tale"):
        grow(levels.below[0], IDEA, tmp_path / "out", write=Scribe())
    (tmp_path / "out" / "manifest.json").write_text("{")
    with pytest.raises(Refused, match="no manifest"):
        grow(levels, IDEA, tmp_path / "out", write=Scribe())


def test_a_text_without_parts_is_an_error(shelf: Path, tmp_path: Path) -> None:
    levels = plan(find(shelf / "plan"), counts={"plan": 2})
    with pytest.raises(Refused, match="no part for word"):
        grow(levels, IDEA, tmp_path / "out", write=Scribe(plan=["a: b\nc: d"], tale=["small", "Big"]))


def test_loops_depth_and_size_are_bounded(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern(shelf, "egg", "shape = 'text'", child="pattern = 'hen'")
    pattern(shelf, "hen", "shape = 'text'", child="pattern = 'egg'")
    with pytest.raises(Refused, match="egg → hen → egg"):
        plan(find(shelf / "egg"))
    for at in range(9):
        pattern(shelf, f"d{at}", "shape = 'text'", child=f"pattern = 'd{at + 1}'")
    pattern(shelf, "d9", "shape = 'text'")
    with pytest.raises(Refused, match="level 9"):
        plan(find(shelf / "d0"))
    monkeypatch.setattr("formfact.patterns.grow.MOST", 3)
    with pytest.raises(Refused, match="would have 6 texts"):
        grow(plan(find(shelf / "plan"), counts={"plan": 2}), IDEA, shelf / "out", write=scribe())


def test_counts_and_words_decide_the_size() -> None:
    story = find("premise")
    levels = {level.name: level for level in walk(plan(story))}
    assert list(levels) == ["premise", "outline", "chapter", "scene", "prose"]
    lines = {name: levels[name].contract.output["count"] for name in ("outline", "scene")}
    assert all(least == most for least, most in lines.values())
    promised = sure_words(plan(story), {})
    assert 10_000 <= promised < 11_000
    assert sure_words(plan(story, words=20_000), {}) >= 20_000
    assert sure_words(plan(story, words=3_000, counts={"scene": 3}), {}) == 4 * 3 * 250
    for wrong in (
        lambda: plan(story, words=1_000_000),
        lambda: plan(story, counts={"outline": 99}),
        lambda: plan(story, counts={"prose": 3}),
        lambda: plan(story, counts={"stanza": 3}),
        lambda: plan(find("questions"), words=100),
    ):
        with pytest.raises(Refused):
            wrong()


def test_parts_and_their_places() -> None:
    assert parts("a\n\n b \n", "line") == ["a", "b"]
    assert parts("a\nb", "whole") == ["a\nb"]
    assert parts("- Ann: x\n- Bo: y", r"^- (\w+):") == ["Ann", "Bo"]
    child = Child("x", "line", "{part}, then {next}")
    assert fill(child, {"part": lambda: "{next}", "next": lambda: "end"}) == "{next}, then end"


@pytest.mark.parametrize(
    ("child", "what"),
    [("each = '('", "no regular expression"), ("input = '{part} {who}'", "nothing fills"), ("input = 'x'", "no place")],
)
def test_a_child_that_makes_no_sense_is_refused(child: str, what: str) -> None:
    with pytest.raises(Refused, match=what):
        parse_contract(f"name='a'\ndescribes='b'\n[output]\nshape='text'\n[[children]]\npattern='c'\n{child}\n")


def test_a_recap_is_bounded_and_in_the_text_s_own_words() -> None:
    text = "It began long ago. " * 20 + "She ran. “Where?” he said.\n\nNobody knew."
    assert tail(text, words=6) == "“Where?” he said. Nobody knew."
    assert len(tail("word " * 300).split()) == 60
    assert tail("One.") == "One."


def test_names_are_those_of_people_and_places() -> None:
    first = "On Monday the train left Upper Sarn. Irena had her ticket. Nobody saw Irena's bag."
    second = "In Varnholt old Konrad Sobol was waiting. “Irena,” he said. The dog saw Konrad first. Nothing moved."
    assert names([first, second]) == ["Irena", "Konrad Sobol", "Varnholt", "Upper Sarn"]
    assert names([first, second], most=1) == ["Irena"]
    assert names(["nothing here."]) == []


def test_the_manifest_can_be_read(shelf: Path, tmp_path: Path) -> None:
    grow(plan(find(shelf / "plan"), counts={"plan": 2}), IDEA, tmp_path / "out", write=scribe())
    held = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert held["start"] == IDEA
    assert sorted(held["nodes"]) == [
        "plan.md", "tale-01.md", "tale-01/word-01.md", "tale-01/word-02.md", "tale-02.md", "tale-02/word-01.md",
    ]  # fmt: skip
