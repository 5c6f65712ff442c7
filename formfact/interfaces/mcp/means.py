"""What a tool has at hand, what it takes, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from formfact.errors import NotFound
from formfact.front import Knowledge
from formfact.front.patterns import Patterns
from formfact.types import Progress

Json = dict[str, Any]

SCHEME = "formfact"
TEMPLATE = f"{SCHEME}://document/{{id}}{{?source}}"


@dataclass(frozen=True, slots=True)
class Means:
    """A knowledge base, the patterns (None for whom they are not meant), and where to report progress."""

    knowledge: Knowledge
    patterns: Patterns | None = None
    progress: Callable[[Progress], None] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The same twice: `json` of the tool's output schema for programs, `text` for a model to read."""

    json: Json
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: `run(means, asked)` with `asked` a `takes`; its result's JSON is of the schema `gives`.

    `changes` tells those that change the knowledge base, which are offered only where that was allowed; `writes` those
    that need the patterns.
    """

    name: str
    title: str
    about: str
    takes: type
    gives: Mapping[str, Any]
    run: Callable[[Means, Any], Result]
    changes: bool = False
    destroys: bool = False
    writes: bool = False


def uri(document: str, source: str = "") -> str:
    """A document's URI; `source` where several have that id."""
    tail = f"?source={quote(source, safe='')}" if source else ""
    return f"{SCHEME}://document/{quote(document, safe='')}{tail}"


def parse_uri(text: str) -> tuple[str, str]:
    """The id and the source in a document's URI. Raises NotFound for any other."""
    try:
        parts = urlsplit(text)
    except ValueError:  # an address in brackets that is none
        parts = urlsplit("")
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme != SCHEME or parts.netloc != "document" or not name:
        raise NotFound(f"{text!r} is no document's URI", hint=f"it looks like {SCHEME}://document/ID")
    return name, parse_qs(parts.query).get("source", [""])[0]
