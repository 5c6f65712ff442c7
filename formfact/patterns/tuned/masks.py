"""The decoding mask: which tokens may come next, by llguidance, and the quickest way to an end that conforms."""

from __future__ import annotations

import json
import re
from typing import Any

import llguidance.hf
import numpy as np
from llguidance import LLMatcher, LLTokenizer

from formfact.errors import Refused
from formfact.patterns.contract import Contract
from formfact.patterns.shapes import Grammar

CLOSERS = b"?.!\"'}])>;/<\n:,-"
"""Bytes that tend to end something, the surest first."""
FILLERS = b"aeinorst0123456789 "
OPENERS = bytes(b for b in range(33, 127) if bytes([b]) not in [bytes([c]) for c in CLOSERS + FILLERS])
ORDER = CLOSERS + FILLERS + OPENERS
FARTHEST = 1200
"""Bytes after which a way to an end counts as none."""


class Masks:
    """Grammars made ready for one tokenizer."""

    def __init__(self, tokenizer: Any, vocabulary: int) -> None:
        self._tokenizer: LLTokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary)
        self.vocabulary = vocabulary
        self.bytes = {b: ids[0] for b in ORDER if len(ids := self._tokenizer.tokenize_bytes(bytes([b]))) == 1}
        self.end: int = tokenizer.eos_token_id

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
        """A short text that ends what was begun, found by always taking what tends to close; None where none is near.

        The matcher is left where it was.
        """
        found = bytearray()
        try:
            while len(found) < FARTHEST:
                if matcher.is_accepting():
                    return bytes(found)
                bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
                following = next((b for b, t in self.bytes.items() if bits[t >> 3] >> (t & 7) & 1), None)
                if following is None or not matcher.consume_token(self.bytes[following]):
                    return None
                found.append(following)
        finally:
            if not matcher.is_error():
                matcher.rollback(len(found))
        return None

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
