"""What says how the server is: its health, its figures and its own description."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from anyio import to_thread
from starlette.responses import PlainTextResponse, Response

from formfact import __version__
from formfact.errors import Forbidden, FormfactError
from formfact.interfaces.http.answers import made_of
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.faces import all_routes
from formfact.interfaces.http.metrics import family
from formfact.interfaces.http.openapi import document
from formfact.interfaces.http.routes import Call, Json, Nothing, Route

HEALTH = made_of({"status": {"type": "string"}, "version": {"type": "string"}})
PROMETHEUS = "text/plain; version=0.0.4"


async def health(call: Call, asked: Nothing) -> Json:
    return {"status": "ok", "version": __version__}


async def metrics(call: Call, asked: Nothing) -> Response:
    if call.grant.bases is not None:
        raise Forbidden("this token is limited to knowledge bases", hint="use one without `bases`")
    jobs = Counter(job.state for job in call.desk.jobs.all())
    lines = [
        *call.desk.metrics.lines(),
        *family("formfact_jobs", "gauge", "Jobs by state.", [({"state": state}, n) for state, n in jobs.items()]),
        *await to_thread.run_sync(lambda: list(_bases(call.desk))),
    ]
    return PlainTextResponse("\n".join([*lines, ""]), media_type=PROMETHEUS)


def _bases(desk: Desk) -> Iterator[str]:
    passages = []
    for name, kb in desk.opened().items():
        try:
            passages.append(({"kb": name}, kb.status().passages))
        except FormfactError:
            continue  # one that cannot be read has no figure
    yield from family("formfact_passages", "gauge", "Passages of the knowledge bases that are open.", passages)


async def openapi(call: Call, asked: Nothing) -> Json:
    return document(all_routes())


ROUTES = [
    Route("GET", "/health", health, "whether the server answers", gives=HEALTH, access="open", about_kb=False),
    Route("GET", "/openapi.json", openapi, "this API as an OpenAPI document", access="open", about_kb=False),
    Route("GET", "/metrics", metrics, "figures for Prometheus", about_kb=False, media="text/plain"),
]
