"""A Route -> what Starlette calls: authorise, read what is asked, run it out of the loop's way, send what comes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, NoReturn

import anyio
from anyio import to_thread
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from formfact.errors import FormfactError, Refused, TooSlow
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.routes import Call, Event, Events, Route
from formfact.interfaces.http.schema import from_text, parse

Endpoint = Callable[[Request], Awaitable[Response]]
WITH_BODY = {"POST", "PUT", "PATCH"}
DEEP = 100
"""JSON nested deeper than this is no request."""


def endpoint(desk: Desk, route: Route) -> Endpoint:
    """The function that Starlette calls for a route."""

    async def answer(request: Request) -> Response:
        try:
            call = _call(desk, route, request)
            asked: Any = parse(route.takes, await _asked(route, request))
            return _response(route, await _run(desk, route, call, asked))
        except FormfactError as error:
            return route.refuses(error)

    return answer


def _call(desk: Desk, route: Route, request: Request) -> Call:
    if route.access == "open":
        return Call(desk, desk.nobody, desk.default, request)
    grant = desk.authorise(request.headers.get("authorization"))
    kb = (request.query_params.get("kb") or desk.default) if route.about_kb else ""
    desk.permit(grant, kb, write=route.access == "write")
    return Call(desk, grant, kb, request)


async def _asked(route: Route, request: Request) -> Any:
    """All parameters as one JSON object; what stands in the path goes before what stands elsewhere."""
    texts = {name: request.query_params.getlist(name) for name in request.query_params if name != "kb"}
    placed = {name: [str(value)] for name, value in request.path_params.items()}
    if request.method not in WITH_BODY or route.accepts != "application/json":
        return from_text(route.takes, texts | placed)
    if texts:
        raise Refused(f"{next(iter(texts))!r} stands in the address", hint="it belongs into the JSON body")
    body = await _json(request)
    if not isinstance(body, dict):
        raise Refused("the request is no JSON object", hint="see /openapi.json")
    return body | from_text(route.takes, placed)


async def _json(request: Request) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused("the request is not said to be JSON", hint="send the header Content-Type: application/json")
    body = await request.body()
    try:
        found = json.loads(body or b"{}", parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # which a lone half of a surrogate pair does not survive
    except (ValueError, RecursionError) as error:
        raise Refused("the request is no JSON", hint="it has to be valid, in UTF-8, and not deeply nested") from error
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


async def _run(desk: Desk, route: Route, call: Call, asked: Any) -> Any:
    if iscoroutinefunction(route.run):
        return await route.run(call, asked)
    with anyio.move_on_after(desk.settings.limits.seconds):
        return await to_thread.run_sync(partial(route.run, call, asked), abandon_on_cancel=True)
    raise TooSlow(f"no answer in {desk.settings.limits.seconds:g} seconds", hint="try again, or ask for less")


def _response(route: Route, found: Any) -> Response:
    if isinstance(found, Response):
        return found
    if isinstance(found, Events):
        return StreamingResponse(_sent(found), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    return JSONResponse(found, route.status)


async def _sent(events: Events) -> AsyncIterator[str]:
    if isinstance(events.items, Iterator):
        async for event in iterate_in_threadpool(events.items):
            yield _line(event)
    else:
        async for event in events.items:
            yield _line(event)


def _line(event: Event) -> str:
    data = event.data if isinstance(event.data, str) else json.dumps(event.data, ensure_ascii=False)
    name = f"event: {event.name}\n" if event.name else ""
    return f"{name}data: {data}\n\n"
