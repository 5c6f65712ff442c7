"""What says how the server is: its health and its own description."""

from __future__ import annotations

from formfact import __version__
from formfact.interfaces.http.answers import made_of
from formfact.interfaces.http.routes import Call, Json, Nothing, Route

HEALTH = made_of({"status": {"type": "string"}, "version": {"type": "string"}})


async def health(call: Call, asked: Nothing) -> Json:
    return {"status": "ok", "version": __version__}


ROUTES = [
    Route("GET", "/health", health, "whether the server answers", gives=HEALTH, access="open", about_kb=False),
]
