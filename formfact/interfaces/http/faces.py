"""The table of all that is served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

from formfact import plugins
from formfact.errors import MissingExtra
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.routes import Mounted, Route

FACES = {
    "about": "formfact.interfaces.http.about:ROUTES",
    "knowledge": "formfact.interfaces.http.knowledge:ROUTES",
    "dialogues": "formfact.interfaces.http.dialogues:ROUTES",
    "documents": "formfact.interfaces.http.documents:ROUTES",
    "patterns": "formfact.interfaces.http.patterns:ROUTES",
    "diagnose": "formfact.interfaces.http.diagnosing:ROUTES",
    "measuring": "formfact.interfaces.http.measuring:ROUTES",
    "maps": "formfact.interfaces.http.maps:ROUTES",
    "jobs": "formfact.interfaces.http.watching:ROUTES",
    "page": "formfact.interfaces.page.routes:ROUTES",
    "mcp": "formfact.interfaces.mcp.http:ROUTES",
    "openai": "formfact.interfaces.openai.routes:ROUTES",
}
"""All that is served: a name -> a list of Route and Mounted. A face whose package is not installed is left out."""

STANDING = {"fine-tuning": "formfact.interfaces.openai.tuning:standing"}
"""What lasts as long as the server and has no address: a name -> a context manager made of the desk."""


def all_standing(desk: Desk) -> Iterator[AbstractAsyncContextManager[None]]:
    """What is to be entered when the server starts, and left when it ends."""
    for name in STANDING:
        yield plugins.load(STANDING, name, what="part of the server")(desk)


def all_routes() -> list[Route | Mounted]:
    """Every route that is served, in the table's order."""
    found: list[Route | Mounted] = []
    for name in FACES:
        try:
            found += plugins.load(FACES, name, what="face")
        except MissingExtra:
            continue
    return found
