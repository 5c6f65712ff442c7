"""The models `pattern:NAME`: the conversation as a pattern's input, and what the pattern writes for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from formfact.interfaces import patterns_wire
from formfact.interfaces.http.routes import Call
from formfact.interfaces.openai.said import Said
from formfact.patterns.derive import CONVERSATION, spoken
from formfact.patterns.write import Input
from formfact.types import Message


def written(
    call: Call, pattern: str, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, limit: int | None
) -> Said:
    """What a pattern writes, under its decoding mask, checked against its contract. Raises Refused, MissingExtra."""
    contract = call.desk.patterns.pattern(pattern).contract
    chat = contract.what == CONVERSATION
    said = messages if chat else [one for one in messages if one.role != "system"]
    text = spoken(said, contract.prompt.system)
    # What was tuned on a chat of any form may be held to JSON all the same; other patterns have a form of their own.
    shaped = schema if chat and contract.shape != "json" else None
    asked = [Input(text, None if shaped else schema)]
    (made,) = call.desk.patterns.write_all(pattern, asked, limit=limit, shaped=shaped)
    problems = [patterns_wire.problem(one) for one in made.problems]
    return Said(
        made.text,
        read=call.desk.patterns.count(pattern, text, schema=None if shaped else schema),
        wrote=made.tokens,
        finish="length" if problems and limit else "stop",
        more={"formfact": {"pattern": pattern, "problems": problems}},
    )
