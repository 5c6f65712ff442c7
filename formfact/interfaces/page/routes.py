"""The page's files over HTTP. They hold nothing of the user's, and so are open: the page then asks for a token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Annotated

from starlette.responses import Response

from formfact.errors import NotFound
from formfact.interfaces.http.routes import Call, Nothing, Route
from formfact.interfaces.http.schema import Within

FRONT = "index.html"
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)


@dataclass(frozen=True, slots=True)
class Named:
    """A file of the page by its name."""

    file: Annotated[str, Within(1, 100)]


def front(call: Call, _: Nothing) -> Response:
    return _sent(call, FRONT)


def part(call: Call, asked: Named) -> Response:
    return _sent(call, asked.file)


def _sent(call: Call, name: str) -> Response:
    """A file, or that the client's copy is still good: names are looked up, never joined to a path."""
    if name not in _parts():
        raise NotFound(f"the page has no file {name!r}", hint="open / in a browser")
    content = _parts()[name]
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "ETag": tag}
    if call.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA[PurePosixPath(name).suffix], headers=headers)


@cache
def _parts() -> dict[str, bytes]:
    folder = files("formfact.interfaces.page") / "static"
    return {one.name: one.read_bytes() for one in folder.iterdir() if PurePosixPath(one.name).suffix in MEDIA}


ROUTES = [
    Route("GET", "/", front, "the page, for a browser", access="open", about_kb=False, media="text/html"),
    Route(
        "GET", "/page/{file}", part, "a file of the page", Named, access="open", about_kb=False, media="text/javascript"
    ),
]
