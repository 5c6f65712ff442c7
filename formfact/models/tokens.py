"""A text's tokens by a `tokenizer.json`: all of them, nothing cut off, nothing filled up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from tokenizers import Encoding, Tokenizer

from formfact.errors import ModelError

SLICE = 512
"""Texts tokenised at once: bounds the memory of a call."""


class Tokens:
    """The tokenizer in a file, opened by the first text. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = Lock()
        self._tokenizer: Tokenizer | None = None

    def ids(self, texts: Sequence[str], *, special: bool = True) -> list[list[int]]:
        """Token ids of each text, with the model's special tokens unless told otherwise; ModelError for a bad file."""
        tokenizer = self._open()
        found: list[list[int]] = []
        for start in range(0, len(texts), SLICE):
            batch = [valid(text) for text in texts[start : start + SLICE]]
            encodings = tokenizer.encode_batch_fast(batch, add_special_tokens=special)
            found += [encoding.ids for encoding in encodings]
        return found

    def pairs(self, question: str, passages: Sequence[str]) -> list[Encoding]:
        """The question and each passage as one text of two parts, special tokens included; ModelError as above."""
        found: list[Encoding] = self._open().encode_batch([(valid(question), valid(passage)) for passage in passages])
        return found

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where in the text each of its tokens stands, without special tokens."""
        found: list[tuple[int, int]] = self._open().encode(valid(text), add_special_tokens=False).offsets
        return found

    def _open(self) -> Tokenizer:
        with self._opening:
            if self._tokenizer is None:
                self._tokenizer = _read(self._path)
            return self._tokenizer


def valid(text: str) -> str:
    """A text with each lone surrogate, which JSON can carry and UTF-8 cannot, replaced by a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _read(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    # tokenizers raises Exception itself.
    except Exception as failure:
        raise ModelError(f"{path} is no tokenizer: {failure}", hint="get the model's tokenizer.json again") from failure
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
