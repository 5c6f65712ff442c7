"""Documents over HTTP: listed, read, added by upload, taken out, copied."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from formfact.errors import NotFound
from formfact.interfaces import wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.jobs import Order
from formfact.interfaces.http.routes import Call, Json, Nothing, Route
from formfact.interfaces.http.schema import Within
from formfact.interfaces.http.uploads import receive

BINARY = "application/octet-stream"
SHOWN = {"pdf": "application/pdf"}
"""Formats that a browser may show by itself; all others could be script, and are offered as downloads."""
AT_ONCE = 1 << 16
Count = Annotated[int, Within(0, 2**53)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of the list of documents: those whose id or title contains `contains`."""

    contains: str = ""
    start: Count = 0
    limit: Annotated[int, Within(1, 10_000)] = 1000


@dataclass(frozen=True, slots=True)
class Read:
    """A document by its id, with its source where several have that id; `start` and `end` cut a part of its text."""

    document: str
    source: str = ""
    start: Count = 0
    end: Count | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A document by its id, with its source where several have that id."""

    document: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Remove:
    """What to take out: ids of documents, and files or folders as they were added."""

    what: Annotated[tuple[Annotated[str, Within(1)], ...], Within(1, 10_000)]


def documents(call: Call, asked: Listed) -> Json:
    wanted = asked.contains.casefold()
    found = call.knowledge.documents()
    if wanted:
        found = [one for one in found if wanted in one.document.casefold() or wanted in one.title.casefold()]
    return wire.documents(found[asked.start : asked.start + asked.limit], total=len(found))


def document(call: Call, asked: Read) -> Json:
    return wire.document(call.knowledge.document(asked.document, source=asked.source), asked.start, asked.end)


def original(call: Call, asked: Named) -> Response:
    found = call.knowledge.document(asked.document, source=asked.source)
    file = call.knowledge.original(asked.document, source=found.source)
    media = SHOWN.get(found.format, BINARY)
    name = quote(found.source.rpartition("/")[2], safe="")
    disposition = "attachment" if media == BINARY else "inline"
    headers = {"Content-Disposition": f"{disposition}; filename*=UTF-8''{name}"}
    return StreamingResponse(_bytes(file), media_type=media, headers=headers)


def _bytes(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(AT_ONCE):
            yield part


async def add(call: Call, asked: Nothing) -> Json:
    folder = call.desk.uploads(call.kb)
    files = (await receive(call.request, folder)).files
    place = str(call.desk.place(call.kb))
    argv = ("--kb", place, "add", *(str(file) for file in files))
    return wire.job(call.desk.jobs.start(Order("add", argv, call.kb)))


def remove(call: Call, asked: Remove) -> Json:
    before = {one.source for one in call.knowledge.documents()}
    try:
        return {"removed": sum(call.knowledge.remove(what) for what in asked.what)}
    finally:  # what was removed before a name that is refused is gone all the same
        _forget(call, before)


def _forget(call: Call, sources: set[str]) -> None:
    """Delete uploaded files of which nothing is left; files of the owner's own stay where they are."""
    folder = call.desk.uploads(call.kb)
    left = {one.source for one in call.knowledge.documents()}
    for source in sources - left:
        if Path(source).parent == folder.resolve():
            with suppress(OSError):
                Path(source).unlink()


def copy(call: Call, asked: Nothing) -> Response:
    if not call.desk.place(call.kb).is_dir():
        raise NotFound(f"there is nothing in {call.kb!r} yet", hint="add documents first")
    # A file without a name: whatever becomes of the answer, nothing of it stays on the disk.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with tempfile.TemporaryDirectory(prefix="formfact-copy-") as place:
            folder = Path(place)
            call.knowledge.copy(folder / call.kb)
            with zipfile.ZipFile(file, "w") as packed:
                for one in sorted((folder / call.kb).rglob("*")):
                    packed.write(one, one.relative_to(folder))
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    named = f"attachment; filename*=UTF-8''{quote(call.kb, safe='')}.zip"
    headers = {"Content-Disposition": named, "Content-Length": str(size)}
    return StreamingResponse(_bytes(file), media_type="application/zip", headers=headers)


ROUTES = [
    Route("GET", "/documents", documents, "the documents, by source and id", Listed, shape.DOCUMENTS),
    Route("GET", "/document", document, "one document: text, blocks, pages", Read, shape.DOCUMENT),
    Route("GET", "/document/file", original, "the file that it was read from", Named, media=BINARY),
    Route(
        "POST", "/add", add, "upload files; a job reads them", gives=shape.JOB, access="write",
        accepts="multipart/form-data", status=202, large=True,
    ),
    Route("POST", "/remove", remove, "take documents out", Remove, shape.REMOVED, access="write"),
    Route("GET", "/copy", copy, "a snapshot of the knowledge base, as a zip file", media="application/zip"),
]  # fmt: skip
