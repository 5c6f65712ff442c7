"""The models `pattern:NAME`: the conversation as a pattern's input, and what the pattern writes for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from formfact.errors import Refused
from formfact.front import Pattern
from formfact.interfaces import patterns_wire
from formfact.interfaces.http.routes import Call
from formfact.interfaces.openai.refusals import BadRequest
from formfact.interfaces.openai.said import Said
from formfact.patterns.contract import Contract
from formfact.patterns.derive import CONVERSATION, spoken
from formfact.patterns.write import Draft, Drafter, Input
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
    kept = _kept(opened, schema, shaped)
    if budget is not None:
        _check(kept, budget)
    own = None if shaped else schema
    with call.desk.patterns.ready(pattern) as held, _blamed("messages"):
        noting = Noting(held.open())
        held = held.by(noting)
        (made,) = (held.shaped(shaped) if shaped else held).write_all([Input(text, own)], limit=budget)
        read = held.count(text, schema=own)
    return Said(
        made.text,
        read=read,
        wrote=made.tokens,
        finish="length" if noting.cut else "stop",
        more={"formfact": {"pattern": pattern, "problems": [patterns_wire.problem(one) for one in made.problems]}},
    )


def _kept(opened: Pattern, schema: Mapping[str, Any] | None, shaped: Mapping[str, Any] | None) -> Contract:
    """The contract that the text will keep. Raises BadRequest where the pattern and what was asked for do not agree."""
    contract, form = opened.contract, "response_format"
    if schema is None:
        if contract.lacks_schema:
            raise BadRequest(f"{contract.name} writes JSON by a schema of yours", hint=f"give one: {form}", param=form)
        return contract
    if shaped is None and contract.shape != "json":
        told = f"the pattern {contract.name!r} writes no JSON: its shape is {contract.shape}"
        raise BadRequest(told, hint=f"leave {form} out", param=form)
    with _blamed(form):
        return opened.shaped(shaped).contract if shaped else contract.with_schema(schema)


@contextmanager
def _blamed(param: str) -> Iterator[None]:
    """Refusals name the part of the request that they are about."""
    try:
        yield
    except Refused as error:
        if isinstance(error, BadRequest) or type(error) is not Refused:
            raise
        raise BadRequest(error.message, hint=error.hint, param=param) from error


class Noting:
    """A drafter (see `patterns.write.Drafter`) that notes whether a text ends only because the budget made it."""

    def __init__(self, drafter: Drafter) -> None:
        self._drafter = drafter
        self.cut = False

    def write(
        self, chats: Sequence[Sequence[Message]], contract: Contract, *, masked: bool = True, limit: int | None = None,
        apart: Sequence[str] | None = None,
    ) -> Sequence[Draft]:  # fmt: skip
        written = self._drafter.write(chats, contract, masked=masked, limit=limit, apart=apart)
        self.cut = any(one.cut for one in written)
        return written

    def count(self, chat: Sequence[Message]) -> int:
        return self._drafter.count(chat)


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
