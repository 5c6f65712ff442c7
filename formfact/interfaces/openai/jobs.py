"""/v1/fine_tuning/jobs: created, listed, watched by their events, cancelled."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio import to_thread

from formfact.interfaces.http.routes import Call, Json
from formfact.interfaces.http.schema import Within
from formfact.interfaces.openai.files import TRAINING, File
from formfact.interfaces.openai.models import PATTERN, missing, pattern_of
from formfact.interfaces.openai.pages import Paged, new_id, page
from formfact.interfaces.openai.records import Record, job_json
from formfact.interfaces.openai.refusals import BadRequest, NotThere, check_unlimited
from formfact.interfaces.openai.tuning import Tuning, shown_base, tuning_of
from formfact.patterns.bases import SMOLLM2

HOSTED = re.compile(r"(ft:)?(gpt-|o\d|babbage|davinci|chatgpt)")
"""Models that are trained elsewhere; whoever names one means: train what there is."""
SUFFIX = re.compile(r"[^a-z0-9]+")
LONGEST_SUFFIX = 40
MOST = 1_000_000
"""What any hyperparameter is at the most: far above what makes sense, and below what no machine counts."""
HYPERPARAMETERS = {"batch_size": int, "n_epochs": int, "learning_rate_multiplier": int | float}

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
JOB = {"type": "object", "properties": {"id": TEXT, "status": TEXT, "created_at": WHOLE}, "required": ["id", "status"]}
EVENT = {"type": "object", "properties": {"id": TEXT, "message": TEXT, "level": TEXT}, "required": ["id", "message"]}
CHECKPOINT = {"type": "object", "properties": {"id": TEXT, "step_number": WHOLE}, "required": ["id", "step_number"]}


@dataclass(frozen=True, slots=True)
class Create:
    """What to train, on which uploaded file."""

    model: Annotated[str, Within(1, 200)]
    training_file: str
    validation_file: str | None = None
    suffix: Annotated[str, Within(1, 64)] | None = None
    seed: Annotated[int, Within(0, 2**31 - 1)] | None = None
    method: Mapping[str, Any] | None = None
    hyperparameters: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] | None = None
    integrations: Any = None


@dataclass(frozen=True, slots=True)
class Named:
    """A job by its id."""

    fine_tuning_job_id: str


@dataclass(frozen=True, slots=True)
class Of(Paged):
    """A job by its id, and a page of what belongs to it."""

    fine_tuning_job_id: str = ""


@dataclass(frozen=True, slots=True)
class Jobs(Paged):
    """The jobs, of this metadata where some is named (`metadata[KEY]=VALUE`), or of none (`metadata=null`)."""

    metadata: Mapping[str, str] | Literal["null"] | None = None


async def create(call: Call, asked: Create) -> Json:
    tuning = _tuning(call)
    pattern, base, remark = _model(call, asked.model)
    for name in ("training_file", "validation_file"):
        _check_file(tuning, getattr(asked, name), name)
    if asked.integrations:
        raise BadRequest("nothing is sent to other services", hint="leave integrations out", param="integrations")
    suffix = SUFFIX.sub("-", (asked.suffix or "").lower()).strip("-")[:LONGEST_SUFFIX]
    record = tuning.records.save(
        Record(
            id=new_id("ftjob"), created_at=int(time.time()), status="validating_files",
            model=f"{PATTERN}:{pattern}" if pattern else shown_base(base), base=base, pattern=pattern,
            training_file=asked.training_file, validation_file=asked.validation_file, suffix=suffix,
            seed=asked.seed if asked.seed is not None else secrets.randbelow(2**31), wanted=_hyperparameters(asked),
            metadata=asked.metadata,
        )
    )  # fmt: skip
    tuning.records.tell(record, f"Created fine-tuning job: {record.id}")
    if remark:
        tuning.records.tell(record, remark, level="warn")
    tuning.records.tell(record, f"Validating training file: {record.training_file}")
    tuning.start(record)
    return job_json(record)


async def jobs(call: Call, asked: Jobs) -> Json:
    found = [one for one in _tuning(call).records.all() if _has(one, asked.metadata)]
    return page([job_json(one) for one in found], asked, newest_first=True)


def _has(record: Record, wanted: Mapping[str, str] | str | None) -> bool:
    """Whether a job has all of this metadata, or none where the word `null` is wanted."""
    if isinstance(wanted, str):
        return not record.metadata
    return all((record.metadata or {}).get(key) == value for key, value in (wanted or {}).items())


async def job(call: Call, asked: Named) -> Json:
    return job_json(_tuning(call).records.get(asked.fine_tuning_job_id))


async def cancel(call: Call, asked: Named) -> Json:
    tuning = _tuning(call)
    return job_json(await tuning.cancel(tuning.records.get(asked.fine_tuning_job_id)))


async def events(call: Call, asked: Of) -> Json:
    records = _tuning(call).records
    return page(records.events(records.get(asked.fine_tuning_job_id)), asked, newest_first=True)


async def checkpoints(call: Call, asked: Of) -> Json:
    """The looks at conformance. The weights of the best one alone are kept: they are the fine-tuned model."""
    records = _tuning(call).records
    record = records.get(asked.fine_tuning_job_id)
    found = [
        {
            "id": one["id"].replace("ftevent-", "ftckpt_"),
            "object": "fine_tuning.job.checkpoint",
            "created_at": one["created_at"],
            "fine_tuned_model_checkpoint": f"{record.name}:ckpt-step-{one['data']['step']}",
            "fine_tuning_job_id": record.id,
            "metrics": {name: one["data"][name] for name in ("step", "train_loss", "conformance")},
            "step_number": one["data"]["step"],
        }
        for one in records.events(record)
        if "conformance" in one["data"]
    ]
    return page(found, asked, newest_first=True)


async def delete_file(call: Call, asked: File) -> Json:
    """Raises BadRequest while a job needs the file: it would fail, perhaps after hours."""
    tuning = _tuning(call)
    used = tuning.using(asked.file_id)
    if used is not None:
        told = f"{asked.file_id} is used by {used.id}, which has not ended"
        raise BadRequest(told, hint="wait, or cancel it", param="file_id", code="file_in_use")
    await to_thread.run_sync(tuning.files.delete, asked.file_id)
    return {"id": asked.file_id, "object": "file", "deleted": True}


def _tuning(call: Call) -> Tuning:
    check_unlimited(call)
    return tuning_of(call.desk)


def _model(call: Call, name: str) -> tuple[str, str, str]:
    """The pattern whose contract is trained ("" for none), the local base, and what is to be said of it."""
    base = call.desk.patterns.base or SMOLLM2
    shown = shown_base(base)
    pattern = pattern_of(call, name)
    if pattern is not None:
        # Hosted, its weights would be gone on with: who counts on that must know.
        anew = f"{name} lends its contract; the weights are trained anew, on {shown}" if name.startswith("ft:") else ""
        return pattern, base, anew
    if name in (shown, shown.rpartition("/")[2]):
        return "", base, ""
    if HOSTED.match(name):
        return "", base, f"{name} is not on this machine: {shown} is trained instead"
    raise missing(call, name)


def _check_file(tuning: Tuning, name: str | None, param: str) -> None:
    if name is None:
        return
    try:
        found = tuning.files.get(name)
    except NotThere as error:
        raise BadRequest(f"there is no file {name!r}", hint="upload it first: POST /v1/files", param=param) from error
    if found["purpose"] != TRAINING:
        raise BadRequest(f"{name} was not uploaded for training", hint=f"its purpose must be {TRAINING!r}", param=param)


def _hyperparameters(asked: Create) -> Mapping[str, Any]:
    method = asked.method or {"type": "supervised"}
    if method.get("type") != "supervised":
        raise BadRequest(
            f"the method {method.get('type')!r} is not known here", hint="supervised is", param="method.type"
        )
    given = method.get("supervised") or {}
    if isinstance(given, Mapping):
        given = given.get("hyperparameters") or asked.hyperparameters or {}
    if not isinstance(given, Mapping):
        raise BadRequest(f"{given!r} is no object", hint="give hyperparameters by name", param="method.supervised")
    for name, value in given.items():
        kind = HYPERPARAMETERS.get(name)
        if kind is None:
            known = ", ".join(HYPERPARAMETERS)
            raise BadRequest(f"{name} is no hyperparameter here", hint=f"there are {known}", param=name)
        if value != "auto" and not (isinstance(value, kind) and not isinstance(value, bool) and 0 < value <= MOST):
            what = "a whole number" if kind is int else "a number"
            raise BadRequest(f"{name} = {value!r}", hint=f"it is 'auto' or {what} above 0 up to {MOST:,}", param=name)
    return dict(given)
