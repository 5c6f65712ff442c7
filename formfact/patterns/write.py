"""Inputs -> texts that keep the contract, by a tuned model on this machine or by any endpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from formfact.errors import Refused
from formfact.models import Writer
from formfact.patterns.bases import open_counter
from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render
from formfact.types import Example, Message, Problem, Writing

TRIES = 3
"""Attempts at an endpoint that knows no mask."""
REQUESTS = 4


@dataclass(frozen=True, slots=True)
class Draft:
    """What a drafter gives, all its tries counted. `cut`: the text ends only because the budget made it."""

    text: str
    tokens: int
    seconds: float
    cut: bool


class Drafter(Protocol):
    """Writes one text a conversation, in their order."""

    def write(
        self, chats: Sequence[Sequence[Message]], contract: Contract, *, masked: bool = True, limit: int | None = None,
        apart: Sequence[str] | None = None,
    ) -> Sequence[Draft]: ...  # fmt: skip

    def count(self, chat: Sequence[Message]) -> int:
        """The tokens of a conversation as the model reads it."""
        ...


@dataclass(frozen=True, slots=True)
class Input:
    """One text to write for; `schema` where its output is JSON by a schema of its own."""

    text: str
    schema: Mapping[str, Any] | None = None


def write(
    contract: Contract,
    inputs: Sequence[Input],
    drafter: Drafter,
    *,
    examples: Sequence[Example] = (),
    masked: bool = True,
    limit: int | None = None,
    apart: Sequence[str] | None = None,
) -> list[Writing]:
    """One Writing an input, in their order, each checked against the contract.

    With `apart`, the run of tokens that the contract forbids to come twice may come neither from these texts nor from
    one written beside; an endpoint cannot be held to that. Raises Refused for an input without a word.
    """
    if limit is not None and limit < 1:
        raise Refused(f"the budget is {limit} tokens", hint="--limit is 1 at the least")
    blank = next((number for number, one in enumerate(inputs, 1) if not one.text.strip()), 0)
    if blank:
        which = f"input {blank} of {len(inputs):,}" if len(inputs) > 1 else "the input"
        raise Refused(f"{which} is empty", hint="a pattern writes about a text")
    groups: dict[str, list[int]] = {}
    for at, one in enumerate(inputs):
        groups.setdefault(json.dumps(one.schema, sort_keys=True), []).append(at)
    found: dict[int, Writing] = {}
    for places in groups.values():
        schema = inputs[places[0]].schema
        asked = contract if schema is None else contract.with_schema(schema)
        asked.check_budget(limit)
        chats = [render(asked, inputs[at].text, examples=examples) for at in places]
        drafts = drafter.write(chats, asked, masked=masked, limit=limit, apart=apart)
        for at, draft in zip(places, drafts, strict=True):
            found[at] = Writing(draft.text, tuple(asked.check(draft.text)), draft.tokens, round(draft.seconds, 3))
    return [found[at] for at in range(len(inputs))]


def read_inputs(text: str, *, one: bool = False) -> list[Input]:
    """One text, or a batch: JSON objects with `text`, one on every line that is not empty.

    Raises Refused where the first line is such an object and another is not.
    """
    text = text.removeprefix("\ufeff")
    return [Input(text)] if one else _batch(text) or [Input(text)]


def _batch(text: str) -> list[Input]:
    """The inputs of a batch; none where the first line is no object with `text`."""
    found: list[Input] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        record = _record(line)
        if record is not None:
            schema = record.get("schema")
            found.append(Input(record["text"], schema if isinstance(schema, dict) else None))
        elif found:
            # Taken for one text, a file with one odd line would be answered once, for all that it holds.
            what = f"line {number} of the input is no JSON object with a text, as the lines before it are"
            raise Refused(what, hint="mend the line; or give --one, where all lines are one text")
        else:
            return []
    return found


def _record(line: str) -> dict[str, Any] | None:
    """The JSON object on a line, where it has a `text` that is one."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("text"), str) else None


class Remote:
    """A Writer as a drafter: it is given the schema where the output is JSON, else asked again for what was wrong."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def write(
        self, chats: Sequence[Sequence[Message]], contract: Contract, *, masked: bool = True, limit: int | None = None,
        apart: Sequence[str] | None = None,
    ) -> Sequence[Draft]:  # fmt: skip
        with ThreadPoolExecutor(REQUESTS) as pool:
            return list(pool.map(lambda chat: self._one(chat, contract, masked, limit), chats))

    def count(self, chat: Sequence[Message]) -> int:
        """As the default base counts: an endpoint's own tokenizer is not known here."""
        return sum(open_counter().count([one.content for one in chat]))

    def _one(self, chat: Sequence[Message], contract: Contract, masked: bool, limit: int | None) -> Draft:
        started = time.perf_counter()
        schema = contract.output.get("schema") if masked and contract.shape == "json" else None
        texts: list[tuple[int, str, bool]] = []
        messages, tokens = list(chat), 0
        for _ in range(TRIES if masked else 1):
            reply = self._writer.complete(messages, tokens=limit or contract.output_tokens, schema=schema)
            tokens += reply.tokens
            text = reply.text.strip()
            problems = contract.check(text)
            texts.append((len(problems), text, not reply.ended))
            if not problems:
                break
            messages = [*chat, Message("assistant", text), Message("user", _again(problems))]
        _, text, cut = min(texts)
        return Draft(text, tokens, time.perf_counter() - started, cut)


def _again(problems: Sequence[Problem]) -> str:
    """What an endpoint is told whose text breaks the contract."""
    wrong = "\n".join(f"- {one.message}" for one in problems[:5])
    return f"That does not keep the form:\n{wrong}\nWrite it again, and nothing beside it."
