"""The rows of the five levels of a story: the same stories all the way down, and inputs as `grow` makes them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import formfact as ff
from formfact.patterns.bases import open_counter
from formfact.patterns.grow import FIRST
from formfact.patterns.grow.parts import fill, parts, unnumbered
from formfact.patterns.grow.recap import tail
from formfact.types import Example

LEVELS = ("premise", "outline", "chapter", "scene", "prose")
PROSE = re.compile(
    r"(?P<input>.*)\n\nScenes:\n(?P<output>.*)\n\nScene: (?P<part>[^\n]+)\nBefore: (?P<before>[^\n]+)\n"
    r"Names so far: (?P<names>[^\n]+)\nNext: (?P<next>[^\n]+)",
    re.DOTALL,
)


def rows(level: str) -> tuple[Example, ...]:
    return ff.Pattern(level).examples()


def made(level: str, **values: str) -> str:
    """The input of a child of this level."""
    (child,) = ff.Pattern(level).contract.children

    def says(text: str) -> Callable[[], str]:
        return lambda: text

    return fill(child, {name: says(text) for name, text in values.items()})


@pytest.mark.parametrize("level", LEVELS)
def test_there_are_enough_and_no_two_of_one_kind(level: str) -> None:
    kinds = [row.kind for row in rows(level)]
    assert len(kinds) >= 30
    assert len(set(kinds)) == len(kinds)
    assert kinds == [row.kind for row in rows("premise")]


@pytest.mark.parametrize("level", LEVELS)
def test_the_lint_finds_nothing(level: str) -> None:
    pattern = ff.Pattern(level)
    found = pattern.lint(pattern.folder / "examples.jsonl")
    # What it says of files under fifty rows is advice.
    assert [one for one in found.problems if one.rule != "few-rows"] == []
    # All names are new, and no fact is taught: the prompt asks for a story.
    assert found.verdict == "structure"


@pytest.mark.parametrize("level", LEVELS)
def test_every_input_and_output_fits(level: str) -> None:
    contract = ff.Pattern(level).contract
    counter = open_counter()
    assert max(counter.count([row.text for row in rows(level)])) <= contract.input_tokens
    assert max(counter.count([row.output for row in rows(level)])) <= contract.output_tokens


def test_inputs_are_as_the_chain_makes_them() -> None:
    for premise, outline, chapter, scene, prose in zip(*map(rows, LEVELS), strict=True):
        assert outline.text == premise.output
        (part,) = [line for line in parts(outline.output, "line") if chapter.text.endswith(f"\n\nChapter: {line}")]
        assert chapter.text == made("outline", input=outline.text, output=outline.output, part=part)
        assert scene.text == made("chapter", input=chapter.text, output=chapter.output)
        told = PROSE.fullmatch(prose.text)
        assert told
        assert told["input"] == scene.text
        assert told["output"] == scene.output
        scenes = parts(scene.output, "line")
        number = scenes.index(told["part"])
        if number + 1 < len(scenes):
            assert told["next"] == unnumbered(scenes[number + 1])
        if number:
            assert told["before"] == tail(told["before"])
        assert (told["before"] == FIRST) == (number == 0 and part.startswith("1. "))


def test_prose_does_not_repeat_its_prompt() -> None:
    """What a scene line has people say may be said; nine words in a row are copied from nothing."""
    for row in rows("prose"):
        asked, said = (re.findall(r"[\w'’]+", text.lower()) for text in (row.text, row.output))
        runs = {tuple(asked[at : at + 9]) for at in range(len(asked))}
        assert [said[at : at + 9] for at in range(len(said)) if tuple(said[at : at + 9]) in runs] == []
