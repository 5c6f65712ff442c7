"""What one text may go on with: the mask, the rules that no grammar can say, and the way out before the budget ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.shapes import Limits, same
from formfact.patterns.tuned.masks import Masks
from formfact.patterns.tuned.network import Network
from formfact.patterns.tuned.vocabulary import NUMBER, Vocabulary

LIKELY = 32
"""Tokens that are tried before what may never come is let through after all."""
UNKNOWN = 16
"""Tokens after which a way out is looked for again where there was none."""
FILLER = b" so"
"""What makes a text long enough that the budget ends too early."""
SPARE_WORDS = 12
"""Words that are kept for what closes a text whose words are counted."""
SLACK = 6
"""Tokens kept free beside the way out: one token can open more than one closes. Twice as many for lines that differ."""


class Runs:
    """The runs of `length` tokens that some texts hold, of which none may come twice; 0 keeps none."""

    def __init__(self, length: int, texts: Sequence[Sequence[int]] = ()) -> None:
        self._length = length
        self._next: dict[tuple[int, ...], set[int]] = {}
        for text in texts:
            for at in range(len(text)):
                self.take(text, at)

    def take(self, row: Sequence[int], at: int) -> None:
        """Note the run that ends at this place of a text."""
        if self._length and at + 1 >= self._length:
            run = tuple(row[at + 1 - self._length : at + 1])
            self._next.setdefault(run[:-1], set()).add(run[-1])

    def repeating(self, row: Sequence[int]) -> list[int]:
        """The tokens with which a text would end in a run that is noted."""
        if not self._length or len(row) < self._length - 1:
            return []
        return list(self._next.get(tuple(row[len(row) - self._length + 1 :]), ()))


def repeats(text: str, way: bytes) -> bool:
    """Whether a line that the way ends or adds is the same as another; blank ones and numbers do not count."""
    *before, last = text.split("\n")
    seen = {same(NUMBER.sub("", line)) for line in before} - {""}
    for line in f"{last}{way.decode(errors='replace')}".split("\n"):
        key = same(NUMBER.sub("", line))
        if key in seen:
            return True
        if key:
            seen.add(key)
    return False


class Guard:
    """Restricts the scores of one text, token by token. `closed` says whether its end was forced, `cut` whether by the
    budget and not by a limit of the contract.

    `runs` is shared by texts of which none may repeat another; without it a text may not repeat itself.
    """

    def __init__(
        self, masks: Masks | None, matcher: Any, contract: Contract, budget: int, network: Network,
        *, runs: Runs | None = None,
    ) -> None:  # fmt: skip
        self.masks, self.matcher, self.budget = masks, matcher, budget
        self.end = network.end
        self.limits = contract.open().limits() if masks else Limits()
        self.vocabulary = Vocabulary.of(network.tokenizer)
        self.network = network
        self.seen = 0
        self.looks_again = 0
        self.runs = Runs(contract.repeat) if runs is None else runs
        self.way_out: list[int] = []
        self.safe: tuple[int, list[int]] = (0, [])
        self.closed = self.cut = False
        if masks:
            self._check_budget(contract)

    def _check_budget(self, contract: Contract) -> None:
        assert self.masks
        known = contract.open().grammar().shortest
        short = [*self.masks.tokens((known + contract.marker).encode()), self.end] if known else None
        ways = [way for way in (self._way([]), short) if way]
        if self.limits.distinct:
            ways = [way for way in ways if not repeats("", self.network.text(way[:-1]).encode())] or ways
        tokens = min(ways, key=len, default=[self.end])
        if len(tokens) > self.budget:
            raise Refused(
                f"the shortest text that keeps {contract.name!r} has about {len(tokens)} tokens, the budget "
                f"{self.budget}",
                hint="raise [output] tokens, or --limit",
            )
        self.safe = (0, tokens)

    def _way(self, row: Sequence[int]) -> list[int] | None:
        """The tokens that end what is there so that the contract is kept, the end of sequence included."""
        assert self.masks
        way = self.masks.closing(self.matcher)
        if way is None:
            return None
        if self.limits.words:
            missing = self.limits.words[0] - len((self.network.text(row) + way.decode(errors="replace")).split())
            way += FILLER * missing
        return [*self.masks.tokens(way), self.end]

    def _distinct(self, row: Sequence[int], tokens: list[int], left: int) -> list[int]:
        """The way out, or another within what is left whose lines are not the same as each other or as earlier ones."""
        assert self.masks
        text = self.network.text(row)
        if not self.limits.distinct or not repeats(text, self.network.text(tokens[:-1]).encode()):
            return tokens
        for other in self.masks.others(self.matcher):
            way = [*self.masks.tokens(other), self.end]
            if len(way) <= left and not repeats(text, other):
                return way
        return tokens

    def rescued(self, row: Sequence[int]) -> list[int]:
        """A text that came to no end, taken back to where a way out was known, and ended that way."""
        at, way = self.safe
        return [*row[:at], *way]

    def restrict(self, row: Sequence[int], scores: Any) -> None:
        """Set the score of every token that may not come next to minus infinity, in place. `row` is what is there."""
        if row and row[-1] == self.end:
            return
        for at in range(self.seen, len(row)):
            self._take(row, at)
        self.seen = len(row)
        if self.masks is None:
            self._forbid(scores, self.runs.repeating(row))
            return
        if self.way_out:
            self._force(scores)
            return
        if self._must_close(row):
            self._force(scores)
            return
        allowed = torch.from_numpy(self.masks.allowed(self.matcher)).to(scores.device)
        scores[: len(allowed)].masked_fill_(~allowed, -torch.inf)
        scores[len(allowed) :] = -torch.inf
        for forbidden in self._forbidden(row, scores):
            # A rule that would leave nothing gives way: the grammar is the promise that must hold.
            if forbidden:
                before = scores[forbidden]
                scores[forbidden] = -torch.inf
                if float(scores.max()) == -torch.inf:
                    scores[forbidden] = before

    def _forbidden(self, row: Sequence[int], scores: Any) -> Iterator[list[int]]:
        """What each rule forbids. The last one looks at what is likely once the others have forbidden theirs."""
        yield self._breaks_limits(row)
        yield self.runs.repeating(row)
        yield self._never(row, scores)

    def _take(self, row: Sequence[int], at: int) -> None:
        if self.masks:
            self.matcher.consume_token(row[at])
        self.runs.take(row, at)

    def _is_full(self, row: Sequence[int]) -> bool:
        """Whether a text with a limit of words has so many that it has to come to its end."""
        if not self.limits.words or len(row) < self.limits.words[1] - SPARE_WORDS:
            return False
        return len(self.network.text(row).split()) >= self.limits.words[1] - SPARE_WORDS

    def _must_close(self, row: Sequence[int]) -> bool:
        """Whether the budget leaves room for nothing but the way out."""
        written = len(row)
        left = self.budget - written
        if self._is_full(row):
            # What is still to come after the last word that is allowed, a second paragraph say, has words of its own.
            self.way_out = self._way(row) or []
            self.closed = bool(self.way_out)
            return self.closed
        if written < self.looks_again:
            return False
        tokens = self._way(row)
        if tokens is None:
            self.looks_again = written + UNKNOWN
            return False
        if len(tokens) <= left:
            self.safe = (written, tokens)
        spare = left - len(tokens) - SLACK * (2 if self.limits.distinct else 1)
        if spare >= 0:
            # A token may open more than it closes, and no more than about three: so long nothing can go wrong.
            self.looks_again = written + max(1, spare // 4)
            return False
        self.closed = self.cut = True
        if len(tokens) > left:
            self.looks_again = self.budget
            return False
        self.way_out = self._distinct(row, tokens, left)
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
            if words >= self.limits.words[1]:
                forbidden += self.vocabulary.spaces
        return forbidden

    def _never(self, row: Sequence[int], scores: Any) -> list[int]:
        """The likeliest tokens with which the text would hold what it may never hold."""
        if not self.limits.never:
            return []
        likely = scores.topk(min(LIKELY, len(scores))).indices.tolist()
        found = []
        for token in likely:
            if not re.search(self.limits.never, self.network.text([*row, token])):
                break
            found.append(token)
        return found

    @staticmethod
    def _forbid(scores: Any, tokens: list[int]) -> None:
        if tokens:
            scores[torch.tensor(tokens, device=scores.device)] = -torch.inf
