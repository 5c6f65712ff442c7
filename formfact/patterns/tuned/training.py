"""The training loop: low-rank adapters on every linear layer, stopped by conformance, resumed where it was killed."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from peft.helpers import disable_input_dtype_casting

from formfact.patterns.conformance import measure
from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render_example
from formfact.patterns.recipe import Recipe
from formfact.patterns.tuned.decoding import Decoder
from formfact.patterns.tuned.loss import Encoded, batches, completion_loss
from formfact.patterns.tuned.network import Network, half, merged
from formfact.types import Example, TrainingStep

Report = Callable[[TrainingStep], None]
SAVED_EVERY = 60.0
"""Seconds of work that a killed run may lose."""


def train(
    network: Network,
    contract: Contract,
    rows: Sequence[Encoded],
    held_out: Sequence[Example],
    *,
    recipe: Recipe,
    checkpoint: Path | None = None,
    report: Report | None = None,
) -> list[TrainingStep]:
    """Train the adapter of a network, in place. The same adapter, seed, data and machine give the same weights.

    `checkpoint` is a file that is written at each look and every minute, and gone on from where it is there.
    """
    torch.use_deterministic_algorithms(True, warn_only=True)
    run = _Run(network, recipe)
    if checkpoint and checkpoint.exists():
        run.load(checkpoint)
    started = time.perf_counter() - run.seconds
    # A run that was killed after its last look, while the tuned model wrote, has nothing more to train.
    steps = run.step if run.step and run.enough() else recipe.steps
    for step, batch in _from(run.step, batches(rows, tokens=recipe.tokens, seed=recipe.seed), steps):
        loss = run.take(step, batch)
        looked = step % recipe.look == 0 or step == recipe.steps
        share = None
        if looked and held_out:
            with run.averaged():
                share = _look(network, contract, held_out[: recipe.looked_at])
        run.note(step, loss, time.perf_counter() - started, share)
        if report:
            report(run.history[-1])
        if checkpoint and (looked or run.unsaved >= SAVED_EVERY):
            run.save(checkpoint)
        if share is not None and run.enough():
            break
    run.restore_best()
    network.model.eval()
    return run.history


def pace(step: int, recipe: Recipe) -> float:
    """The share of the learning rate: a short rise, a plateau, and a straight fall over the last third."""
    rise = min(1.0, step / recipe.warm)
    fall = min(1.0, (recipe.steps - step + 1) / (recipe.steps / 3))
    return rise * fall


def _from(done: int, endless: Iterator[list[Encoded]], steps: int) -> Iterator[tuple[int, list[Encoded]]]:
    for step, batch in zip(range(1, steps + 1), endless, strict=False):
        if step > done:
            yield step, batch


def _look(network: Network, contract: Contract, held_out: Sequence[Example]) -> float:
    """The share of held-out inputs whose output ends and conforms, written without the mask."""
    chats = [render_example(contract, example) for example in held_out]
    network.model.eval()
    with merged(network):
        written = Decoder(network).write(chats, contract, masked=False)
    kept = measure(contract, [one.text for one in written if one.ended]).conforming
    return kept / max(len(chats), 1)


class _Run:
    """A training run as it stands: weights, optimiser, history, and the best weights so far."""

    def __init__(self, network: Network, recipe: Recipe) -> None:
        self._network, self._recipe = network, recipe
        self._weights = {name: one for name, one in network.model.named_parameters() if one.requires_grad}
        self._optimiser = torch.optim.AdamW(self._weights.values(), lr=recipe.rate, weight_decay=0.0, betas=(0.9, 0.99))
        self._slow = {name: one.detach().clone() for name, one in self._weights.items()}
        self._best: dict[str, Any] = {}
        self._steps_taken = 0
        self._share = -1.0
        self._tokens = 0
        self.step = 0
        self.seconds = 0.0
        self.unsaved = self._saved = 0.0
        self.history: list[TrainingStep] = []

    def take(self, step: int, batch: Sequence[Encoded]) -> float:
        """One step of the optimiser; returns the loss."""
        self._network.model.train()
        for group in self._optimiser.param_groups:
            group["lr"] = self._recipe.rate * pace(step, self._recipe)
        # The adapter computes in the 16 bits that its input comes in; its own weights stay in 32.
        with half(self._network.device), disable_input_dtype_casting(self._network.model):
            loss = completion_loss(self._network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self._average()
        self._tokens += sum(map(len, batch))
        return float(loss.detach())

    def _average(self) -> None:
        """Weights that follow slowly: single steps on few rows throw a small model to and fro."""
        share = min(self._recipe.follow, 1 - 1 / (self._steps_taken + 1))
        self._steps_taken += 1
        with torch.no_grad():
            for name, one in self._weights.items():
                self._slow[name].lerp_(one, 1 - share)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The averaged weights in place of the last ones, for as long as it lasts."""
        last = {name: one.detach().clone() for name, one in self._weights.items()}
        self._put(self._slow)
        try:
            yield
        finally:
            self._put(last)

    def _put(self, values: Mapping[str, Any]) -> None:
        with torch.no_grad():
            for name, value in values.items():
                self._weights[name].copy_(value)

    def note(self, step: int, loss: float, seconds: float, share: float | None) -> None:
        steps = self._recipe.steps
        left = seconds / step * (steps - step)
        self.history.append(TrainingStep(step, steps, loss, self._tokens / seconds, seconds, left, share))
        self.step, self.seconds = step, seconds
        self.unsaved = seconds - self._saved
        # Of equals the later one is kept: its loss is lower.
        if share is not None and share >= self._share:
            self._share = share
            self._best = {name: one.clone() for name, one in self._slow.items()}

    def enough(self) -> bool:
        """Whether the last two looks were good enough."""
        looks = [one.conformance for one in self.history if one.conformance is not None]
        return len(looks) > 1 and min(looks[-2:]) >= self._recipe.enough

    def restore_best(self) -> None:
        self._put(self._best or self._slow)

    def save(self, file: Path) -> None:
        state = {
            "weights": {name: one.detach() for name, one in self._weights.items()},
            "optimiser": self._optimiser.state_dict(),
            "slow": self._slow,
            "best": self._best,
            "share": self._share,
            "tokens": self._tokens,
            "history": [asdict(one) for one in self.history],
        }
        part = file.with_name(f"{file.name}.part")
        # By way of the memory: torch has an error of its own for a full disk, without the system's word for it.
        held = io.BytesIO()
        torch.save(state, held)
        part.write_bytes(held.getbuffer())
        part.replace(file)
        self._saved = self.seconds

    def load(self, file: Path) -> None:
        state = torch.load(file, weights_only=True, map_location=self._network.device)
        self._put(state["weights"])
        self._slow = state["slow"]
        self._optimiser.load_state_dict(state["optimiser"])
        self._best, self._share, self._tokens = state["best"], state["share"], state["tokens"]
        self.history = [TrainingStep(**one) for one in state["history"]]
        self.step, self.seconds = self.history[-1].step, self.history[-1].seconds
        self._steps_taken, self._saved = self.step, self.seconds
