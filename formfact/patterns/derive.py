"""Chat rows that come without a contract -> the contract that they keep, and the conversations as its inputs.

Files for hosted fine-tuning say what is wanted by examples alone. What all completions have in common is promised and
held by the mask: one of a few answers, JSON of one form, paragraphs of so many words, or, where they have nothing in
common, that the text ends. The system prompt is kept; every turn of the assistant is an example of its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from formfact.errors import Refused
from formfact.patterns.bases import open_counter
from formfact.patterns.contract import Contract, Prompt
from formfact.patterns.shapes import open_shape
from formfact.types import Example, Message, Row

LABELS, ROWS_A_LABEL, LONGEST_LABEL = 20, 3, 60
"""Answers are a closed set where there are at most so many, each so often on average, and of so many characters."""
ROOM = 1.5
"""How much longer or shorter than the examples an output may be."""
SPARE = 16
REPEAT = 12
"""No run of so many tokens twice in running text: small models come round to where they were."""
KEPT = 0.95
"""The share of completions that must keep a shape for it to be promised."""
CONVERSATION = "a conversation"
"""What goes into a pattern whose contract was derived."""
SYSTEM = ("system", "developer")
KINDS = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (type(None), "null"))


def derive(rows: Sequence[Row], *, name: str) -> Contract:
    """The contract that these rows keep. Raises Refused where there is nothing to learn."""
    system = _system(rows)
    examples = list(unfold(rows, system))
    if not examples:
        raise Refused("no row has an assistant's message to learn", hint="the last message of a row is what is learnt")
    outputs = [one.output for one in examples]
    shape, settings = _shape(outputs)
    counter = open_counter()
    read = max(counter.count([one.text for one in examples]))
    wrote = max(counter.count(outputs))
    return Contract(
        name=name,
        describes="What the rows of a training file show: " + ABOUT[shape],
        shape=shape,
        output=settings,
        prompt=Prompt(user="{text}", system=system, few_shot=0),
        what=CONVERSATION,
        input_tokens=ceil(read * ROOM) + SPARE,
        output_tokens=ceil(wrote * ROOM) + SPARE,
        repeat=REPEAT if shape in ("text", "regex") else 0,
    )


ABOUT = {
    "grammar": "one of a few answers.",
    "json": "JSON of one form.",
    "text": "running text.",
    "regex": "any text, to its end.",
}
"""What is said of a derived contract, by its shape."""


def unfold(rows: Sequence[Row], system: str) -> Iterator[Example]:
    """An example for each turn of the assistant that is not said to have no weight; JSON is written compactly."""
    for row in rows:
        given = row.extra.get("messages")
        for at, message in enumerate(row.messages):
            output = message.content.strip()
            if message.role == "assistant" and output and at and _weight(given, at):
                yield Example(spoken(row.messages[:at], system), _compact(output), f"row-{row.number}")


def spoken(messages: Sequence[Message], system: str) -> str:
    """A conversation as one input: what the user said, where that is all; else each message with who said it.

    A system message that is the contract's own is left out: the contract says it itself.
    """
    said = [one for one in messages if not (one.role in SYSTEM and one.content == system)]
    if len(said) == 1 and said[0].role == "user":
        return said[0].content
    return "\n\n".join(f"{one.role.capitalize()}: {one.content}" for one in said)


def _system(rows: Sequence[Row]) -> str:
    """The system message of most rows; "" where there is no such."""
    found = Counter(next((one.content for one in row.messages if one.role in SYSTEM), "") for row in rows)
    usual, often = found.most_common(1)[0] if found else ("", 0)
    return usual if often * 2 > len(rows) else ""


def _weight(given: Any, at: int) -> bool:
    """Whether a message counts: the API's `weight` of 0 says that it does not."""
    message = given[at] if isinstance(given, list) and at < len(given) else None
    return not (isinstance(message, Mapping) and message.get("weight") == 0)


def _compact(output: str) -> str:
    """JSON without white space, as the mask lets it through; anything else as it is."""
    value = _object(output)
    return output if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shape(outputs: Sequence[str]) -> tuple[str, dict[str, Any]]:
    labels = sorted(set(outputs))
    few = len(labels) <= LABELS and len(labels) * ROWS_A_LABEL <= len(outputs)
    if few and all(len(one) <= LONGEST_LABEL and "\n" not in one for one in labels):
        return "grammar", {"lark": "start: " + " | ".join(json.dumps(one, ensure_ascii=False) for one in labels)}
    values = [_object(one) for one in outputs]
    if all(value is not None for value in values):
        return "json", {"schema": _schema(values)}
    words = sorted(len(one.split()) for one in outputs)
    parts = sorted(len(re.split(r"\n\n", one)) for one in outputs)
    prose = {
        "words": [max(1, int(words[0] / ROOM)), ceil(words[-1] * ROOM)],
        "paragraphs": [1, ceil(parts[-1] * ROOM)],
    }
    shape = open_shape("text", prose)
    if sum(not shape.check(one) for one in outputs) >= KEPT * len(outputs) and not any("  " in one for one in outputs):
        return "text", prose
    return "regex", {"pattern": r"[\s\S]*\S"}


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _schema(values: Sequence[Any]) -> dict[str, Any]:
    """The narrowest plain schema that all values keep; one without a type where they are of mixed kinds."""
    if all(isinstance(one, dict) for one in values):
        keys = list(dict.fromkeys(key for one in values for key in one))
        return {
            "type": "object",
            "properties": {key: _schema([one[key] for one in values if key in one]) for key in keys},
            "required": [key for key in keys if all(key in one for one in values)],
            "additionalProperties": False,
        }
    if all(isinstance(one, list) for one in values):
        inner = [item for one in values for item in one]
        return {"type": "array", "items": _schema(inner)} if inner else {"type": "array"}
    if any(isinstance(one, dict | list) for one in values):
        return {}
    kinds = sorted({next(name for kind, name in KINDS if isinstance(one, kind)) for one in values})
    if kinds == ["integer", "number"]:
        kinds = ["number"]
    return {"type": kinds[0] if len(kinds) == 1 else kinds}
