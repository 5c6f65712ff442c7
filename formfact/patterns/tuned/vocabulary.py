"""The texts of a tokenizer's tokens, found by how they begin."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import Any, Self

from formfact.patterns.shapes import same

NUMBER = re.compile(r"^\d+\. ")


class Vocabulary:
    """Tokens in the order of their texts, compared as lines are: without case. `spaces` begin with white space."""

    def __init__(self, texts: dict[int, str]) -> None:
        pairs = sorted((text.casefold(), token) for token, text in texts.items() if text)
        self._texts = [text for text, _ in pairs]
        self._tokens = [token for _, token in pairs]
        self.spaces = [token for text, token in pairs if text[0].isspace()]

    @classmethod
    @cache
    def of(cls, tokenizer: Any) -> Self:
        """The vocabulary of a tokenizer, made once."""
        return cls({token: tokenizer.decode([token]) for token in range(len(tokenizer))})

    def beginning(self, text: str) -> list[int]:
        """The tokens whose text begins so, or is so."""
        wanted = text.casefold()
        found, at = [], bisect_left(self._texts, wanted)
        while at < len(self._texts) and self._texts[at].startswith(wanted):
            found.append(self._tokens[at])
            at += 1
        return found

    def being(self, text: str) -> list[int]:
        """The tokens whose text is this one."""
        wanted = text.casefold()
        return self._tokens[bisect_left(self._texts, wanted) : bisect_right(self._texts, wanted)] if wanted else []

    def completing(self, text: str) -> list[int]:
        """The tokens that would make the last line of a text the same as an earlier one, but for a mark at its end.

        Behind such a token there may be no other choice than the mark, where a line can hold no more.
        """
        # The number of a numbered line does not make it another.
        *before, last = (NUMBER.sub("", line) for line in text.split("\n"))
        begun = " ".join(last.casefold().split()) + (" " if last[-1:].isspace() and last.strip() else "")
        rests = {line[len(begun) :] for line in map(same, before) if line.startswith(begun) and len(line) > len(begun)}
        found: list[int] = []
        for rest in rests:
            nearly = "" if rest[-1].isalnum() else rest[:-1]
            for lead in ("", " ") if begun and not begun.endswith(" ") else ("",):
                found += self.beginning(lead + rest)
                found += self.being(lead + nearly) if nearly else []
        return found
