"""Where a command's result goes: lines on standard output, a page into a file, progress on standard error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from formfact.errors import Refused
from formfact.interfaces.lines import put_lines
from formfact.interfaces.progress import AdvanceMeter
from formfact.interfaces.terminal import Page
from formfact.types import Advance

Found = TypeVar("Found")


def put(shown: Callable[[Page, Found], Iterable[str]], found: Found) -> None:
    """Print what a person reads of a result."""
    put_lines(shown(Page(sys.stdout), found))


def write(file: str | Path, text: str) -> None:
    """Write a page or a report. Raises Refused where it cannot be."""
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}", hint="name another file") from error


@contextmanager
def advancing(arguments: argparse.Namespace) -> Iterator[Callable[[Advance], None]]:
    """What tells how far a command has come, as its options --quiet and --progress want it; cleared at the end."""
    meter = AdvanceMeter(sys.stderr, quiet=arguments.quiet, as_json=arguments.progress == "json")
    try:
        yield meter.advance
    finally:
        meter.clear()
