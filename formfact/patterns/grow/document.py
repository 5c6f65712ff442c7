"""A tree of texts -> one Markdown document: a title, a heading for each part, and the texts at the ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import shorten

from formfact.patterns.grow.parts import unnumbered
from formfact.types import Node

LONGEST = 100
"""Characters of a heading."""
TITLE = re.compile(r"(?:Title:|#+)[ \t]*(\S.*)")


def document(root: Node) -> str:
    """The whole of it in reading order. Texts that have children plan, and are left out."""
    return "\n\n".join([f"# {title(root)}", *_blocks(root, 2)])


def title(root: Node) -> str:
    """What the first line of the first text calls it, else the pattern's name."""
    found = TITLE.match(root.text)
    return found.group(1).strip() if found else root.pattern.capitalize()


def _blocks(node: Node, depth: int) -> Iterator[str]:
    if node.part:
        yield f"{'#' * min(depth, 6)} {heading(node)}"
        depth += 1
    if not node.children:
        yield node.text
    for child in node.children:
        yield from _blocks(child, depth)


def heading(node: Node) -> str:
    """A part's own heading: what stands before its first colon. What has parts below it keeps its number."""
    head, colon, _ = node.part.partition(": ")
    text = shorten(head if colon else node.part, LONGEST, placeholder=" …")
    return text if node.children else unnumbered(text)
