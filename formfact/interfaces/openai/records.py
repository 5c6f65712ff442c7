"""What is known of a fine-tuning job, on disk: its record, its events, its checkpoints. They outlive the server."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from formfact.interfaces.http.routes import Json
from formfact.interfaces.openai.refusals import NotThere

Status = Literal["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]
OVER = ("succeeded", "failed", "cancelled")
RECORD, EVENTS = "job.json", "events.jsonl"


@dataclass(frozen=True, slots=True)
class Record:
    """A job. `pattern` is the pattern whose contract it trains, "" where one is derived from the rows; `base` the local
    model; `wanted` the hyperparameters as they were asked for, `used` as they came out.
    """

    id: str
    created_at: int
    status: Status
    model: str
    base: str
    pattern: str
    training_file: str
    validation_file: str | None
    suffix: str
    seed: int
    wanted: Mapping[str, Any] = field(default_factory=dict)
    used: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] | None = None
    error: Mapping[str, Any] | None = None
    finished_at: int | None = None
    estimated_finish: int | None = None
    trained_tokens: int | None = None
    result_files: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The fine-tuned model's name, as the API makes it."""
        return f"ft:{self.base.rpartition('/')[2]}:formfact:{self.suffix}:{self.id[-8:]}"

    @property
    def folder(self) -> str:
        """The name of its folder among the patterns."""
        return "-".join(filter(None, ("ft", self.suffix, self.id[-8:])))

    @property
    def over(self) -> bool:
        return self.status in OVER


class Records:
    """All jobs in a folder, each in one of its own. Ids are looked up, never joined to a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Record]:
        """The oldest first."""
        known = {one.name for one in fields(Record)}
        found = [json.loads(one.read_text("utf-8")) for one in self._folder.glob(f"*/{RECORD}")]
        records = [Record(**{name: value for name, value in one.items() if name in known}) for one in found]
        return sorted(records, key=lambda one: (one.created_at, one.id))

    def get(self, name: str) -> Record:
        """Raises NotThere."""
        for one in self.all():
            if one.id == name:
                return one
        hint = "GET /v1/fine_tuning/jobs lists them"
        raise NotThere(f"there is no fine-tuning job {name!r}", hint=hint, param="fine_tuning_job_id")

    def place(self, record: Record) -> Path:
        """Its folder."""
        return self._folder / record.id

    def save(self, record: Record) -> Record:
        """Write it as it is now; a reader sees the old or the new one."""
        place = self.place(record)
        place.mkdir(parents=True, exist_ok=True)
        part = place / f"{RECORD}.part"
        part.write_text(json.dumps(asdict(record)), encoding="utf-8")
        part.replace(place / RECORD)
        return record

    def tell(
        self, record: Record, message: str, *, level: str = "info", kind: str = "message", data: Any = None
    ) -> None:
        """Note an event."""
        event = {
            "id": f"ftevent-{secrets.token_hex(12)}", "object": "fine_tuning.job.event", "created_at": int(time.time()),
            "level": level, "message": message, "type": kind, "data": data or {},
        }  # fmt: skip
        with (self.place(record) / EVENTS).open("a", encoding="utf-8", errors="replace") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def events(self, record: Record) -> list[Json]:
        """All that was noted, the oldest first."""
        file = self.place(record) / EVENTS
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def job_json(record: Record) -> Json:
    """A job as the API shows it."""
    used = {name: record.used.get(name, "auto") for name in ("batch_size", "learning_rate_multiplier", "n_epochs")}
    return {
        "id": record.id,
        "object": "fine_tuning.job",
        "created_at": record.created_at,
        "error": record.error,
        "fine_tuned_model": record.name if record.status == "succeeded" else None,
        "finished_at": record.finished_at,
        "hyperparameters": used,
        "method": {"type": "supervised", "supervised": {"hyperparameters": used}},
        "model": record.model,
        "organization_id": "formfact",
        "result_files": list(record.result_files),
        "status": record.status,
        "seed": record.seed,
        "trained_tokens": record.trained_tokens,
        "training_file": record.training_file,
        "validation_file": record.validation_file,
        "estimated_finish": record.estimated_finish,
        "integrations": [],
        "metadata": record.metadata,
        "user_provided_suffix": record.suffix or None,
    }
