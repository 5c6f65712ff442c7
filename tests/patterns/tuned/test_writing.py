"""Writing under the mask by a model that knows nothing: whatever it prefers, what comes out keeps the contract."""

from __future__ import annotations

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
