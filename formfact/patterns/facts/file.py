"""Signals that need the whole file: label sets, and words that belong to the file's form."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from formfact.patterns.facts.content import stems
from formfact.patterns.facts.words import Lexicon
from formfact.types import Row

FEWEST = 4
"""A word that fewer completions have is no form, however small the file."""
OFTEN = 0.1
LABEL_WORDS, LABEL_LETTERS = 6, 80
ASKED = 400
"""Characters at the end of a prompt in which its question stands."""
SCALE = re.compile(r"^(?:10|\d)(?=\s*(?:/|out of|stars?\b|points?\b))")
"""A mark on a scale, as in `4 stars` and `7/10`."""
SHARED = 0.6
"""Prompts of one completion that share a word of their own this often ask the same thing: a fact, told again."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file's completions have in common. `labels`: a repeated short completion -> how often, as log2."""

    form: frozenset[str] = frozenset()
    labels: dict[str, float] | None = None

    def repeats(self, completion: str) -> float:
        """How often a short completion comes again: 0 for never, rising by one with each doubling."""
        return (self.labels or {}).get(key(completion), 0.0)


def shape(rows: Sequence[Row], lexicon: Lexicon) -> Shape:
    """Look at a file as a whole."""
    counts = Counter(stem for row in rows for stem in stems(row.completion, lexicon))
    least = max(FEWEST, OFTEN * len(rows))
    form = frozenset(stem for stem, count in counts.items() if count >= least and not stem[0].isdigit())
    return Shape(form, _labels(rows, lexicon))


def key(completion: str) -> str:
    """A completion as a label: case, white space and closing punctuation do not count, nor which mark a scale has."""
    plain = " ".join(completion.lower().split()).strip(" .!\"'")
    return SCALE.sub("#", plain).removesuffix("s") if SCALE.match(plain) else plain


def _labels(rows: Sequence[Row], lexicon: Lexicon) -> dict[str, float]:
    """Short completions that come back for prompts that have nothing in common."""
    same: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if len(row.completion) < LABEL_LETTERS and len(row.completion.split()) <= LABEL_WORDS:
            same[key(row.completion)].append(row)
    again = {text: found for text, found in same.items() if len(found) > 1}
    asked: Counter[str] = Counter()
    words: dict[str, list[set[str]]] = {}
    for text, found in again.items():
        words[text] = [stems(row.prompt[-ASKED:], lexicon) for row in found]
        for one in words[text]:
            asked.update(one)
    total = sum(map(len, again.values()))
    labels = {}
    for text, prompts in words.items():
        own = Counter(stem for one in prompts for stem in one)
        # A word that most of all prompts have is the template's.
        told = any(count >= max(2, SHARED * len(prompts)) and asked[stem] < 0.5 * total for stem, count in own.items())
        if not told:
            labels[text] = log2(len(prompts))
    return labels
