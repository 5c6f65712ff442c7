"""The verbs of `Pattern` over HTTP. Patterns are named, never reached by a path; training files come as texts."""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from anyio import from_thread

from formfact.errors import Forbidden, Refused
from formfact.front import Pattern
from formfact.front.facts import facts_of
from formfact.interfaces import patterns_wire as wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.jobs import Job, Order
from formfact.interfaces.http.routes import Call, Json, Nothing, Route
from formfact.interfaces.http.schema import Within
from formfact.interfaces.wire import job as job_json
from formfact.patterns.conformance import conformance
from formfact.patterns.lint import lint as look
from formfact.patterns.lint.fix import fix
from formfact.patterns.rows import read_rows, to_chat
from formfact.patterns.write import Input
from formfact.types import Lint as Found
from formfact.types import Row

LANE = "training"
FACTS = "facts-from-training-rows"
RECIPE = ("steps", "look", "tokens", "rate", "rank", "held_out", "seed")
"""Arguments that are passed on as they are."""
SHOWN = 500
"""Rows whose texts are sent back."""
Name = Annotated[str, Within(1, 100)]
Texts = Annotated[tuple[str, ...], Within(1, 100)]
Rows = Annotated[str, Within(1), "a training file as text: chat JSONL, prompt and completion, Alpaca, ShareGPT or CSV"]
Form = Literal["jsonl", "json", "csv", "tsv"]
New = Annotated[str, Within(1, 60), re.compile(r"^[a-z0-9][a-z0-9-]*$")]


@dataclass(frozen=True, slots=True)
class Named:
    """A pattern by its name."""

    pattern: Name


@dataclass(frozen=True, slots=True)
class Check:
    """Texts to hold against a contract; `schema` for patterns that take one."""

    pattern: Name
    texts: Texts
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Texts to write for; `schema` for patterns that take one, `limit` the budget in tokens."""

    pattern: Name
    texts: Texts
    schema: Mapping[str, Any] | None = None
    masked: bool = True
    limit: Annotated[int, Within(1, 10_000)] | None = None


@dataclass(frozen=True, slots=True)
class Lint:
    """Training rows to look at; `fix` gives a repaired copy, `to_kb` adds the rows that teach facts to the base.

    With `to_kb` comes what is `left` to train on, with `texts` what is said in the rows that something is wrong with.
    """

    rows: Rows
    form: Form = "jsonl"
    pattern: str = ""
    validation: str = ""
    fix: bool = False
    to_kb: bool = False
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Train:
    """Rows to train on (without any, the pattern's own examples); `name` is what the tuned pattern will be called."""

    pattern: Name
    name: New
    rows: str = ""
    form: Form = "jsonl"
    validation: str = ""
    steps: Annotated[int, Within(1, 100_000)] | None = None
    look: Annotated[int, Within(1, 100_000)] | None = None
    tokens: Annotated[int, Within(64, 1_000_000)] | None = None
    rate: Annotated[float, Within(0, 1)] | None = None
    rank: Annotated[int, Within(1, 512)] | None = None
    held_out: Annotated[int, Within(1, 10_000)] | None = None
    seed: Annotated[int, Within(0, 2**31 - 1)] | None = None


def check_unlimited(call: Call) -> None:
    """Patterns are for those whose token is not limited to knowledge bases. Raises Forbidden."""
    if call.grant.bases is not None:
        raise Forbidden("this token is limited to knowledge bases", hint="use one without `bases`")


def patterns(call: Call, asked: Nothing) -> Json:
    check_unlimited(call)
    return {"patterns": call.desk.patterns.told(_shown)}


def pattern(call: Call, asked: Named) -> Json:
    check_unlimited(call)
    return _shown(call.desk.patterns.pattern(asked.pattern), asked.pattern)


def _shown(one: Pattern, name: str) -> Json:
    """A pattern by the name that it is asked for by; of its folder the name alone, for clients are elsewhere."""
    return wire.pattern(one) | {"name": name, "folder": one.folder.name}


def check(call: Call, asked: Check) -> Json:
    check_unlimited(call)
    found, kept = [], 0
    held = call.desk.patterns.pattern(asked.pattern)
    for number, text in enumerate(asked.texts, 1):
        problems = held.check(text, schema=asked.schema)
        kept += not problems
        found += [replace(problem, row=number) for problem in problems]
    return wire.conformance(conformance(len(asked.texts), kept, found))


def write(call: Call, asked: Write) -> Json:
    check_unlimited(call)
    with call.desk.patterns.ready(asked.pattern) as held:
        inputs = [Input(text, asked.schema) for text in asked.texts]
        written = held.write_all(inputs, masked=asked.masked, limit=asked.limit)
    return {"writings": [wire.writing(one) for one in written]}


def lint(call: Call, asked: Lint) -> Json:
    if asked.pattern:
        check_unlimited(call)
    if asked.to_kb:
        call.desk.permit(call.grant, call.kb, write=True)
    contract = call.desk.patterns.pattern(asked.pattern).contract if asked.pattern else None
    with rows_file(asked.rows, asked.form) as file, rows_file(asked.validation, asked.form) as held:
        reading = read_rows(file)
        found = look(reading, contract, validation=read_rows(held) if asked.validation else None)
    answer = wire.lint(found)
    if asked.fix:
        kept, done = fix(reading.rows, found, contract)
        answer |= {"fixed": _lines(kept), "done": done}
    if asked.texts:
        answer["texts"] = _texts(reading.rows, found)
    if asked.to_kb and (facts := facts_of(reading.rows, found.knowledge)):
        answer["job"] = job_json(_keep(call, facts, f"{FACTS}-{reading.sha256[:8]}.jsonl"))
        gone = {one.row for one in found.knowledge.rows if one.verdict == "knowledge"}
        answer["left"] = _lines([row for row in reading.rows if row.number not in gone])
    return answer


def _lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(to_chat(row), ensure_ascii=False) + "\n" for row in rows)


