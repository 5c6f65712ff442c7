"""Files of records: JSON Lines, JSON, and comma- or tab-separated values. Each record is a document.

Which part is what: `_id` or `id` is the document's id, else the number of its row; `text` is its text, else all that
the record holds, as `name: value`; `title` is its title; what else is there becomes metadata. A row counts as an
editor shows it: blank lines and the line of names included, the first one being 1. What is wrong with a row costs
that row and no other. JSON Lines and separated values are read row by row; JSON is read whole. Captions above
the names of separated values are documents of their own.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice, pairwise
from typing import Any, BinaryIO

from formfact.errors import Unreadable
from formfact.knowledge.documents.dialect import (
    OWN,
    WIDEST_CAPTION,
    encoding_of,
    is_quoted,
    names_of,
    rows_above_names,
    separator_of,
    told_separator,
)
from formfact.knowledge.documents.flatten import as_text, flatten, is_plain
from formfact.knowledge.documents.layout import Layout, clean, name_cells
from formfact.types import Block, Document, Scalar, Skipped

LONGEST_ROW = 16 << 20
"""Bytes of a row, or characters of one of its fields."""
LARGEST_JSON = 64 << 20
QUOTE_WORDS = 80
"""Up to so many words a record without a text is one row, and can be quoted whole."""
LONG_FIELD = 40
LONG_TITLE = 160  # bytes
LONGEST_METADATA = 200
"""Characters of a field that is in the text and also kept to be filtered by."""
PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
SEPARATED_SAMPLE = 100_000
AHEAD = 30
"""Rows looked at to tell whether the first ones are captions above the names."""

_decoder = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity are no values; the rest of the row is

Row = tuple[int, Mapping[str, Any] | str]
"""A row's number, and its record or what is wrong with it."""


def read_jsonl(file: BinaryIO, name: str) -> Iterator[Document | Skipped]:
    """A document for each line of JSON Lines."""
    return _documents(_lines(file), name, "jsonl")


def read_csv(file: BinaryIO, name: str) -> Iterator[Document | Skipped]:
    """A document for each row of comma-, semicolon-, bar- or tab-separated values, in whatever encoding."""
    return _documents(_separated(file, name), name, "csv")


def read_json(file: BinaryIO, name: str) -> Iterator[Document | Skipped]:
    """A document for each object of a list; any other JSON is one document of rows `path: value`."""
    try:
        value = _parse(file)
    except Unreadable:
        if not _is_lines(file):
            raise
        return read_jsonl(file, name)
    records = _records(value)
    if records is not None:
        return _documents(enumerate(records, 1), name, "json")
    return iter([_one_document(value, name)])


def _documents(rows: Iterable[Row], name: str, form: str) -> Iterator[Document | Skipped]:
    """Documents of rows. Raises Unreadable("empty") where there is no row at all. Remembers the ids it has met."""
    seen: dict[str, int] = {}
    any_row = False
    for row, record in rows:
        any_row = True
        try:
            if isinstance(record, str):
                raise Unreadable(record)
            document = _document(record, row, form)
            first = seen.setdefault(document.id, row)
            if first != row:
                raise Unreadable(f"duplicate id {document.id!r} (first at row {first})")
        except (Unreadable, RecursionError) as error:
            reason = error.reason if isinstance(error, Unreadable) else "nested too deeply"
            yield Skipped(f"{name}:{row}", reason)
        else:
            yield document
    if not any_row:
        raise Unreadable("empty")


def _document(record: Mapping[str, Any], row: int, form: str) -> Document:
    key = "_id" if record.get("_id") not in (None, "") else "id"
    title = record.get("title")
    text = record.get("text")
    if isinstance(text, str):
        rest = {name: value for name, value in record.items() if name not in (key, "title", "text")}
        text = clean(text)
        if isinstance(title, str) and _is_text(title, text):
            text = f"{clean(title)}\n\n{text}" if text.strip() else clean(title)
        blocks = _paragraphs(text)
        metadata = _metadata(rest, LONGEST_ROW)
    else:
        text, blocks = _fields(record)
        metadata = _metadata(
            {name: value for name, value in record.items() if name not in (key, "title")}, LONGEST_METADATA
        )
    if not blocks:
        raise Unreadable("empty")
    return Document(
        id=_id(record.get(key), row),
        source="",
        text=text,
        title=" ".join(clean(title).split()) if isinstance(title, str) else "",
        format=form,
        blocks=blocks,
        metadata=metadata,
    )


