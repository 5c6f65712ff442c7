"""A model on this machine as a Writer: a base, or a tuned pattern with its adapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import torch

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.tuned.decoding import Decoder
from formfact.patterns.tuned.growing import Growing
from formfact.patterns.tuned.guard import Guard
from formfact.patterns.tuned.network import Network
from formfact.types import Message, Reply

FREE = Contract("free", "Any text.", "text", repeat=12)
"""No form at all, but no run of twelve tokens twice: small models come round to where they were and never end."""
HALF = "\N{REPLACEMENT CHARACTER}"
"""What the bytes of a character that is not whole yet decode to."""


class Local:
    """Writes greedily, one conversation at a time; `network` is open already."""

    def __init__(self, network: Network, address: str) -> None:
        self.address = address
        self._network = network
        self._decoder = Decoder(network)
        self._running = Lock()

    def complete(self, messages: Sequence[Message], *, tokens: int, schema: Mapping[str, Any] | None = None) -> Reply:
        """At most `tokens` tokens; with a schema, JSON of it by the decoding mask. Raises Refused for one too long."""
        contract = FREE
        if schema is not None:
            contract = Contract("schema", "JSON by a schema.", "json", output={"schema": dict(schema)})
        with self._running:
            (done,) = self._decoder.write([messages], contract, masked=schema is not None, limit=tokens)
        return Reply(done.text, done.tokens, done.ended)

    def stream(self, messages: Sequence[Message], *, tokens: int) -> Iterator[str]:
        """The same text, piece by piece; a piece ends between two characters."""
        prompt = self._network.prompt(messages)
        if len(prompt) + tokens > self._network.window:
            raise Refused(
                f"{len(prompt):,} tokens and {tokens:,} to write do not fit the window of {self._network.window:,}",
                hint="ask for less, or use a model with a longer window",
            )
        with self._running:
            yield from self._pieces(prompt, tokens)

    def _pieces(self, prompt: list[int], budget: int) -> Iterator[str]:
        guard = Guard(None, None, FREE, budget, self._network)
        row: list[int] = []
        told = ""
        with torch.inference_mode():
            growing = Growing(self._network, [prompt])
        while len(row) < budget:
            # Entered anew for each token: a generator that waits must not keep the mode on for its caller.
            with torch.inference_mode():
                guard.restrict(row, growing.scores[0])
                token = int(growing.scores[0].argmax())
                if token == self._network.end:
                    break
                row.append(token)
                growing.take([token], [0])
            text = self._network.text(row)
            if not text.endswith(HALF) and len(text) > len(told):
                yield text[len(told) :]
                told = text
        rest = self._network.text(row)[len(told) :]
        if rest:
            yield rest
