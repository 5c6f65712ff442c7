"""The routes -> an OpenAPI document: what each takes and gives, from the same schemas that requests are checked by."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from formfact import __version__
from formfact.interfaces.http.refusals import SHAPE, refusal
from formfact.interfaces.http.routes import Json, Mounted, Route
from formfact.interfaces.http.schema import schema_of

SIZED = {"POST", "PUT", "PATCH"}
PAIR = {"type": "array", "items": {"type": "string", "pattern": "^[^=]+="}}
"""A mapping in an address: `metadata=year=1890`."""
OTHER_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "object", "required": ["message", "type"]}},
    "required": ["error"],
}
KB = {
    "name": "kb", "in": "query", "schema": {"type": "string"},
    "description": "which knowledge base, of those that GET /bases lists; the default one without it",
}  # fmt: skip


def document(routes: Sequence[Route | Mounted]) -> Json:
    """The OpenAPI document of all routes; foreign applications have descriptions of their own."""
    paths: dict[str, Json] = {}
    for route in routes:
        if isinstance(route, Route):
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "formfact",
            "version": __version__,
            "description": "Facts by search, form by fine-tuning.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route) -> Json:
    found: Json = {
        "operationId": _id(route),
        "summary": route.about,
        "parameters": list(_parameters(route)),
        "responses": {
            str(route.status): {"description": "as asked", **_content(route)},
            "4XX": _error(route, "the request cannot be carried out as it stands"),
            "5XX": _error(route, "the server could not do it"),
        },
    }
    if route.access != "open":
        found["security"] = [{"token": []}, {}]  # a server on loopback may need none
    if route.method in SIZED:
        found["requestBody"] = {"required": True, "content": {route.accepts: {"schema": _body(route)}}}
    return found


def _id(route: Route) -> str:
    words = re.findall(r"[a-z0-9]+", f"{route.method} {route.path}".lower())
    return "_".join(words)


def _placed(route: Route) -> set[str]:
    return set(re.findall(r"{(\w+)(?::\w+)?}", route.path))


def _parameters(route: Route) -> Iterator[Json]:
    schema, placed = schema_of(route.takes), _placed(route)
    for name, inner in schema["properties"].items():
        if name in placed:
            yield {"name": name, "in": "path", "required": True, "schema": inner}
        elif route.method not in SIZED or route.accepts != "application/json":
            wanted = PAIR if inner.get("type") == "object" else inner
            needed = name in schema.get("required", ())
            deep = {"style": "deepObject"} if any(one.get("type") == "object" for one in inner.get("anyOf", ())) else {}
            yield {"name": name, "in": "query", "required": needed, "schema": wanted, **deep}
    if route.about_kb:
        yield KB


def _body(route: Route) -> Json:
    if route.accepts == "application/json":
        schema, placed = schema_of(route.takes), _placed(route)
        properties = {name: inner for name, inner in schema["properties"].items() if name not in placed}
        required = [name for name in schema.get("required", ()) if name not in placed]
        return {**schema, "properties": properties, "required": required}
    if route.accepts == "multipart/form-data":
        files = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
        return {"type": "object", "properties": {"files": files}, "required": ["files"]}
    return {"type": "string", "format": "binary"}


def _content(route: Route) -> Json:
    whole = route.media == "application/json"
    content: Mapping[str, Any] = {route.media: {"schema": route.gives} if whole and route.gives else {}}
    if any(field.name == "stream" for field in dataclasses.fields(route.takes)):
        content = {**content, "text/event-stream": {}}
    return {"content": content}


def _error(route: Route, about: str) -> Json:
    shape = SHAPE if route.refuses is refusal else OTHER_ERROR
    return {"description": about, "content": {"application/json": {"schema": shape}}}
