"""What search found, said: in a Writer's words, or in the form of a pattern or a schema, checked against the quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from formfact.front.asking import in_form
from formfact.front.pattern import Pattern
from formfact.front.schemas import by_schema
from formfact.knowledge import ground
from formfact.knowledge.answer import Gathered
from formfact.knowledge.stores import Store
from formfact.models import Writer
from formfact.types import Answer, Claim


def say(
    found: Gathered,
    store: Store,
    pattern: Pattern | None,
    writer: Writer | None,
    *,
    schema: Mapping[str, Any] | None,
    strict: bool,
) -> Answer:
    """The answer in a pattern's form, else in that of a schema, else in a Writer's words: one of them is given.

    Raises Refused, MissingExtra.
    """
    holds = ground.holds_in(store)
    if pattern is not None:
        return in_form(found, pattern, holds, strict=strict, schema=schema)
    if schema is not None:
        return by_schema(found, writer, holds, schema=schema, strict=strict)
    assert writer is not None
    return ground.write(found, writer, holds, strict=strict)


def stream(found: Gathered, store: Store, writer: Writer, *, strict: bool) -> Iterator[Claim | Answer]:
    """The sentences as they are checked, and the Answer behind them; see `Knowledge.ask_stream`."""
    return ground.stream(found, writer, ground.holds_in(store), strict=strict)
