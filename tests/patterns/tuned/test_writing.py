"""Writing under the mask by a model that knows nothing: whatever it prefers, what comes out keeps the contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from formfact.errors import Refused
from formfact.patterns import tuned
from formfact.patterns.contract import Contract, parse_contract
from formfact.patterns.prompt import render

SHAPES = {
    "lines": "line = '[A-Z][^\\n?]{3,60}\\?'\ncount = [2, 4]\ndistinct = true",
    "numbered": "shape = \"lines\"\nline = '[A-Z][^\\n]{3,60}'\ncount = [3, 5]\nnumbered = true",
    "text": "words = [5, 60]\nparagraphs = [1, 3]",
    "regex": "pattern = '[A-Z]{2}-[0-9]{4}( [a-z]+)*'",
    "dialogue": 'parties = ["Ann", "Bo"]\nturns = [2, 3]\nlength = [3, 80]',
    "outline": "sections = [2, 3]\npoints = [1, 2]",
    "json": '[output.schema]\ntype = "object"\nrequired = ["a", "b"]\nadditionalProperties = false\n'
    '[output.schema.properties.a]\ntype = "string"\nmaxLength = 40\n'
    '[output.schema.properties.b]\ntype = "array"\nmaxItems = 3\nitems = {type = "integer"}',
    "xml": 'root = "r"\n[output.elements]\nr = "title (p | list)+"\nlist = "item*"',
    "html": 'root = "article"\n[output.elements]\narticle = "h1 (p | ul)+"\nul = "li+"',
    "python": "functions = 1\ntyped = true\ndocstring = true",
    "sql": 'shape = "grammar"\nlark = "sql"\nparser = "sql"',
    "perl": 'shape = "grammar"\nlark = "perl"\nparser = "perl"',
}
INPUTS = ("The lamp stood by the door.", "x = 3")


def contract(name: str, tokens: int = 120) -> Contract:
    settings = SHAPES[name] if SHAPES[name].startswith("shape") else f'shape = "{name}"\n{SHAPES[name]}'
    first, _, rest = settings.partition("\n[")
    return parse_contract(
        f'name = "{name}"\ndescribes = "a test"\n[output]\n{first}\ntokens = {tokens}\n' + (f"[{rest}" if rest else "")
    )


@pytest.fixture(scope="module")
def decoder(tiny: Path) -> Any:
    return tuned.load("decoder")(tuned.load("network")(str(tiny)))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("tokens", [60, 110])
def test_what_is_written_keeps_the_contract(decoder: Any, name: str, tokens: int) -> None:
    asked = contract(name, tokens)
    written = decoder.write([render(asked, text) for text in INPUTS], asked)
    for one in written:
        assert asked.check(one.text) == [], one.text
        assert one.tokens <= tokens


def test_many_at_once_are_as_each_alone(decoder: Any) -> None:
    asked = contract("lines")
    chats = [render(asked, text) for text in INPUTS]
    together = decoder.write(chats, asked)
    assert len({one.text for one in together}) > 1
    assert len(together) == len(INPUTS)


def test_a_budget_that_is_too_small_is_refused_before_writing(decoder: Any) -> None:
    with pytest.raises(Refused, match="shortest text"):
        decoder.write([render(contract("numbered"), "x")], contract("numbered"), limit=5)


def test_an_input_beyond_the_window_is_refused(decoder: Any) -> None:
    asked = contract("lines")
    with pytest.raises(Refused, match="window"):
        decoder.write([render(asked, "word " * 9000)], asked)


def test_texts_that_are_kept_apart_repeat_nothing_of_one_another(decoder: Any) -> None:
    asked = replace(contract("text", 90), repeat=4, output={"words": [20, 60], "paragraphs": [1, 3]})
    chats = [render(asked, text) for text in (INPUTS[0], INPUTS[0], INPUTS[1])]

    def runs(text: str) -> set[tuple[int, ...]]:
        ids = decoder.network.target(text)[:-1]
        return {tuple(ids[at : at + 4]) for at in range(len(ids) - 3)}

    alike = decoder.write(chats, asked)
    assert alike[0].text == alike[1].text
    first = [runs(one.text) for one in decoder.write(chats, asked, apart=[])]
    assert not first[0] & first[1]
    before = decoder.write(chats[:1], asked)[0].text
    (after,) = decoder.write(chats[:1], asked, apart=[before])
    assert not runs(before) & runs(after.text)


def test_running_text_is_cut_back_to_a_sentence_and_a_list_to_a_line() -> None:
    cut_back = pytest.importorskip("formfact.patterns.tuned.decoding").cut_back
    prose = replace(contract("text"), output={"words": [3, 60], "paragraphs": [1, 3]})
    assert cut_back("It was late. “Who goes there?” she", prose) == "It was late. “Who goes there?”"
    assert cut_back("no end of it", prose) is None
    assert (
        cut_back("Is it? Was\nWho is it?", replace(contract("lines"), output={"line": ".+", "count": [1, 3]}))
        == "Is it? Was"
    )
