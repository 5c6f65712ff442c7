"""The models `pattern:NAME`: the conversation as a pattern's input, and what the pattern writes for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from formfact.errors import Refused
from formfact.interfaces import patterns_wire
from formfact.interfaces.http.routes import Call
from formfact.interfaces.openai.refusals import BadRequest
from formfact.interfaces.openai.said import Said
from formfact.patterns.contract import Contract
from formfact.patterns.derive import CONVERSATION, spoken
from formfact.patterns.write import Input
from formfact.types import Message

SHAPED = 512
"""Tokens for JSON of a schema that the training rows knew nothing of, at the least."""


def written(
    call: Call, pattern: str, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, limit: int | None
) -> Said:
    """What a pattern writes, under its decoding mask, checked against its contract. Raises Refused, MissingExtra."""
    opened = call.desk.patterns.pattern(pattern)
    contract = opened.contract
    chat = contract.what == CONVERSATION
    said = messages if chat else [one for one in messages if one.role != "system"]
    text = spoken(said, contract.prompt.system)
    # What was tuned on a chat of any form may be held to JSON all the same; other patterns have a form of their own.
    shaped = schema if chat and contract.shape != "json" else None
    budget = _budget(contract, limit, shaped=shaped is not None)
    if budget is not None:
        _check(
            opened.shaped(shaped).contract if shaped else contract.with_schema(schema) if schema else contract, budget
        )
    asked = [Input(text, None if shaped else schema)]
    (made,) = call.desk.patterns.write_all(pattern, asked, limit=budget, shaped=shaped)
    problems = [patterns_wire.problem(one) for one in made.problems]
    return Said(
        made.text,
        read=call.desk.patterns.count(pattern, text, schema=None if shaped else schema),
        wrote=made.tokens,
        finish="length" if problems and limit else "stop",
        more={"formfact": {"pattern": pattern, "problems": problems}},
    )


def _budget(contract: Contract, limit: int | None, *, shaped: bool) -> int | None:
    """The most tokens to write: those of the form, or fewer where no more than `limit` may come; None for the form's.

    One of a few answers is always written whole: within too few tokens the shortest would win, and not the likeliest.
    """
    if shaped:
        most = max(SHAPED, contract.output_tokens)
        return min(limit or most, most)
    if limit is None or (contract.what == CONVERSATION and contract.shape == "grammar"):
        return None
    return min(limit, contract.output_tokens)


def _check(contract: Contract, budget: int) -> None:
    try:
        contract.check_budget(budget)
    except Refused as error:
        name = "max_completion_tokens"
        raise BadRequest(error.message, hint=f"ask for more: {name}", param=name) from error
