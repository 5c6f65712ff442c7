"""A training as a whole: the arms before and after, the adapter saved, and the figures for its card."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch

from formfact.patterns.conformance import conformance
from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render
from formfact.patterns.recipe import Recipe
from formfact.patterns.tuned.decoding import Decoder
from formfact.patterns.tuned.loss import encode
from formfact.patterns.tuned.masks import Masks
from formfact.patterns.tuned.memory import check_memory
from formfact.patterns.tuned.network import Network, add_adapter, open_network
from formfact.patterns.tuned.outcomes import by_schema, outcomes
from formfact.patterns.tuned.training import Report, train
from formfact.types import Conformance, Example, Message, TrainingStep

PACKAGES = ("torch", "transformers", "peft", "llguidance")


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a training gave; the adapter lies in the folder that it was given."""

    base: str
    note: str
    arms: dict[str, Conformance]
    seconds: dict[str, float]
    hardware: str
    versions: dict[str, str]
    history: list[TrainingStep]


def tune(
    contract: Contract,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    *,
    base: str | None,
    work: Path,
    recipe: Recipe,
    report: Report | None = None,
) -> Tuned:
    """Measure, train, measure again. The adapter is saved as `work/adapter`, beside what a resumed run needs.

    Raises ModelError, Refused.
    """
    clock = _Clock(recipe.steps, report)
    clock.begin("the base is opened")
    network = open_network(base)
    rows = encode(network, contract, examples)
    encode(network, contract, held_out)  # what is too long is refused before minutes are lost
    _check_masks(network, contract, held_out)
    add_adapter(network, rank=recipe.rank, alpha=recipe.alpha, seed=recipe.seed)
    check_memory(network, rows, tokens=recipe.tokens)
    clock.lap("opening")
    clock.begin(f"the base writes for {len(held_out)} held-out inputs, twice")
    with network.model.disable_adapter():
        arms = _arms_before(network, contract, examples, held_out, work / "before.json")
    clock.lap("arms_before")
    history = train(network, contract, rows, held_out, recipe=recipe, checkpoint=work / "checkpoint.pt", report=report)
    clock.lap("training")
    network.model.save_pretrained(str(work / "adapter"))
    clock.begin(f"the tuned model writes for {len(held_out)} held-out inputs, twice", step=history[-1].step)
    network.model = network.model.merge_and_unload()
    decoder = Decoder(network)
    arms["after"] = _figure(outcomes(decoder, contract, held_out))
    arms["after_masked"] = _figure(outcomes(decoder, contract, held_out, masked=True))
    clock.lap("arms_after")
    # A resumed run has done a part of its training before.
    clock.laps["training"] = max(clock.laps["training"], history[-1].seconds)
    versions = {name: version(name) for name in PACKAGES}
    return Tuned(network.base.address, network.base.note, arms, clock.total(), hardware(), versions, history)


def _check_masks(network: Network, contract: Contract, held_out: Sequence[Example]) -> None:
    """Raise Refused where no mask can be made for what the tuned model is to write with one."""
    masks = Masks(network.tokenizer, int(network.model.config.vocab_size))
    for kept, _ in by_schema(contract, held_out):
        masks.open(kept)


def masks_shown(contract: Contract, example: Example, *, base: str | None) -> list[tuple[str, bool]]:
    """The tokens of one row, each with whether the loss counts on it."""
    network = open_network(base)
    [row] = encode(network, contract, [example])
    whole = [*((token, False) for token in row.prompt), *((token, True) for token in row.target)]
    return [(network.tokenizer.decode([token]), counts) for token, counts in whole]


def _arms_before(
    network: Network, contract: Contract, examples: Sequence[Example], held_out: Sequence[Example], kept: Path
) -> dict[str, Conformance]:
    """The base without training: given the input alone, and given examples. Kept for a run that goes on."""
    if kept.exists():
        counts = json.loads(kept.read_text())
        return {name: conformance(checked, conforming) for name, (checked, conforming) in counts.items()}
    decoder = Decoder(network)
    alone = [(Message("user", example.text),) for example in held_out]
    shots = sorted(examples, key=lambda one: len(one.text) + len(one.output))[: contract.prompt.few_shot]
    shown = [render(contract, example.text, examples=shots) for example in held_out]
    arms = {
        "before": _figure(outcomes(decoder, contract, held_out, chats=alone)),
        "few_shot": _figure(outcomes(decoder, contract, held_out, chats=shown)),
    }
    part = kept.with_name(f"{kept.name}.part")
    part.write_text(json.dumps({name: [one.checked, one.conforming] for name, one in arms.items()}))
    part.replace(kept)
    return arms


def _figure(found: Sequence[bool]) -> Conformance:
    return conformance(len(found), sum(found))


class _Clock:
    """Seconds of each part of a training, and a word on what goes on beside the steps."""

    def __init__(self, steps: int, report: Report | None) -> None:
        self._steps, self._report = steps, report
        self._started = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def begin(self, stage: str, *, step: int = 0) -> None:
        if self._report:
            seconds = time.perf_counter() - self._started
            self._report(TrainingStep(step, self._steps, 0.0, 0.0, seconds, 0.0, stage=stage))

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 1)
        self._last = now

    def total(self) -> dict[str, float]:
        return {**self.laps, "total": round(sum(self.laps.values()), 1)}


def hardware() -> str:
    """What the training ran on, in words."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"{torch.get_num_threads()} cores of {_processor()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


__all__ = ["Tuned", "hardware", "masks_shown", "tune"]
