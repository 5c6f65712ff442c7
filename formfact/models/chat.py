"""Language models behind an OpenAI-compatible `/v1/chat/completions` endpoint, hosted or on the user's own machine.

The address is `https://HOST/v1#MODEL`; the key is read from the environment (see `post.key_for`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from formfact.errors import ModelError, Refused
from formfact.models.post import PATIENCE, Patience, Post, key_for
from formfact.types import Message


class Reply(NamedTuple):
    """What a model wrote; `tokens` as the endpoint counted them, 0 where it did not; `ended`: it was not cut off."""

    text: str
    tokens: int
    ended: bool


class Chat:
    """One model at one endpoint. Safe to use from several threads."""

    def __init__(self, address: str, *, key: str = "", patience: Patience = PATIENCE) -> None:
        self.address = address
        url, self.model = parse_chat_address(address)
        self._post = Post(url, key or key_for(url), patience)

    def complete(self, messages: Sequence[Message], *, tokens: int, schema: Mapping[str, Any] | None = None) -> Reply:
        """Go on with a conversation, at temperature 0; `schema` asks for JSON of that schema. Raises ModelError."""
        asked: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "max_tokens": tokens,
            "temperature": 0,
        }
        if schema is not None:
            named = {"name": "output", "schema": dict(schema), "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": named}
        body = self._post(json.dumps(asked).encode())
        try:
            return parse_reply(body)
        except ValueError as wrong:
            shown = self._post.hidden(str(wrong))
            raise ModelError(
                f"{self.address} gave no usable reply: {shown}",
                hint="check that the address is the base URL of an OpenAI-compatible API and that the model chats",
            ) from wrong


def parse_chat_address(address: str) -> tuple[str, str]:
    """The URL that is posted to, and the model's name. Raises Refused."""
    parts = urlsplit(address)
    model = unquote(parts.fragment)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model:
        raise Refused(f"{address!r} is no writer's address", hint="it looks like https://HOST/v1#MODEL")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/chat/completions", model


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
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as wrong:
        shown = body[:200].decode(errors="replace")
        raise ValueError(f"{shown!r} ({type(wrong).__name__}: {wrong})") from wrong
