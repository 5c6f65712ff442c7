"""The decoding mask on single bytes: whether it lets a text through, and texts that it lets through."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest

from formfact.patterns.shapes import Grammar

llguidance = pytest.importorskip("llguidance", reason="needs the extra: pip install 'formfact[train]'")

CLOSERS = b"?!\"')]}>;\n</:.,-"
"""Bytes that tend to end what was begun."""


@cache
def tokenizer() -> Any:
    """A tokenizer whose tokens are bytes: what it allows does not depend on any vocabulary."""
    return llguidance.LLTokenizer("byte")


def matcher(grammar: Grammar) -> Any:
    """A matcher at the beginning of an output."""
    source = grammar.source
    if grammar.kind == "json_schema":
        source = f"start: value\nvalue: %json {source}\n"
    made = llguidance.LLMatcher(tokenizer(), source, log_level=0)
    assert not made.is_error(), made.get_error()
    return made


def refusal(grammar: Grammar, text: str) -> str:
    """What stands before the place where the mask stops a text; "" where it lets the whole of it through."""
    made, tokens = matcher(grammar), list(text.encode())
    taken = made.try_consume_tokens(tokens)
    if taken < len(tokens):
        return bytes(tokens[:taken]).decode(errors="replace") + "⟂"
    return "" if made.is_accepting() else text + "…"


def sample(grammar: Grammar, random: Random, *, length: int = 200, wild: float = 0.1) -> str | None:
    """A text that the mask lets through, drawn byte by byte; None where no end was found.

    With `wild` probability a byte is drawn from all that may come, else from those of ASCII; after `length` bytes
    those are preferred that tend to close.
    """
    made, found = matcher(grammar), bytearray()
    for _ in range(20 * length):
        if made.is_accepting() and (len(found) >= length or random.random() < 0.1):
            return found.decode()
        bits = np.unpackbits(np.frombuffer(made.compute_bitmask(), np.uint8), bitorder="little")
        allowed = np.flatnonzero(bits[:256]).tolist()
        if not allowed:
            return found.decode() if made.is_accepting() else None
        byte = _choose(allowed, random, closing=len(found) >= length, wild=wild)
        assert made.consume_token(byte)
        found.append(byte)
    return None


def _choose(allowed: list[int], random: Random, *, closing: bool, wild: float) -> int:
    if closing and random.random() < 0.9 and (closers := [b for b in CLOSERS if b in allowed]):
        return closers[0] if random.random() < 0.9 else random.choice(closers)
    plain = [b for b in allowed if b < 128]
    return random.choice(plain if plain and random.random() > wild else allowed)
