"""A training file's bytes -> text, and a table's text -> records."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import count
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
    """Each record's number from 1, and the record or why it is none; semicolons too may separate. Raises Refused."""
    csv.field_size_limit(FIELD)
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=_delimiter(text, tabs), strict=True)
    try:
        names = [_named(name.strip()) for name in next(reader, [])]
    except csv.Error as error:
        raise Refused(f"line 1, the names of the columns, is no CSV: {error}", hint="repair it") from error
    for number in count(1):
        start = reader.line_num
        try:
            values = next(reader, None)
        except csv.Error as error:  # the reader goes on with the next line
            _check_torn(lines, start, reader.line_num)
            yield number, Malformed(f"the record is no CSV: {error}")
            continue
        if values is None:
            return
        if values:
            yield number, _record(names, values)


def _record(names: Sequence[str], values: Sequence[str]) -> Record | Malformed:
    if len(values) != len(names):
        return Malformed(f"{len(values)} fields under {len(names)} columns")
    return dict(zip(names, values, strict=True))


def _check_torn(lines: Sequence[str], start: int, stop: int) -> None:
    """Refuse a record that is no CSV where it may go on behind its first line: what follows could be read wrongly.

    It ends with its line where the quotes come in pairs in that line, or in all that follows.
    """
    over = any(line.strip() for line in lines[start + 1 : stop])
    if over or (lines[start].count('"') % 2 and sum(line.count('"') for line in lines[start + 1 :]) % 2):
        raise Refused(
            f"where the record on line {start + 1} ends cannot be told: its quotes do not come in pairs",
            hint="close its quotes, and write each quote within a quoted field twice",
        )


def _delimiter(text: str, tabs: bool) -> str:
    first = text.partition("\n")[0]
    if tabs:
        return "\t"
    return ";" if ";" in first and "," not in first else ","


def _named(column: str) -> str:
    """A column that is one of ours but for its capitals, as we call it."""
    return column.lower() if column.lower() in KEYS else column
