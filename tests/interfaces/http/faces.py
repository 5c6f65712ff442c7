"""Routes that only tests serve: they fail, wait, and stream without end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from formfact.errors import Refused
from formfact.interfaces.http.routes import Call, Event, Events, Json, Nothing, Route

SECRET = "the-question-nobody-may-log"
closed: list[int] = []
"""Streams that were closed, each by how many events it had given."""
at_once: list[int] = []
"""How many waited at a time, whenever one more began to."""
waiting: list[object] = []


@dataclass(frozen=True)
class Wait:
    seconds: float = 0.0


def fail(call: Call, asked: Nothing) -> Json:
    raise ValueError(f"an error that quotes {SECRET}")


def wait(call: Call, asked: Wait) -> Json:
    waiting.append(asked)
    at_once.append(len(waiting))
    time.sleep(asked.seconds)
    waiting.pop()
    return {}


def endless(call: Call, asked: Nothing) -> Events:
    return Events(_endless())


def _endless() -> Iterator[Event]:
    given = 0
    try:
        while True:
            time.sleep(0.01)
            given += 1
            yield Event("tick", {"given": given})
    finally:
        closed.append(given)


def torn(call: Call, asked: Nothing) -> Events:
    return Events(_torn())


def _torn() -> Iterator[Event]:
    yield Event("first", {})
    raise Refused("it broke off", hint="ask again")


def huge(call: Call, asked: Nothing) -> Events:
    return Events(iter([Event("much", "x" * 5_000_000)] * 20))


ROUTES = [
    Route("GET", "/test/fail", fail, "fails"),
    Route("GET", "/test/wait", wait, "waits", Wait),
    Route("GET", "/test/write", wait, "waits as for a model", Wait, slow=True),
    Route("GET", "/test/endless", endless, "ends when the client does"),
    Route("GET", "/test/torn", torn, "breaks off"),
    Route("GET", "/test/huge", huge, "more than a buffer holds"),
]
