"""Markdown: the text stays as it was written; CommonMark and tables give its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import IO

from markdown_it import MarkdownIt
from markdown_it.token import Token

from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.lines import Lines
from formfact.types import Block, BlockKind, Document, Scalar, Skipped

FRONT_MATTER = re.compile(r"---\n(.*?)\n(?:---|\.\.\.)(?:\n|$)", re.DOTALL)
PAIR = re.compile(r"^([A-Za-z][\w-]*):[ \t]+(\S.*)$", re.MULTILINE)
TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
KINDS: dict[str, BlockKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "html_block": "paragraph",
    "fence": "code",
    "code_block": "code",
    "tr_open": "row",
}


def read_markdown(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document; simple `key: value` lines of its front matter become metadata."""
    text = decode(file.read())
    begin, metadata = _front_matter(text)
    blocks = tuple(blocks_of(text, begin))
    first = next((heading_text(text[b.start : b.end]) for b in blocks if b.kind == "heading"), "")
    title = str(metadata.pop("title", "")) or first
    yield Document(name, "", text, title, "markdown", blocks, metadata=metadata)


def _front_matter(text: str) -> tuple[int, dict[str, Scalar]]:
    """Where the text begins behind the front matter, and what that says. Lists and nested values are left alone."""
    found = FRONT_MATTER.match(text)
    if not found:
        return 0, {}
    pairs = PAIR.findall(found.group(1))
    return found.end(), {key.lower(): value.strip().strip("\"'") for key, value in pairs}


@cache
def _parser() -> MarkdownIt:
    # Only blocks are wanted; what is inside a line stays as it is.
    return MarkdownIt("commonmark").enable("table").disable("inline")


def blocks_of(text: str, begin: int = 0) -> Iterator[Block]:
    """The blocks of a Markdown text from an offset on, in order; a list's items each by itself, markers included."""
    lines = Lines(text, begin)
    depth = 0
    for token in _parser().parse(text[begin:]):
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        kind = KINDS.get(token.type)
        if kind and token.map:
            if kind == "paragraph" and depth:
                kind = "item"
            found = lines.block(kind, *token.map, level=_level(token))
            yield from (block for block in found if kind == "code" or has_words(text[block.start : block.end]))


def has_words(text: str) -> bool:
    """Whether there is more than HTML comments, anchors and other tags."""
    return bool(TAG.sub("", text).strip())


def _level(token: Token) -> int:
    return int(token.tag[1]) if token.type == "heading_open" else 0
