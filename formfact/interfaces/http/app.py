"""Settings -> the application: all routes of all faces behind one gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Path
from starlette.types import ASGIApp, Receive, Scope, Send

from formfact import plugins
from formfact.errors import FormfactError, MissingExtra
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.endpoint import endpoint
from formfact.interfaces.http.gate import Gate
from formfact.interfaces.http.refusals import broken, refusal, unknown
from formfact.interfaces.http.routes import Mounted, Route
from formfact.interfaces.http.settings import Settings

FACES = {
    "about": "formfact.interfaces.http.about:ROUTES",
    "knowledge": "formfact.interfaces.http.knowledge:ROUTES",
    "documents": "formfact.interfaces.http.documents:ROUTES",
    "jobs": "formfact.interfaces.http.watching:ROUTES",
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


def make_app(settings: Settings) -> ASGIApp:
    """The whole server as an ASGI application. Raises Refused or NotFound for settings that cannot be served."""
    desk = Desk(settings)
    routes = all_routes()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for one in routes:
                if isinstance(one, Mounted) and one.lifespan is not None:
                    await stack.enter_async_context(one.lifespan(desk))
            yield
            await desk.jobs.close()
        await to_thread.run_sync(desk.close)

    app = Starlette(routes=_placed(desk, routes), lifespan=lifespan)
    app.state.desk = desk
    app.add_exception_handler(FormfactError, _refused)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _broken)
    return Gate(app, settings)


def _placed(desk: Desk, routes: Sequence[Route | Mounted]) -> list[BaseRoute]:
    return [
        Mount(one.path, _guarded(desk, one)) if isinstance(one, Mounted)
        else Path(one.path, endpoint(desk, one), methods=[one.method])
        for one in routes
    ]  # fmt: skip


def _guarded(desk: Desk, mounted: Mounted) -> ASGIApp:
    inner = mounted.make(desk)

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        try:
            grant = desk.authorise(header)
            desk.permit(grant, "", write=mounted.access == "write")
        except FormfactError as error:
            await refusal(error)(scope, receive, send)
            return
        scope.setdefault("state", {}).update(grant=grant, desk=desk)
        await inner(scope, receive, send)

    return run


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, FormfactError)
    return refusal(error)


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return unknown(error.status_code, dict(error.headers or {}))


def _broken(request: Request, error: Exception) -> Response:
    return broken()
