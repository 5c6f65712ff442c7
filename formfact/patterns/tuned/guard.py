"""What one text may go on with: the mask, the rules that no grammar can say, and the way out before the budget ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.shapes import Limits
from formfact.patterns.tuned.masks import Masks
from formfact.patterns.tuned.network import Network
from formfact.patterns.tuned.vocabulary import Vocabulary

SLACK = 6
"""Tokens kept free beside the way out: one token can open more than one closes."""


class Guard:
    """Restricts the scores of one text, token by token. `closed` says whether the budget forced its end."""

    def __init__(self, masks: Masks | None, matcher: Any, contract: Contract, budget: int, network: Network) -> None:
        self.masks, self.matcher, self.budget = masks, matcher, budget
        self.repeat, self.end = contract.repeat, network.end
        self.limits = contract.open().limits() if masks else Limits()
        self.vocabulary = Vocabulary.of(network.tokenizer)
        self.network = network
        self.seen = 0
        self.runs: dict[tuple[int, ...], set[int]] = {}
        self.way_out: list[int] = []
        self.closed = False
        if masks:
            self._check_budget(contract)

    def _check_budget(self, contract: Contract) -> None:
        assert self.masks
        shortest = self.masks.closing(self.matcher)
        needed = len(self.masks.tokens(shortest)) + 1 if shortest is not None else None
        if needed is not None and needed > self.budget:
            raise Refused(
                f"the shortest text that keeps {contract.name!r} has about {needed} tokens, the budget {self.budget}",
                hint="raise [output] tokens",
            )

    def restrict(self, row: Sequence[int], scores: Any) -> None:
        """Set the score of every token that may not come next to minus infinity, in place. `row` is what is there."""
        if row and row[-1] == self.end:
            return
        for at in range(self.seen, len(row)):
            self._take(row, at)
        self.seen = len(row)
        if self.masks is None:
            self._forbid(scores, self._repeats(row))
            return
        if self.way_out:
            self._force(scores)
            return
        if self._must_close(len(row)):
            self._force(scores)
            return
        allowed = torch.from_numpy(self.masks.allowed(self.matcher)).to(scores.device)
        scores[: len(allowed)].masked_fill_(~allowed, -torch.inf)
        scores[len(allowed) :] = -torch.inf
        for forbidden in (self._breaks_limits(row), self._repeats(row)):
            # A rule that would leave nothing gives way: the grammar is the promise that must hold.
            rest = scores.clone()
            self._forbid(rest, forbidden)
            if bool(torch.isfinite(rest).any()):
                scores.copy_(rest)

    def _take(self, row: Sequence[int], at: int) -> None:
        if self.masks:
            self.matcher.consume_token(row[at])
        if self.repeat and at + 1 >= self.repeat:
            run = tuple(row[at + 1 - self.repeat : at + 1])
            self.runs.setdefault(run[:-1], set()).add(run[-1])

    def _repeats(self, row: Sequence[int]) -> list[int]:
        """The tokens that would repeat a run of so many tokens of this text."""
        if not self.repeat or len(row) < self.repeat - 1:
            return []
        return list(self.runs.get(tuple(row[len(row) - self.repeat + 1 :]), ()))

    def _must_close(self, written: int) -> bool:
        assert self.masks
        left = self.budget - written
        if self.matcher.is_accepting() and left > 1:
            return False
        way = self.masks.closing(self.matcher)
        if way is None:
            return False
        tokens = [*self.masks.tokens(way), self.end]
        if len(tokens) + SLACK <= left:
            return False
        self.closed = True
        self.way_out = tokens
        return True

    def _force(self, scores: Any) -> None:
        token = self.way_out.pop(0)
        scores.fill_(-torch.inf)
        scores[token] = 0.0

    def _breaks_limits(self, row: Sequence[int]) -> list[int]:
        forbidden: list[int] = []
        if self.limits.distinct:
            forbidden += self.vocabulary.completing(self.network.text(row))
        if self.limits.words:
            words = len(self.network.text(row).split())
            if words < self.limits.words[0]:
                forbidden.append(self.end)
        return forbidden

    @staticmethod
    def _forbid(scores: Any, tokens: list[int]) -> None:
        if tokens:
            scores[torch.tensor(tokens, device=scores.device)] = -torch.inf
