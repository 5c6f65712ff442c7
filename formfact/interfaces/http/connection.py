"""A connection that is cut off when it takes its time: uvicorn's own, with clocks.

uvicorn waits forever for the end of a request's headers and for a client to read its answer; both hold a connection
for as long as somebody likes.
"""

from __future__ import annotations

import asyncio
import socket

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol as Connection

LINGER = 2.0
"""Seconds for a client to notice that its body is not wanted, before the connection is closed on it."""


class Timed(Connection):
    """A connection whose client may take `seconds` for its headers, and as long without reading."""

    seconds = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._clocks: dict[str, asyncio.TimerHandle] = {}
        _send_at_once(transport)
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


def _send_at_once(transport: asyncio.Transport) -> None:
    """Head and body are two writes; the second would wait 40 ms for the client to acknowledge the first.

    asyncio sees to that itself, but not for connections of a socket that was made without naming TCP.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def timed(seconds: float) -> type[Timed]:
    """A connection of another patience."""
    return type("Patient", (Timed,), {"seconds": seconds})
