"""Writes with an open model: greedily, in batches, with a contract's mask, within its budget."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.tuned.growing import Growing
from formfact.patterns.tuned.guard import Guard, Runs
from formfact.patterns.tuned.layout import laid_out
from formfact.patterns.tuned.masks import Masks
from formfact.patterns.tuned.network import Network
from formfact.patterns.write import Draft
from formfact.types import Message

BATCH = 24
"""Conversations written at once: reading the weights costs more than computing with them."""
SEVERAL = 4
"""From so many on it is worth it to lay out the weights for them."""
SENTENCE = r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)]))\s|\n"


@dataclass(frozen=True, slots=True)
class Written(Draft):
    """What was written for one conversation. `ended`: it came to its end before the budget did."""

    ended: bool


class Decoder:
    """Writes for conversations with one open network."""

    def __init__(self, network: Network, *, batch: int = BATCH) -> None:
        self.network, self.batch = network, batch
        self._masks: Masks | None = None

    def count(self, chat: Sequence[Message]) -> int:
        """The tokens of a conversation as the model reads it, its template included."""
        return len(self.network.prompt(chat))

    def write(
        self, chats: Sequence[Sequence[Message]], contract: Contract, *, masked: bool = True, limit: int | None = None,
        apart: Sequence[str] | None = None,
    ) -> list[Written]:  # fmt: skip
        """One text a conversation, in their order; `limit` is the budget in tokens, else the contract's.

        With `apart`, no text repeats a run that the contract forbids from these texts or from one beside it.

        Raises Refused where an input is longer than the window leaves room for, or where no text that keeps the
        contract fits the budget.
        """
        budget = limit or contract.output_tokens
        prompts = [self.network.prompt(chat) for chat in chats]
        for number, prompt in enumerate(prompts, 1):
            if len(prompt) + budget > self.network.window:
                raise Refused(
                    f"input {number} has {len(prompt):,} tokens; with {budget:,} to write that is more than the "
                    f"model's window of {self.network.window:,}",
                    hint="shorten the text, or cut it into parts",
                )
        runs = None if apart is None else Runs(contract.repeat, [self.network.target(text) for text in apart])
        written: dict[int, Written] = {}
        # Inputs of like length go together, so that little is spent on padding.
        order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
        for start in range(0, len(order), self.batch):
            some = order[start : start + self.batch]
            guards = [self._guard(contract, masked, budget, runs) for _ in some]
            done = self._batch([prompts[at] for at in some], guards, contract, masked)
            written.update(zip(some, done, strict=True))
        return [written[at] for at in range(len(prompts))]

    def _batch(
        self, prompts: list[list[int]], guards: Sequence[Guard], contract: Contract, masked: bool
    ) -> list[Written]:
        started = time.perf_counter()
        quickly = laid_out(self.network.model) if len(prompts) >= SEVERAL else nullcontext()
        with torch.inference_mode(), quickly:
            rows = self._rows(Growing(self.network, prompts), guards, guards[0].budget)
        seconds = (time.perf_counter() - started) / len(prompts)
        return [self._written(row, guard, contract, seconds, masked) for row, guard in zip(rows, guards, strict=True)]

    def _rows(self, growing: Growing, guards: Sequence[Guard], budget: int) -> list[list[int]]:
        """The tokens of each text, the end of sequence included where it came."""
        rows: list[list[int]] = [[] for _ in guards]
        living = list(range(len(guards)))
        for _ in range(budget):
            chosen = []
            for place, at in enumerate(living):
                guards[at].restrict(rows[at], growing.scores[place])
                chosen.append(int(growing.scores[place].argmax()))
                rows[at].append(chosen[-1])
                # Noted at once: a text that is kept apart from this one must not say the same at the same time.
                guards[at].runs.take(rows[at], len(rows[at]) - 1)
            stay = [place for place, token in enumerate(chosen) if token != self.network.end]
            living = [living[place] for place in stay]
            if not living:
                break
            growing.take(chosen, stay)
        return [self._with_end(row, guard) for row, guard in zip(rows, guards, strict=True)]

    def _with_end(self, row: list[int], guard: Guard) -> list[int]:
        if row[-1] == self.network.end:
            return row
        guard.cut = True
        return guard.rescued(row) if guard.masks else row

    def _written(self, row: list[int], guard: Guard, contract: Contract, seconds: float, masked: bool) -> Written:
        ended = self.network.end in row
        text = self.network.text(row[:-1] if ended else row)
        if guard.closed or (masked and not ended):
            text = cut_back(text, contract) or text
        return Written(text, len(row), seconds, guard.cut, ended)

    def _guard(self, contract: Contract, masked: bool, budget: int, runs: Runs | None) -> Guard:
        if not masked:
            return Guard(None, None, contract, budget, self.network, runs=runs)
        if self._masks is None:
            self._masks = Masks(self.network.tokenizer, int(self.network.model.config.vocab_size))
        return Guard(self._masks, self._masks.open(contract), contract, budget, self.network, runs=runs)


def cut_back(text: str, contract: Contract) -> str | None:
    """The longest beginning of a text, up to the end of a line, that keeps the contract; None where none does.

    Running text may also end with a sentence.
    """
    for end in reversed([match.start() for match in re.finditer(SENTENCE if contract.shape == "text" else "\n", text)]):
        if end and not contract.check(text[:end]):
            return text[:end]
    return None
