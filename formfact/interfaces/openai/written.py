"""The models `pattern:NAME`: the conversation as a pattern's input, and what the pattern writes for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from formfact.interfaces import patterns_wire
from formfact.interfaces.http.routes import Call
from formfact.interfaces.openai.said import Said
from formfact.patterns.write import Input
from formfact.types import Message


def written(
    call: Call, pattern: str, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, limit: int | None
) -> Said:
    """What a pattern writes, under its decoding mask, checked against its contract. Raises Refused, MissingExtra."""
    text = messages[-1].content
    (made,) = call.desk.patterns.write_all(pattern, [Input(text, schema)], limit=limit)
    problems = [patterns_wire.problem(one) for one in made.problems]
    return Said(
        made.text,
        read=call.desk.patterns.count(pattern, text, schema=schema),
        wrote=made.tokens,
        finish="length" if problems and limit else "stop",
        more={"formfact": {"pattern": pattern, "problems": problems}},
    )
