"""What every request passes before anything looks at it: whose page sent it, and under which name it came.

A server on loopback needs no token, so it must know that the request comes from this machine's user and not from a
page of another site in his browser. Host: a name that is not ours was bound to our address by somebody else (DNS
rebinding). Origin: another site's page may send requests, and only those that were allowed with --allow-origin may.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from formfact.errors import Forbidden, FormfactError
from formfact.interfaces.http.refusals import Refuses
from formfact.interfaces.http.settings import LOOPBACK, Settings

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
"""Headers of every answer that does not set its own; the page has a policy that lets its own scripts run."""
ASKED_BEFORE = "GET, POST, PUT, DELETE"


class Gate:
    """ASGI middleware; the outermost one."""

    def __init__(self, app: ASGIApp, settings: Settings, shape: Callable[[str], Refuses]) -> None:
        self._app = app
        self._settings = settings
        self._shape = shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        foreign = bool(origin) and not _is_ours(headers)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._headers(MutableHeaders(scope=message), origin)
            await send(message)

        try:
            self._check(scope, headers, foreign)
        except FormfactError as error:
            await self._shape(scope["path"])(error)(scope, receive, sent)
            return
        if foreign and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self._asked_before()(scope, receive, sent)
            return
        await self._app(scope, receive, sent)

    def _check(self, scope: Scope, headers: Headers, foreign: bool) -> None:
        host = _name(headers.get("host", ""))
        if self._settings.loopback and host not in LOOPBACK | {self._settings.host, *self._settings.hosts}:
            raise Forbidden(f"this server is not called {host!r}", hint="start it with --allow-host NAME")
        allowed = headers.get("origin") in self._settings.origins
        strange = headers.get("sec-fetch-site") == "cross-site" and scope["method"] not in ("GET", "HEAD")
        if (foreign or strange) and not allowed:
            raise Forbidden("a page of another site sent this", hint="start the server with --allow-origin ORIGIN")

    def _headers(self, headers: MutableHeaders, origin: str) -> None:
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        if origin and origin in self._settings.origins:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers.add_vary_header("Origin")

    def _asked_before(self) -> Response:
        """The answer to a browser that asks whether another site's page may send a request."""
        allowed = {
            "Access-Control-Allow-Methods": ASKED_BEFORE,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Mcp-Session-Id, Mcp-Protocol-Version",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=allowed)


def _is_ours(headers: Headers) -> bool:
    """Whether the page that sends this was sent by this server."""
    try:
        origin = urlsplit(headers["origin"])
    except ValueError:
        return False
    return origin.netloc.lower() == headers.get("host", "").lower()


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
