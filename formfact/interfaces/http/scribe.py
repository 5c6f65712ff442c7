"""Texts in a pattern's form, written by a process of its own: torch and a model would make the server large and slow.

The process is started by the first who wants something written, keeps its models open for the next, and is ended when
nobody has wanted anything for a while, or when who wanted this has left. It takes one line of JSON for each question
and gives one for each answer.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from formfact import errors
from formfact.errors import FormfactError, ModelError, TooSlow
from formfact.front import Pattern
from formfact.interfaces.http.waiting import LOOK, left, nobody_waits, turn
from formfact.patterns.contract import Contract
from formfact.patterns.write import Draft
from formfact.types import Message

IDLE = 300.0
"""Seconds without a question after which the process is ended."""
AGAIN = "ask again; a model that is too large for the memory ends like this"


class Scribe:
    """The process that writes. Safe to use from several threads: one is served at a time."""

    def __init__(self, patience: float, *, idle: float = IDLE) -> None:
        self._patience, self._idle = patience, idle
        self._process: subprocess.Popen[bytes] | None = None
        self._held = -1
        self._mutex = threading.Lock()
        self._timer: threading.Timer | None = None
        self._closed = False

    def opens(self, pattern: Pattern) -> Drafter:
        """What writes for a pattern, in the process."""
        return Drafter(self, pattern.folder, pattern.base)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """One question to the process. Raises what it raised there, TooSlow, ModelError where it ended."""
        with turn(self._mutex):
            self._wait_for_idleness(False)
            try:
                answer = self._exchange(json.dumps(question).encode() + b"\n")
            except OSError as error:
                self._end()
                raise ModelError("the process that writes has ended", hint=AGAIN) from error
            finally:
                self._wait_for_idleness(True)
        if "error" in answer:
            raise _named(answer["error"])
        return answer

    def close(self) -> None:
        """End the process for good, in the middle of a sentence if need be: nobody reads it any more."""
        self._closed = True  # who waits for an answer looks at it
        self._rest()

    def _rest(self) -> None:
        """End the process, once it has answered, until somebody wants something written again."""
        with self._mutex:
            self._wait_for_idleness(False)
            self._end()

    def _exchange(self, question: bytes) -> dict[str, Any]:
        process = self._running()
        assert process.stdin
        assert process.stdout
        process.stdin.write(question)
        process.stdin.flush()
        end = time.monotonic() + self._patience
        while not select.select([process.stdout], [], [], LOOK)[0]:
            if self._closed or nobody_waits():  # others do, for their turn
                self._end()
                raise left()
            if time.monotonic() > end:
                self._end()
                raise TooSlow(f"nothing was written in {self._patience:g} seconds", hint="ask for less")
        answer = process.stdout.readline()
        if not answer:
            raise BrokenPipeError
        found: dict[str, Any] = json.loads(answer)
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise ModelError("the server is ending", hint="ask again when it is back")
        if self._process is None or self._process.poll() is not None:
            self._end()
            watched, self._held = os.pipe()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "formfact.interfaces.http.pen", str(watched)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                pass_fds=(watched,), start_new_session=True,
            )  # fmt: skip
            os.close(watched)
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        os.close(self._held)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream:
                    stream.close()

    def _wait_for_idleness(self, wait: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait and self._process is not None:
            self._timer = threading.Timer(self._idle, self._rest)
            self._timer.daemon = True
            self._timer.start()


class Drafter:
    """Writes for one pattern (see `patterns.write.Drafter`)."""

    def __init__(self, scribe: Scribe, folder: Path, base: str | None) -> None:
        self._scribe = scribe
        self._who = {"folder": str(folder), "base": base}

    def write(
        self, chats: Sequence[Sequence[Message]], contract: Contract, *, masked: bool = True, limit: int | None = None,
        apart: Sequence[str] | None = None,
    ) -> list[Draft]:  # fmt: skip
        how = {"masked": masked, "limit": limit, "apart": None if apart is None else list(apart)}
        asked = {"chats": [_plain(chat) for chat in chats], "contract": asdict(contract), **how}
        return [Draft(**one) for one in self._scribe.ask({**self._who, "write": asked})["written"]]

    def count(self, chat: Sequence[Message]) -> int:
        return int(self._scribe.ask({**self._who, "count": _plain(chat)})["tokens"])


def _plain(chat: Sequence[Message]) -> list[dict[str, str]]:
    return [asdict(message) for message in chat]


def _named(told: dict[str, str]) -> FormfactError:
    """An error of the process, as the one that it was there."""
    kind = getattr(errors, told["type"], None)
    if not (isinstance(kind, type) and issubclass(kind, FormfactError)):
        kind = ModelError
    found: FormfactError = kind(told["message"], hint=told["hint"])
    return found
