"""Settings -> the application: all routes of all faces behind one gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Path
from starlette.types import Receive, Scope, Send

from formfact import plugins
from formfact.errors import FormfactError, MissingExtra
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.endpoint import Threads, endpoint
from formfact.interfaces.http.gate import Gate
from formfact.interfaces.http.limits import bounded
from formfact.interfaces.http.refusals import broken, refusal, unknown
from formfact.interfaces.http.routes import Mounted, Route
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.http.watch import GRANT, ROUTE, Watch

FACES = {
    "about": "formfact.interfaces.http.about:ROUTES",
    "knowledge": "formfact.interfaces.http.knowledge:ROUTES",
    "documents": "formfact.interfaces.http.documents:ROUTES",
    "jobs": "formfact.interfaces.http.watching:ROUTES",
    "mcp": "formfact.interfaces.mcp.http:ROUTES",
    "openai": "formfact.interfaces.openai.routes:ROUTES",
}
"""All that is served: a name -> a list of Route and Mounted. A face whose package is not installed is left out."""


def all_routes() -> list[Route | Mounted]:
    """Every route that is served, in the table's order."""
    found: list[Route | Mounted] = []
    for name in FACES:
        try:
            found += plugins.load(FACES, name, what="face")
        except MissingExtra:
            continue
    return found


def make_app(settings: Settings) -> App:
    """The whole server as an ASGI application. Raises Refused or NotFound for settings that cannot be served."""
    return App(Desk(settings))


class App:
    """An ASGI application; `desk` is what it works with."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._run = Watch(Gate(_inner(desk), desk.settings), desk.metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._run(scope, receive, send)


def _inner(desk: Desk) -> Starlette:
    routes, threads = all_routes(), Threads()
    guarded = {one.path: Guarded(desk, one) for one in routes if isinstance(one, Mounted)}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for one in guarded.values():
                if one.mounted.lifespan is not None:
                    await stack.enter_async_context(one.mounted.lifespan(one.inner))
            yield
            await desk.jobs.close()
        await to_thread.run_sync(desk.close)

    app = Starlette(routes=[_placed(desk, one, guarded, threads) for one in routes], lifespan=lifespan)
    app.add_exception_handler(FormfactError, _refused)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _broken)
    return app


def _placed(desk: Desk, route: Route | Mounted, guarded: Mapping[str, Guarded], threads: Threads) -> BaseRoute:
    if isinstance(route, Route):
        return Path(route.path, endpoint(desk, route, threads), methods=[route.method])
    return Path(route.path, guarded[route.path]) if route.exact else Mount(route.path, guarded[route.path])


class Guarded:
    """A mounted application behind the check of who asks. A class, because Starlette takes a function for a view."""

    def __init__(self, desk: Desk, mounted: Mounted) -> None:
        self.mounted, self.inner = mounted, mounted.make(desk)
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, desk = Request(scope, receive), self._desk
        scope[ROUTE] = self.mounted.path
        try:
            client = request.client.host if request.client else ""
            grant = desk.authorise(request.headers.get("authorization"), client)
            desk.permit(grant, "", write=self.mounted.access == "write")
            receive = bounded(receive, request.headers, desk.settings.limits, large=False)
        except FormfactError as error:
            await refusal(error)(scope, receive, send)
            return
        scope[GRANT] = grant.name
        scope.setdefault("state", {}).update(grant=grant, desk=desk)
        await self.inner(scope, receive, send)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, FormfactError)
    return refusal(error)


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return unknown(error.status_code, dict(error.headers or {}))


def _broken(request: Request, error: Exception) -> Response:
    return broken()
