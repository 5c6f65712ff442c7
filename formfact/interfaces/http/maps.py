"""The audit's map over HTTP: drawn by the job, kept in the server's folder, shown at an address that lasts a minute.

A browser that follows a link sends no token; so who may read the base is given a ticket, and the ticket is the address.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from weakref import WeakKeyDictionary

from starlette.responses import HTMLResponse, Response

from formfact.errors import NotFound
from formfact.interfaces.http.answers import made_of
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.routes import Call, Json, Nothing, Route
from formfact.interfaces.http.schema import Within

LASTS = 60.0
"""Seconds."""
MOST = 1000
"""Tickets at a time; the oldest go."""
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
WHOLE = "</html>"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the address of a map ends with."""

    ticket: Annotated[str, Within(1, 100)]


class Tickets:
    """Which map a ticket shows, and until when. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Path]] = {}
        self._mutex = threading.Lock()

    def give(self, file: Path) -> str:
        """A new one, which nobody guesses."""
        ticket = secrets.token_urlsafe(24)
        with self._mutex:
            now = time.monotonic()
            valid = [(one, kept) for one, kept in self._known.items() if kept[0] > now]
            self._known = dict([*valid[1 - MOST :], (ticket, (now + LASTS, file))])
        return ticket

    def file(self, ticket: str) -> Path | None:
        """The map that it shows; None for one that is unknown or too old."""
        with self._mutex:
            until, file = self._known.get(ticket, (0.0, None))
        return file if until > time.monotonic() else None


_OF: WeakKeyDictionary[Desk, Tickets] = WeakKeyDictionary()


def map_file(desk: Desk, kb: str) -> Path:
    """Where the map of a knowledge base lies. Raises NotFound for a base that is not there."""
    return desk.home / "maps" / f"{desk.place(kb).resolve().name}.html"


def drawn(part: Path, file: Path) -> None:
    """Show a map from now on, if it was drawn to its end."""
    if part.is_file() and part.read_text("utf-8").rstrip().endswith(WHOLE):
        part.replace(file)
    part.unlink(missing_ok=True)


def address(call: Call, asked: Nothing) -> Json:
    file = map_file(call.desk, call.kb)
    if not file.is_file():
        raise NotFound("there is no map of this knowledge base yet", hint="POST /audit draws it")
    return {"address": f"/audit/map/{_OF.setdefault(call.desk, Tickets()).give(file)}"}


def show(call: Call, asked: Ticket) -> Response:
    file = _OF.setdefault(call.desk, Tickets()).file(asked.ticket)
    if file is None or not file.is_file():
        raise NotFound("there is no map at this address any more", hint="POST /audit/map gives a new one")
    page = file.read_text("utf-8")
    stated = POLICY.search(page)
    headers = {"Content-Security-Policy": f"{stated[1]}; frame-ancestors 'none'"} if stated else {}
    return HTMLResponse(page, headers=headers)


ROUTES = [
    Route(
        "POST", "/audit/map", address, "where a browser finds the map that the last audit drew, for a minute",
        gives=made_of({"address": {"type": "string"}}),
    ),
    Route("GET", "/audit/map/{ticket}", show, "the map", Ticket, access="open", about_kb=False, media="text/html"),
]  # fmt: skip
