"""The shapes of answers as JSON Schema, made of the nouns that they show (see `interfaces/wire.py`)."""

from __future__ import annotations

from typing import Any

from formfact.interfaces.http.jobs import Job
from formfact.interfaces.http.schema import schema_of
from formfact.types import (
    AddReport,
    Answer,
    Block,
    Conformance,
    DialogueListing,
    Hit,
    Listing,
    Loss,
    Message,
    Problem,
    Quote,
    RowVerdict,
    Scores,
    Status,
    Turn,
    Writing,
)

Json = dict[str, Any]


def listed(inner: Json) -> Json:
    """An array of these."""
    return {"type": "array", "items": inner}


def made_of(properties: Json, *, optional: Json | None = None) -> Json:
    """An object with these members, and perhaps with those that are optional."""
    return {"type": "object", "properties": properties | (optional or {}), "required": list(properties)}


def whole(noun: type, *, without: tuple[str, ...] = ()) -> Json:
    """A noun as it is shown: all of its members are there."""
    return made_of(schema_of(noun, without=without)["properties"])


HIT = whole(Hit, without=("scores", "passage"))
HIT["properties"]["scores"] = whole(Scores)
HITS = made_of({"question": {"type": "string"}, "hits": listed(HIT), "milliseconds": {"type": "number"}})
LOSS = made_of(schema_of(Loss)["properties"] | {"best": HIT})
ANSWER = made_of(schema_of(Answer)["properties"] | {"quotes": listed(whole(Quote)), "nearest": listed(HIT)})
STATUS = made_of(whole(Status)["properties"], optional={"listing": listed(whole(Listing))})
DOCUMENTS = made_of({"documents": listed(whole(Listing)), "total": {"type": "integer"}})
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
DOCUMENT = made_of(
    dict.fromkeys(("document", "source", "title", "format", "text"), TEXT)
    | dict.fromkeys(("length", "start", "end"), NUMBER)
    | {"blocks": listed(whole(Block)), "pages": listed(NUMBER), "metadata": {"type": "object"}}
)
SPOKEN = whole(DialogueListing)
DIALOGUES = made_of({"dialogues": listed(SPOKEN)})
DIALOGUE = made_of(SPOKEN["properties"] | {"turns": listed(whole(Turn))})
DELETED = made_of({"deleted": TEXT})
REMOVED = made_of({"removed": NUMBER})
JOB = whole(Job)
JOBS = made_of({"jobs": listed(JOB)})
LOOKS = made_of({"looks": listed({"type": "object"})})
REPORT = whole(AddReport)
BASES = made_of({"bases": listed({"type": "string"}), "default": {"type": "string"}})
PROBLEM = whole(Problem)
CONFORMANCE = made_of(schema_of(Conformance, without=("interval",))["properties"] | {
    "interval": listed({"type": "number"}), "problems": listed(PROBLEM)
})  # fmt: skip
PATTERN = made_of(
    dict.fromkeys(("name", "describes", "shape", "folder"), TEXT)
    | {"output": {"type": "object"}, "tokens": NUMBER, "examples": NUMBER, "children": listed(TEXT)}
    | {"tuned": {"type": "boolean"}}
)
PATTERNS = made_of({"patterns": listed(PATTERN)})
WRITINGS = made_of({"writings": listed(whole(Writing))})
VERDICT = made_of(schema_of(RowVerdict)["properties"])
EXAMPLE = {"anyOf": [made_of({"row": NUMBER, "messages": listed(whole(Message))}), {"type": "null"}]}
LINT = made_of(
    {"rows": NUMBER, "problems": listed(PROBLEM), "tokens": NUMBER, "verdict": TEXT}
    | {"knowledge": made_of({"share": {"type": "number"}, "rows": listed(VERDICT), "example": EXAMPLE})}
    | {"cost": {"type": "object"}},
    optional={"fixed": TEXT, "done": listed(TEXT), "job": JOB, "left": TEXT}
    | {"texts": listed(made_of({"row": NUMBER, "prompt": TEXT, "completion": TEXT}))},
)