def _is_text(title: str, text: str) -> bool:
    """Of many a work no more than its title is known, and it is to be found by that; a long one fits no context."""
    return not text.strip() or len(title.encode("utf-8", "replace")) > LONG_TITLE


def _id(value: Any, row: int) -> str:
    if isinstance(value, dict | list):
        raise Unreadable("its id is neither text nor a number")
    return " ".join(clean(as_text(value)).split()) or str(row)


def _paragraphs(text: str) -> tuple[Block, ...]:
    """The paragraphs of running text: what stands between blank lines."""
    blocks = []
    start = 0
    for end, after in chain(((gap.start(), gap.end()) for gap in PARAGRAPH_BREAK.finditer(text)), [(len(text), 0)]):
        part = text[start:end]
        inner = part.strip()
        if inner:
            first = start + len(part) - len(part.lstrip())
            blocks.append(Block("paragraph", first, first + len(inner)))
        start = after
    return tuple(blocks)


def _fields(record: Mapping[str, Any]) -> tuple[str, tuple[Block, ...]]:
    """All that a record holds: one row while it can be quoted whole, else long fields apart as paragraphs."""
    fields = [(clean(path), clean(text)) for path, text in flatten(record)]
    words = [len(text.split()) for _, text in fields]
    row = name_cells([path for path, _ in fields], [text for _, text in fields])
    if sum(words) <= QUOTE_WORDS:
        return row, (Block("row", 0, len(row)),) if row else ()
    layout = Layout()
    short = [field for field, count in zip(fields, words, strict=True) if count <= LONG_FIELD]
    for start in range(0, len(short), 8):
        part = short[start : start + 8]
        layout.row(name_cells([path for path, _ in part], [text for _, text in part]))
    for (path, text), count in zip(fields, words, strict=True):
        if count > LONG_FIELD:
            layout.paragraph(f"{path}: {text}")
    document = layout.document("", "")
    return document.text, document.blocks


def _metadata(fields: Mapping[str, Any], longest: int) -> dict[str, Scalar]:
    """Fields to filter by: scalars as they are, anything deeper as compact JSON, nothing for null and for nothing."""
    metadata: dict[str, Scalar] = {}
    for name, value in fields.items():
        if isinstance(value, str):
            value = clean(value)
        elif isinstance(value, dict | list):
            value = clean(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) if value else ""
        elif value is None or (isinstance(value, float) and not math.isfinite(value)):
            continue
        if value != "" and (not isinstance(value, str) or len(value) <= longest):
            metadata[clean(name)] = value
    return metadata


def _lines(file: BinaryIO) -> Iterator[Row]:
    """The records of JSON Lines, blank lines passed over."""
    start = file.read(3)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("not UTF-8")
    file.seek(3 if start == b"\xef\xbb\xbf" else 0)
    row = 0
    while line := file.readline(LONGEST_ROW + 1):
        row += 1
        if len(line) > LONGEST_ROW:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_ROW)
            yield row, f"longer than {LONGEST_ROW >> 20} MB"
        elif not line.isspace():
            yield row, _record(line)


def _record(line: bytes) -> Mapping[str, Any] | str:
    try:
        record = _decoder.decode(line.strip().decode("utf-8"))
    except UnicodeDecodeError:
        return "not UTF-8"
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} (character {error.pos + 1})"
    except RecursionError:
        return "nested too deeply"
    except ValueError as error:
        return f"not JSON: {error}"
    return record if isinstance(record, dict) else "not an object"


def _separated(file: BinaryIO, name: str) -> Iterator[Row]:
    """The records of separated values, blank rows passed over."""
    # The module's own limit of 128 KB a field is the process's: it is only ever raised, never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_ROW))
    text = io.TextIOWrapper(file, encoding_of(file), "replace", newline="")
    try:
        sample = text.read(SEPARATED_SAMPLE)
        text.seek(0)
        told = told_separator(sample)
        if told:
            text.readline()
        separator = told or ("\t" if name.lower().endswith(".tsv") else separator_of(sample))
        quoted = is_quoted(sample, separator)
        yield from _named(_csv_rows(text, separator, before=1 if told else 0, quoted=quoted))
    finally:
        text.detach()  # else the wrapper would close the caller's file


