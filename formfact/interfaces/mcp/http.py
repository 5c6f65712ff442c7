"""MCP over HTTP: a door in the server that fetches the package `mcp` when the first agent knocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from formfact import plugins
from formfact.errors import MissingExtra
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.refusals import refusal
from formfact.interfaces.http.routes import Mounted
from formfact.interfaces.mcp.means import Means

SERVERS = {"http": "formfact.interfaces.mcp.server:serve_http"}


class Door:
    """An ASGI application that opens when it is asked: importing `mcp` takes longer than starting all else."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._wanted, self._ready = anyio.Event(), anyio.Event()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wanted.set()
        await self._ready.wait()
        assert self._app
        await self._app(scope, receive, send)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Stand ready for as long as the block lasts."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._serve)
            yield
            tasks.cancel_scope.cancel()

    async def _serve(self) -> None:
        # One task from beginning to end: what the package opens, it closes in the task that opened it.
        await self._wanted.wait()
        try:
            serve = await to_thread.run_sync(partial(plugins.load, SERVERS, "http", what="server"))
        except MissingExtra as error:
            self._app = refusal(error)
            self._ready.set()
            return
        async with serve(self._means, hidden=self._desk.places.hidden) as app:
            self._app = app
            self._ready.set()
            await anyio.sleep_forever()

    def _means(self, request: Request) -> Means:
        """What the client behind a request may work with: `?kb=NAME`, else the first base that it may see."""
        grant = request.scope["state"]["grant"]
        seen = self._desk.names(grant)
        name = request.query_params.get("kb") or next(iter(seen), self._desk.default)
        self._desk.permit(grant, name, write=False)
        # Who is limited to knowledge bases has no part in what is no knowledge base.
        patterns = self._desk.patterns if grant.bases is None else None
        return Means(self._desk.knowledge(name), patterns)


def _open(app: ASGIApp) -> Any:
    assert isinstance(app, Door)
    return app.open()


ROUTES = [Mounted("/mcp", Door, "tools and documents for agents, over MCP", exact=True, lifespan=_open)]
