"""The shape of running text: so many words in so many paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import GRAPHIC, Grammar, Limits, amount
from formfact.types import Problem

BLANK = re.compile(r"\n[ \t]+(?=\n)|\n{3,}")
LONGEST = 40
"""Characters of a word under the mask, so that no text can be one endless word."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs stand apart by one empty line; a line within a paragraph may end."""

    words: tuple[int, int]
    paragraphs: tuple[int, int]

    @classmethod
    def make(cls, settings: Settings) -> Self:
        shape = cls(settings.between("words", (1, 2000), least=1), settings.between("paragraphs", (1, 100), least=1))
        if shape.paragraphs[0] > shape.words[1]:
            what = f"{shape.paragraphs[0]} paragraphs do not fit into {shape.words[1]} words"
            raise refuse(settings.where, what, "allow more words, or fewer paragraphs")
        return shape

    def check(self, text: str) -> list[Problem]:
        problems = []
        for what, found, (least, most) in (
            ("words", len(text.split()), self.words),
            ("paragraphs", sum(1 for part in text.split("\n\n") if part.strip()), self.paragraphs),
        ):
            if not least <= found <= most:
                problems.append(Problem(what, f"{found} {what} instead of {amount((least, most))}", 0, len(text)))
        blank = "white space that parts nothing"
        return [*problems, *(Problem("blank", blank, start, end) for start, end in _blanks(text))]

    def grammar(self) -> Grammar:
        least, most = self.paragraphs
        word = f"{GRAPHIC}{{1,{LONGEST}}}"
        part = f"{word}([ \\n]{word})*"
        last = " ".join(["so"] * max(self.words[0] - least + 1, 1))
        return Grammar(
            "lark",
            # One terminal: a line feed would else be taken for the beginning of a line, and never for that of a gap.
            f"start: TEXT\nTEXT: /{part}(\\n\\n{part}){{{least - 1},{most - 1}}}/\n",
            lacks=f"words of more than {LONGEST} characters, and white space other than single spaces and line feeds",
            shortest="\n\n".join([*["so"] * (least - 1), last]),
        )

    def limits(self) -> Limits:
        return Limits(words=self.words)


def _blanks(text: str) -> Iterator[tuple[int, int]]:
    """White space at either end, lines of nothing but spaces, and more than one empty line."""
    body = text.strip()
    if not body:
        return
    start = len(text) - len(text.lstrip())
    if start:
        yield 0, start
    yield from (found.span() for found in BLANK.finditer(text, start, start + len(body)))
    if start + len(body) < len(text):
        yield start + len(body), len(text)
