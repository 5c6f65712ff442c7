"""Lines on standard output; a module of its own, because every command needs it and few need more."""

from __future__ import annotations

from collections.abc import Iterable


def put_lines(lines: Iterable[str]) -> None:
    """Print lines, without the white space that pages are filled up with."""
    for line in lines:
        print(line.rstrip())
