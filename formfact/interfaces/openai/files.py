"""/v1/files: training files, kept in the server's own folder under names of its own making."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from starlette.responses import FileResponse, Response

from formfact.interfaces.http.routes import Call, Json, Nothing
from formfact.interfaces.http.schema import Within
from formfact.interfaces.http.uploads import receive
from formfact.interfaces.openai.pages import Paged, new_id, page
from formfact.interfaces.openai.refusals import BadRequest, NotThere, check_unlimited

TRAINING, RESULTS = "fine-tune", "fine-tune-results"
META = "file.json"

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
FILE = {
    "type": "object",
    "properties": {"id": TEXT, "object": TEXT, "bytes": WHOLE, "created_at": WHOLE, "filename": TEXT, "purpose": TEXT},
    "required": ["id", "object", "bytes", "created_at", "filename", "purpose"],
}
DELETED = {"type": "object", "properties": {"id": TEXT, "deleted": {"type": "boolean"}}, "required": ["id", "deleted"]}


@dataclass(frozen=True, slots=True)
class Files(Paged):
    """The files, of one purpose where it is named, page by page, the newest first."""

    limit: Annotated[int, Within(1, 10_000)] = 10_000
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file by its id."""

    file_id: str


class Shelf:
    """Files in a folder, each in one of its own with what is known of it. Ids are looked up, never joined to a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Json]:
        """What is known of each, the oldest first."""
        found = []
        for one in self._folder.glob(f"*/{META}"):
            with suppress(FileNotFoundError):  # it was deleted meanwhile
                found.append(json.loads(one.read_text("utf-8")))
        return sorted(found, key=lambda one: (one["created_at"], one["id"]))

    def get(self, name: str) -> Json:
        """What is known of one. Raises NotThere."""
        for one in self.all():
            if one["id"] == name:
                return dict(one)
        raise NotThere(f"there is no file {name!r}", hint="GET /v1/files lists them", param="file_id")

    def path(self, name: str) -> Path:
        """Where its bytes are. Raises NotThere."""
        return self.folder(name) / str(self.get(name)["filename"])

    def folder(self, name: str) -> Path:
        """The folder that it lies in. Raises NotThere."""
        return self._folder / str(self.get(name)["id"]) / "content"

    def place(self) -> Path:
        """A folder for a new one, which is no file before `keep`."""
        return self._folder / new_id("file")

    def keep(self, file: Path, purpose: str) -> Json:
        """Make a file of what lies in a `place`, in its folder `content`."""
        home = file.parent.parent
        meta = {
            "id": home.name, "object": "file", "bytes": file.stat().st_size, "created_at": int(time.time()),
            "filename": file.name, "purpose": purpose, "status": "processed", "expires_at": None,
        }  # fmt: skip
        draft = home / f"{META}.part"
        draft.write_text(json.dumps(meta), encoding="utf-8")
        draft.replace(home / META)
        return meta

    def write(self, name: str, content: str, purpose: str) -> Json:
        """Keep a text of the server's own."""
        file = self.place() / "content" / name
        file.parent.mkdir(parents=True)
        file.write_text(content, encoding="utf-8")
        return self.keep(file, purpose)

    def delete(self, name: str) -> None:
        """Raises NotThere."""
        home = self.path(name).parent.parent
        (home / META).unlink(missing_ok=True)  # from here on it is no file
        shutil.rmtree(home, ignore_errors=True)


def shelf_of(call: Call) -> Shelf:
    """The files of a server, for those who may. Raises Forbidden."""
    check_unlimited(call)
    return Shelf(call.desk.home / "files")


async def upload(call: Call, asked: Nothing) -> Json:
    shelf = shelf_of(call)
    place = shelf.place()
    try:
        got = await receive(call.request, place / "content")
        _check(got.fields, got.files)
        return await to_thread.run_sync(shelf.keep, got.files[0], TRAINING)
    except BaseException:
        await to_thread.run_sync(lambda: shutil.rmtree(place, ignore_errors=True))
        raise


def _check(fields: Mapping[str, str], files: list[Path]) -> None:
    purpose = fields.get("purpose")
    if purpose != TRAINING:
        raise BadRequest(
            f"purpose is {purpose!r}",
            hint=f"files are kept for {TRAINING!r}; documents are added with POST /add",
            param="purpose",
        )
    if len(files) != 1:
        raise BadRequest(f"the form holds {len(files)} files", hint="send one", param="file")


def files(call: Call, asked: Files) -> Json:
    every = [one for one in shelf_of(call).all() if asked.purpose in ("", one["purpose"])]
    return page(every, asked, newest_first=True)


def file(call: Call, asked: File) -> Json:
    return shelf_of(call).get(asked.file_id)


def content(call: Call, asked: File) -> Response:
    return FileResponse(shelf_of(call).path(asked.file_id), media_type="application/octet-stream")
