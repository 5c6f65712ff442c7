"""The shape of a text that one regular expression matches as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.patterns.shapes.automaton import automaton
from formfact.patterns.shapes.expression import Node, excluding, printed, read, shortest
from formfact.types import Problem


def whole(pattern: str, where: str, *, without: str = "") -> Node:
    """The expression of texts that hold something, and none of the characters `without`. Raises Refused."""
    node = excluding(read(pattern, where), without)
    found = shortest(node)
    if found is None:
        raise refuse(where, f"no text matches {pattern!r}", "try it on a text that it should match")
    if not found:
        raise refuse(where, f"{pattern!r} matches the empty text", "say what must be there, for example with + for *")
    return node


def literal(node: Node) -> str:
    """An expression as a terminal of the mask's grammar."""
    return f"/{printed(node)}/"


@dataclass(frozen=True, slots=True)
class Regex:
    """`pattern` matches the text as a whole."""

    pattern: str
    node: Node

    @classmethod
    def make(cls, settings: Settings) -> Self:
        pattern = settings.text("pattern")
        return cls(pattern, whole(pattern, settings.where))

    def check(self, text: str) -> list[Problem]:
        stop = automaton(self.node).stop(text)
        if stop is None:
            return []
        if stop == len(text):
            return [Problem("regex", f"the text ends too early for {self.pattern}", 0, len(text))]
        return [Problem("regex", f"the text does not match {self.pattern} from here on", stop, len(text))]

    def grammar(self) -> Grammar:
        return Grammar("lark", f"start: TEXT\nTEXT: {literal(self.node)}\n", shortest=shortest(self.node) or "")

    def limits(self) -> Limits:
        return Limits()
