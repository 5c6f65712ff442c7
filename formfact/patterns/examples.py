"""Rows of a training file -> examples of a pattern: those that keep its contract, and why others do not."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.derive import CONVERSATION, SYSTEM, spoken
from formfact.types import Example, Problem, Row

GROUPS = ("group", "article", "document", "source", "title")
"""Keys by which rows belong together: what is learnt from one would help with the others."""
HELD_OUT = "held-out.jsonl"
"""The file of a tuned pattern's folder with the inputs that were not trained on."""
BEGINNING = 60
"""Characters; inputs that begin alike are taken for versions of one text."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """`kept` with the group of each; `left_out` are the problems of the rows that break the contract."""

    kept: tuple[Example, ...]
    groups: tuple[str, ...]
    left_out: tuple[Problem, ...]
    rows_left_out: int


def load_examples(folder: Path, name: str = "examples.jsonl") -> tuple[Example, ...]:
    """The examples beside a contract; none where there is no such file. Raises Refused, naming the line."""
    file = folder / name
    if not file.is_file():
        return ()
    try:
        lines = file.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is no text in UTF-8", hint="save it as UTF-8") from error
    return tuple(_example(line, f"{file}, line {at}") for at, line in enumerate(lines, 1) if line.strip())


def _example(line: str, where: str) -> Example:
    try:
        one = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{where}: no JSON: {error}", hint="mend the line, or leave it out") from error
    if not isinstance(one, dict) or not all(isinstance(one.get(key), str) for key in ("text", "output")):
        hint = (
            'write examples as {"text": ..., "output": ...}, one a line; `train` reads other forms from a file beside'
        )
        raise Refused(f"{where}: no example: it has no text and output", hint=hint)
    return Example(one["text"], one["output"], one.get("kind", ""), one.get("schema"))


def write_examples(examples: Sequence[Example], file: Path) -> None:
    """Write examples as `load_examples` reads them; half of a surrogate pair, which UTF-8 has not, as "?"."""
    lines = []
    for one in examples:
        plain: dict[str, Any] = {"text": one.text, "output": one.output}
        more = {"kind": one.kind, "schema": dict(one.schema) if one.schema is not None else None}
        lines.append(json.dumps({**plain, **{key: value for key, value in more.items() if value}}, ensure_ascii=False))
    file.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


def as_example(contract: Contract, row: Row) -> Example:
    """What a row's prompt holds as the pattern's input, and its completion as the output."""
    said = row.messages[:-1] if row.completion else row.messages
    before = [one for one in said if one.role not in SYSTEM]
    if contract.what == CONVERSATION:
        text = spoken(said, contract.prompt.system)  # as it is written for, whoever said what before
    elif len(before) == 1:
        text = _without_template(contract, before[0].content)
    else:
        text = "\n".join(f"{one.role.capitalize()}: {one.content}" for one in before)
    output = row.completion.strip()
    if contract.marker:
        output = output.removesuffix(contract.marker)
    # A row of another pattern may well have a column of that name.
    schema = row.extra.get("schema") if contract.shape == "json" else None
    return Example(text, output, str(row.extra.get("kind", "")), schema if isinstance(schema, Mapping) else None)


def _without_template(contract: Contract, prompt: str) -> str:
    """The input alone, where a prompt was written as the pattern writes it: with all that stands around an input."""
    before, _, after = contract.prompt.user.partition("{text}")
    if not prompt.startswith(before):
        return prompt
    end = _tail(prompt, after) if after.strip() else len(prompt)
    return prompt if end is None else prompt[len(before) : end]


def _tail(prompt: str, after: str) -> int | None:
    """Where what stands after an input begins, at the end of a prompt; None where it does not end so.

    An input may hold the same words elsewhere, so that nothing but the end counts.
    """
    head, *more = after.rstrip().split("{schema}")
    bare = prompt.rstrip()
    last = more[-1] if more else head
    if not bare.endswith(last):
        return None
    if not more:
        return len(bare) - len(head)
    end = len(bare) - len(last)
    places = [found.start() for found in re.finditer(re.escape(head), bare[:end])]
    schemas = (at for at in places if _is_object(bare[at + len(head) : end]))
    return next(schemas, places[-1] if places and last else None)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def problems_of(contract: Contract, example: Example) -> list[Problem]:
    """How an example breaks the contract, in its input too."""
    if not example.text.strip():
        return [Problem("input", "the input is empty")]
    kept = contract.with_schema(example.schema) if example.schema is not None else contract
    return kept.open().check(example.output)


def sort_rows(contract: Contract, rows: Sequence[Row]) -> Sorted:
    """Sort rows by whether they keep the contract; of examples that are the same, the first is kept."""
    kept: list[Example] = []
    groups: list[str] = []
    left_out: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    count = 0
    for row in rows:
        example = as_example(contract, row)
        found = problems_of(contract, example)
        if found:
            count += 1
            left_out += (Problem(p.rule, p.message, p.start, p.end, row.number) for p in found[:3])
        elif (example.text, example.output) not in seen:
            seen.add((example.text, example.output))
            kept.append(example)
            groups.append(_group(row.extra, example))
    return Sorted(tuple(kept), tuple(groups), tuple(left_out), count)


def _group(extra: Mapping[str, Any], example: Example) -> str:
    for key in GROUPS:
        value = extra.get(key)
        if isinstance(value, str | int) and str(value):
            return f"{key}={value}"
    return " ".join(example.text.casefold().split())[:BEGINNING]


def split(
    examples: Sequence[Example], groups: Sequence[str], *, held_out: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """Examples to train on, and at most so many held out; no group is on both sides.

    Where every group is larger than that, the smallest is held out, and what it has too much of is not used at all.
    """
    by_group: dict[str, list[Example]] = {}
    for example, group in zip(examples, groups, strict=True):
        by_group.setdefault(group, []).append(example)
    names = sorted(by_group)
    random.Random(seed).shuffle(names)
    train: list[Example] = []
    held: list[Example] = []
    for name in names:
        # A group that would take more than its share stays in training, so that one article cannot be all of it.
        room = held_out - len(held)
        (held if len(by_group[name]) <= room else train).extend(by_group[name])
    if not held and len(names) > 1:
        smallest = min(names, key=lambda name: len(by_group[name]))
        held = by_group[smallest][:held_out]
        train = [one for name in names if name != smallest for one in by_group[name]]
    random.Random(seed).shuffle(train)
    return train, held
