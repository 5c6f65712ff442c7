"""Writes with an open model: greedily, in batches, with a contract's mask, within its budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LogitsProcessor, LogitsProcessorList

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.tuned.guard import Guard
from formfact.patterns.tuned.masks import Masks
from formfact.patterns.tuned.network import Network
from formfact.types import Message

BATCH = 24
"""Conversations written at once: reading the weights costs more than computing with them."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for one conversation. `ended`: it came to its end before the budget did."""

    text: str
    tokens: int
    seconds: float
    ended: bool


class Decoder:
    """Writes for conversations with one open network."""

    def __init__(self, network: Network, *, batch: int = BATCH) -> None:
        self.network, self.batch = network, batch
        self._masks: Masks | None = None

    def write(
        self, chats: Sequence[Sequence[Message]], contract: Contract, *, masked: bool = True, limit: int | None = None
    ) -> list[Written]:
        """One text a conversation, in their order; `limit` is the budget in tokens, else the contract's.

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
        written: dict[int, Written] = {}
        # Inputs of like length go together, so that little is spent on padding.
        order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
        for start in range(0, len(order), self.batch):
            some = order[start : start + self.batch]
            done = self._batch([prompts[at] for at in some], contract, masked, budget)
            written.update(zip(some, done, strict=True))
        return [written[at] for at in range(len(prompts))]

    def _batch(self, prompts: list[list[int]], contract: Contract, masked: bool, budget: int) -> list[Written]:
        started = time.perf_counter()
        guards = [self._guard(contract, masked, budget) for _ in prompts]
        longest = max(map(len, prompts))
        pad = self.network.tokenizer.pad_token_id or self.network.end
        ids = torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=self.network.device)
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=self.network.device)
        with torch.inference_mode(), torch.autocast(self.network.device.type, torch.bfloat16):
            out = self.network.model.generate(
                input_ids=ids, attention_mask=mask, max_new_tokens=budget, do_sample=False,
                eos_token_id=self.network.end, pad_token_id=pad,
                logits_processor=LogitsProcessorList([_Guards(guards, longest)]),
            )  # fmt: skip
        seconds = (time.perf_counter() - started) / len(prompts)
        return [
            self._written(row, guard, contract, seconds)
            for row, guard in zip(out[:, longest:].tolist(), guards, strict=True)
        ]

    def _written(self, row: list[int], guard: Guard, contract: Contract, seconds: float) -> Written:
        ended = self.network.end in row
        ids = row[: row.index(self.network.end)] if ended else row
        text = self.network.text(ids)
        if guard.closed and contract.check(text):
            text = cut_back(text, contract) or text
        elif guard.closed:
            text = cut_back(text, contract) or text
        return Written(text, len(ids), seconds, ended)

    def _guard(self, contract: Contract, masked: bool, budget: int) -> Guard:
        if not masked:
            return Guard(None, None, contract, budget, self.network)
        if self._masks is None:
            self._masks = Masks(self.network.tokenizer, int(self.network.model.config.vocab_size))
        return Guard(self._masks, self._masks.open(contract), contract, budget, self.network)


def cut_back(text: str, contract: Contract) -> str | None:
    """The longest beginning of a text, up to the end of a line, that keeps the contract; None where none does."""
    at = text.rfind("\n")
    while at > 0:
        if not contract.check(text[:at]):
            return text[:at]
        at = text.rfind("\n", 0, at)
    return None


class _Guards(LogitsProcessor):  # type: ignore[misc]
    """Hands each row's scores to its guard."""

    def __init__(self, guards: Sequence[Guard], prompt: int) -> None:
        self.guards, self.prompt = guards, prompt

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        rows = input_ids[:, self.prompt :].tolist()
        for guard, row, score in zip(self.guards, rows, scores, strict=True):
            guard.restrict(row, score)
        return scores
