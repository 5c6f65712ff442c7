"""Fine-tuning jobs as they run: prepared in a thread, trained in a child process, told as events, gone on with after a
restart of the server.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from anyio import to_thread

from formfact.errors import FormfactError, Refused
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.jobs import Job, Order
from formfact.interfaces.http.refusals import broken
from formfact.interfaces.http.watch import LOG
from formfact.interfaces.openai.files import RESULTS, Shelf
from formfact.interfaces.openai.preparing import Plan, prepare
from formfact.interfaces.openai.records import Record, Records
from formfact.interfaces.openai.refusals import BadRequest
from formfact.interfaces.wording import for_http

LANE = "training"
RESULT = "step_metrics.csv"


class Tuning:
    """The jobs of one server; used from its loop alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.records = Records(desk.home / "jobs")
        self.files = Shelf(desk.home / "files")
        self._processes: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, record: Record) -> None:
        """Carry out a job from where it stands."""
        self._tasks[record.id] = asyncio.create_task(self._carry_out(record))

    def go_on(self) -> None:
        """Start again what was under way when the server ended."""
        for record in self.records.all():
            if not record.over:
                self.records.tell(
                    record, "The server was started again: the job goes on where it stopped", level="warn"
                )
                self.start(record)

    async def cancel(self, record: Record) -> Record:
        """End a job for good. Raises Refused where it is over already."""
        if record.over:
            raise Refused(
                f"job {record.id} has {record.status} already", hint="only one that is under way can be cancelled"
            )
        # First nobody watches any more, so that no late look can write over what is said last.
        process = self._processes.get(record.id)
        task = self._tasks.pop(record.id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if process is not None:
            await self._desk.jobs.end(process)
        record = self.records.get(record.id)
        if record.over:
            return record
        record = self.records.save(
            replace(record, status="cancelled", finished_at=int(time.time()), estimated_finish=None)
        )
        self.records.tell(record, "The job was cancelled")
        return record

    def using(self, file: str) -> Record | None:
        """A job under way that trains or measures on a file: it may have to read it again."""
        found = (one for one in self.records.all() if not one.over)
        return next((one for one in found if file in (one.training_file, one.validation_file)), None)

    async def close(self) -> None:
        """Stop watching. What is under way is gone on with when the server starts again."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _carry_out(self, record: Record) -> None:
        try:
            plan = await to_thread.run_sync(partial(self._prepare, record))
            record = self._queue(record, plan)
            job = self._desk.jobs.start(Order("train", plan.argv, lane=LANE))
            self._processes[record.id] = job.id
            await self._watch(record, job.id)
        except FormfactError as error:
            param = "training_file" if isinstance(error, Refused) else None
            param = error.param if isinstance(error, BadRequest) else param
            self._fail(record, type(error).__name__, error.message, error.hint, param=param)
        except Exception as error:  # whatever it is, a job that nobody carries out any more must not seem under way
            LOG.error("a fine-tuning job broke off", exc_info=error)
            told = broken()
            self._fail(record, "Internal", told.message, told.hint)
        finally:
            self._processes.pop(record.id, None)

    def _prepare(self, record: Record) -> Plan:
        contract = self._desk.patterns.pattern(record.pattern).contract if record.pattern else None
        folder = self._desk.patterns.folder
        assert folder is not None
        folder.mkdir(parents=True, exist_ok=True)
        held = record.validation_file
        return prepare(
            record, self.records.place(record), folder / record.folder, contract=contract,
            training=self.files.path(record.training_file), validation=self.files.path(held) if held else None,
        )  # fmt: skip

    def _queue(self, record: Record, plan: Plan) -> Record:
        if record.status == "validating_files":
            for note in plan.notes:
                self.records.tell(record, note.message, level=note.level, data=note.data)
            self.records.tell(record, "Files validated, moving job to queued state")
        return self.records.save(replace(record, status="queued", used=plan.used))

    async def _watch(self, record: Record, job: str) -> None:
        told = _told(self.records.events(record))
        async for now in self._desk.jobs.watch(job):
            if now.state == "running" and record.status == "queued":
                record = self.records.save(replace(record, status="running"))
                self.records.tell(record, "Fine-tuning job started")
            for look in self._desk.jobs.looks(job):
                if look["step"] > told:
                    told = int(look["step"])
                    record = self._looked(record, look)
            if now.state in ("done", "failed"):
                self._over(record, now)

    def _looked(self, record: Record, look: Mapping[str, Any]) -> Record:
        """A step: its event, and when the end is to be expected."""
        metrics = {"step": look["step"], "total_steps": look["steps"], "train_loss": round(look["loss"], 4)}
        message = f"Step {look['step']}/{look['steps']}: training loss={look['loss']:.2f}"
        if look["conformance"] is not None:
            metrics["conformance"] = look["conformance"]
            message += f", conforming={look['conformance']:.0%}"
        self.records.tell(record, message, kind="metrics", data=metrics)
        tokens = round(look["tokens_per_second"] * look["seconds"])
        return self.records.save(
            replace(record, trained_tokens=tokens, estimated_finish=int(time.time() + look["left"]))
        )

    def _over(self, record: Record, job: Job) -> None:
        if job.state == "failed":
            error = job.error or {"type": "Crashed", "message": "the training ended", "hint": ""}
            self._fail(record, error["type"], error["message"], error.get("hint", ""))
            return
        events = self.records.events(record)
        rows = ["step,train_loss,conformance"]
        for metrics in (one["data"] for one in events if one["type"] == "metrics"):
            rows.append(f"{metrics['step']},{metrics['train_loss']},{metrics.get('conformance', '')}")
        log = self.files.write(RESULT, "\n".join(rows) + "\n", RESULTS)
        record = self.records.save(
            replace(
                record,
                status="succeeded",
                finished_at=int(time.time()),
                estimated_finish=None,
                result_files=[log["id"]],
            )
        )
        self.records.tell(record, f"New fine-tuned model created: {record.name}")
        self.records.tell(
            record, f"The job has successfully completed{_kept(job.result)}", data={"card": _shown(job.result)}
        )

    def _fail(self, record: Record, kind: str, message: str, hint: str, *, param: str | None = None) -> None:
        told = f"{message} ({for_http(hint)})" if hint else message
        # What a client uploaded goes by the name that it was given, not by where it lies here.
        told = self._desk.places.hide(told)
        error = {"code": kind, "message": told, "param": param}
        failed = self.records.save(
            replace(record, status="failed", finished_at=int(time.time()), estimated_finish=None, error=error)
        )
        self.records.tell(failed, told, level="error", data=error)


def shown_base(base: str) -> str:
    """A base's name for clients: of a folder here its last part."""
    return Path(base).name if Path(base).expanduser().is_dir() else base


def _shown(card: Any) -> Any:
    """A card without the place of its base on this machine."""
    return {**card, "base": shown_base(card["base"])} if isinstance(card, Mapping) and "base" in card else card


def _kept(card: Any) -> str:
    """How many of the held-out inputs are answered in the contract's form, with and without the mask, in words."""
    arms = card.get("conformance", {}) if isinstance(card, Mapping) else {}
    if not {"after", "after_masked"} <= set(arms):
        return ""
    after, masked = arms["after"], arms["after_masked"]
    return (
        f": of {after['checked']} held-out inputs {after['conforming']} are answered in the contract's form, and "
        f"{masked['conforming']} with its mask"
    )


def _told(events: Sequence[Mapping[str, Any]]) -> int:
    """The last step of which an event tells already."""
    return max((int(one["data"]["step"]) for one in events if one["type"] == "metrics"), default=0)


def forget(desk: Desk, record: Record) -> None:
    """Delete the folder of a fine-tuned model; its job's record stays."""
    folder = desk.patterns.folder
    if folder is not None:
        shutil.rmtree(Path(folder) / record.folder, ignore_errors=True)


_OF: WeakKeyDictionary[Desk, Tuning] = WeakKeyDictionary()


def tuning_of(desk: Desk) -> Tuning:
    """The jobs of a server."""
    if desk not in _OF:
        _OF[desk] = Tuning(desk)
    return _OF[desk]


@asynccontextmanager
async def standing(desk: Desk) -> AsyncIterator[None]:
    """For as long as the server lasts: what was under way goes on."""
    tuning = tuning_of(desk)
    tuning.go_on()
    yield
    await tuning.close()
