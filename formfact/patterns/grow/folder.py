"""A tree of texts in a folder: a Markdown file a text, and a manifest of what each was written from.

A text is written anew when what goes into it has changed, as a build does. A file that a person has put there or
changed is theirs: it is taken as it is and never written over.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused
from formfact.types import Writing

MANIFEST = "manifest.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What the manifest says of a file: digests of what it was written from and of what was written."""

    source: str
    text: str
    tokens: int
    seconds: float


class Folder:
    """The folder of one tree. `start` is the text that it grows from."""

    def __init__(self, path: Path, pattern: str, start: str) -> None:
        """Open or make it; an empty `start` goes on with the one that it holds. Raises NotFound, Refused."""
        self.path = path
        held = self._read()
        if held and held["pattern"] != pattern:
            raise Refused(f"{path} holds a tree of {held['pattern']}, not of {pattern}", hint="name another folder")
        if held and start and held["start"] != start:
            shown = " ".join(held["start"].split())[:60]
            raise Refused(f"{path} holds a tree of another text: {shown!r}", hint="name another folder")
        self.start = start or (held["start"] if held else "")
        if not self.start:
            raise NotFound(f"there is nothing to grow from, and no tree in {path}", hint="give a text to begin with")
        self._pattern = pattern
        self._nodes = {name: Kept(**one) for name, one in held["nodes"].items()} if held else {}

    def text(self, name: str, source: str) -> str | None:
        """The text of a file, None where it is to be written: it is not there, or was written from something else."""
        file = self.path / name
        if not file.is_file():
            return None
        text = file.read_text("utf-8").removesuffix("\n")
        kept = self._nodes.get(name)
        if kept and kept.text == digest(text) and kept.source != digest(source):
            return None
        return text

    def kept(self, name: str) -> Kept | None:
        """What writing the file took; None where a person wrote it."""
        return self._nodes.get(name)

    def keep(self, written: Sequence[tuple[str, str, Writing]]) -> None:
        """Put texts into their files: name, what it was written from, what was written. The manifest comes last."""
        for name, source, writing in written:
            self.put(name, writing.text)
            self._nodes[name] = Kept(digest(source), digest(writing.text), writing.tokens, writing.seconds)
        nodes = {name: asdict(one) for name, one in sorted(self._nodes.items())}
        held = {"version": VERSION, "pattern": self._pattern, "start": self.start, "nodes": nodes}
        self._replace(self.path / MANIFEST, json.dumps(held, ensure_ascii=False, indent=1))

    def put(self, name: str, text: str) -> Path:
        """Write a file of the folder; returns where it is."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        self._replace(file, text)
        return file

    @staticmethod
    def _replace(file: Path, text: str) -> None:
        draft = file.with_name(f".{file.name}.new")
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(file)

    def _read(self) -> Any:
        file = self.path / MANIFEST
        if not file.is_file():
            return None
        try:
            held = json.loads(file.read_text("utf-8"))
            if held["version"] != VERSION:
                raise ValueError(f"version {held['version']}")
            held["pattern"], held["start"], held["nodes"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise Refused(f"{file} is no manifest of a tree: {error}", hint="name another folder") from error
        return held


def digest(text: str) -> str:
    """A short name for a text."""
    return sha256(text.encode()).hexdigest()[:24]
