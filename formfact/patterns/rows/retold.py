"""The messages of a chat row with what was changed of their texts: all else that they hold stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from formfact.patterns.rows.forms import called, part_text
from formfact.types import Message


def retold(given: Sequence[Any], former: Sequence[Message], messages: Sequence[Message]) -> list[Any] | None:
    """The given messages, which were read as the former ones, with the texts of `messages`; new ones stand between.

    None where some of the given are gone: by their roles no message is theirs.
    """
    left = list(zip(given, former, strict=True))[::-1]
    made: list[Any] = []
    for one in messages:
        if left and left[-1][1].role == one.role:
            old, was = left.pop()
            made.append(old if was == one else _with_text(old, one.content))
        else:
            made.append({"role": one.role, "content": one.content})
    return None if left else made


def _with_text(message: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    content = message.get("content")
    if content is None and called(message):
        return message  # its text is only how we show the calls
    return {**message, "content": _parts(content, text) if isinstance(content, list) else text}


def _parts(parts: Sequence[Any], text: str) -> list[Any] | str:
    """Parts with another text: what is new goes where the texts begin to differ, images stay where they are."""
    old = "".join(map(part_text, parts))
    start = _alike(old, text)
    same = _alike(old[start:][::-1], text[start:][::-1])
    end, new = len(old) - same, text[start : len(text) - same]
    made: list[Any] = []
    at, placed = 0, False
    for part in parts:
        said = part_text(part)
        here = said and not placed and start <= at + len(said)
        kept = said[: max(0, start - at)] + (new if here else "") + said[max(0, end - at) :]
        placed = placed or bool(here)
        at += len(said)
        if kept or not said:
            made.append(_part(part, kept) if kept != said else part)
    if new and not placed:
        made.insert(0, {"type": "text", "text": new})
    return made or text


def _part(part: Any, text: str) -> Any:
    return {**part, "text": text} if isinstance(part, dict) else text


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    differs = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differs, min(len(one), len(other)))
