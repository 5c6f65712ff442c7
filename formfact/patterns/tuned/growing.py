"""Texts that grow side by side, a token of each at a step, and what the model remembers of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from formfact.patterns.tuned.network import Network, half

ENOUGH = 256
"""Tokens that are read at once where there are many; fewer would wait for the weights."""
ROOM = 64
"""Tokens for which a memory that is full gets new room."""


class Growing:
    """Texts that grow side by side; `scores` are those of the next token, shape (texts, vocabulary)."""

    def __init__(self, network: Network, prompts: Sequence[Sequence[int]]) -> None:
        self._network = network
        self._cache = self._memory()
        usual = all(type(layer) is DynamicLayer for layer in self._cache.layers)
        # Reading many tokens is bound by arithmetic and quicker in 16 bits; writing one is bound by memory and is not.
        with half(network.device):
            self.scores = self._read_apart(prompts) if usual else self._read_beginnings(prompts)
        self._real = self._mask(prompts)

    def _memory(self) -> DynamicCache:
        return DynamicCache(config=self._network.model.config)

    def _mask(self, prompts: Sequence[Sequence[int]]) -> Any:
        longest = max(map(len, prompts))
        real = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        return torch.tensor(real, device=self._network.device)

    def _read_apart(self, prompts: Sequence[Sequence[int]]) -> Any:
        """Read a few at a time: once they are enough for the arithmetic, more save nothing and their padding costs."""
        layers = [Roomy(len(prompts), max(map(len, prompts))) for _ in self._cache.layers]
        scores, begun = [], 0
        for some in _groups(prompts):
            self._cache = self._memory()
            scores.append(self._read_beginnings(some))
            for layer, read in zip(layers, self._cache.layers, strict=True):
                layer.fill(begun, read.keys, read.values)
            begun += len(some)
        self._cache.layers = layers
        return torch.cat(scores)

    def _read_beginnings(self, prompts: Sequence[Sequence[int]]) -> Any:
        longest = max(map(len, prompts))
        ids = [[self._network.end] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
        real = self._mask(prompts)
        places = (real.cumsum(-1) - 1).clamp(min=0)
        return self._read(torch.tensor(ids, device=self._network.device), places, real if len(prompts) > 1 else None)

    def take(self, tokens: Sequence[int], stay: Sequence[int]) -> None:
        """Go on with those texts that stay, each with its token."""
        if len(stay) < len(tokens):
            kept = torch.tensor(stay, device=self._network.device)
            self._cache.batch_select_indices(kept)
            self._real = self._real[kept]
        ones = torch.ones((len(stay), 1), dtype=self._real.dtype, device=self._network.device)
        self._real = torch.cat([self._real, ones], dim=-1)
        ids = torch.tensor([[tokens[place]] for place in stay], device=self._network.device)
        self.scores = self._read(ids, self._real.sum(-1, keepdim=True) - 1, self._real)

    def _read(self, ids: Any, places: Any, real: Any) -> Any:
        """Read tokens, shape (texts, tokens), behind what is remembered: the scores of what may come next."""
        out = self._network.model(
            input_ids=ids, attention_mask=real, position_ids=places, past_key_values=self._cache, use_cache=True,
            logits_to_keep=1,
        )  # fmt: skip
        return out.logits[:, -1].float()


def _groups(prompts: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """Neighbours together, as long as they are no more than `ENOUGH` tokens with their padding."""
    group: list[Sequence[int]] = []
    for prompt in prompts:
        if group and (len(group) + 1) * max(len(prompt), *map(len, group)) > ENOUGH:
            yield group
            group = []
        group.append(prompt)
    yield group


class Roomy(DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """A layer's memory of some texts that are aligned at their ends, with room to grow.

    Keys and values have the shape (texts, heads, tokens, dimensions), in 32 bits. The usual memory copies all that it
    holds for every token.
    """

    def __init__(self, texts: int, tokens: int) -> None:
        super().__init__()
        self._texts, self._tokens = texts, tokens
        self._rooms: tuple[Any, Any] | None = None

    def fill(self, place: int, keys: Any, values: Any) -> None:
        """Put in what the texts from this place on begin with, aligned at their ends."""
        if self._rooms is None:
            self._rooms = self._new(keys), self._new(values)
            self.dtype, self.device, self.is_initialized = torch.float32, keys.device, True
        begins, texts = self._tokens - keys.shape[-2], slice(place, place + len(keys))
        self._rooms[0][texts, :, begins : self._tokens] = keys
        self._rooms[1][texts, :, begins : self._tokens] = values
        self._show()

    def _new(self, like: Any) -> Any:
        shape = (self._texts, like.shape[1], self._tokens + ROOM, like.shape[3])
        # Zeros, since what is masked is still multiplied.
        return torch.zeros(shape, dtype=torch.float32, device=like.device)

    def _show(self) -> None:
        assert self._rooms
        self.keys, self.values = (room[:, :, : self._tokens] for room in self._rooms)

    def update(self, key_states: Any, value_states: Any, *_: Any) -> tuple[Any, Any]:
        """Take the next tokens' and give all."""
        assert self._rooms
        begins, self._tokens = self._tokens, self._tokens + key_states.shape[-2]
        if self._tokens > self._rooms[0].shape[-2]:
            self._rooms = self._wider(self._rooms[0]), self._wider(self._rooms[1])
        self._rooms[0][:, :, begins : self._tokens] = key_states
        self._rooms[1][:, :, begins : self._tokens] = value_states
        self._show()
        return self.keys, self.values

    def _wider(self, room: Any) -> Any:
        wider = self._new(room)
        wider[:, :, : room.shape[-2]] = room
        return wider

    def batch_select_indices(self, indices: Any) -> None:
        """Forget all texts but these."""
        assert self._rooms
        self._texts = len(indices)
        self._rooms = self._rooms[0][indices], self._rooms[1][indices]
        self._show()
