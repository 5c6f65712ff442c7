"""The shape of running text: so many words in so many paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings
from formfact.patterns.shapes import Grammar, Limits
from formfact.types import Problem


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs stand apart by one empty line; a line within a paragraph may end."""

    words: tuple[int, int]
    paragraphs: tuple[int, int]

    @classmethod
    def make(cls, settings: Settings) -> Self:
        return cls(settings.between("words", (1, 2000), least=1), settings.between("paragraphs", (1, 100), least=1))

    def check(self, text: str) -> list[Problem]:
        problems = []
        for what, found, (least, most) in (
            ("words", len(text.split()), self.words),
            ("paragraphs", len(re.findall(r"\S(?:.|\n(?!\s*\n))*", text)), self.paragraphs),
        ):
            if not least <= found <= most:
                problems.append(Problem(what, f"{found} {what} instead of {least} to {most}", 0, len(text)))
        for blank in re.finditer(r"^\s+|\s+$|\n[ \t]+\n|\n{3,}", text):
            problems.append(Problem("blank", "white space that parts nothing", blank.start(), blank.end()))
        return problems

    def grammar(self) -> Grammar:
        least, most = self.paragraphs
        # A bound for words, so that no text can be one endless word.
        word = "[^ \\t\\r\\n]{1,40}"
        part = f"{word}([ \\n]{word})*"
        # One terminal: a lexer takes a line feed for the end of a line, and could not go back to make it a paragraph's.
        return Grammar("lark", f"start: TEXT\nTEXT: /{part}(\\n\\n{part}){{{least - 1},{most - 1}}}/\n")

    def limits(self) -> Limits:
        return Limits(words=self.words)
