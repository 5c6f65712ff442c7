"""A Route -> what Starlette calls: authorise, read what is asked, run it out of the loop's way, send what comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, NoReturn

from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from formfact.errors import FormfactError, Refused, TooSlow
from formfact.interfaces.as_json import as_json
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.limits import bounded
from formfact.interfaces.http.routes import Call, Events, Route
from formfact.interfaces.http.schema import from_text, parse
from formfact.interfaces.http.streams import stream
from formfact.interfaces.http.waiting import threaded
from formfact.interfaces.http.watch import GRANT, LEFT, ROUTE

Endpoint = Callable[[Request], Awaitable[Response]]
WITH_BODY = {"POST", "PUT", "PATCH"}


class Threads:
    """Where blocking work is done: what computes in few threads, verbs in more, streams in many, for they mostly wait.
    What a model may write for has threads of its own: nobody's status waits for it.

    Python runs one thread at a time: of sixteen that compute each waits for all others, again and again, and a search
    took half as long again as among four.
    """

    def __init__(self, computing: int = 4, verbs: int = 16, writing: int = 16, streams: int = 256) -> None:
        self.computing = CapacityLimiter(computing)
        self.verbs = CapacityLimiter(verbs)
        self.writing = CapacityLimiter(writing)
        self.streams = CapacityLimiter(streams)


def endpoint(desk: Desk, route: Route, threads: Threads) -> Endpoint:
    """The function that Starlette calls for a route."""

    async def answer(request: Request) -> Response:
        request.scope[ROUTE] = route.path
        try:
            call = _call(desk, route, request)
            asked: Any = parse(route.takes, await _asked(route, call.request))
            return _response(call, route, await _run(route, call, asked, threads), threads)
        except FormfactError as error:
            return route.refuses(desk.places.hidden(error))
        except ClientDisconnect:
            return Response(status_code=LEFT)

    return answer


def _call(desk: Desk, route: Route, request: Request) -> Call:
    limits = desk.settings.limits
    receive = bounded(request.receive, request.headers, limits, large=route.large)
    request = Request(request.scope, receive)
    if route.access == "open":
        return Call(desk, desk.nobody, desk.default, request)
    grant = desk.authorise(request.headers.get("authorization"), request.client.host if request.client else "")
    request.scope[GRANT] = grant.name
    kb = (request.query_params.get("kb") or desk.default) if route.about_kb else ""
    desk.permit(grant, kb, write=route.access == "write")
    return Call(desk, grant, kb, request)


async def _asked(route: Route, request: Request) -> Any:
    """All parameters as one JSON object; what stands in the path goes before what stands elsewhere."""
    texts = {name: request.query_params.getlist(name) for name in request.query_params if name != "kb"}
    placed = {name: [str(value)] for name, value in request.path_params.items()}
    if request.method not in WITH_BODY or route.accepts != "application/json":
        if request.method not in WITH_BODY:
            await request.body()
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
        if not body.isascii() or b"\\u" in body:
            json.dumps(found, ensure_ascii=False).encode()  # which a lone half of a surrogate pair does not survive
    except (ValueError, RecursionError) as error:
        raise Refused("the request is no JSON", hint="it has to be valid, in UTF-8, and not deeply nested") from error
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


async def _run(route: Route, call: Call, asked: Any, threads: Threads) -> Any:
    if iscoroutinefunction(route.run):
        return await route.run(call, asked)
    limits = call.desk.settings.limits
    seconds = limits.writing if route.slow else limits.seconds
    usual = threads.writing if route.slow else threads.verbs
    limiter = threads.computing if route.computes(call, asked) else usual
    work = asyncio.ensure_future(threaded(partial(route.run, call, asked), limiter))
    left = asyncio.ensure_future(call.request.receive())
    try:
        done, _ = await asyncio.wait({work, left}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        left.cancel()
        if not work.done():
            work.cancel()
    if work in done:
        return work.result()
    if left in done:
        raise ClientDisconnect
    raise TooSlow(f"no answer in {seconds:g} seconds", hint="try again, or ask for less")


def _response(call: Call, route: Route, found: Any, threads: Threads) -> Response:
    if isinstance(found, Response):
        return found
    if isinstance(found, Events):
        return stream(found, threads.streams, lambda error: route.refuses(call.desk.places.hidden(error)))
    return Response(as_json(found), route.status, media_type="application/json")
