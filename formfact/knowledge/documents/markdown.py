"""Markdown: the text stays as it was written; CommonMark and tables give its blocks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import IO

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.lines import Lines
from formfact.types import Block, BlockKind, Document, Scalar, Skipped

FRONT_MATTER = re.compile(
    r"""---[ \t]*\n(?=["']?\w[\w.-]*["']?:\s|(?:---|\.\.\.)[ \t]*$)(.*?)^(?:---|\.\.\.)[ \t]*$\n?""",
    re.DOTALL | re.MULTILINE,
)
"""A line behind the first mark that is no `key:` makes the mark a thematic break, and what follows it text."""
LONGEST_YAML = 50_000
"""Characters of front matter beyond which only its simple lines are read: the parser is slow."""
PAIR = re.compile(r"^([A-Za-z][\w-]*):[ \t]+(\S.*)$", re.MULTILINE)
TAG = re.compile(r"<!--.*?-->|<(?!(?:[A-Za-z][A-Za-z\d+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>)[^>]*>", re.DOTALL)
"""A comment or a tag, but for an address in angle brackets, which is a link."""
TOML = re.compile(r"\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
FOOTNOTE = re.compile(r"^([ >]*)\[\^(?=[^\]\n]+\]:)", re.MULTILINE)
KINDS: dict[str, BlockKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "html_block": "paragraph",
    "fence": "code",
    "code_block": "code",
    "tr_open": "row",
}


def read_markdown(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document; texts and figures of its front matter become metadata."""
    text = decode(file.read())
    begin, metadata = _front_matter(text)
    blocks = tuple(blocks_of(text, begin))
    first = next((heading_text(text[b.start : b.end]) for b in blocks if b.kind == "heading"), "")
    title = str(metadata.pop("title", "")) or first
    yield Document(name, "", text, title, "markdown", blocks, metadata=metadata)


def _front_matter(text: str) -> tuple[int, dict[str, Scalar]]:
    """Where the text begins behind the front matter, and what that says. Lists and nested values are left alone."""
    if text.startswith("+++"):
        return _front_toml(text)
    found = FRONT_MATTER.match(text)
    if not found:
        return 0, {}
    pairs = {key: value.strip().strip("\"'") for key, value in PAIR.findall(found[1])}
    mapping = _mapping(found[1])
    if mapping:
        nested = {key: value for key, value in pairs.items() if isinstance(mapping.get(key), list | dict)}
        pairs = nested | {key: " ".join(value.split()) for key, value in mapping.items() if isinstance(value, str)}
    return found.end(), {key.lower(): value for key, value in pairs.items() if value}


def _front_toml(text: str) -> tuple[int, dict[str, Scalar]]:
    """Front matter in TOML; what is none is text."""
    found = TOML.match(text)
    if not found or len(found[1]) > LONGEST_YAML:
        return 0, {}
    try:
        read = tomllib.loads(found[1])
        plain = {key.lower(): str(value) for key, value in read.items() if not isinstance(value, list | dict)}
    except (ValueError, RecursionError):  # a number of thousands of digits is refused by Python, not by tomllib
        return 0, {}
    return found.end(), {key: " ".join(value.split()) for key, value in plain.items() if value}


def _mapping(block: str) -> dict[str, object]:
    """Front matter as YAML reads it; nothing where it is no mapping."""
    if len(block) > LONGEST_YAML:
        return {}
    try:
        # The base loader makes nothing but texts, lists and mappings: `version: 1.10` stays as it was written.
        read = yaml.load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return {str(key): value for key, value in read.items()} if isinstance(read, dict) else {}


@cache
def _parser() -> MarkdownIt:
    # Only blocks are wanted; what is inside a line stays as it is.
    return MarkdownIt("commonmark").enable("table").disable("inline")


def blocks_of(text: str, begin: int = 0) -> Iterator[Block]:
    """The blocks of a Markdown text from an offset on, in order; a list's items each by itself, markers included."""
    lines = Lines(text, begin)
    depth = 0
    # A footnote of one word or address passes for the definition of a link, which is no block.
    for token in _parser().parse(FOOTNOTE.sub(r"\1\\[^", text[begin:])):
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        kind = KINDS.get(token.type)
        if kind and token.map:
            if kind == "paragraph" and depth:
                kind = "item"
            found = lines.block(kind, *token.map, level=_level(token))
            yield from (block for block in found if kind == "code" or has_words(text[block.start : block.end]))


def has_words(text: str) -> bool:
    """Whether there is more than HTML comments, anchors and other tags; an address in angle brackets is."""
    return bool(TAG.sub("", text).strip())


def _level(token: Token) -> int:
    return int(token.tag[1]) if token.type == "heading_open" else 0
