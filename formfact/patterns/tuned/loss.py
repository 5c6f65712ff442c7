"""Examples -> batches of tokens -> the loss, which counts on completions alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render_example, target
from formfact.patterns.tuned.network import Network
from formfact.types import Example

TOGETHER = 64
"""Rows that are sorted by length together, so that little is padding and much is still shuffled."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as tokens: the prompt, and the completion with its end, on which alone the loss counts."""

    prompt: tuple[int, ...]
    target: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.target)


def encode(network: Network, contract: Contract, examples: Sequence[Example]) -> list[Encoded]:
    """Examples as tokens. Raises Refused, naming the row, where one is longer than the model's window."""
    found = []
    for row, example in enumerate(examples, 1):
        prompt = tuple(network.prompt(render_example(contract, example)))
        one = Encoded(prompt, tuple(network.target(target(contract, example.output))))
        if len(one) > network.window:
            raise Refused(
                f"example {row} ({example.text[:40]!r}...) has {len(one):,} tokens, the base reads {network.window:,}",
                hint="shorten it or take it out; rows are never cut in silence",
            )
        found.append(one)
    return found


def batches(rows: Sequence[Encoded], *, tokens: int, seed: int) -> Iterator[list[Encoded]]:
    """Batches without end of at most so many tokens, padding counted; each round is shuffled anew."""
    chance = random.Random(seed)
    while True:
        order = list(range(len(rows)))
        chance.shuffle(order)
        parts = [sorted(order[at : at + TOGETHER], key=lambda i: len(rows[i])) for at in range(0, len(order), TOGETHER)]
        made = [batch for part in parts for batch in _fill(part, rows, tokens)]
        chance.shuffle(made)
        yield from made


def _fill(part: Sequence[int], rows: Sequence[Encoded], tokens: int) -> Iterator[list[Encoded]]:
    batch: list[Encoded] = []
    for i in part:
        longest = max([len(rows[i]), *map(len, batch)])
        if batch and longest * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(rows[i])
    if batch:
        yield batch


def completion_loss(network: Network, batch: Sequence[Encoded]) -> Any:
    """The mean loss of the completions' tokens. Scores are computed at those places alone: the vocabulary is wide."""
    longest = max(map(len, batch))
    pad = network.end
    ids = torch.tensor([[*one.prompt, *one.target, *[pad] * (longest - len(one))] for one in batch])
    real = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in batch])
    counts = torch.tensor(
        [[0] * len(one.prompt) + [1] * len(one.target) + [0] * (longest - len(one)) for one in batch]
    ).bool()
    ids, real, counts = (value.to(network.device) for value in (ids, real, counts))
    inner = network.model.get_base_model()
    hidden = inner.get_decoder()(input_ids=ids, attention_mask=real, use_cache=False).last_hidden_state
    # The place before a token foretells it.
    scores = inner.get_output_embeddings()(hidden[:, :-1][counts[:, 1:]])
    return functional.cross_entropy(scores.float(), ids[:, 1:][counts[:, 1:]])
