"""Training files in the formats that people have -> rows of messages, and back to chat JSONL without loss."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused
from formfact.patterns.rows.content import decode, read_table
from formfact.patterns.rows.forms import FORMS, Malformed, Record, messages_of
from formfact.patterns.rows.retold import retold
from formfact.types import Problem, Row

__all__ = ["FORMS", "Reading", "read_rows", "to_chat", "write_chat"]

KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")


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
    text = decode(file, content)
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, record in _records(file, text):
        try:
            rows.append(_row(number, record))
        except Malformed as wrong:
            problems.append(Problem("malformed", str(wrong), row=number))
    if not rows and not problems:
        raise Refused(f"{file} holds no rows", hint="give a training file with one row a line")
    return Reading(tuple(rows), tuple(problems), hashlib.sha256(content).hexdigest())


def _row(number: int, record: Record | Malformed) -> Row:
    if isinstance(record, Malformed):
        raise record
    return Row(number, messages_of(record), record)


def _records(file: Path, text: str) -> Iterator[tuple[int, Record | Malformed]]:
    """Each row's number and record, or why it is none."""
    if file.suffix.lower() in (".csv", ".tsv"):
        yield from read_table(text, tabs=file.suffix.lower() == ".tsv")
    elif (listed := _listed(file, text)) is not None:
        for number, record in enumerate(listed, 1):
            yield number, record if isinstance(record, dict) else Malformed("it is no JSON object")
    else:
        # Only a line feed ends a line: JSON texts may hold the other separators that Python knows.
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, _object(line)


def _listed(file: Path, text: str) -> list[Any] | None:
    """The records of a file that is one JSON text: a list, or an object that holds one. None where lines are rows."""
    if file.suffix.lower() != ".json" and not text.lstrip().startswith("["):
        return None
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _object(text.lstrip().partition("\n")[0].strip("\r")).__class__ is not Malformed:
            return None
        raise Refused(f"{file} is no JSON: {error}", hint="repair it, or write one object a line") from error
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        return lists[0] if len(lists) == 1 and "messages" not in whole and "conversations" not in whole else [whole]
    return whole if isinstance(whole, list) else [whole]


def _object(line: str) -> Record | Malformed:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Malformed(f"the line is no JSON: {error}")
    return record if isinstance(record, dict) else Malformed("the line is no JSON object")


def to_chat(row: Row) -> dict[str, Any]:
    """A row as OpenAI chat JSON. One that was read from chat comes back as it was, all other keys included."""
    record = dict(row.extra)
    given = record.get("messages")
    if isinstance(given, list):
        former = messages_of(record)
        if former == row.messages:
            return record
        # What was changed are texts: names, weights, images and calls of tools stay with their messages.
        if (made := retold(given, former, row.messages)) is not None:
            return record | {"messages": made}
    form = next((form for form in FORMS if form.fits(record)), None)
    rest = {key: value for key, value in record.items() if not form or key not in form.keys}
    return {"messages": [{"role": one.role, "content": one.content} for one in row.messages], **rest}


def write_chat(rows: Sequence[Row], file: Path) -> None:
    """Write rows as OpenAI chat JSONL. Raises Refused."""
    try:
        file.write_bytes(b"".join(map(_line, rows)))
    except OSError as error:
        hint = "name a file in a folder that exists and may be written to"
        raise Refused(f"{file} cannot be written: {error.strerror}", hint=hint) from error


def _line(row: Row) -> bytes:
    record = to_chat(row)
    try:
        return f"{json.dumps(record, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:  # half of a surrogate pair can only be written as its escape
        return f"{json.dumps(record)}\n".encode()
