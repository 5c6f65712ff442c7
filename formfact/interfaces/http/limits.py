"""What keeps one client from taking all: how fast it may ask, how much it may send, and how slowly.

Headers that never end and answers that nobody reads are cut off below this, in `connection.py`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping

from starlette.types import Message, Receive

from formfact.errors import Refused, Stalled, TooLarge, TooMany
from formfact.interfaces.http.settings import Limits

BURST = 2.0
"""Seconds' worth of requests that a client may send at once."""
CLIENTS = 10_000
SLOWEST = 1000.0
"""Bytes a second that a body has to bring, once its first seconds are over."""


class Rates:
    """A bucket for each client, filled at a steady rate; a request takes one token out. Safe for several threads."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._buckets: dict[str, tuple[float, float]] = {}
        self._mutex = threading.Lock()

    def take(self, client: str) -> None:
        """Let a request pass. Raises TooMany."""
        if self._rate is None:
            return
        now, full = time.monotonic(), max(1.0, self._rate * BURST)
        with self._mutex:
            tokens, then = self._buckets.pop(client, (full, now))
            tokens = min(full, tokens + (now - then) * self._rate)
            # Put back as the youngest: the one in front is whoever was quiet for longest.
            self._buckets[client] = (max(0.0, tokens - 1), now)
            while len(self._buckets) > CLIENTS:
                del self._buckets[next(iter(self._buckets))]
        if tokens < 1:
            raise TooMany(f"more than {self._rate:g} requests a second", hint="wait a moment and go slower")


def bounded(receive: Receive, headers: Mapping[str, str], limits: Limits, *, large: bool) -> Receive:
    """The channel of a request that gives up where its body is too long or too slow. Raises TooLarge, Refused.

    A body that was said to be too long is refused before it is read.
    """
    most = limits.upload if large else limits.body
    _check_length(headers.get("content-length"), most)
    started, got, whole = time.monotonic(), 0, False

    async def counted() -> Message:
        nonlocal got, whole
        if whole:
            return await receive()  # which waits for the client to leave, however long that takes
        left = started + limits.stalled + got / SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0.001)):
                message = await receive()
        except TimeoutError as late:
            raise Stalled("the request arrives too slowly", hint="send it again over a better line") from late
        got += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if got > most:
            raise _too_large(most)
        return message

    return counted


def _check_length(length: str | None, most: int) -> None:
    if length is None:
        return
    if not length.isdecimal():
        raise Refused("Content-Length is no number", hint="leave it to your HTTP library")
    if len(length) > 18 or int(length) > most:
        raise _too_large(most)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the request is longer than {most:,} bytes", hint="send less, or start the server with more")
