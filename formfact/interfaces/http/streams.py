"""Events -> a stream of server-sent events that is closed when its client leaves, wherever it stands then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from functools import partial

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.responses import StreamingResponse
from starlette.types import Send

from formfact.errors import FormfactError
from formfact.interfaces.as_json import as_json
from formfact.interfaces.http.refusals import Refuses
from formfact.interfaces.http.routes import Event, Events
from formfact.interfaces.http.waiting import Waiting

ALIVE = 15.0
"""Seconds of silence after which a stream says that it is still there."""
END = object()


def stream(events: Events, limiter: CapacityLimiter, refuses: Refuses) -> StreamingResponse:
    """The answer that sends events as they come; those of a plain iterator are drawn in threads of the limiter."""
    items = _Drawn(events.items, limiter) if isinstance(events.items, Iterator) else events.items
    return _Stream(_sent(items, refuses))


class _Stream(StreamingResponse):
    def __init__(self, lines: AsyncGenerator[str]) -> None:
        self._lines = lines
        super().__init__(lines, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._lines.aclose()


class _Drawn(AsyncIterator[Event]):
    """A plain iterator whose items are drawn, and which is closed, in worker threads."""

    def __init__(self, items: Iterator[Event], limiter: CapacityLimiter) -> None:
        self._items = items
        self._limiter = limiter
        self._waiting = Waiting()

    async def __anext__(self) -> Event:
        draw = partial(self._waiting.run, partial(next, self._items, END))
        event = await to_thread.run_sync(draw, limiter=self._limiter)
        if event is END:
            raise StopAsyncIteration
        assert isinstance(event, Event)
        return event

    def leave(self) -> None:
        """Let who draws the next item know that nobody waits for it."""
        self._waiting.leave()

    async def aclose(self) -> None:
        close = getattr(self._items, "close", None)
        if close is not None:
            await to_thread.run_sync(close, limiter=self._limiter)


async def _sent(events: AsyncIterator[Event], refuses: Refuses) -> AsyncGenerator[str]:
    """Events as lines, and a comment whenever there was none for a while: a client that has left is found so.

    An error that has a name is the last event, for the status has long been sent. When it is closed, an item that is
    being awaited is broken off; one that a thread draws is waited for, since an iterator that runs cannot be closed.
    """
    pending: asyncio.Task[Event] | None = None
    try:
        while True:
            pending = pending or asyncio.create_task(_next(events))
            done, _ = await asyncio.wait({pending}, timeout=ALIVE)
            if not done:
                yield ": still here\n\n"
                continue
            event, pending = pending, None
            try:
                yield _line(event.result())
            except StopAsyncIteration:
                return
            except FormfactError as error:
                yield _line(Event("error", bytes(refuses(error).body).decode()))
                return
    finally:
        with anyio.CancelScope(shield=True):
            if pending is not None:
                await _end(pending, events)
            close = getattr(events, "aclose", None)
            if close is not None:
                await close()


async def _next(events: AsyncIterator[Event]) -> Event:
    return await anext(events)


async def _end(pending: asyncio.Task[Event], events: AsyncIterator[Event]) -> None:
    if isinstance(events, _Drawn):
        events.leave()
    else:
        pending.cancel()
    await asyncio.wait({pending})
    if not pending.cancelled():
        pending.exception()  # whatever it was, nobody waits for it any more


def _line(event: Event) -> str:
    data = event.data if isinstance(event.data, str) else as_json(event.data)
    name = f"event: {event.name}\n" if event.name else ""
    return f"{name}data: {data}\n\n"
