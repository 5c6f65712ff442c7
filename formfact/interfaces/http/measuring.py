"""What takes long about a whole base, as jobs: audit, tuning, calibration, another embedder, judged questions."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from anyio import to_thread

from formfact.errors import Refused
from formfact.interfaces import wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.jobs import Order
from formfact.interfaces.http.maps import drawn, map_file
from formfact.interfaces.http.routes import Call, Json, Nothing, Route
from formfact.interfaces.http.schema import Within
from formfact.interfaces.http.uploads import receive

BUNDLED = "all-MiniLM-L6-v2"
Arm = Literal["base", "documents", "answers", "search", "search+writer", "search+pattern"]
JUDGED = {"corpus.jsonl", "queries.jsonl", "qrels.tsv"}


@dataclass(frozen=True, slots=True)
class Audit:
    """How many passages to ask for (without it all), drawn with which seed; `fresh` asks for all again."""

    sample: Annotated[int, Within(1, 10_000_000)] | None = None
    seed: Annotated[int, Within(0, 2**31 - 1)] = 0
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Tune:
    """How many passages to ask for (without it 1,500), drawn with which seed; `undo` takes back what was tuned."""

    sample: Annotated[int, Within(2, 10_000_000)] | None = None
    seed: Annotated[int, Within(0, 2**31 - 1)] = 0
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """On facts `made` of the base's documents, or on the handbook that ships; `quick` takes 5 minutes, else 20."""

    made: bool = False
    quick: bool = True
    arms: tuple[Arm, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibrate:
    """The share of answerable questions that may get no answer, and how many passages to ask for (without it 300).

    `seed` draws them; `undo` takes back what was calibrated.
    """

    error: Annotated[float, Within(0.001, 0.5)] = 0.05
    sample: Annotated[int, Within(2, 10_000_000)] | None = None
    seed: Annotated[int, Within(0, 2**31 - 1)] = 0
    undo: bool = False


@dataclass(frozen=True, slots=True)
class ReEmbed:
    """The embedding model: the bundled one, or one that the server was started with."""

    embedder: str = BUNDLED


async def audit(call: Call, asked: Audit) -> Json:
    file = map_file(call.desk, call.kb)
    part = file.with_suffix(".part")
    await to_thread.run_sync(lambda: file.parent.mkdir(parents=True, exist_ok=True))
    argv = (*_command(call, "audit", asked, "seed", "sample", "fresh"), "--html", str(part))
    order = Order("audit", argv, call.kb, after=partial(drawn, part, file))
    return wire.job(call.desk.jobs.start(order))


async def tune(call: Call, asked: Tune) -> Json:
    argv = _command(call, "tune", asked, "seed", "sample", "undo")
    return wire.job(call.desk.jobs.start(Order("tune", argv, call.kb)))


async def calibrate(call: Call, asked: Calibrate) -> Json:
    argv = _command(call, "calibrate", asked, "error", "seed", "sample", "undo")
    return wire.job(call.desk.jobs.start(Order("calibrate", argv, call.kb)))


async def compare(call: Call, asked: Compare) -> Json:
    made = ("--facts", "made") if asked.made else ()
    arms = ("--arms", *asked.arms) if asked.arms else ()
    argv = (*_command(call, "compare", asked, "quick"), *made, *arms)
    return wire.job(call.desk.jobs.start(Order("compare", argv, call.kb)))


def _command(call: Call, name: str, asked: object, *options: str) -> tuple[str, ...]:
    """A command on the call's base, with the options that were asked for under their own names."""
    argv = ["--kb", str(call.desk.place(call.kb)), name]
    for option in options:
        value = getattr(asked, option)
        if value is not None and value is not False:
            argv += [f"--{option}"] if value is True else [f"--{option}", str(value)]
    return tuple(argv)


async def re_embed(call: Call, asked: ReEmbed) -> Json:
    allowed = (BUNDLED, *call.desk.settings.embedders)
    if asked.embedder not in allowed:
        raise Refused(f"the model {asked.embedder!r} is not offered here", hint=f"choose from {', '.join(allowed)}")
    argv = ("--kb", str(call.desk.place(call.kb)), "re-embed", "--embedder", asked.embedder)
    lend, take_back = partial(call.desk.lend, call.kb), partial(call.desk.take_back, call.kb)
    return wire.job(call.desk.jobs.start(Order("re-embed", argv, call.kb, before=lend, after=take_back)))


async def evaluate(call: Call, asked: Nothing) -> Json:
    folder = Path(await to_thread.run_sync(partial(tempfile.mkdtemp, prefix="formfact-judged-")))
    away = partial(shutil.rmtree, folder, ignore_errors=True)
    try:
        given = {file.name for file in (await receive(call.request, folder)).files}
        if given != JUDGED:
            raise Refused(f"the form holds {', '.join(sorted(given))}", hint=f"it takes {', '.join(sorted(JUDGED))}")
        return wire.job(call.desk.jobs.start(Order("evaluate", ("evaluate", str(folder)), after=away)))
    except BaseException:
        away()
        raise


ROUTES = [
    Route("POST", "/audit", audit, "whether search finds every passage again", Audit, shape.JOB, "write", status=202),
    Route("POST", "/tune", tune, "set search by the base's own questions", Tune, shape.JOB, "write", status=202),
    Route("POST", "/compare", compare, "facts in weights and by search", Compare, shape.JOB, "write", status=202),
    Route(
        "POST", "/calibrate", calibrate, "make the confidence a probability", Calibrate, shape.JOB, "write", status=202
    ),
    Route(
        "POST", "/re-embed", re_embed, "give all documents vectors by another model", ReEmbed, shape.JOB, "write",
        status=202,
    ),
    Route(
        "POST", "/evaluate", evaluate, "measure search on judged questions", gives=shape.JOB, access="write",
        about_kb=False, accepts="multipart/form-data", status=202, large=True,
    ),
]  # fmt: skip