def _csv_rows(
    text: Iterable[str], separator: str, *, before: int = 0, quoted: bool = True
) -> Iterator[tuple[int, list[str] | str]]:
    """The rows that hold anything, or what is wrong with them; `before` were read already."""
    reader = csv.reader(text, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    row = before
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield row, f"not separated values: {error}"
        else:
            if any(cell.strip() for cell in cells):
                yield row, cells


def _named(rows: Iterator[tuple[int, list[str] | str]]) -> Iterator[Row]:
    """Rows as records, named by the first below captions or, where that holds values, column1, column2 and so on."""
    names: list[str] | None = None
    above, rows = _above_names(rows)
    for row, told in above:
        # Its number alone might be the id of a record below.
        yield row, {"_id": f"caption{row}", "text": ": ".join(cell.strip() for cell in told if cell.strip())}
    for (row, cells), below in _with_next(rows):
        if isinstance(cells, str):
            yield row, cells
            continue
        if names is None:
            names = names_of([clean(cell) for cell in cells], below)
            if names is not None:
                names = [name.lower() if name.lower() in OWN else name for name in names]
                continue
            names = []
        extra = [f"column{at}" for at in range(len(names) + 1, len(cells) + 1)]
        yield row, dict(zip(names + extra, cells, strict=False))


def _above_names(
    rows: Iterator[tuple[int, list[str] | str]],
) -> tuple[list[tuple[int, list[str]]], Iterator[tuple[int, list[str] | str]]]:
    """The captions above the names, none in an ordinary file; and the other rows."""
    first = list(islice(rows, 1))
    if any(sum(bool(cell.strip()) for cell in cells) > WIDEST_CAPTION for _, cells in first):
        return [], chain(first, rows)
    first += islice(rows, AHEAD)
    sound = [(row, cells) for row, cells in first if isinstance(cells, list)]
    above = rows_above_names(sound) if len(sound) == len(first) else 0
    return sound[:above], chain(first[above:], rows)


def _with_next(
    rows: Iterator[tuple[int, list[str] | str]],
) -> Iterator[tuple[tuple[int, list[str] | str], list[str]]]:
    """Each row with the cells of the next one; none behind the last, and where something is wrong with the next."""
    for one, after in pairwise(chain(rows, [(0, "")])):
        yield one, after[1] if isinstance(after[1], list) else []


def _parse(file: BinaryIO) -> Any:
    raw = file.read(LARGEST_JSON + 1)
    if len(raw) > LARGEST_JSON:
        raise Unreadable(f"larger than the limit (at most {LARGEST_JSON >> 20} MB)")
    if not raw.strip():
        raise Unreadable("empty")
    try:
        return _decoder.decode(raw.decode(json.detect_encoding(raw)).strip("\ufeff"))
    except UnicodeDecodeError as error:
        raise Unreadable("damaged: not UTF-8") from error
    except RecursionError as error:
        raise Unreadable("damaged: nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"damaged: not JSON (line {error.lineno})") from error
    except ValueError as error:
        raise Unreadable(f"damaged: {error}") from error


def _is_lines(file: BinaryIO) -> bool:
    """Whether a file that is not JSON begins with two lines that are an object each, as some programs write JSON."""
    file.seek(0)
    first = list(islice(_lines(file), 2))
    file.seek(0)
    return len(first) == 2 and not any(isinstance(record, str) for _, record in first)


def _records(value: Any) -> list[Mapping[str, Any]] | None:
    """The records that a value is made of: a list of objects, alone or under one name with little beside it."""
    if _is_records(value):
        return list(value)
    if not isinstance(value, dict):
        return None
    lists = [inner for inner in value.values() if _is_records(inner)]
    beside = {name: inner for name, inner in value.items() if not _is_records(inner)}
    if len(lists) != 1 or not all(map(is_plain, beside.values())) or len(lists[0]) <= len(beside):
        return None
    shared = {name: inner for name, inner in beside.items() if name not in OWN}
    return [{**shared, **record} for record in lists[0]]


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(inner, dict) for inner in value)


def _one_document(value: Any, name: str) -> Document:
    """The document of JSON that holds no records."""
    layout = Layout()
    for path, text in flatten(value):
        layout.row(f"{path}: {text}" if path else text)
    title = value.get("title") if isinstance(value, dict) else None
    return layout.document(name, "json", title=title if isinstance(title, str) else "")
