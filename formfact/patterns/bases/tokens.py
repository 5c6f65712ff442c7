"""Counts tokens as the default base does, without the base: its tokenizer ships with the package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer

from formfact.patterns.bases import WINDOW

FILE = Path(__file__).parent / "smollm2-tokenizer.json"
AT_ONCE = 1000
"""Texts in one call of the tokenizer, so that their encodings are not all held at once."""


class Tokens:
    """A counter: `window` is how many tokens the base reads at once."""

    window = WINDOW

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not added."""
        found: list[int] = []
        for start in range(0, len(texts), AT_ONCE):
            some = [text.encode("utf-8", "replace").decode() for text in texts[start : start + AT_ONCE]]
            found += (len(one.ids) for one in _tokenizer().encode_batch_fast(some, add_special_tokens=False))
        return found


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FILE))
