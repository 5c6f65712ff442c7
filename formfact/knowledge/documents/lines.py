"""Line numbers -> exact offsets, for readers whose text stays as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from formfact.types import Block, BlockKind


class Lines:
    """The lines of a text from an offset on, counted from 0."""

    def __init__(self, text: str, begin: int = 0) -> None:
        self._text = text
        parts = text[begin:].split("\n")
        self._starts = list(accumulate((len(part) + 1 for part in parts), initial=begin))
        self._last = begin

    def block(self, kind: BlockKind, first: int, end: int, *, level: int = 0) -> Iterator[Block]:
        """The block of lines `first` to before `end`, without white space around it; none where it is blank.

        Blocks are to be asked for in order; one that would reach into its forerunner begins where that ends.
        """
        start = max(self._starts[first], self._last)
        stop = min(self._starts[min(end, len(self._starts) - 1)], len(self._text))
        found = self._text[start:stop]
        stripped = found.strip()
        if not stripped:
            return
        start += len(found) - len(found.lstrip())
        self._last = start + len(stripped)
        yield Block(kind, start, self._last, level)
