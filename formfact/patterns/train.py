"""Rows -> a tuned pattern in a folder, with its card: the checks that come before minutes are lost, and the ending."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import filelock

from formfact.errors import Refused
from formfact.patterns import tuned
from formfact.patterns.bases import find_base
from formfact.patterns.card import card_json, print_card
from formfact.patterns.contract import Contract, print_contract
from formfact.patterns.disk import writing
from formfact.patterns.examples import HELD_OUT as HELD_OUT_FILE
from formfact.patterns.examples import Sorted, sort_rows, split, write_examples
from formfact.patterns.facts import judge
from formfact.patterns.recipe import Recipe
from formfact.patterns.rows import Reading
from formfact.types import Example, TrainingStep, TunedCard

FEWEST = 8
"""Rows below which nothing is learnt that a prompt with examples could not say."""
HELD_OUT = 24
MARK = "card.json"
"""The file that tells a folder that training wrote."""


def train(
    contract: Contract,
    reading: Reading,
    out: Path,
    *,
    base: str | None = None,
    validation: Reading | None = None,
    held_out: int = HELD_OUT,
    recipe: Recipe | None = None,
    report: Callable[[TrainingStep], None] | None = None,
) -> TunedCard:
    """Train a pattern on rows and write it to a folder: contract, adapter, card. A killed run goes on where it stopped.

    Rows that break the contract are left out and counted. Raises Refused where more than half do, where too few are
    left or where `out` holds something else; MissingExtra, ModelError, DiskFull.
    """
    recipe = recipe or Recipe()
    recipe.check()
    check_out(out)
    tune = tuned.load("tune")  # a missing package shows before anything is read
    found = sort_rows(contract, reading.rows)
    check_enough(contract, reading, found)
    examples, held = _parted(contract, found, validation, held_out, recipe.seed)
    work = out.with_name(f".{out.name}.training")
    with writing(out), alone(work, out):
        _prepare(work, _fingerprint(contract, reading, validation, base, held_out, recipe))
        done = tune(contract, examples, held, base=base, work=work, recipe=recipe, report=report)
        data = {
            "sha256": reading.sha256,
            "rows": len(reading.rows),
            "trained_on": len(examples),
            "held_out": len(held),
            "left_out": found.rows_left_out + len(reading.problems),
        }
        card = _card(contract, reading, data, done, recipe)
        _finish(contract, card, examples, held, work, out)
    return card


def _card(contract: Contract, reading: Reading, data: Mapping[str, Any], done: Any, recipe: Recipe) -> TunedCard:
    facts = judge(reading.rows)
    return TunedCard(
        pattern=contract.name,
        base=done.base,
        note=done.note,
        data=data,
        lint={"verdict": facts.verdict, "knowledge": facts.share, "malformed": len(reading.problems)},
        conformance=done.arms,
        seconds=done.seconds,
        hardware=done.hardware,
        versions=done.versions,
        recipe=asdict(recipe),
        history=tuple(done.history),
    )


@contextmanager
def alone(work: Path, out: Path) -> Iterator[None]:
    """Nobody else trains in this folder meanwhile: two would write over each other's checkpoints. Raises Refused."""
    work.mkdir(parents=True, exist_ok=True)
    file = work.with_name(f"{work.name}.lock")
    try:
        with filelock.FileLock(file, timeout=0):
            yield
            file.unlink(missing_ok=True)
    except filelock.Timeout as error:
        raise Refused(
            f"another training writes to {out}", hint="wait for its end, or name another folder: --out DIR"
        ) from error


def check_out(out: Path) -> None:
    """Refuse a folder that holds anything but an earlier training."""
    if out.exists() and not (out / MARK).is_file():
        raise Refused(
            f"{out} exists and holds no tuned pattern", hint="name a folder that does not exist yet: --out DIR"
        )


def check_enough(contract: Contract, reading: Reading, found: Sorted) -> None:
    """Refuse data of which most breaks the contract, or too little of it."""
    read = len(reading.rows) + len(reading.problems)
    broken = found.rows_left_out + len(reading.problems)
    if broken * 2 > read:
        first = "; ".join(f"row {one.row}: {one.message}" for one in (*reading.problems, *found.left_out)[:3])
        raise Refused(
            f"{broken:,} of {read:,} rows break the contract of {contract.name!r}: {first}",
            hint=f"formfact pattern lint FILE --pattern {contract.name} lists them; --fix repairs what it can",
        )
    if len(found.kept) < FEWEST:
        raise Refused(
            f"{len(found.kept)} rows are too few to train on",
            hint=f"bring {FEWEST} at the least; 50 to 500 are usual. Without rows: write with examples in the prompt",
        )


def _parted(
    contract: Contract, found: Sorted, validation: Reading | None, held_out: int, seed: int
) -> tuple[Sequence[Example], Sequence[Example]]:
    if held_out < 1:
        raise Refused(f"{held_out} inputs are held out", hint="--held-out is 1 at the least: else nothing is measured")
    if validation is not None:
        return found.kept, kept_of(contract, validation)[:held_out]
    share = min(held_out, max(2, len(found.kept) // 5))
    return split(found.kept, found.groups, held_out=share, seed=seed)


def kept_of(contract: Contract, validation: Reading) -> Sequence[Example]:
    """The held-out rows that keep the contract. Raises Refused where there is none: nothing could be measured."""
    found = sort_rows(contract, validation.rows)
    if not found.kept:
        first = "; ".join(f"row {one.row}: {one.message}" for one in (*validation.problems, *found.left_out)[:3])
        raise Refused(
            f"no validation row keeps the contract of {contract.name!r}{f': {first}' if first else ''}",
            hint="mend the validation file, or leave it out: then a part of the rows is held out",
        )
    return found.kept


def _fingerprint(
    contract: Contract, reading: Reading, validation: Reading | None, base: str | None, held: int, recipe: Recipe
) -> str:
    """Tells whether a run that was killed is this one."""
    other = validation.sha256 if validation else ""
    told = [print_contract(contract), reading.sha256, other, find_base(base).address, held, asdict(recipe)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _prepare(work: Path, fingerprint: str) -> None:
    """The working folder: kept where it belongs to this very run, else made anew."""
    mark = work / "run"
    if work.exists() and (not mark.is_file() or mark.read_text() != fingerprint):
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    mark.write_text(fingerprint)


def _finish(
    contract: Contract, card: TunedCard, examples: Sequence[Example], held: Sequence[Example], work: Path, out: Path
) -> None:
    """Put the folder together beside the place where it goes, then move it there as a whole."""
    made = work / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    (made / "pattern.toml").write_text(print_contract(contract), encoding="utf-8")
    shots = sorted(examples, key=lambda one: len(one.text) + len(one.output))[: contract.prompt.few_shot]
    write_examples(shots, made / "examples.jsonl")
    write_examples(held, made / HELD_OUT_FILE)
    (made / MARK).write_text(json.dumps(card_json(card), indent=1) + "\n", encoding="utf-8")
    (made / "CARD.md").write_text(print_card(card), encoding="utf-8")
    shutil.move(work / "adapter", made / "adapter")
    shutil.rmtree(work / "former", ignore_errors=True)  # of a run that was killed after it had moved all
    if out.exists():
        out.rename(work / "former")
    made.rename(out)
    shutil.rmtree(work)
