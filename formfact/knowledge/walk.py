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


def check_path(path: str | Path) -> Path:
    """The path made absolute, or NotFound where there is nothing: a missing root removes nothing."""
    asked = Path(path).expanduser()
    try:
        return asked.resolve(strict=True)
    except FileNotFoundError as error:
        raise NotFound(
            f"there is nothing at {path}", hint="check the path; to take documents out: formfact remove PATH"
        ) from error
    except (OSError, RuntimeError) as error:
        raise Refused(f"{path} cannot be opened: {error}", hint="check the path and its permissions") from error


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
        yield from _file(root, root.parent, root.name)
        return
    if not os.access(root, os.R_OK | os.X_OK):
        raise Refused(f"{root} may not be read", hint="check the folder's permissions; nothing was removed")
    yield from _folder(root, left_out)


def _folder(root: Path, left_out: Sequence[Path]) -> Iterator[File | Unseen | Skipped]:
    # An explicit stack: a tree deeper than Python's recursion limit is only a long path.
    stack, links, entered = [root], deque[Path](), {root}
    while stack or links:
        if stack:
            folder = stack.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                yield Unseen(folder.as_posix(), Skipped(_shown(folder, root) + "/", _reason(error)))
                continue
            paths = [Path(entry.path) for entry in entries if not entry.is_symlink()]
            links += (Path(entry.path) for entry in entries if entry.is_symlink())
        else:
            # Links come last: what has a path of its own is known by that one.
            paths = [links.popleft()]
        found = [item for path in paths for item in _entry(path, root, entered, left_out)]
        yield from (item for item in found if not isinstance(item, Path))
        stack += [item for item in found if isinstance(item, Path)][::-1]


def _entry(
    path: Path, root: Path, entered: set[Path], left_out: Sequence[Path]
) -> Iterator[File | Unseen | Skipped | Path]:
    """What an entry of a folder is: a file, a folder to enter (as a Path), or something passed over."""
    shown = _shown(path, root)
    if not _is_text(shown):
        yield Skipped(shown.encode("utf-8", "replace").decode(), "its name is not valid text")
        return
    try:
        target = path.resolve(strict=True)
    except PermissionError as error:
        yield Unseen(path.as_posix(), Skipped(shown, _reason(error)))
        return
    except (OSError, RuntimeError):
        yield Skipped(shown, "a link that leads nowhere" if path.is_symlink() else "not there any more")
        return
    if path.is_symlink() and not target.is_relative_to(root):
        yield Skipped(shown, "a link that leads outside the added folder")
    elif not target.is_dir():
        yield from [Skipped(shown, "a hidden file")] if path.name.startswith(".") else _file(path, root, shown)
    elif _is_in(target, left_out):
        yield Skipped(f"{shown}/", "the knowledge base itself")
    elif path.name.startswith(".") or path.name in GENERATED:
        yield Skipped(f"{shown}/", "a hidden folder" if path.name.startswith(".") else "a folder of generated files")
    elif target in entered:
        yield Skipped(f"{shown}/", "a link to a folder that is read already")
    else:
        entered.add(target)
        yield path


def _is_in(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _file(path: Path, root: Path, shown: str) -> Iterator[File | Unseen | Skipped]:
    try:
        found = path.stat()
        address = path.resolve().as_posix()
    except OSError as error:
        yield Unseen(path.as_posix(), Skipped(shown, _reason(error)))
        return
    if not stat.S_ISREG(found.st_mode):
        yield Skipped(shown, "not a regular file")
        return
    yield File(address, root.as_posix(), shown, found.st_size, _stamp(found))


def _stamp(found: os.stat_result) -> str:
    # The change time is what nobody can set back: a file edited within the clock's grain still has another one.
    return f"{READING}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path != root else "."


def _is_text(name: str) -> bool:
    """Whether a name's bytes are UTF-8: others come with lone surrogates, which no database or JSON takes."""
    return name.isprintable() or name.encode("utf-8", "ignore").decode() == name


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return (error.strerror or str(error)).lower()
