"""A training file's bytes -> text, and a table's text -> records."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from formfact.errors import Refused
from formfact.patterns.rows.forms import KEYS, Malformed, Record

FIELD = 2**31 - 1
"""Characters that one field of a table may have."""
WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
"""How files begin that were saved in two bytes a character."""
PACKED = {b"PK\x03\x04": "a zip file (or an Office document)", b"\x1f\x8b": "a gzip file", b"PAR1": "a Parquet file"}


def decode(file: Path, content: bytes) -> str:
    """The text of a file in UTF-8. Raises Refused, saying what else it is, or on which line it is none."""
    for start, kind in PACKED.items():
        if content.startswith(start):
            raise Refused(f"{file} is {kind}", hint="unpack it, or save it as JSONL or CSV")
    if content[:2] in WIDE:
        raise Refused(f"{file} is {WIDE[content[:2]]}", hint="save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(f"{file} is not UTF-8 (line {line})", hint="save it as UTF-8") from error


def read_table(text: str, *, tabs: bool = False) -> Iterator[tuple[int, Record | Malformed]]:
    """Each record's number from 1, and the record or why it is none; semicolons too may separate."""
    csv.field_size_limit(FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, tabs), strict=True)
    number = 0
    try:
        names = [_named(name.strip()) for name in next(reader, [])]
        for number, values in enumerate(reader, 1):
            if not values:
                continue
            if len(values) != len(names):
                yield number, Malformed(f"{len(values)} fields under {len(names)} columns")
            else:
                yield number, dict(zip(names, values, strict=True))
    except csv.Error as error:
        yield number + 1, Malformed(f"the record is no CSV: {error}")


def _delimiter(text: str, tabs: bool) -> str:
    first = text.partition("\n")[0]
    if tabs:
        return "\t"
    return ";" if ";" in first and "," not in first else ","


def _named(column: str) -> str:
    """A column that is one of ours but for its capitals, as we call it."""
    return column.lower() if column.lower() in KEYS else column
