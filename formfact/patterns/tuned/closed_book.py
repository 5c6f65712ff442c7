"""A model that answers out of its weights: taught rows by an adapter, asked, and taken back to what it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft.helpers import disable_input_dtype_casting

from formfact.patterns.tuned.growing import Growing
from formfact.patterns.tuned.layout import laid_out
from formfact.patterns.tuned.loss import Encoded, batches, completion_loss
from formfact.patterns.tuned.memory import check_memory
from formfact.patterns.tuned.network import Network, add_adapter, half, merged, open_network
from formfact.types import Example

RANK, RATE, TOKENS = 32, 1e-3, 768
"""An adapter wide enough for facts, a rate that fits them in a few rounds, and few tokens a step."""
BATCH = 24
"""Prompts that are gone on with at once."""

State = dict[str, Any]
Told = Callable[[int, float], None]
"""Called after each round with its number and its loss."""


@dataclass(frozen=True, slots=True)
class Taught:
    """`tokens` are those of all rounds, prompts included; `loss` is the last round's mean over completions' tokens."""

    rounds: int
    tokens: int
    seconds: float
    loss: float


class ClosedBook:
    """An open base under one adapter. It begins as the base is; `blank` makes it so again."""

    def __init__(self, base: str | None = None, *, seed: int = 7) -> None:
        self.network = open_network(base)
        add_adapter(self.network, rank=RANK, alpha=2 * RANK, seed=seed)
        self._seed = seed
        self._fits = 0
        self._weights = {name: one for name, one in self.network.model.named_parameters() if one.requires_grad}
        self._blank = self.state()
        self.address: str = self.network.base.address

    def blank(self) -> None:
        """Forget all that was taught."""
        self.put(self._blank)

    def state(self) -> State:
        """What was taught, as weights to `put` back later."""
        return {name: one.detach().clone() for name, one in self._weights.items()}

    def put(self, state: State) -> None:
        """Know what `state` knew."""
        with torch.no_grad():
            for name, value in state.items():
                self._weights[name].copy_(value)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self.network.tokenizer(text, add_special_tokens=False).input_ids)

    def teach(
        self, rows: Sequence[Example], *, enough: float, longest: float, told: Told | None = None, share: float = 1.0
    ) -> Taught:
        """Train on rows (text in, output out; an empty text is running text) until a whole round's mean loss is at most
        `enough`, or `longest` seconds are over; `share` is the part of the learning rate. Raises ModelError where a
        step does not fit the memory.
        """
        network, encoded = self.network, [self._encoded(row) for row in rows]
        self._check_memory(encoded)
        started = time.perf_counter()
        optimiser = torch.optim.AdamW(self._weights.values(), lr=RATE * share, weight_decay=0.0)
        network.model.train()
        done = tokens = 0
        loss = float("inf")
        for done, batch in enumerate(_rounds(encoded, self._seed), 1):
            losses = [self._step(optimiser, step) for step in batch]
            tokens += sum(map(len, encoded))
            loss = sum(losses) / len(losses)
            seconds = time.perf_counter() - started
            if told:
                told(done, loss)
            if loss <= enough or seconds >= longest:
                break
        network.model.eval()
        return Taught(done, tokens, time.perf_counter() - started, loss)

    def _check_memory(self, rows: Sequence[Encoded]) -> None:
        """Try a step once, and again only for longer rows: a fact that is added must not pay for it each time."""
        longest = max(map(len, rows))
        if longest > self._fits:
            check_memory(self.network, rows, tokens=TOKENS)
            self._fits = longest

    def _step(self, optimiser: Any, batch: Sequence[Encoded]) -> float:
        with half(self.network.device), disable_input_dtype_casting(self.network.model):
            loss = completion_loss(self.network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._weights.values(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _encoded(self, row: Example) -> Encoded:
        prompt = tuple(self._prompt(row.text))
        return Encoded(prompt, tuple(self.network.target(row.output)))

    def _prompt(self, text: str) -> list[int]:
        """A text stands behind the token that ends texts: where another one begins."""
        return [self.network.end, *self.network.tokenizer(text, add_special_tokens=False).input_ids]

    def go_on(self, prompts: Sequence[str], *, tokens: int) -> list[str]:
        """What comes next, greedily, up to the end of the line, of the text or of the budget; in the prompts' order."""
        ids = [self._prompt(text)[-(self.network.window - tokens) :] for text in prompts]
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        found: dict[int, str] = {}
        with merged(self.network), laid_out(self.network.model):
            for start in range(0, len(order), BATCH):
                some = order[start : start + BATCH]
                found.update(zip(some, _lines(self.network, [ids[at] for at in some], tokens), strict=True))
        return [found[at] for at in range(len(ids))]


def _rounds(rows: Sequence[Encoded], seed: int) -> Iterator[list[list[Encoded]]]:
    """The steps of one round after the other, without end."""
    steps, seen, made = batches(rows, tokens=TOKENS, seed=seed), 0, []
    for step in steps:
        made.append(step)
        seen += len(step)
        if seen == len(rows):
            yield made
            made, seen = [], 0


def _lines(network: Network, prompts: Sequence[list[int]], budget: int) -> list[str]:
    rows: list[list[int]] = [[] for _ in prompts]
    living = list(range(len(prompts)))
    with torch.inference_mode():
        growing = Growing(network, prompts)
        for _ in range(budget):
            chosen = growing.scores.argmax(-1).tolist()
            stay = []
            for place, at in enumerate(living):
                if chosen[place] != network.end:
                    rows[at].append(chosen[place])
                    stay += [place] if "\n" not in network.text(rows[at]).lstrip("\n") else []
            living = [living[place] for place in stay]
            if not living:
                break
            growing.take(chosen, stay)
    return [network.text(row).strip("\n").partition("\n")[0].strip() for row in rows]
