"""The tools that change the knowledge base: offered over stdio alone, and only to whom `--write` allowed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from formfact.interfaces import wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.schema import Within
from formfact.interfaces.mcp.means import Means, Result, Tool


@dataclass(frozen=True, slots=True)
class Add:
    """Files and folders of this machine."""

    paths: Annotated[tuple[str, ...], Within(1), "files and folders of this machine"]


@dataclass(frozen=True, slots=True)
class Remove:
    """A file, a folder or a document's id."""

    what: Annotated[str, Within(1), "a file, a folder or a document's id"]


REMOVED = shape.made_of({"removed": {"type": "integer"}})


def add(means: Means, asked: Add) -> Result:
    done = means.knowledge.add(*asked.paths, progress=means.progress)
    lines = [f"{done.added:,} added, {done.updated:,} updated, {done.unchanged:,} unchanged, {done.removed:,} removed"]
    lines += [f"skipped {one.path}: {one.reason}" for one in done.skipped]
    return Result(wire.report(done), "\n".join(lines))


def remove(means: Means, asked: Remove) -> Result:
    removed = means.knowledge.remove(asked.what)
    return Result({"removed": removed}, f"{removed:,} removed")


TOOLS: Sequence[Tool] = (
    Tool(
        "add", "Add documents",
        "Makes the knowledge base agree with files and folders of this machine: new, changed and vanished documents.",
        Add, shape.REPORT, add, changes=True,
    ),
    Tool(
        "remove", "Remove documents",
        "Takes the documents of a file, a folder or an id out of the knowledge base; the files stay.",
        Remove, REMOVED, remove, changes=True, destroys=True,
    ),
)  # fmt: skip
