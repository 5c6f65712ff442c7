"""The training loop: low-rank adapters on every linear layer, loss on completions alone, stopped by conformance."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from formfact.errors import Refused
from formfact.patterns.conformance import measure
from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render_example, target
from formfact.patterns.tuned.decoding import Decoder
from formfact.patterns.tuned.network import Network, add_adapter
from formfact.types import Example


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. `tokens` go into one step; `steps` is the most that are taken; every `look` steps conformance is
    measured on a few inputs that are not trained on, and training ends when it was `enough` twice.
    """

    rank: int = 16
    alpha: int = 32
    rate: float = 8e-4
    tokens: int = 1536
    steps: int = 240
    warm: int = 10
    look: int = 40
    looked_at: int = 24
    enough: float = 0.96
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Step:
    """How training stands: `loss` per completion token; `conformance` of the held-out inputs where it was measured."""

    step: int
    steps: int
    loss: float
    seconds: float
    conformance: float | None = None


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
                f"row {row} has {len(one):,} tokens, the base model reads {network.window:,}",
                hint="shorten it or take it out; rows are never cut in silence",
            )
        found.append(one)
    return found


def train(
    network: Network,
    contract: Contract,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    *,
    recipe: Recipe | None = None,
    report: Callable[[Step], None] | None = None,
) -> list[Step]:
    """Train an adapter over the network, in place. The same seed, data and machine give the same adapter."""
    recipe = recipe or Recipe()
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    add_adapter(network, rank=recipe.rank, alpha=recipe.alpha)
    rows = encode(network, contract, examples)
    weights = [weight for weight in network.model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=recipe.rate, weight_decay=0.0, betas=(0.9, 0.99))
    history: list[Step] = []
    started = time.perf_counter()
    best = _Best(network)
    for step, batch in zip(range(1, recipe.steps + 1), batches(rows, recipe), strict=False):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * pace(step, recipe)
        loss = _step(network, batch, optimiser, weights)
        looked = step % recipe.look == 0 or step == recipe.steps
        share = _look(network, contract, held_out[: recipe.looked_at]) if looked else None
        history.append(Step(step, recipe.steps, loss, time.perf_counter() - started, share))
        if report:
            report(history[-1])
        if share is not None:
            best.keep(share)
            looks = [one.conformance for one in history if one.conformance is not None]
            if len(looks) > 1 and min(looks[-2:]) >= recipe.enough:
                break
    best.restore()
    network.model.eval()
    return history


def pace(step: int, recipe: Recipe) -> float:
    """The share of the learning rate: a short rise, a plateau, and a straight fall over the last third."""
    rise = min(1.0, step / recipe.warm)
    fall = min(1.0, (recipe.steps - step + 1) / (recipe.steps / 3))
    return rise * fall


def batches(rows: Sequence[Encoded], recipe: Recipe) -> Iterator[list[Encoded]]:
    """Batches without end of at most so many tokens, padding counted; each round is shuffled anew."""
    chance = random.Random(recipe.seed)
    while True:
        order = list(range(len(rows)))
        chance.shuffle(order)
        # Rows of like length lie together within a part of the round, so that little is padding.
        parts = [sorted(order[at : at + 64], key=lambda i: len(rows[i])) for at in range(0, len(order), 64)]
        made = [batch for part in parts for batch in _fill(part, rows, recipe.tokens)]
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


def _step(network: Network, batch: Sequence[Encoded], optimiser: Any, weights: Sequence[Any]) -> float:
    network.model.train()
    with torch.autocast(network.device.type, torch.bfloat16):
        loss = completion_loss(network, batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(loss.detach())


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


def _look(network: Network, contract: Contract, held_out: Sequence[Example]) -> float:
    """The share of held-out inputs whose output ends and conforms, written without the mask."""
    chats = [render_example(contract, example) for example in held_out]
    network.model.eval()
    network.model.merge_adapter()
    try:
        written = Decoder(network).write(chats, contract, masked=False)
    finally:
        network.model.unmerge_adapter()
    return measure(contract, [one.text for one in written if one.ended]).conforming / max(len(chats), 1)


class _Best:
    """The adapter's weights as they were when conformance was highest, the latest of equals."""

    def __init__(self, network: Network) -> None:
        self._network, self._share = network, -1.0
        self._weights: dict[str, Any] = {}

    def keep(self, share: float) -> None:
        if share >= self._share:
            self._share = share
            trained = {n: w for n, w in self._network.model.named_parameters() if w.requires_grad}
            self._weights = {name: weight.detach().clone() for name, weight in trained.items()}

    def restore(self) -> None:
        if self._weights:
            with torch.no_grad():
                for name, weight in self._network.model.named_parameters():
                    if name in self._weights:
                        weight.copy_(self._weights[name])
