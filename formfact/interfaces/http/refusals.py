"""Errors -> what an HTTP client gets: the one place where this face shows them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from formfact.errors import FormfactError, Refused, TooMany, Unauthorized

SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"message": {"type": "string"}, "hint": {"type": "string"}, "type": {"type": "string"}},
            "required": ["message", "hint", "type"],
        }
    },
    "required": ["error"],
}
"""What every error looks like."""


Refuses = Callable[[FormfactError], Response]


class Unrouted(Refused):
    """What the framework refuses by itself, with its status: no such route, no such method."""


class Internal(FormfactError):
    """A mistake of ours: what it was stands in the log alone."""


def unrouted(status: int, asked: str) -> Unrouted:
    """The error for a method and path, both `asked`, that the framework refuses with this status."""
    told = f"{HTTPStatus(status).phrase.lower()}: {asked}"
    error = Unrouted(told, hint="GET /openapi.json lists what there is")
    error.status = status
    return error


def broken() -> Internal:
    """The error for whatever nobody foresaw."""
    return Internal("something went wrong here", hint="the server's log says where; please report it")


def refusal(error: FormfactError) -> Response:
    """A named error as its answer, with its status."""
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = "1"
    told = {"message": error.message, "hint": error.hint, "type": _kind(error)}
    return JSONResponse({"error": told}, error.status, headers)


def _kind(error: FormfactError) -> str:
    if isinstance(error, Unrouted):
        return HTTPStatus(error.status).name
    return type(error).__name__
