"""Settings -> the application: all routes of all faces behind one gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Path
from starlette.types import Receive, Scope, Send

from formfact.errors import FormfactError
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.endpoint import Endpoint, Threads, endpoint
from formfact.interfaces.http.faces import all_routes, all_standing
from formfact.interfaces.http.gate import Gate
from formfact.interfaces.http.limits import bounded
from formfact.interfaces.http.refusals import Refuses, broken, refusal, unrouted
from formfact.interfaces.http.routes import Mounted, Route, refuses_of
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.http.watch import GRANT, ROUTE, Watch

Shape = Callable[[str], Refuses]
"""How errors are shown, by the path that was asked for."""


def make_app(settings: Settings) -> App:
    """The whole server as an ASGI application. Raises Refused or NotFound for settings that cannot be served."""
    return App(Desk(settings))


class App:
    """An ASGI application; `desk` is what it works with."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        routes = all_routes()
        shape = refuses_of(routes)
        self._run = Watch(Gate(_inner(desk, routes, shape), desk.settings, shape), desk.metrics, shape)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._run(scope, receive, send)


def _inner(desk: Desk, routes: Sequence[Route | Mounted], shape: Shape) -> Starlette:
    guarded = {one.path: Guarded(desk, one) for one in routes if isinstance(one, Mounted)}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for lasting in all_standing(desk):
                await stack.enter_async_context(lasting)
            for one in guarded.values():
                if one.mounted.lifespan is not None:
                    await stack.enter_async_context(one.mounted.lifespan(one.inner))
            yield
            await desk.jobs.close()
        await to_thread.run_sync(desk.close)

    async def refused(request: Request, error: Exception) -> Response:
        # What it was, where we did not foresee it, is logged by who called this.
        return shape(request.url.path)(error if isinstance(error, FormfactError) else broken())

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        path = request.url.path
        found = shape(path)(unrouted(error.status_code, f"{request.method} {path[:200]}"))
        found.headers.update(error.headers or {})
        return found

    app = Starlette(routes=[*_placed(desk, routes), *map(_mount, guarded.values())], lifespan=lifespan)
    app.add_exception_handler(FormfactError, refused)
    app.add_exception_handler(Exception, refused)
    app.add_exception_handler(HTTPException, unknown)
    return app


def _placed(desk: Desk, routes: Sequence[Route | Mounted]) -> list[BaseRoute]:
    """One Starlette route a path, which knows all its methods."""
    threads = Threads()
    paths: dict[str, dict[str, Endpoint]] = {}
    for route in routes:
        if isinstance(route, Route):
            paths.setdefault(route.path, {})[route.method] = endpoint(desk, route, threads)
    return [Path(path, _chosen(methods), methods=list(methods)) for path, methods in paths.items()]


def _chosen(methods: Mapping[str, Endpoint]) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method](request)

    return answer


def _mount(guarded: Guarded) -> BaseRoute:
    path = guarded.mounted.path
    return Path(path, guarded) if guarded.mounted.exact else Mount(path, guarded)


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
            await refusal(desk.places.hidden(error))(scope, receive, send)
            return
        scope[GRANT] = grant.name
        scope.setdefault("state", {}).update(grant=grant, desk=desk)
        await self.inner(scope, receive, send)
