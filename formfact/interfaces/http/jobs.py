"""Long work in child processes, so that the server stays small and quick: started, watched, ended.

A job is a command of the command line. Jobs of one lane (a knowledge base, or training) wait for each other. Nothing
is kept: a server that ends takes its jobs with it, and every command goes on where it stopped when it is run again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from formfact.errors import NotFound, TooMany
from formfact.interfaces.http.placeless import Places
from formfact.interfaces.http.watch import LOG
from formfact.interfaces.wording import for_http

State = Literal["waiting", "running", "done", "failed", "ended"]
OVER = ("done", "failed", "ended")
KEPT, WAITING = 200, 50
"""Jobs that are over and remembered, and those that may wait or run at a time."""
AT_ONCE = 2
"""Processes that run at a time, whatever they are about."""
LOOKS = 2000
"""Lines of progress that a job keeps."""
LINE = 1 << 20
LONGEST_RESULT = 64 << 20
GRACE = 5.0
"""Seconds between asking a process to end and ending it."""
LAST_WORDS = 5
"""Lines of a failed process that are shown where it named no error."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: `formfact ARGV --json --progress json`.

    `kb` is the knowledge base it is about, "" for none; `lane` the jobs that it must not overlap with. `before` and
    `after` are called in the loop when it begins and when it is over, however that came.
    """

    kind: str
    argv: tuple[str, ...]
    kb: str = ""
    lane: str = ""
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. `progress` is its latest look, `created` seconds since 1970, `seconds` how long it ran."""

    id: str
    kind: str
    kb: str
    state: State
    progress: Mapping[str, Any] | None
    result: Any
    error: Mapping[str, str] | None
    created: float
    seconds: float


class Jobs:
    """All jobs of a server; used from the server's loop alone."""

    def __init__(self, places: Places) -> None:
        self._hidden = places
        self._running: dict[str, _Running] = {}
        self._lanes: dict[str, asyncio.Lock] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    def start(self, order: Order) -> Job:
        """Begin, or wait for the lane to be free. Raises TooMany."""
        active = [one for one in self._running.values() if one.state not in OVER]
        if len(active) >= WAITING:
            raise TooMany(f"{len(active)} jobs are under way", hint="wait for one to end, or end one")
        for old in [one.id for one in self._running.values() if one.state in OVER][: -KEPT or None]:
            del self._running[old]
        job = _Running(order, self._hidden.hide)
        self._running[job.id] = job
        lane = self._lanes.setdefault(order.lane or order.kb or order.kind, asyncio.Lock())
        job.task = asyncio.create_task(job.run(lane, self._places))
        job.task.add_done_callback(job.over)
        return job.job()

    def all(self) -> list[Job]:
        """Those that are remembered, the newest first."""
        return [one.job() for one in reversed(self._running.values())]

    def get(self, name: str) -> Job:
        """How one stands. Raises NotFound."""
        return self._find(name).job()

    def looks(self, name: str) -> list[Mapping[str, Any]]:
        """All progress that it has reported, in order. Raises NotFound."""
        return list(self._find(name).looks)

    async def watch(self, name: str) -> AsyncIterator[Job]:
        """How it stands, again whenever that changes, until it is over. Raises NotFound."""
        one = self._find(name)
        while True:
            changed = one.changed
            yield one.job()
            if one.state in OVER:
                return
            await changed.wait()

    async def end(self, name: str) -> Job:
        """Ask it to end, and end it if it does not. One that is over stays as it is. Raises NotFound."""
        one = self._find(name)
        await one.end()
        return one.job()

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(one.end() for one in self._running.values()))

    def _find(self, name: str) -> _Running:
        if name not in self._running:
            raise NotFound(f"there is no job {name!r}", hint="GET /jobs lists them")
        return self._running[name]


