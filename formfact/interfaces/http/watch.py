"""Every request is counted, timed and logged: by route, status and client, never by what was asked or found.

A log line is one JSON object. Of an error that nobody foresaw it has the kind and the places in the code; what the
error says could quote a question or a document, and stays out.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formfact.interfaces.http.metrics import Metrics
from formfact.interfaces.http.refusals import Refuses, broken

LOG = logging.getLogger("formfact.server")
ROUTE = "formfact.route"
GRANT = "formfact.grant"
LEFT = 499
"""The status that is noted for a client which left before its answer came, as nginx does."""


class Watch:
    """ASGI middleware; the outermost one."""

    def __init__(self, app: ASGIApp, metrics: Metrics, shape: Callable[[str], Refuses]) -> None:
        self._app = app
        self._metrics = metrics
        self._shape = shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = LEFT, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.begun()
        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            _failed(scope, error)
            if status == LEFT:
                await self._shape(scope["path"])(broken())(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - started
            route = scope.get(ROUTE, "unmatched")
            self._metrics.ended(scope["method"], route, status, seconds)
            _request(scope, route, status, seconds)


def _request(scope: Scope, route: str, status: int, seconds: float) -> None:
    client = scope.get("client")
    known = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "client": client[0] if client else "",
        "grant": scope.get(GRANT, ""),
    }
    LOG.info("request", extra={"known": known})


def _failed(scope: Scope, error: Exception) -> None:
    LOG.error("error", extra={"known": {"route": scope.get(ROUTE, "unmatched"), **_places(error)}})


def _places(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "kind": type(error).__name__,
        "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }


class Lines(logging.Formatter):
    """Records as JSON lines. Of foreign loggers only the fixed part of the message is taken."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        found: dict[str, Any] = {"time": f"{stamp}.{int(record.msecs):03}Z", "level": record.levelname.lower()}
        found |= {"event": str(record.msg).partition("\n")[0], "logger": record.name}
        if record.exc_info and record.exc_info[1]:
            found |= _places(record.exc_info[1])
        return json.dumps(found | getattr(record, "known", {}))


def log_to(stream: TextIO = sys.stderr, *, quiet: bool = False) -> None:
    """Send all logs of this process to a stream as JSON lines; `quiet` leaves out those of single requests."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOG.setLevel(logging.WARNING if quiet else logging.INFO)
