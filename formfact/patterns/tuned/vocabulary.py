"""The texts of a tokenizer's tokens, found by how they begin."""

from __future__ import annotations

import re
from bisect import bisect_left
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

    def completing(self, text: str) -> list[int]:
        """The tokens that would make the last line of a text the same as an earlier one."""
        # The number of a numbered line does not make it another.
        *before, last = (NUMBER.sub("", line) for line in text.split("\n"))
        begun = " ".join(last.casefold().split()) + (" " if last[-1:].isspace() and last.strip() else "")
        rests = {line[len(begun) :] for line in map(same, before) if line.startswith(begun) and len(line) > len(begun)}
        found: list[int] = []
        for rest in rests:
            found += self.beginning(rest)
            found += self.beginning(f" {rest}") if not begun.endswith(" ") and begun else []
        return found