class _Running:
    def __init__(self, order: Order, hide: Callable[[str], str]) -> None:
        self._hide = hide
        self.id = secrets.token_hex(8)
        self.order = order
        self.state: State = "waiting"
        self.looks: deque[Mapping[str, Any]] = deque(maxlen=LOOKS)
        self.words: deque[str] = deque(maxlen=LAST_WORDS)
        self.result: Any = None
        self.error: Mapping[str, str] | None = None
        self.created = time.time()
        self.started = self.stopped = 0.0
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.process: asyncio.subprocess.Process | None = None

    def job(self) -> Job:
        until = self.stopped or time.monotonic()
        seconds = round(until - self.started, 3) if self.started else 0.0
        latest = self.looks[-1] if self.looks else None
        return Job(
            self.id, self.order.kind, self.order.kb, self.state, latest, self.result, self.error, self.created, seconds
        )

    async def run(self, lane: asyncio.Lock, places: asyncio.Semaphore) -> None:
        async with lane, places:
            self.started = time.monotonic()
            self._becomes("running")
            if self.order.before is not None:
                self.order.before()
            self._becomes(await self._carry_out())

    def over(self, task: asyncio.Task[None]) -> None:
        """What is left to do when `run` has ended, or was ended before it began."""
        self.stopped = time.monotonic()
        if self.state not in OVER:
            if not task.cancelled():
                LOG.error("a job could not be run", exc_info=task.exception())
                self.error = {"message": "it could not be run", "hint": "see the server's log", "type": "Crashed"}
            self._becomes("ended" if task.cancelled() else "failed")
        if self.order.after is not None:
            self.order.after()

    async def end(self) -> None:
        if self.state == "waiting" and self.task is not None:
            self.task.cancel()
        elif self.state == "running":
            self.state = "ended"
            await self._stop()
        if self.task is not None:
            await asyncio.wait({self.task})

    async def _stop(self) -> None:
        """Ask the process to end, and end it if it does not; one that is still to be made is ended when it is there."""
        if self.process is not None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), GRACE)
            self._signal(signal.SIGKILL)

    def _becomes(self, state: State) -> None:
        """Change the state, but not that of one that was ended, and tell all who watch."""
        if self.state != "ended":
            self.state = state
        self._tell()

    def _tell(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def _carry_out(self) -> State:
        watched, held = os.pipe()
        try:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "formfact.interfaces.http.child", str(watched), *self.order.argv,
                "--json", "--progress", "json",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                pass_fds=(watched,), start_new_session=True, limit=LINE,
            )  # fmt: skip
            if self.state == "ended":
                self._signal(signal.SIGKILL)
            out, _ = await asyncio.gather(self._out(self.process), self._err(self.process))
            code = await self.process.wait()
        finally:
            os.close(watched)
            os.close(held)
            self._signal(signal.SIGKILL)  # what it started and left behind
        return self._judge(code, out)

    async def _out(self, process: asyncio.subprocess.Process) -> bytes:
        assert process.stdout is not None
        found = bytearray()
        while part := await process.stdout.read(1 << 16):
            if len(found) <= LONGEST_RESULT:
                found += part
        return bytes(found)

    async def _err(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:  # a line that is longer than the limit
                continue
            if not line:
                return
            self._heard(line.decode("utf-8", "replace").rstrip())

    def _heard(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if isinstance(said, dict) and "progress" in said:
            self.looks.append(said["progress"])
            self._tell()
        elif isinstance(said, dict) and "error" in said:
            told = {name: str(text) for name, text in said["error"].items()}
            told["hint"] = for_http(told.get("hint", ""))
            self.error = {name: self._hide(text) for name, text in told.items()}
        else:
            self.words.append(line)

    def _judge(self, code: int, out: bytes) -> State:
        if code == 0:
            self.result = self._read(out)
            return "done"
        if self.error is None and self.state != "ended":
            hint = "run the command by hand to see more: formfact " + self.order.kind
            self.error = {
                "message": self._hide("\n".join(self.words)) or f"exit code {code}",
                "hint": hint,
                "type": "Crashed",
            }
        return "failed"

    def _read(self, out: bytes) -> Any:
        """What it printed; of a card, where its base lies on this machine is left out."""
        try:
            found = json.loads(out)
        except ValueError:
            return None
        if isinstance(found, dict) and isinstance(found.get("base"), str):
            found["base"] = self._hide(found["base"])
        return found

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
