"""Uploaded files -> files on disk, as they arrive, under names of our own making.

A client's file name is data: of it is kept what a file name may safely be, without any folder. The parts are written to
a hidden folder beside the others, and take their names when all of them are whole.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from formfact.errors import DiskFull, Refused

INCOMING = ".incoming"
MOST = 10_000
"""Files in one upload."""
MOST_FIELDS, LONGEST_FIELD = 50, 1000
"""Of the fields that are no files; what is beyond is left out."""
LONGEST = 150
"""Bytes of a name; file systems take 255."""
ENDING = 20
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>:\"|?*/\\\\]")
NO_FORM = "send multipart/form-data with one part for each file, as browsers and curl -F do"


def safe_name(given: str) -> str:
    """A file name without folders, control characters, leading dots and whatever some system forbids."""
    last = given.replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = unicodedata.normalize("NFC", last.encode("utf-8", "replace").decode())
    text = "".join(c if c.isprintable() else "_" for c in FORBIDDEN.sub("_", text)).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending.encode()) > ENDING:
        stem, dot, ending = text, "", ""
    kept = stem.encode()[: LONGEST - len(ending.encode())].decode("utf-8", "ignore").strip(". ")
    return f"{kept or 'document'}{dot}{ending}"


@dataclass(frozen=True, slots=True)
class Received:
    """What came with a form: where its files are, and its other fields as text."""

    files: list[Path]
    fields: Mapping[str, str]


async def receive(request: Request, folder: Path) -> Received:
    """Write the files of a form to a folder. Raises Refused, DiskFull.

    A name that is there already is replaced; one that comes twice in the same form is numbered.
    """
    incoming = folder / INCOMING / secrets.token_hex(8)
    with _disk(folder):
        await to_thread.run_sync(lambda: incoming.mkdir(parents=True))
    try:
        form = await _parts(request, incoming)
        if not form.names:
            raise Refused("the form holds no file", hint=NO_FORM)
        with _disk(folder):
            return Received(await to_thread.run_sync(_settle, incoming, folder, form.names), form.fields())
    finally:
        await to_thread.run_sync(lambda: shutil.rmtree(incoming, ignore_errors=True))


async def _parts(request: Request, incoming: Path) -> _Form:
    """The form, its files written to numbered ones."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise Refused("the request is no form with files", hint=NO_FORM)
    form = _Form(incoming)
    try:
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]
        async for chunk in request.stream():
            parser.write(chunk)
            with _disk(incoming):
                await to_thread.run_sync(form.write)
        parser.finalize()
    except FormParserError as error:
        raise Refused("the form is malformed", hint=NO_FORM) from error
    finally:
        form.close()
    if not form.complete:
        raise Refused("the form ends before its last boundary", hint=NO_FORM)
    return form


class _Form:
    """What the parser calls: names are noted and bytes gathered; `write` brings those to disk, out of the loop."""

    def __init__(self, incoming: Path) -> None:
        self._incoming = incoming
        self._name = self._value = b""
        self._disposition = b""
        self._pending: list[tuple[int, bytes]] = []
        self._file: BinaryIO | None = None
        self._open = -1
        self._current = -1
        self._field_name = ""
        self._fields: dict[str, bytes] = {}
        self.names: list[str] = []
        self.complete = False

    def fields(self) -> dict[str, str]:
        return {name: value.decode("utf-8", "replace") for name, value in self._fields.items()}

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._more,
            "on_header_end": self._header,
            "on_headers_finished": self._headers,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._disposition, self._current, self._field_name = b"", -1, ""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _headers(self) -> None:
        options = parse_options_header(self._disposition)[1]
        given = options.get(b"filename")
        if given is None:
            self._field_name = options.get(b"name", b"").decode("utf-8", "replace")[:LONGEST]
            return
        if len(self.names) >= MOST:
            raise Refused(f"the form holds more than {MOST:,} files", hint="send them in several")
        self._current = len(self.names)
        self.names.append(given.decode("utf-8", "replace"))
        self._pending.append((self._current, b""))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._current >= 0:
            self._pending.append((self._current, data[start:end]))
        elif self._field_name and len(self._fields) < MOST_FIELDS:
            value = self._fields.get(self._field_name, b"") + data[start:end]
            self._fields[self._field_name] = value[:LONGEST_FIELD]

    def _end(self) -> None:
        self.complete = True

    def write(self) -> None:
        for number, data in self._pending:
            if number != self._open:
                self.close()
                self._file = (self._incoming / str(number)).open("xb")
                self._open = number
            assert self._file is not None
            self._file.write(data)
        self._pending.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _settle(incoming: Path, folder: Path, given: list[str]) -> list[Path]:
    """Give the whole files their names."""
    taken: set[str] = set()
    for number, name in enumerate(given):
        wanted = safe_name(name)
        stem, dot, ending = wanted.rpartition(".") if "." in wanted else (wanted, "", "")
        turn = 1
        while wanted.casefold() in taken:
            turn += 1
            wanted = f"{stem} ({turn}){dot}{ending}"
        taken.add(wanted.casefold())
        os.replace(incoming / str(number), folder / wanted)  # noqa: PTH105
        given[number] = wanted
    return [folder / name for name in given]


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("there is no space left for the upload", hint="make room and send it again") from error
        raise Refused(
            f"the upload cannot be kept: {(error.strerror or str(error)).lower()}",
            hint=f"the server has to be able to write to {place.name}",
        ) from error
