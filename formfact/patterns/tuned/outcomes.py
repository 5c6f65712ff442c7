"""Held-out inputs -> for each whether what is written for it ends and keeps the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render_example
from formfact.patterns.tuned.decoding import Decoder
from formfact.types import Example, Message

Chats = Sequence[Sequence[Message]]


def outcomes(
    decoder: Decoder,
    contract: Contract,
    held_out: Sequence[Example],
    *,
    chats: Chats | None = None,
    masked: bool = False,
) -> list[bool]:
    """One outcome an input, in their order; a text that the budget cut off has not kept the contract.

    `chats` are the conversations to go on with, where they are not the pattern's own.
    """
    asked = [render_example(contract, one) for one in held_out] if chats is None else chats
    found: dict[int, bool] = {}
    for kept, places in by_schema(contract, held_out):
        written = decoder.write([asked[at] for at in places], kept, masked=masked)
        for at, draft in zip(places, written, strict=True):
            found[at] = (draft.ended or masked) and not kept.check(draft.text)
    return [found[at] for at in range(len(held_out))]


def by_schema(contract: Contract, held_out: Sequence[Example]) -> Iterator[tuple[Contract, list[int]]]:
    """The contract for each schema that the inputs bring, with the places of those inputs."""
    groups: dict[str, list[int]] = {}
    for at, one in enumerate(held_out):
        groups.setdefault(json.dumps(one.schema, sort_keys=True), []).append(at)
    for places in groups.values():
        schema = held_out[places[0]].schema
        yield (contract if schema is None else contract.with_schema(schema)), places
