"""Language models behind an OpenAI-compatible `/v1/chat/completions` endpoint, hosted or on the user's own machine.

The address is `https://HOST/v1#MODEL`; the key is read from the environment (see `post.key_for`).

Endpoints differ in what they take. One that refuses a request for `max_tokens`, the temperature, a schema or a message
of the system is asked once more without it, and from then on in that way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from formfact.errors import ModelError, Refused
from formfact.models.post import Patience, Post, Rejected, key_for, parts_of
from formfact.types import Message, Reply

WRITING = Patience(timeout=120.0, attempts=4)
"""Somebody waits for the words: seconds are lost on an endpoint that is not there, not a quarter of a minute."""
EXAMPLE = "https://HOST/v1#MODEL"
HINT = "check that the address is the base URL of an OpenAI-compatible API and that the model chats"


Json = dict[str, Any]
Result = TypeVar("Result")


def _renamed(asked: Json) -> Json:
    return {("max_completion_tokens" if name == "max_tokens" else name): value for name, value in asked.items()}


def _without(name: str) -> Callable[[Json], Json]:
    return lambda asked: {key: value for key, value in asked.items() if key != name}


def _told_by_user(asked: Json) -> Json:
    """The system's messages at the head of the user's first one."""
    told = [one["content"] for one in asked["messages"] if one["role"] == "system"]
    rest = [one for one in asked["messages"] if one["role"] != "system"]
    if rest and told:
        rest[0] = {**rest[0], "content": "\n\n".join([*told, rest[0]["content"]])}
    return asked | {"messages": rest}


DIALECTS: Mapping[str, tuple[re.Pattern[str], Callable[[Json], Json]]] = {
    "max_completion_tokens": (re.compile("max_completion_tokens"), _renamed),
    "no temperature": (re.compile("temperature"), _without("temperature")),
    "no schema": (re.compile("response_format|json_schema"), _without("response_format")),
    "no system": (re.compile("system role|role.{0,20}system|system.{0,20}(?:message|role)", re.I), _told_by_user),
}
"""How a refusal names what an endpoint does not take, and the request without it."""


class Chat:
    """One model at one endpoint. Safe to use from several threads."""

    def __init__(self, address: str, *, key: str = "", patience: Patience = WRITING) -> None:
        self.address = address
        url, self.model = parse_chat_address(address)
        self._post = Post(url, key or key_for(url), patience)
        self._dialect: frozenset[str] = frozenset()

    def complete(self, messages: Sequence[Message], *, tokens: int, schema: Mapping[str, Any] | None = None) -> Reply:
        """Go on with a conversation, at temperature 0; `schema` asks for JSON of that schema. Raises ModelError."""
        asked = self._asked(messages, tokens)
        if schema is not None:
            named = {"name": "output", "schema": dict(schema), "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": named}
        body = self._understood(asked, self._post)
        try:
            return parse_reply(body)
        except ValueError as wrong:
            raise self._unusable(str(wrong)) from wrong

    def stream(self, messages: Sequence[Message], *, tokens: int) -> Iterator[str]:
        """The same, piece by piece. Raises ModelError, also where the reply breaks off before it says it is done."""
        asked = self._asked(messages, tokens) | {"stream": True}
        events = Events()
        for line in self._understood(asked, self._post.lines):
            try:
                piece = events.take(line)
            except ValueError as wrong:
                raise self._unusable(str(wrong)) from wrong
            if piece:
                yield piece
            if events.done:
                return
        try:
            piece = events.end()
        except ValueError as wrong:
            raise self._unusable(str(wrong)) from wrong
        if piece:
            yield piece

    def _understood(self, asked: Json, post: Callable[[bytes], Result]) -> Result:
        """The reply to a request, put in the way that this endpoint takes it."""
        while True:
            said = asked
            for name in self._dialect:
                said = DIALECTS[name][1](said)
            try:
                return post(json.dumps(said).encode())
            except Rejected as refusal:
                refused = {name for name, (names, _) in DIALECTS.items() if names.search(refusal.said)}
                if not refused - self._dialect:
                    raise
                self._dialect = self._dialect | refused

    def _asked(self, messages: Sequence[Message], tokens: int) -> Json:
        return {
            "model": self.model,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "max_tokens": tokens,
            "temperature": 0,
        }

    def _unusable(self, reason: str) -> ModelError:
        return ModelError(f"{self.address} gave no usable reply: {self._post.hidden(reason)}", hint=HINT)


class Events:
    """Server-sent events, line by line -> pieces of text. `done`: the endpoint said that nothing more comes.

    An endpoint that knows no streaming sends one JSON object instead, which `end` reads.
    """

    def __init__(self) -> None:
        self.done = False
        self._finished = False
        self._plain: list[bytes] = []

    def take(self, line: bytes) -> str:
        """The text that a line brings, "" for none. Raises ValueError for an event that is none of a chat's."""
        if not line.startswith(b"data:"):
            if line.lstrip().startswith((b"{", b"}", b'"', b"[")) or self._plain:
                self._plain.append(line)
            return ""
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            self.done = True
            return ""
        return self._piece(data)

    def end(self) -> str:
        """What is left when no more lines come. Raises ValueError where the reply was not finished."""
        if self._plain:
            return parse_reply(b"\n".join(self._plain)).text
        if not self._finished:
            raise ValueError("it broke off before it was finished")
        return ""

    def _piece(self, data: bytes) -> str:
        try:
            event = json.loads(data)
            if event.get("error"):
                raise ValueError("an error in the middle of the reply")
            choices = event.get("choices") or []
            # The last event may bring usage alone.
            if not choices:
                return ""
            self._finished = self._finished or bool(choices[0].get("finish_reason"))
            text = (choices[0].get("delta") or {}).get("content") or ""
            if not isinstance(text, str):
                raise TypeError(f"content is {type(text).__name__}")
            return text
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as wrong:
            raise ValueError(_shown(data, wrong)) from wrong


def open_chat(address: str) -> Chat:
    """The model at an endpoint's address; nothing is sent yet. Raises Refused."""
    return Chat(address)


def parse_chat_address(address: str) -> tuple[str, str]:
    """The URL that is posted to, and the model's name. Raises Refused."""
    if address.partition(":")[0].lower() not in ("http", "https"):
        raise Refused(f"{address!r} is no writer's address", hint=f"it looks like {EXAMPLE}")
    parts = parts_of(address, example=EXAMPLE)
    url = parts._replace(path=f"{parts.path.rstrip('/')}/chat/completions", fragment="").geturl()
    return url, unquote(parts.fragment)


def parse_reply(body: bytes) -> Reply:
    """The text of a reply. Raises ValueError that says what is wrong."""
    try:
        reply = json.loads(body)
        choice = reply["choices"][0]
        text = choice["message"]["content"]
        if not isinstance(text, str):
            raise TypeError(f"content is {type(text).__name__}")
        tokens = int((reply.get("usage") or {}).get("completion_tokens") or 0)
        return Reply(text, tokens, choice.get("finish_reason") != "length")
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as wrong:
        raise ValueError(_shown(body, wrong)) from wrong


def _shown(body: bytes, wrong: Exception) -> str:
    return f"{body[:200].decode(errors='replace')!r} ({type(wrong).__name__}: {wrong})"
