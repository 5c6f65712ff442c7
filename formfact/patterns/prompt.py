"""A contract and an input -> the messages that the model sees."""

from __future__ import annotations

import json
from collections.abc import Sequence

from formfact.patterns.contract import Contract
from formfact.types import Example, Message


def render(contract: Contract, text: str, *, examples: Sequence[Example] = ()) -> tuple[Message, ...]:
    """The messages for one input; `examples` go before it as turns of the conversation (few-shot)."""
    messages = [Message("system", contract.prompt.system)] if contract.prompt.system else []
    for example in examples:
        messages.append(Message("user", _user(contract, example.text, example)))
        messages.append(Message("assistant", target(contract, example.output)))
    messages.append(Message("user", _user(contract, text, None)))
    return tuple(messages)


def render_example(contract: Contract, example: Example) -> tuple[Message, ...]:
    """The messages for an example's input, with the schema that it brings along."""
    if example.schema is not None:
        contract = contract.with_schema(example.schema)
    return render(contract, example.text)


def target(contract: Contract, output: str) -> str:
    """An example's output as the model learns it: with the end marker, once."""
    return output.removesuffix(contract.marker) + contract.marker if contract.marker else output


def _user(contract: Contract, text: str, example: Example | None) -> str:
    schema = example.schema if example and example.schema is not None else contract.output.get("schema")
    # One pass, so that a text which holds "{schema}" stays what it is.
    printed = json.dumps(schema, ensure_ascii=False)
    before, _, after = contract.prompt.user.partition("{text}")
    return before.replace("{schema}", printed) + text + after.replace("{schema}", printed)
