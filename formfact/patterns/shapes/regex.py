"""The shape of a text that one regular expression matches as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.types import Problem


def compiled(pattern: str, where: str) -> re.Pattern[str]:
    """The pattern, or Refused: the mask and the check must both understand it."""
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise refuse(where, f"{pattern!r} is no regular expression: {error}") from error
    unlike = re.search(r"(?<!\\)(?:\\\\)*\((?:\?[=!<]|\?P[=<])|\\[1-9]|\\b|(?<![\\\[])[\^$]", pattern)
    if unlike:
        hint = "a decoding mask knows no anchors, groups by name, look-around or back references; the match is whole"
        raise refuse(where, f"{pattern!r} uses {unlike.group()!r}", hint)
    return found


def literal(pattern: str) -> str:
    """A regular expression as a Lark terminal."""
    return "/" + re.sub(r"(?<!\\)((?:\\\\)*)/", r"\1\\/", pattern) + "/"


@dataclass(frozen=True, slots=True)
class Regex:
    pattern: str

    @classmethod
    def make(cls, settings: Settings) -> Self:
        return cls(compiled(settings.text("pattern"), settings.where).pattern)

    def check(self, text: str) -> list[Problem]:
        if re.fullmatch(self.pattern, text):
            return []
        return [Problem("regex", f"the text does not match {self.pattern}", 0, len(text))]

    def grammar(self) -> Grammar:
        return Grammar("lark", f"start: TEXT\nTEXT: {literal(self.pattern)}\n")

    def limits(self) -> Limits:
        return Limits()
