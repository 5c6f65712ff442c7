"""The forms that a training row comes in, told apart by their keys, and the messages that each stands for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formfact.types import Message

Record = Mapping[str, Any]

SPEAKERS = {
    "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "bot": "assistant",
    "chatgpt": "assistant", "bing": "assistant", "bard": "assistant", "model": "assistant", "system": "system",
    "tool": "tool", "observation": "tool", "function_call": "assistant", "function_response": "tool",
}  # fmt: skip
"""ShareGPT's names for who speaks -> roles."""


class Malformed(Exception):
    """A record that is no training row; says why."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its name, the keys that are its own, those that tell it, and how it is read."""

    name: str
    keys: frozenset[str]
    told_by: tuple[str, ...]
    read: Callable[[Record], Sequence[Message]]

    def fits(self, record: Record) -> bool:
        return all(key in record for key in self.told_by)


def messages_of(record: Record) -> tuple[Message, ...]:
    """The messages that a record stands for. Raises Malformed."""
    for form in FORMS:
        if form.fits(record):
            return tuple(form.read(record))
    known = "; ".join(f"{form.name}: {', '.join(form.told_by)}" for form in FORMS)
    keys = ", ".join(map(str, record)) or "nothing"
    raise Malformed(f"none of the known forms has these keys: {keys} ({known})")


def _chat(record: Record) -> list[Message]:
    given = record["messages"]
    if not isinstance(given, list) or not given:
        raise Malformed("messages is no list, or an empty one")
    found = []
    for at, one in enumerate(given, 1):
        if not isinstance(one, dict) or not isinstance(one.get("role"), str):
            raise Malformed(f"message {at} has no role")
        found.append(Message(one["role"], _content(one, at)))
    return found


def _content(message: Record, at: int) -> str:
    """The text of a message: of several parts their texts; of a call of tools the calls as JSON."""
    content = message.get("content")
    if content is None and (calls := called(message)):
        return json.dumps(calls, ensure_ascii=False)
    if isinstance(content, list):
        return "".join(map(part_text, content))
    if content is None or isinstance(content, str):
        return content or ""
    raise Malformed(f"the content of message {at} is no text")


def part_text(part: Any) -> str:
    """The text of one part of a message; "" of an image."""
    return str(part.get("text", "") if isinstance(part, dict) else part)


def called(message: Record) -> Any:
    """The tools that a message calls; what is not true where it calls none."""
    return message.get("tool_calls") or message.get("function_call")


def _shared(record: Record) -> list[Message]:
    given = record["conversations"]
    if not isinstance(given, list) or not given:
        raise Malformed("conversations is no list, or an empty one")
    found = _system(record)
    for at, one in enumerate(given, 1):
        speaker = one.get("from") if isinstance(one, dict) else None
        if not isinstance(speaker, str) or not isinstance(one.get("value"), str):
            raise Malformed(f"turn {at} has no from and value")
        found.append(Message(SPEAKERS.get(speaker.lower(), speaker), one["value"]))
    return found


def _alpaca(record: Record) -> list[Message]:
    asked, given = _text(record, "instruction"), _text(record, "input")
    prompt = f"{asked}\n\n{given}" if asked and given else asked or given
    found = _system(record)
    history = record.get("history") or []
    if not isinstance(history, list) or any(not isinstance(turn, list) or len(turn) != 2 for turn in history):
        raise Malformed("history is no list of pairs")
    for turn in history:
        found += [Message("user", str(turn[0])), Message("assistant", str(turn[1]))]
    return [*found, Message("user", prompt), Message("assistant", _text(record, "output"))]


def _pair(asked: str, answered: str) -> Callable[[Record], list[Message]]:
    def read(record: Record) -> list[Message]:
        return [
            *_system(record),
            Message("user", _text(record, asked)),
            Message("assistant", _text(record, answered)),
        ]

    return read


def _in_context(record: Record) -> list[Message]:
    """The context before the question: without it the answer would look like knowledge."""
    prompt = "\n\n".join(filter(None, (_text(record, "context"), _text(record, "question"))))
    return [*_system(record), Message("user", prompt), Message("assistant", _text(record, "answer"))]


def _system(record: Record) -> list[Message]:
    return [Message("system", _text(record, "system"))] if record.get("system") else []


def _text(record: Record, key: str) -> str:
    """The text under a key; a list of texts is one a line."""
    value = record.get(key, "")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{key} is no text")
    return value


def _form(name: str, told_by: tuple[str, ...], read: Callable[[Record], Sequence[Message]], *more: str) -> Form:
    return Form(name, frozenset({*told_by, *more}), told_by, read)


FORMS = (
    _form("OpenAI chat", ("messages",), _chat),
    _form("ShareGPT", ("conversations",), _shared, "system"),
    _form("Alpaca", ("instruction", "output"), _alpaca, "input", "system", "history"),
    _form("prompt and completion", ("prompt", "completion"), _pair("prompt", "completion"), "system"),
    _form("text and output", ("text", "output"), _pair("text", "output"), "system"),
    _form("text and questions", ("text", "questions"), _pair("text", "questions"), "system"),
    _form("input and output", ("input", "output"), _pair("input", "output"), "system"),
    _form("context, question and answer", ("context", "question", "answer"), _in_context, "system"),
    _form("question and answer", ("question", "answer"), _pair("question", "answer"), "system"),
)
"""Told apart in this order: the first whose keys are there is the row's form."""

KEYS = frozenset(key for form in FORMS for key in form.keys)
"""All keys that some form has."""


def weight(record: Record) -> float:
    """What the loss of a row's last message counts by OpenAI's `weight`: 0 says that it is not to be learnt."""
    value = _given(record, -1).get("weight")
    try:
        return float(value) if isinstance(value, int | float) else 1.0
    except OverflowError:  # JSON has whole numbers that no float holds
        return 1.0


def textless(record: Record, at: int = -1) -> bool:
    """Whether a chat row's message at a place from its end has no text of its own, such as a call of tools."""
    message = _given(record, at)
    return "role" in message and message.get("content") is None


def beside(record: Record) -> str:
    """What the messages of a chat row hold beside their texts, such as images, as JSON; "" where nothing."""
    given = record.get("messages")
    contents = [one.get("content") for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    parts = [part for content in contents if isinstance(content, list) for part in content if not part_text(part)]
    return json.dumps(parts) if parts else ""


def _given(record: Record, at: int) -> Record:
    """A chat row's message as it was given, `at` from the end; empty where the row has none."""
    given = record.get("messages")
    message = given[at] if isinstance(given, list) and len(given) >= -at else None
    return message if isinstance(message, dict) else {}
