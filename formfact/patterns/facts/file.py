"""Signals that need the whole file: label sets, and words that belong to the file's form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from formfact.patterns.facts.content import stems
from formfact.patterns.facts.words import Lexicon
from formfact.types import Row

FEWEST = 4
"""A word that fewer completions have is no form, however small the file."""
OFTEN = 0.1
LABEL_WORDS = 6


def form_stems(rows: Sequence[Row], lexicon: Lexicon) -> frozenset[str]:
    """Stems that stand in many completions of the file, whatever is asked."""
    counts = Counter(stem for row in rows for stem in stems(row.completion, lexicon))
    least = max(FEWEST, OFTEN * len(rows))
    return frozenset(stem for stem, count in counts.items() if count >= least)


def labels(rows: Sequence[Row]) -> frozenset[str]:
    """Short completions that come back again and again: the file teaches to choose among them."""
    counts = Counter(key(row.completion) for row in rows)
    least = max(FEWEST, 0.01 * len(rows))
    return frozenset(text for text, count in counts.items() if count >= least and len(text.split()) <= LABEL_WORDS)


def key(completion: str) -> str:
    """A completion as a label: case, white space and closing punctuation do not count."""
    return " ".join(completion.lower().split()).strip(" .!\"'")
