"""Training files in the formats that people have -> rows of messages, and back to chat JSONL without loss."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused
from formfact.patterns.rows.forms import FORMS, Malformed, Record, messages_of
from formfact.types import Message, Problem, Row

__all__ = ["FORMS", "Reading", "read_rows", "to_chat", "write_chat"]

KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
FIELD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's rows, and what could not be read as one; `sha256` is of the file's bytes."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    sha256: str


def read_rows(file: Path) -> Reading:
    """Read a training file: JSONL, a JSON list, CSV or TSV, in any of FORMS. Raises NotFound, Refused."""
    if not file.is_file():
        raise NotFound(f"{file} is no file", hint=f"give a training file: {', '.join(KINDS)}")
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(f"{file} is not UTF-8 (line {line})", hint="save it as UTF-8") from error
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, record in _records(file, text):
        try:
            rows.append(_row(number, record))
        except Malformed as wrong:
            problems.append(Problem("malformed", str(wrong), row=number))
    return Reading(tuple(rows), tuple(problems), hashlib.sha256(content).hexdigest())


def _row(number: int, record: Record | Malformed) -> Row:
    if isinstance(record, Malformed):
        raise record
    return Row(number, messages_of(record), record)


def _records(file: Path, text: str) -> Iterator[tuple[int, Record | Malformed]]:
    """Each row's number and record, or why it is none."""
    if file.suffix.lower() in (".csv", ".tsv"):
        yield from _table(text, "\t" if file.suffix.lower() == ".tsv" else ",")
    elif file.suffix.lower() == ".json" and text.lstrip().startswith("["):
        try:
            listed = json.loads(text)
        except ValueError as error:
            raise Refused(f"{file} is no JSON: {error}", hint="repair it, or write one object a line") from error
        for number, record in enumerate(listed, 1):
            yield number, record if isinstance(record, dict) else Malformed("it is no JSON object")
    else:
        # Only a line feed ends a line: JSON texts may hold the other separators that Python knows.
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, _object(line)


def _object(line: str) -> Record | Malformed:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Malformed(f"the line is no JSON: {error}")
    return record if isinstance(record, dict) else Malformed("the line is no JSON object")


def _table(text: str, delimiter: str) -> Iterator[tuple[int, Record | Malformed]]:
    csv.field_size_limit(FIELD)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    number = 0
    try:
        names = [name.strip() for name in next(reader, [])]
        for number, values in enumerate(reader, 1):
            if not values:
                continue
            if len(values) != len(names):
                yield number, Malformed(f"{len(values)} fields under {len(names)} columns")
            else:
                yield number, dict(zip(names, values, strict=True))
    except csv.Error as error:
        yield number + 1, Malformed(f"the record is no CSV: {error}")


def to_chat(row: Row) -> dict[str, Any]:
    """A row as OpenAI chat JSON. One that was read from chat comes back as it was, all other keys included."""
    record = dict(row.extra)
    given = record.get("messages")
    if isinstance(given, list) and messages_of(record) == row.messages:
        return record
    form = next((form for form in FORMS if form.fits(record)), None)
    rest = {key: value for key, value in record.items() if not form or key not in form.keys}
    return {"messages": [{"role": one.role, "content": one.content} for one in row.messages], **rest}


def write_chat(rows: Sequence[Row], file: Path) -> None:
    """Write rows as OpenAI chat JSONL."""
    lines = [json.dumps(to_chat(row), ensure_ascii=False) + "\n" for row in rows]
    file.write_text("".join(lines), encoding="utf-8")


def chat_row(number: int, prompt: str, completion: str, system: str = "") -> Row:
    """A row made of its parts."""
    first = (Message("system", system),) if system else ()
    return Row(number, (*first, Message("user", prompt), Message("assistant", completion)))
