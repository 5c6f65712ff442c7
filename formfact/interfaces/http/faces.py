"""The table of all that is served."""

from __future__ import annotations

from formfact import plugins
from formfact.errors import MissingExtra
from formfact.interfaces.http.routes import Mounted, Route

FACES = {
    "about": "formfact.interfaces.http.about:ROUTES",
    "knowledge": "formfact.interfaces.http.knowledge:ROUTES",
    "documents": "formfact.interfaces.http.documents:ROUTES",
    "jobs": "formfact.interfaces.http.watching:ROUTES",
    "mcp": "formfact.interfaces.mcp.http:ROUTES",
    "openai": "formfact.interfaces.openai.routes:ROUTES",
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