def _texts(rows: Sequence[Row], found: Found) -> list[Json]:
    """What the first rows say that teach facts or break a rule."""
    wanted = {one.row for one in found.knowledge.rows if one.verdict != "structure"}
    wanted |= {one.row for one in found.problems if one.row is not None}
    shown = [row for row in rows if row.number in wanted][:SHOWN]
    return [{"row": one.number, "prompt": one.prompt, "completion": one.completion} for one in shown]


def _keep(call: Call, facts: Sequence[Mapping[str, str]], name: str) -> Job:
    """The rows that teach facts as an uploaded file, and the job that adds it."""
    folder = call.desk.uploads(call.kb)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in facts), encoding="utf-8")
    argv = ("--kb", str(call.desk.place(call.kb)), "add", str(folder / name))
    return from_thread.run_sync(call.desk.jobs.start, Order("add", argv, call.kb))


def train(call: Call, asked: Train) -> Json:
    folder = call.desk.patterns.folder
    assert folder is not None
    out = folder / asked.name
    if asked.name in call.desk.patterns.names():
        raise Refused(f"there is a pattern called {asked.name!r} already", hint="choose another name")
    held = call.desk.patterns.pattern(asked.pattern)
    folder.mkdir(parents=True, exist_ok=True)
    given = [_stored(folder, text, asked.form) for text in (asked.rows, asked.validation)]
    argv = ["pattern", "train", str(held.folder), *(str(file) for file in given[:1] if file), "--out", str(out)]
    if given[1]:
        argv += ["--validation", str(given[1])]
    if held.base:
        argv += ["--base", held.base]
    for name in RECIPE:
        value = getattr(asked, name)
        argv += [f"--{name.replace('_', '-')}", str(value)] if value is not None else []

    def away() -> None:
        for file in given:
            if file:
                file.unlink(missing_ok=True)

    order = Order("train", tuple(argv), lane=LANE, after=away)
    return job_json(from_thread.run_sync(call.desk.jobs.start, order))


def _stored(folder: Path, text: str, form: str) -> Path | None:
    """A training file that the job reads; hidden, so that it is no pattern."""
    if not text:
        return None
    file = folder / f".{secrets.token_hex(8)}.{form}"
    file.write_text(text, encoding="utf-8")
    return file


@contextmanager
def rows_file(text: str, form: str) -> Iterator[Path]:
    """A file of these rows for as long as it is read; what is wrong with them is told without where it lies."""
    with tempfile.TemporaryDirectory(prefix="formfact-rows-") as folder:
        file = Path(folder) / f"rows.{form}"
        file.write_text(text, encoding="utf-8")
        try:
            yield file
        except Refused as refusal:
            refusal.message = refusal.message.replace(f"{folder}/", "")
            raise


ROUTES = [
    Route("GET", "/patterns", patterns, "the patterns, tuned ones too", gives=shape.PATTERNS, about_kb=False),
    Route("GET", "/patterns/{pattern}", pattern, "a pattern's contract", Named, shape.PATTERN, about_kb=False),
    Route(
        "POST", "/patterns/{pattern}/check", check, "whether texts keep a contract", Check, shape.CONFORMANCE,
        about_kb=False,
    ),
    Route(
        "POST", "/patterns/{pattern}/write", write, "write for texts", Write, shape.WRITINGS, about_kb=False, slow=True
    ),
    Route(
        "POST", "/patterns/{pattern}/train", train, "tune a small model to a pattern; a job does", Train, shape.JOB,
        access="write", about_kb=False, status=202, large=True,
    ),
    Route(
        "POST", "/lint", lint, "what is wrong with training rows, and which teach facts", Lint, shape.LINT, large=True,
        slow=True,
    ),
]  # fmt: skip
