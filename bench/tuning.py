"""The tunings that bench/patterns.py measures: made once, gone on with when killed, kept under .bench/patterns."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from paragraphs import Paragraph, paragraphs, write_rows
from table import KEPT

from formfact.patterns import tuned
from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render
from formfact.patterns.recipe import Recipe
from formfact.patterns.rows import read_rows
from formfact.patterns.shelf import find
from formfact.patterns.train import train
from formfact.types import Example, Message, TrainingStep

HERE = KEPT / "patterns"
LOOKED_AT = 24
TOGETHER = 24
"""Texts that are written at once, and kept before the next are begun."""
SHORT = Recipe(steps=3, look=3, looked_at=1, tokens=384)
"""Enough to see whether two runs with one seed give the same weights."""
BRIEF = Recipe(steps=40, look=40, looked_at=1, tokens=768)
"""The same number of steps for any number of rows, half as wide as they are by default."""
FEW = 2
"""Inputs that a card is measured on where the bench measures on its own."""

Kept = dict[str, Any]


def contract() -> Contract:
    """The contract that all of them keep."""
    return find("questions").contract


def kept(name: str, make: Callable[[], Kept]) -> Kept:
    """What was measured before under this name, else made now."""
    file = HERE / f"{name}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = make()
        draft = file.with_suffix(".part")
        draft.write_text(json.dumps(made, indent=1), encoding="utf-8")
        draft.replace(file)
    found: Kept = json.loads(file.read_text(encoding="utf-8"))
    return found


def rows(count: int) -> list[Paragraph]:
    """The first so many paragraphs to train on whose questions keep the contract."""
    asked = contract()
    return paragraphs("train", count, fits=lambda one: not asked.check(one.output))


def tune(
    count: int, *, seed: int = Recipe().seed, recipe: Recipe | None = None, name: str = "", held: int = LOOKED_AT
) -> Kept:
    """Train on so many rows; the folder is `tuned-COUNT`. Seconds are kept as processor time too: the machine is
    shared, and a killed run goes on."""
    name = name or f"tuned-{count}"
    return kept(name, lambda: _tune(count, name, replace(recipe or Recipe(), seed=seed), held))


def _tune(count: int, name: str, recipe: Recipe, held: int) -> Kept:
    HERE.mkdir(parents=True, exist_ok=True)
    data = write_rows(rows(count), HERE / f"{name}-rows.jsonl")
    look = write_rows(paragraphs("look", LOOKED_AT * 2), HERE / f"{name}-look.jsonl")
    clock = _Clock(HERE / f"{name}-clock.json")
    card = train(
        contract(), read_rows(data), HERE / name, validation=read_rows(look), held_out=held, recipe=recipe,
        report=clock.step,
    )  # fmt: skip
    clock.note("end", 0, None)
    weights = (HERE / name / "adapter" / "adapter_model.safetensors").read_bytes()
    return {
        "rows": card.data["trained_on"],
        "wall": dict(card.seconds),
        "processor": clock.marks,
        "history": [asdict(one) for one in card.history],
        "conformance": {arm: [one.conforming, one.checked] for arm, one in card.conformance.items()},
        "digest": hashlib.sha256(weights).hexdigest(),
        "hardware": card.hardware,
    }


class _Clock:
    """Processor seconds of a training at each look, those of killed runs counted."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.marks: list[list[Any]] = json.loads(file.read_text()) if file.exists() else []
        self._before = self.marks[-1][2] if self.marks else 0.0

    def step(self, at: TrainingStep) -> None:
        if not at.stage:
            self.note("step", at.step, at.conformance)

    def note(self, what: str, step: int, conformance: float | None) -> None:
        self.marks = [one for one in self.marks if one[0] != "step" or one[1] < step or what == "end"]
        self.marks.append([what, step, self._before + time.process_time(), conformance])
        self._file.write_text(json.dumps(self.marks))


class Writing:
    """Texts of one arm, written in parts that are kept, so that a killed run goes on."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._open: Any = None

    def write(self, name: str, chats: Sequence[Sequence[Message]], *, masked: bool) -> list[Kept]:
        """For each conversation its text, whether it ended, its tokens and seconds."""
        found: list[Kept] = []
        for at in range(0, len(chats), TOGETHER):
            part = kept(
                f"written/{name}-{at}", lambda at=at: {"texts": self._some(chats[at : at + TOGETHER], masked=masked)}
            )
            found += part["texts"]
        return found

    def _some(self, chats: Sequence[Sequence[Message]], *, masked: bool) -> list[Kept]:
        return [asdict(one) for one in self.decoder().write(chats, contract(), masked=masked)]

    def decoder(self) -> Any:
        """The open model: the base, or the base with an adapter."""
        if self._open is None:
            adapter = HERE / self._model / "adapter" if self._model else None
            self._open = tuned.load("decoder")(tuned.load("network")(None, adapter=adapter))
        return self._open


def shots(examples: Sequence[Paragraph]) -> list[Example]:
    """The examples that are shown instead of training: the shortest, as `train` takes them for its card."""
    some = [Example(one.text, one.output) for one in examples]
    return sorted(some, key=lambda one: len(one.text) + len(one.output))[: contract().prompt.few_shot]


def chats(texts: Sequence[str], *, examples: Sequence[Example] = ()) -> list[tuple[Message, ...]]:
    """Each text as the pattern asks for it."""
    return [render(contract(), text, examples=examples) for text in texts]
