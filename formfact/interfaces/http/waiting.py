"""Whether somebody still waits for what a thread works at: a thread cannot be broken off, but it can ask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
_LEFT: ContextVar[threading.Event | None] = ContextVar("left", default=None)


class Waiting:
    """Somebody who waits for work that is done in threads, until they leave."""

    def __init__(self) -> None:
        self._left = threading.Event()

    def run(self, work: Callable[[], T]) -> T:
        """Do the work; in it, `nobody_waits` tells whether `leave` was called. To be run in a thread's own context."""
        _LEFT.set(self._left)
        return work()

    def leave(self) -> None:
        self._left.set()


def nobody_waits() -> bool:
    """Whether who asked for this thread's work has left. False where nobody said who that is."""
    left = _LEFT.get()
    return left is not None and left.is_set()
