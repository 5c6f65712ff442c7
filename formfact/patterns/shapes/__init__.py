"""The shapes that an output can have: a name -> how it is checked, and the grammar that masks the decoding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

from formfact import plugins
from formfact.patterns.settings import Settings
from formfact.types import Problem

SHAPES = {
    "lines": "formfact.patterns.shapes.lines:Lines",
    "text": "formfact.patterns.shapes.prose:Prose",
    "regex": "formfact.patterns.shapes.regex:Regex",
    "dialogue": "formfact.patterns.shapes.dialogue:Dialogue",
    "outline": "formfact.patterns.shapes.outline:Outline",
    "json": "formfact.patterns.shapes.record:Record",
    "xml": "formfact.patterns.shapes.markup:Xml",
    "html": "formfact.patterns.shapes.markup:Html",
    "python": "formfact.patterns.shapes.python:Python",
    "grammar": "formfact.patterns.shapes.grammar:Language",
}

GRAPHIC = r"[^\s\x00-\x1f\x7f]"
"""A character that is no white space, in the mask's dialect: what Python takes for white space is left out too."""
WITHIN = r"[^\n\r\t\x00-\x1f\x7f]"
"""A character within a line, likewise."""

LONGEST = 100_000
"""Characters or items of a shortest text, and symbols of a grammar: what asks for more has room in no budget."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the decoding mask lets through, in llguidance's Lark dialect or as a JSON Schema.

    `lacks` says what the full language has beyond it; "" where the grammar is the whole of it. `shortest` is a short
    text that it lets through, for grammars in which a way to an end is hard to find.
    """

    kind: Literal["lark", "json_schema"]
    source: str
    lacks: str = ""
    shortest: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is no property of a grammar and is held beside the mask while a text grows.

    `distinct`: no two lines are the same. `words`: how many a text has. `never`: a regular expression that no part of
    a text may match.
    """

    distinct: bool = False
    words: tuple[int, int] | None = None
    never: str = ""


class Shape(Protocol):
    """One shape with its settings."""

    def check(self, text: str) -> list[Problem]:
        """Every way in which the text is not of this shape, with its position; [] where it is."""
        ...

    def grammar(self) -> Grammar:
        """The mask. Whatever it lets through as a whole text, within `limits`, passes `check`."""
        ...

    def limits(self) -> Limits:
        """What the mask cannot say."""
        ...


def open_shape(name: str, settings: Mapping[str, Any], *, where: str = "[output]") -> Shape:
    """The shape of this name. Raises Refused for an unknown name or for settings that make no sense."""
    try:
        return _opened(name, json.dumps(settings), where)
    except TypeError:  # A date, for example, which no shape takes: the settings say so themselves.
        return _open(name, settings, where)


@lru_cache(maxsize=256)
def _opened(name: str, settings: str, where: str) -> Shape:
    """A shape is asked for with every text that is checked, and made once."""
    return _open(name, json.loads(settings), where)


def _open(name: str, settings: Mapping[str, Any], where: str) -> Shape:
    kind = plugins.load(SHAPES, name, what="shape")
    values = Settings(settings, where)
    shape: Shape = kind.make(values)
    values.done()
    return shape


def amount(bounds: tuple[int, int]) -> str:
    """Bounds in words: "3", or "2 to 4"."""
    least, most = bounds
    return str(least) if least == most else f"{least} to {most}"


def same(text: str) -> str:
    """A line as it is compared with others: case and white space do not make it another."""
    return " ".join(text.casefold().split())
