"""A fine-tuning job before it trains: its rows read and judged, its contract found, its recipe made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from formfact.errors import Refused
from formfact.interfaces.openai.records import Record
from formfact.interfaces.openai.refusals import BadRequest
from formfact.patterns.bases import open_counter
from formfact.patterns.contract import Contract, print_contract
from formfact.patterns.derive import CONVERSATION, derive, unfold
from formfact.patterns.examples import sort_rows
from formfact.patterns.lint import lint
from formfact.patterns.recipe import Recipe
from formfact.patterns.rows import Reading, read_rows
from formfact.patterns.train import check_enough, kept_of
from formfact.types import Example, FactsReport, Problem

TEMPLATE = 16
"""Tokens that a chat template adds to a row."""
EPOCHS = 3
LEAST, MOST = 60, 300
"""Steps of a job that leaves the epochs to us: form is learnt in some 60, and more than 300 help little."""
HELD_OUT = 8
"""Held-out inputs that each arm writes for: enough to see that the form is kept, few enough not to wait for."""
NEVER = 2.0
"""A share of conformance that stops no training: a derived contract is kept long before the rows are learnt."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Note:
    """An event before it has a time."""

    message: str
    level: str = "info"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: the words of the command, the hyperparameters as they came out, and what is to be told first."""

    argv: tuple[str, ...]
    used: Mapping[str, Any]
    notes: tuple[Note, ...]


def prepare(
    record: Record, place: Path, out: Path, *, training: Path, validation: Path | None, contract: Contract | None
) -> Plan:
    """Read the files, judge them, and write what the command needs into `place`. Raises Refused.

    Without a `contract` one is derived from the rows. Where it is one of conversations, each turn is a row.
    """
    reading = read_rows(training)
    held = read_rows(validation) if validation else None
    found = lint(reading, contract, validation=held)
    notes = [_facts(found.knowledge, len(reading.rows)), *_problems(found.problems)]
    if contract is None:
        contract = derive(reading.rows, name=record.folder)
        notes.append(_derived(contract))
    if contract.what == CONVERSATION:
        training = place / "rows.jsonl"
        reading = _unfolded(contract, reading, training)
        if held is not None:
            validation = place / "held.jsonl"
            _unfolded(contract, held, validation)
    check_enough(contract, reading, sort_rows(contract, reading.rows))
    if validation is not None:
        _check_held(contract, read_rows(validation))
    (place / "pattern").mkdir(exist_ok=True)
    (place / "pattern" / "pattern.toml").write_bytes(print_contract(contract).encode("utf-8", "replace"))
    recipe, used = _recipe(record, reading, derived=contract.what == CONVERSATION)
    options = {
        "--out": out, "--base": record.base, "--validation": validation, "--held-out": HELD_OUT,
        "--seed": record.seed, "--steps": recipe.steps, "--look": recipe.look, "--tokens": recipe.tokens,
        "--rate": recipe.rate, "--enough": recipe.enough,
    }  # fmt: skip
    words = [text for name, value in options.items() if value is not None for text in (name, str(value))]
    return Plan(("pattern", "train", str(place / "pattern"), str(training), *words), used, tuple(notes))


def _check_held(contract: Contract, reading: Reading) -> None:
    """Refuse a validation file that measures nothing, before the job waits for its turn."""
    try:
        kept_of(contract, reading)
    except Refused as error:
        raise BadRequest(error.message, hint=error.hint, param="validation_file") from error


def _unfolded(contract: Contract, reading: Reading, to: Path) -> Reading:
    """The rows as examples of a derived contract, written to a file and read again."""
    examples: Sequence[Example] = list(unfold(reading.rows, contract.prompt.system))
    lines = [{"text": one.text, "output": one.output, "group": one.kind} for one in examples]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines)
    to.write_bytes(text.encode("utf-8", "replace"))  # JSON may hold half of a surrogate pair, which UTF-8 has not
    return read_rows(to)


def _facts(found: FactsReport, rows: int) -> Note:
    """The lint's verdict, before any minute is spent: facts belong into a knowledge base."""
    teach = [one.row for one in found.rows if one.verdict == "knowledge"]
    data = {"verdict": found.verdict, "share": found.share, "rows": teach}
    if found.verdict == "structure":
        return Note(f"Knowledge lint: the rows teach form ({len(teach)} of {rows} teach facts)", data=data)
    listed = ", ".join(map(str, teach[:SHOWN])) + (" …" if len(teach) > SHOWN else "")
    told = f"{len(teach)} of {rows} rows teach facts (rows {listed})"
    if not teach:
        told = f"some {found.share:.0%} of {rows} rows may teach facts, though of none alone that can be said"
    return Note(
        f"Knowledge lint: {told}. A tuned model confuses facts and cannot be corrected: search holds them better. "
        "POST /lint with to_kb moves them there",
        "warn", data,
    )  # fmt: skip


def _problems(found: Sequence[Problem]) -> Iterator[Note]:
    """What else the lint found, a line a rule."""
    counts = Counter((one.rule, one.severity) for one in found if one.severity != "note")
    for (rule, severity), count in counts.most_common():
        some = [one for one in found if one.rule == rule][:SHOWN]
        rows = ", ".join(str(one.row) for one in some if one.row is not None)
        where = f" (rows {rows})" if rows else ""
        data = {"rule": rule, "count": count, "rows": [one.row for one in some]}
        yield Note(
            f"Lint: {count} × {rule}: {some[0].message}{where}", "warn" if severity == "warning" else "error", data
        )


def _derived(contract: Contract) -> Note:
    told = f"The rows name no contract; what they have in common is promised: {contract.describes.partition(': ')[2]}"
    return Note(told, data={"shape": contract.shape, "contract": print_contract(contract)})


def _recipe(record: Record, reading: Reading, *, derived: bool) -> tuple[Recipe, dict[str, Any]]:
    """The API's hyperparameters as a recipe, and what they came out as."""
    usual, wanted = Recipe(), record.wanted
    counter = open_counter()
    tokens = [count + TEMPLATE for count in counter.count([f"{row.prompt}\n{row.completion}" for row in reading.rows])]
    mean = max(1, sum(tokens) // max(1, len(tokens)))
    size, epochs, times = (wanted.get(name, "auto") for name in ("batch_size", "n_epochs", "learning_rate_multiplier"))
    a_step = usual.tokens if size == "auto" else max(size * mean, max(tokens))
    an_epoch = max(1, ceil(sum(tokens) / a_step))
    if epochs != "auto":
        steps = epochs * an_epoch
    else:
        steps = min(max(EPOCHS * an_epoch, LEAST), MOST) if derived else usual.steps
    recipe = Recipe(
        steps=steps, look=min(usual.look, steps), tokens=a_step, seed=record.seed,
        rate=usual.rate * (1.0 if times == "auto" else times),
        enough=NEVER if derived or epochs != "auto" else usual.enough,
    )  # fmt: skip
    used = {
        "batch_size": max(1, a_step // mean) if size == "auto" else size,
        "n_epochs": ceil(steps / an_epoch) if epochs == "auto" else epochs,
        "learning_rate_multiplier": 1.0 if times == "auto" else times,
    }
    return recipe, used
