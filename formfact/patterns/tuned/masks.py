"""The decoding mask: which tokens may come next, by llguidance, and the quickest way to an end that conforms."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import llguidance.hf
import numpy as np
from llguidance import LLMatcher, LLTokenizer

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.shapes import Grammar

CLOSERS = b"?!\"')]}>;\n</:.,-"
"""Bytes that may end something; each is tried as the first choice."""
FILLERS = b" eainorst0123456789"
SURE = CLOSERS[: CLOSERS.index(b".")]
"""Those that mostly do; the others open as often, and come behind what fills."""
LAST = bytes(b for b in range(33, 127) if b not in SURE + FILLERS + CLOSERS)
CONTINUATIONS = bytes(range(0x80, 0xC0))
"""A token may end within a character of several bytes."""
CHOICES = [bytes([first, *second]) for second in (b"", b".") for first in CLOSERS]
ORDER = SURE + FILLERS + CLOSERS[len(SURE) :] + LAST + CONTINUATIONS
TURNS = 6
"""Fillers that are tried where lines must not be the same."""
FARTHEST, ROUNDS = 1200, 40
"""Bytes, and free choices of one of them, after which a way to an end counts as none."""


class Masks:
    """Grammars made ready for one tokenizer."""

    def __init__(self, tokenizer: Any, vocabulary: int) -> None:
        self._tokenizer: LLTokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary)
        self.vocabulary = vocabulary
        self.bytes = {b: ids[0] for b in ORDER if len(ids := self._tokenizer.tokenize_bytes(bytes([b]))) == 1}
        self.end: int = tokenizer.eos_token_id
        self._favourite = CHOICES[0]

    def open(self, contract: Contract) -> LLMatcher:
        """A matcher at the beginning of an output. Raises Refused for a grammar that llguidance does not take."""
        matcher = LLMatcher(self._tokenizer, lark(contract.open().grammar(), contract.marker), log_level=0)
        if matcher.is_error():
            raise Refused(
                f"the mask of {contract.name!r} cannot be made: {matcher.get_error().splitlines()[0]}",
                hint="write without the mask, or simplify the contract's [output]",
            )
        return matcher

    def allowed(self, matcher: LLMatcher) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which tokens may come next, shape (vocabulary,)."""
        bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
        return np.unpackbits(bits, bitorder="little")[: self.vocabulary].astype(bool)

    def closing(self, matcher: LLMatcher) -> bytes | None:
        """A short text that ends what was begun, None where none is near. The matcher is left where it was.

        Found by always taking what tends to close: each closing byte is tried as the first choice, and the one that
        gave the shortest way is tried first the next time.
        """
        ways = []
        for first in [self._favourite, *(one for one in CHOICES if one != self._favourite)]:
            way = self._way(matcher, first)
            if way is not None:
                if first == self._favourite:
                    return way
                ways.append((len(way), first, way))
        if not ways:
            return None
        _, self._favourite, shortest = min(ways)
        return shortest

    def others(self, matcher: LLMatcher) -> Iterator[bytes]:
        """Other ways to an end than `closing` gives, each with other fillers in every line; not much longer."""
        for turn in range(TURNS):
            for at_once in (False, True):
                way = self._way(matcher, self._favourite, turn=turn, at_once=at_once)
                if way is not None:
                    yield way

    def _way(self, matcher: LLMatcher, first: bytes, *, turn: int | None = None, at_once: bool = False) -> bytes | None:
        """The way to an end that prefers these bytes; None where it only goes round.

        With a `turn` another filler comes next in each line, and with `at_once` one comes before all else.
        """
        found = bytearray()
        taken = 0
        chosen: Counter[int] = Counter()
        order = self._order(first, turn, 0, filler_first=at_once)
        try:
            while len(found) < FARTHEST and max(chosen.values(), default=0) < ROUNDS:
                if matcher.is_accepting():
                    return bytes(found)
                # What the grammar forces comes in tokens of the tokenizer's own choice.
                step = matcher.compute_ff_tokens()
                if not step:
                    if turn is not None and chosen:
                        order = self._order(first, turn, found.count(b"\n"))
                    # One after the other: far quicker than a mask of the whole vocabulary.
                    following = next((b for b, token in order.items() if matcher.validate_tokens([token])), None)
                    if following is None:
                        return None
                    chosen[following] += 1
                    step = [order[following]]
                if not matcher.consume_tokens(step):
                    return None
                taken += len(step)
                found += self._tokenizer.decode_bytes(step)
        finally:
            if not matcher.is_error():
                matcher.rollback(taken)
        return None

    def _order(self, first: bytes, turn: int | None, line: int, *, filler_first: bool = False) -> dict[int, int]:
        """Bytes with their tokens, those to be preferred first."""
        if turn is not None:
            at = (turn + line) % len(FILLERS)
            fillers = FILLERS[at:] + FILLERS[:at]
            first = fillers + first if filler_first else first + fillers
        return {b: self.bytes[b] for b in first if b in self.bytes} | self.bytes

    def tokens(self, text: bytes) -> list[int]:
        """The tokens of a text that goes on with what is there."""
        return list(self._tokenizer.tokenize_bytes(text))


def lark(grammar: Grammar, marker: str) -> str:
    """A shape's grammar in llguidance's Lark dialect, with the end marker behind it."""
    if grammar.kind == "json_schema":
        source = f"start: value\nvalue: %json {grammar.source}\n"
    else:
        source = grammar.source
    if not marker:
        return source
    return re.sub(r"^start:", "body:", source, flags=re.MULTILINE) + f"start: body {json.dumps(marker)}\n"
