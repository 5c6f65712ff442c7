"""POST /v1/chat/completions: one answer, whole or in chunks, from the knowledge base or in the form of a pattern."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from typing import Any

from formfact.interfaces.http.routes import Call, Event, Events, Json
from formfact.interfaces.openai.grounded import grounded
from formfact.interfaces.openai.messages import Complete, check, conversation, schema_of
from formfact.interfaces.openai.models import KNOWLEDGE, base_of, missing, pattern_of
from formfact.interfaces.openai.said import Said
from formfact.interfaces.openai.written import written

PIECES = re.compile(r"\S+\s*|\s+")
WORDS = 6
"""Words in a chunk: what was checked as a whole is sent in pieces that a reader can follow."""

COMPLETION = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "created": {"type": "integer"},
        "model": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": "object"},
    },
    "required": ["id", "object", "created", "model", "choices", "usage"],
}


def complete(call: Call, asked: Complete) -> Json | Events:
    check(asked)
    messages, schema = conversation(asked), schema_of(asked)
    base, pattern = base_of(call, asked.model), pattern_of(call, asked.model)
    if base is not None:
        said = grounded(call, base, messages, schema=schema, limit=asked.limit)
    elif pattern is not None:
        said = written(call, pattern, messages, schema=schema, limit=asked.limit)
    else:
        raise missing(call, asked.model)
    said = said.until(asked.stops)
    head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": asked.model}
    if asked.stream:
        return Events(_chunks(head, said, include_usage=asked.include_usage))
    choice = {"index": 0, "message": _message(said), "finish_reason": said.finish, "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(said), **said.more}


def without_models(call: Call, asked: Complete) -> bool:
    """Whether quotes alone will answer."""
    return not call.desk.settings.writer and asked.model.partition(":")[0] == KNOWLEDGE


def _message(said: Said) -> Json:
    content = said.text if said.refusal is None else None
    plain: Json = {"role": "assistant", "content": content, "refusal": said.refusal}
    return plain | ({"annotations": [one.json() for one in said.citations]} if said.citations is not None else {})


def _chunks(head: Json, said: Said, *, include_usage: bool) -> Iterator[Event]:
    """The role, the text in pieces, the citations, how it ended, what it used, and the end of the stream."""

    def chunk(delta: Json, finish: str | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        rest = {"usage": None} if include_usage else {}
        return Event("", {**head, "object": "chat.completion.chunk", "choices": [choice], **rest})

    yield chunk({"role": "assistant", "content": ""})
    member, text = ("content", said.text) if said.refusal is None else ("refusal", said.refusal)
    words = PIECES.findall(text)
    for start in range(0, len(words), WORDS):
        yield chunk({member: "".join(words[start : start + WORDS])})
    if said.citations:
        yield chunk({"annotations": [one.json() for one in said.citations]})
    yield chunk({}, said.finish)
    if include_usage:
        rest: dict[str, Any] = {"object": "chat.completion.chunk", "choices": [], "usage": _usage(said)}
        yield Event("", {**head, **rest})
    yield Event("", "[DONE]")


def _usage(said: Said) -> Json:
    total = said.read + said.wrote
    return {"prompt_tokens": said.read, "completion_tokens": said.wrote, "total_tokens": total}
