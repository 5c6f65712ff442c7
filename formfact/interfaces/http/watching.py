"""Jobs over HTTP: listed, watched, ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from formfact.errors import NotFound
from formfact.interfaces import wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.jobs import Job
from formfact.interfaces.http.routes import Call, Event, Events, Json, Nothing, Route
from formfact.interfaces.http.schema import Within


@dataclass(frozen=True, slots=True)
class Named:
    """A job by its id."""

    job: Annotated[str, Within(1, 64)]


def _found(call: Call, asked: Named) -> Job:
    """The job, if the client may know of it; of others it is not even said that they are there."""
    found = call.desk.jobs.get(asked.job)
    if not call.grant.sees(found.kb):
        raise NotFound(f"there is no job {asked.job!r}", hint="GET /jobs lists them")
    return found


async def jobs(call: Call, asked: Nothing) -> Json:
    return {"jobs": [wire.job(one) for one in call.desk.jobs.all() if call.grant.sees(one.kb)]}


async def job(call: Call, asked: Named) -> Json:
    return wire.job(_found(call, asked))


async def looks(call: Call, asked: Named) -> Json:
    _found(call, asked)
    return {"looks": [dict(one) for one in call.desk.jobs.looks(asked.job)]}


async def watch(call: Call, asked: Named) -> Events:
    _found(call, asked)
    return Events(_looks(call, asked.job))


async def _looks(call: Call, name: str) -> AsyncIterator[Event]:
    async for one in call.desk.jobs.watch(name):
        yield Event("job", wire.job(one))


async def end(call: Call, asked: Named) -> Json:
    call.desk.permit(call.grant, _found(call, asked).kb, write=True)
    return wire.job(await call.desk.jobs.end(asked.job))


ROUTES = [
    Route("GET", "/jobs", jobs, "the jobs, the newest first", gives=shape.JOBS, about_kb=False),
    Route("GET", "/jobs/{job}", job, "how a job stands", Named, shape.JOB, about_kb=False),
    Route("GET", "/jobs/{job}/looks", looks, "all progress that it told", Named, shape.LOOKS, about_kb=False),
    Route(
        "GET", "/jobs/{job}/events", watch, "how a job stands, again at every step, until it is over", Named,
        shape.JOB, about_kb=False, media="text/event-stream",
    ),
    Route("DELETE", "/jobs/{job}", end, "end a job", Named, shape.JOB, about_kb=False),
]  # fmt: skip
