"""The command `formfact pattern grow`: its options, its progress on standard error, what it shows."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formfact.errors import NotFound, Refused
from formfact.interfaces.progress import Meter, clock
from formfact.types import Growing, Node, Tree

if TYPE_CHECKING:
    from formfact.interfaces.terminal import Page

BAR = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("name", metavar="NAME", help="a pattern with children, such as `premise`, or a folder")
    parser.add_argument("--out", metavar="DIR", help="the tree's folder; what is there already stays (./NAME-grown)")
    parser.add_argument("--words", type=int, metavar="N", help="at least so many words (10,000, where no count is set)")
    parser.add_argument(
        "--count", action="extend", nargs="+", default=[], metavar="LEVEL=N", help="lines of levels: outline=12 scene=4"
    )
    parser.add_argument(
        "--tuned", action="extend", nargs="+", default=[], metavar="LEVEL=DIR",
        help="what `train` wrote for levels, as prose=DIR scene=DIR; or one folder of such folders",
    )  # fmt: skip
    parser.add_argument("--writer", metavar="ADDRESS", help="an endpoint that writes: https://HOST/v1#MODEL")
    parser.add_argument("--base", help="another local base: a hub's name or a folder")
    parser.add_argument("--no-mask", action="store_true", help="without the decoding mask")


def counts(given: list[str]) -> dict[str, int]:
    """LEVEL=N pairs as lines of levels. Raises Refused."""
    found = {}
    for pair in given:
        name, _, count = pair.partition("=")
        if not count.isdecimal():
            raise Refused(f"--count {pair} is no LEVEL=N", hint="for example: --count outline=12")
        found[name] = int(count)
    return found


def tuned(given: list[str]) -> dict[str, Path]:
    """LEVEL=DIR pairs, and folders of such folders, as what writes a level. Raises NotFound."""
    found: dict[str, Path] = {}
    for one in given:
        name, equals, folder = one.partition("=")
        found |= {name: Path(folder)} if equals else _in_folder(Path(one))
    return found


def _in_folder(folder: Path) -> dict[str, Path]:
    """Every tuned pattern in a folder, by its name."""
    from formfact.patterns.shelf import find

    inner = sorted(one for one in folder.iterdir() if (one / "adapter").is_dir()) if folder.is_dir() else []
    if not inner:
        raise NotFound(f"{folder} holds no folder that `train` wrote", hint="for example: --tuned prose=prose-tuned")
    return {find(one).contract.name: one for one in inner}


class GrowthMeter(Meter):
    """Called with each Growing: a line kept up to date on a terminal, a line for each batch elsewhere."""

    def step(self, at: Growing) -> None:
        """Show how far it is."""
        if self._quiet:
            return
        filled = round(BAR * at.done / at.total)
        bar = f"[{'#' * filled}{'.' * (BAR - filled)}] " if self._terminal else ""
        self._write(f"{bar}{at.pattern} {at.done}/{at.total}  {at.words:,} words  {clock(at.seconds)}")


def tree(done: Tree) -> dict[str, Any]:
    """A tree as JSON."""
    return {
        "title": done.title,
        "document": done.document,
        "folder": done.folder,
        "words": done.words,
        "written": done.written,
        "seconds": done.seconds,
        "root": _node(done.root),
    }


def _node(one: Node) -> dict[str, Any]:
    return {
        "pattern": one.pattern,
        "part": one.part,
        "text": one.text,
        "file": one.file,
        "tokens": one.tokens,
        "seconds": one.seconds,
        "children": [_node(child) for child in one.children],
    }


def shown(page: Page, done: Tree) -> Iterator[str]:
    """What has grown: how many texts of each level, and where the whole of it lies."""
    yield page.bold(page.fit(done.title))
    counts = Counter(node.pattern for node in _all(done.root))
    yield from page.wrap(", ".join(f"{count} {name}" for name, count in counts.items()), "  ")
    kept = sum(counts.values()) - done.written
    yield f"  {done.words:,} words; {done.written:,} texts written in {clock(done.seconds)}, {kept:,} were there"
    yield page.fit(done.document, "  ")


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)
