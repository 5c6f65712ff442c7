"""Dialogues over HTTP. Whoever has a token sees the dialogues held with it; the owner sees all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from formfact.errors import NotFound
from formfact.interfaces import wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.knowledge import Question, quoted, sentences, without_writer
from formfact.interfaces.http.routes import Call, Events, Json, Nothing, Route
from formfact.interfaces.http.schema import Within
from formfact.interfaces.http.tokens import EVERYTHING, OWNER
from formfact.types import DialogueListing

Name = Annotated[str, Within(1, 60), re.compile(r"\S")]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Say:
    """A turn of a dialogue; one with a `name` is kept and understood in the context of what was said in it.

    `writer`, `schema`, `strict` and `stream` as for a question to /ask.
    """

    text: Question
    name: Annotated[str, Within(most=60)] = ""
    writer: bool = True
    schema: Mapping[str, Any] | None = None
    strict: bool = True
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A dialogue by its name."""

    name: Name


def _full(call: Call, name: str) -> str:
    """The name under which the base keeps it: names of one client are no names of another."""
    return f"{_prefix(call)}{name}" if name else ""


def _prefix(call: Call) -> str:
    return "" if call.grant.name in (EVERYTHING.name, OWNER) else f"{call.grant.name}: "


def chat(call: Call, asked: Say) -> Json | Events:
    writer = call.desk.writer if asked.writer else None
    dialogue = call.knowledge.chat(_full(call, asked.name), writer=writer, strict=asked.strict)
    if asked.stream and writer and asked.schema is None:
        return Events(sentences(call, dialogue.say_stream(asked.text)))
    given = wire.answer(call.desk.places.answer(dialogue.say(asked.text, schema=asked.schema)))
    return Events(quoted(given)) if asked.stream else given


def dialogues(call: Call, asked: Nothing) -> Json:
    prefix = _prefix(call)
    mine = [one for one in call.knowledge.dialogues() if one.name.startswith(prefix)]  # fmt: skip
    return {"dialogues": [wire.dialogue(replace(one, name=one.name.removeprefix(prefix))) for one in mine]}


def _known(call: Call, name: str) -> DialogueListing:
    found = next((one for one in call.knowledge.dialogues() if one.name == _full(call, name)), None)
    if found is None:
        raise NotFound(f"there is no dialogue {name!r}", hint="GET /dialogues lists them")
    return found


def dialogue(call: Call, asked: Named) -> Json:
    found = _known(call, asked.name)
    turns = call.knowledge.chat(found.name).turns
    return {**wire.dialogue(replace(found, name=asked.name)), "turns": [wire.turn(one) for one in turns]}


def forget(call: Call, asked: Named) -> Json:
    call.knowledge.forget(_known(call, asked.name).name)
    return {"deleted": asked.name}


ROUTES = [
    Route(
        "POST", "/chat", chat, "a turn of a dialogue, answered as by ask", Say, shape.ANSWER, slow=True,
        computes=lambda call, asked: without_writer(call, wanted=asked.writer),
    ),
    Route("GET", "/dialogues", dialogues, "the named dialogues, the latest first", gives=shape.DIALOGUES),
    Route("GET", "/dialogue", dialogue, "what was said in a dialogue", Named, shape.DIALOGUE),
    Route("DELETE", "/dialogue", forget, "delete a dialogue", Named, shape.DELETED),
]  # fmt: skip
