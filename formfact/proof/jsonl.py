"""Files of JSON lines that a user brings: each line's value with its place, and errors that name the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from formfact.errors import Unreadable


def read_text(file: Path) -> str:
    """A file's text. Raises Unreadable for one that is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file} is not UTF-8", hint="save it as UTF-8") from error


def read_lines(file: Path, shape: str) -> Iterator[tuple[str, Any]]:
    """The place and value of each line that is not empty; `shape` is what one looks like. Raises Unreadable."""
    # JSON may hold U+2028, U+0085 and their like as they are: of `splitlines` they would be ends of lines.
    for number, line in enumerate(read_text(file).split("\n"), 1):
        if line.strip():
            place = f"{file.name}, line {number}"
            try:
                value = json.loads(line)
            except ValueError as error:
                raise Unreadable(f"{place}: not JSON: {error}", hint=f"it must look like {shape}") from error
            yield place, value
