"""A pattern's output -> the parts of it that say something about the world, its form left aside."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator

from formfact.knowledge.ground.form import Part
from formfact.patterns.contract import Contract

LINE = re.compile(r"[^\n]*\S[^\n]*")
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?')
BETWEEN_TAGS = re.compile(r"(?<=>)[^<>]*[^<>\s][^<>]*(?=<)")
SPEAKER = re.compile(r"[^\n:]{1,40}:[ \t]*")
LANGUAGES = {"python": "python", "sql": "sql", "perl": "perl"}


def parts(contract: Contract, text: str) -> list[Part]:
    """The parts of a text in the contract's form, in order."""
    return list(SHAPES.get(contract.shape, _lines)(text))


def code_of(contract: Contract) -> str:
    """The language of a pattern whose outputs are code; "" for the others."""
    return LANGUAGES.get(contract.shape) or LANGUAGES.get(str(contract.output.get("lark", "")), "")


def _lines(text: str) -> Iterator[Part]:
    for match in LINE.finditer(text):
        yield Part(match.start(), match.end(), match.group())


def _spoken(text: str) -> Iterator[Part]:
    for match in LINE.finditer(text):
        speaker = SPEAKER.match(match.group())
        start = match.start() + (speaker.end() if speaker else 0)
        yield Part(start, match.end(), text[start : match.end()])


def _values(text: str) -> Iterator[Part]:
    """The strings and numbers of a JSON text that are no keys."""
    for match in LITERAL.finditer(text):
        if not match[1]:
            yield Part(match.start(), match.end(), str(json.loads(match.group())))


def _marked(text: str) -> Iterator[Part]:
    for match in BETWEEN_TAGS.finditer(text):
        yield Part(match.start(), match.end(), html.unescape(match.group()))


SHAPES: dict[str, Callable[[str], Iterator[Part]]] = {
    "json": _values,
    "xml": _marked,
    "html": _marked,
    "dialogue": _spoken,
}
