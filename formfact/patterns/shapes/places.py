"""Lines and columns -> offsets in a text."""

from __future__ import annotations

import re

BREAK = re.compile(r"\r\n|\r|\n")


class Places:
    """The beginnings of a text's lines, found once; a line ends as parsers of code and markup end it."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in BREAK.finditer(text))]
        self._length = len(text)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line from 1 and a column from 1, never beyond the text."""
        start = self._starts[min(max(line, 1), len(self._starts)) - 1]
        return min(start + max(column - 1, 0), self._length)
