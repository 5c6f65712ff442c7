"""A path the user names -> the files below it, each once, and what was passed over with its reason."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from formfact.errors import NotFound, Refused
from formfact.types import Skipped

READING = 1
"""Raised when readers or passages change: every file is then read again, and equal passages keep their vectors."""
GENERATED = {"__pycache__", "node_modules", "site-packages"}


@dataclass(frozen=True, slots=True)
class File:
    """A regular file. `address` is its resolved path, `path` leads there from `root` (both posix)."""

    address: str
    root: str
    path: str
    size: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A folder or file that could not be looked into: nothing below its address may be called vanished."""

    address: str
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry of a folder: `shown` leads to it from the root, `target` is its path without links."""

    shown: str
    target: Path
    is_folder: bool


def check_path(path: str | Path) -> Path:
    """The path made absolute, or NotFound where there is nothing: a missing root removes nothing."""
    if not str(path).strip():
        raise Refused("the path is empty", hint="name a file or a folder; . is the one you are in")
    try:
        found = Path(path).expanduser().resolve(strict=True)
    except FileNotFoundError as error:
        raise NotFound(
            f"there is nothing at {path}", hint="check the path; to take documents out: formfact remove PATH"
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise Refused(f"{path!r} cannot be opened: {error}", hint="check the path and its permissions") from error
    if not _is_text(found.as_posix()):
        raise Refused(f"{path!r} has a name that is not valid text", hint="rename it, or the folder that it is in")
    return found


def walk(root: Path, *, leave_out: Iterable[Path] = ()) -> Iterator[File | Unseen | Skipped]:
    """All files at or below a resolved path in a stable order; `leave_out` names folders to pass over.

    Links are followed inside the root and no further; a folder is entered once, however many links lead to it.
    Hidden and generated folders are passed over and said so. Raises Refused for a root that may not be read, or
    that lies in what is left out.
    """
    left_out = [path.resolve() for path in leave_out]
    if _is_in(root, left_out):
        raise Refused(f"{root} is the knowledge base itself", hint="name the folder that holds your documents")
    if not root.is_dir():
        yield _file(_Place(root.name, root, False), root.parent)
        return
    if not os.access(root, os.R_OK | os.X_OK):
        raise Refused(f"{root} may not be read", hint="check the folder's permissions; nothing was removed")
    yield from _folder(root, left_out)


def _folder(root: Path, left_out: Sequence[Path]) -> Iterator[File | Unseen | Skipped]:
    # An explicit stack: a tree deeper than Python's recursion limit is only a long path.
    stack, links, entered = [_Place("", root, True)], deque[_Place](), {root}
    while stack or links:
        if stack:
            here = stack.pop()
            try:
                with os.scandir(here.target) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except OSError as error:
                yield Unseen(here.target.as_posix(), Skipped(f"{here.shown or '.'}/", _reason(error)))
                continue
            places = [_place(entry, here) for entry in entries if not entry.is_symlink()]
            links += (_place(entry, here) for entry in entries if entry.is_symlink())
        else:
            # Links come last: what has a path of its own is known by that one.
            followed = _follow(links.popleft(), root)
            if not isinstance(followed, _Place):
                yield followed
                continue
            places = [followed]
        found = [_entry(place, root, entered, left_out) for place in places]
        yield from (item for item in found if not isinstance(item, _Place))
        stack += [item for item in found if isinstance(item, _Place)][::-1]


def _place(entry: os.DirEntry[str], folder: _Place) -> _Place:
    shown = f"{folder.shown}/{entry.name}" if folder.shown else entry.name
    return _Place(shown, folder.target / entry.name, entry.is_dir(follow_symlinks=False))


def _follow(link: _Place, root: Path) -> _Place | Unseen | Skipped:
    """What a link leads to, under the link's name."""
    shown = _printable(link.shown)
    try:
        target = link.target.resolve(strict=True)
        is_folder = target.is_dir()
    except PermissionError as error:
        return Unseen(link.target.as_posix(), Skipped(shown, _reason(error)))
    except (OSError, RuntimeError):
        return Skipped(shown, "a link that leads nowhere")
    if not target.is_relative_to(root):
        return Skipped(shown, "a link that leads outside the added folder")
    if not _is_text(target.as_posix()):
        return Skipped(shown, "a link to a name that is not valid text")
    return _Place(link.shown, target, is_folder)


def _entry(place: _Place, root: Path, entered: set[Path], left_out: Iterable[Path]) -> File | Unseen | Skipped | _Place:
    """What an entry of a folder is: a file, a folder to enter, or something passed over."""
    shown, name = place.shown, place.shown.rpartition("/")[2]
    if not _is_text(shown):
        return Skipped(_printable(shown), "its name is not valid text")
    if not place.is_folder:
        return Skipped(shown, "a hidden file") if name.startswith(".") else _file(place, root)
    if _is_in(place.target, left_out):
        return Skipped(f"{shown}/", "the knowledge base itself")
    if name.startswith("."):
        return Skipped(f"{shown}/", "a hidden folder")
    if name in GENERATED:
        return Skipped(f"{shown}/", "a folder of generated files")
    if place.target in entered:
        return Skipped(f"{shown}/", "a link to a folder that is read already")
    entered.add(place.target)
    return place


def _file(place: _Place, root: Path) -> File | Unseen | Skipped:
    address = place.target.as_posix()
    try:
        found = place.target.stat()
    except OSError as error:
        return Unseen(address, Skipped(place.shown, _reason(error)))
    if not stat.S_ISREG(found.st_mode):
        return Skipped(place.shown, "not a regular file")
    return File(address, root.as_posix(), place.shown, found.st_size, _stamp(found))


def _stamp(found: os.stat_result) -> str:
    # The change time is what nobody can set back: a file edited within the clock's grain still has another one.
    return f"{READING}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"


def _is_in(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _is_text(name: str) -> bool:
    """Whether a name's bytes are UTF-8: others come with lone surrogates, which no database or JSON takes."""
    return name.isprintable() or name.encode("utf-8", "ignore").decode() == name


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return (error.strerror or str(error)).lower()
