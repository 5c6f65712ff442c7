"""A connection that is cut off when it takes its time: uvicorn's own, with clocks.

uvicorn waits forever for the end of a request's headers and for a client to read its answer; both hold a connection
for as long as somebody likes.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol as Connection

LINGER = 2.0
"""Seconds for a client to notice that its body is not wanted, before the connection is closed on it."""


class Timed(Connection):
    """A connection whose client may take `seconds` for its headers, and as long without reading."""

    seconds = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._clocks: dict[str, asyncio.TimerHandle] = {}
        super().connection_made(transport)
        self._wind("headers", self.seconds)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop("headers")
        elif "headers" not in self._clocks:
            self._wind("headers", self.seconds)
        if self.conn.our_state is not h11.DONE:  # the body came after its answer, and the connection goes on
            self._stop("body")

    def on_response_complete(self) -> None:
        unread = self.conn.their_state is h11.SEND_BODY
        super().on_response_complete()
        if unread:
            self._wind("body", LINGER)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # Closing waits until all is sent, which a client that does not read can put off.
        self._wind("goodbye", self.seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wind("reading", self.seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop("reading")

    def connection_lost(self, exc: Exception | None) -> None:
        for name in list(self._clocks):
            self._stop(name)
        super().connection_lost(exc)

    def _wind(self, name: str, delay: float) -> None:
        self._stop(name)
        self._clocks[name] = self.loop.call_later(delay, self.transport.abort)

    def _stop(self, name: str) -> None:
        clock = self._clocks.pop(name, None)
        if clock is not None:
            clock.cancel()


def timed(seconds: float) -> type[Timed]:
    """A connection of another patience."""
    return type("Patient", (Timed,), {"seconds": seconds})
