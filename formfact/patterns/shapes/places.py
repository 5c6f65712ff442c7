"""Lines and columns -> offsets in a text."""

from __future__ import annotations

import re

BREAK = re.compile(r"\r\n|\r|\n")


class Places:
    """The beginnings of a text's lines, found once; a line ends as parsers of code and markup end it."""

    def __init__(self, text: str) -> None:
        breaks = [found.span() for found in BREAK.finditer(text)]
        self._starts = [0, *(end for _, end in breaks)]
        self._ends = [*(start for start, _ in breaks), len(text)]
        self._length = len(text)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line from 1 and a column from 1; the text's length for what lies beyond it."""
        if line > len(self._starts):
            return self._length
        return min(self._starts[max(line, 1) - 1] + max(column - 1, 0), self._length)

    def end(self, line: int) -> int:
        """Where a line from 1 ends, without what breaks it."""
        return self._ends[min(max(line, 1), len(self._ends)) - 1]
