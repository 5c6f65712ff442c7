"""Whether somebody still waits for what a thread works at: a thread cannot be broken off, but it can ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

from formfact.errors import ModelError

T = TypeVar("T")
LOOK = 0.2
"""Seconds between two looks at whether somebody still waits."""
_LEFT: ContextVar[threading.Event | None] = ContextVar("left", default=None)
_ABANDONED: set[asyncio.Task[Any]] = set()
"""Work that goes on although nobody waits for it; the loop itself would forget it."""


class Waiting:
    """Somebody who waits for work that is done in threads, until they leave. `begun` tells whether any was."""

    def __init__(self) -> None:
        self._left = threading.Event()
        self.begun = False

    def run(self, work: Callable[[], T]) -> T:
        """Do the work; in it, `nobody_waits` tells whether `leave` was called. To be run in a thread's own context.

        Raises ModelError where `leave` was called before: the work may have no slot any more.
        """
        self.begun = True
        _LEFT.set(self._left)
        if self._left.is_set():
            raise left()
        return work()

    def leave(self) -> None:
        self._left.set()


def nobody_waits() -> bool:
    """Whether who asked for this thread's work has left. False where nobody said who that is."""
    left = _LEFT.get()
    return left is not None and left.is_set()


def left() -> ModelError:
    """What ends the work of somebody who has left."""
    return ModelError("nobody waits for this any more", hint="ask again")


@contextmanager
def turn(mutex: threading.Lock) -> Iterator[None]:
    """Alone with what only one may use at a time. Raises ModelError where who asks has left before it is their turn."""
    while not nobody_waits():
        if mutex.acquire(timeout=LOOK):
            break
    else:
        raise left()
    try:
        yield
    finally:
        mutex.release()


async def threaded(work: Callable[[], T], limiter: CapacityLimiter | None = None) -> T:
    """What work in a thread gives, which takes a slot of the limiter. Cancelled, it returns at once.

    The thread goes on then, and so it keeps its slot: clients that leave again and again would else have as much done
    at a time as they like. Only what waits for its slot still is forgotten.
    """
    waiting = Waiting()
    task = asyncio.ensure_future(to_thread.run_sync(partial(waiting.run, work), limiter=limiter))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        waiting.leave()
        if not waiting.begun:
            task.cancel()
        _ABANDONED.add(task)
        task.add_done_callback(_ended)
        raise


def _ended(task: asyncio.Task[Any]) -> None:
    _ABANDONED.discard(task)
    if not task.cancelled():
        task.exception()  # whatever it was, nobody waits for it any more
