"""Errors -> what an HTTP client gets: the one place where this face shows them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from formfact.errors import FormfactError, TooMany, Unauthorized

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


def refusal(error: FormfactError) -> Response:
    """A named error as its answer, with its status."""
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = "1"
    return _shown(error.status, error.message, error.hint, type(error).__name__, headers)


def unknown(status: int, asked: str, headers: dict[str, str] | None = None) -> Response:
    """An answer for what the framework refuses by itself: no such route, no such method; `asked` is both."""
    told = f"{HTTPStatus(status).phrase.lower()}: {asked}"
    return _shown(status, told, "GET /openapi.json lists what there is", HTTPStatus(status).name, headers or {})


def broken() -> Response:
    """An answer for a mistake of ours: what it was stands in the log alone."""
    return _shown(500, "something went wrong here", "the server's log says where; please report it", "Internal", {})


def _shown(status: int, message: str, hint: str, kind: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"error": {"message": message, "hint": hint, "type": kind}}, status, headers)
