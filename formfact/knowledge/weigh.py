"""Candidate spans -> their scores, and the one to three that are quoted: pure functions of values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.quotes import LONGEST, Span

MOST = 3
"""Quotes of an answer."""
COSINE, WORDS, PASSAGE = 0.5, 0.35, 0.15
"""Weights of a span's cosine to the question, of its share of the question's terms, of its passage's fused score."""
CONTEXT = 0.2
"""Weight of the terms that only the headings above the span hold: beneath 'Hotels' nobody repeats the word."""
NEIGHBOUR = 0.1
"""Weight of what the better neighbour of the same block would add, once for terms and once for cosine: an answer often
stands beside the sentence that takes up the question's words."""
FIT = 0.06
"""Added where the span holds the kind of thing that is asked for, taken off where it does not."""
LENGTH, LONG = 0.05, 40
"""Added for a span of LONG words or more, less for shorter ones: three words seldom answer."""
NEAR = 0.8
"""A later quote is worth at least this part of the best one's score."""
NEW = 0.4
"""What the question's terms that no quote holds yet add to a later quote's worth."""


@dataclass(frozen=True, slots=True)
class Clue:
    """A span with what speaks for it: see the weights above. `fit` is 1, 0 or -1; `passage` is the fused score."""

    span: Span
    cosine: float
    terms: frozenset[str]
    context: frozenset[str]
    passage: float
    fit: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A clue, its share of the question's terms, and its score."""

    clue: Clue
    share: float
    score: float


def share(held: Collection[str], weights: Mapping[str, float]) -> float:
    """The part of the question's weight that these terms carry, 0 to 1; 0 for a question without weight."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def score(clues: Sequence[Clue], weights: Mapping[str, float]) -> list[Scored]:
    """Every clue with its score, in the order given. `weights` are the question's terms and how rare each is."""
    places = {_place(clue.span): clue for clue in clues}
    return [_score(clue, _beside(clue.span, places), weights) for clue in clues]


def _score(clue: Clue, beside: Sequence[Clue], weights: Mapping[str, float]) -> Scored:
    held = share(clue.terms, weights)
    above = share(clue.terms | clue.context, weights) - held
    words = max((share(clue.terms | other.terms, weights) - held for other in beside), default=0.0)
    cosine = max((other.cosine - clue.cosine for other in beside), default=0.0)
    total = COSINE * clue.cosine + WORDS * held + PASSAGE * clue.passage + CONTEXT * above
    total += NEIGHBOUR * (words + cosine) + FIT * clue.fit + LENGTH * min(clue.span.words / LONG, 1.0)
    return Scored(clue, held, total)


def _place(span: Span) -> tuple[int, int, int]:
    return span.document, span.block, span.place


def _beside(span: Span, places: Mapping[tuple[int, int, int], Clue]) -> list[Clue]:
    found = (places.get((span.document, span.block, span.place + step)) for step in (-1, 1))
    return [clue for clue in found if clue]


def choose(
    scored: Sequence[Scored], weights: Mapping[str, float], *, most: int = MOST, near: float = NEAR
) -> list[Span]:
    """One to `most` quotes, the best first: each later one is near it, counting the question's terms it newly holds."""
    left = sorted(scored, key=lambda one: (-one.score, one.clue.span.document, one.clue.span.start))
    places = {_place(one.clue.span): one.clue for one in scored}
    needed = near * left[0].score if left else 0.0
    chosen: list[Span] = []
    held: frozenset[str] = frozenset()
    while left and len(chosen) < most:
        best = max(left, key=lambda one: _worth(one, held, weights)) if chosen else left[0]
        if chosen and _worth(best, held, weights) < needed:
            break
        quote = next(one for one in _wholes(best.clue, places) if not any(_overlap(one, other) for other in chosen))
        chosen.append(quote)
        held |= best.clue.terms
        left = [one for one in left if not _overlap(one.clue.span, quote) and not _repeats(one.clue, best.clue)]
    return chosen


def _repeats(one: Clue, other: Clue) -> bool:
    """Whether it is the same sentence again, as copies of a document in another format have it."""
    return bool(one.terms) and one.terms == other.terms and abs(one.span.words - other.span.words) <= 1


def _worth(one: Scored, held: frozenset[str], weights: Mapping[str, float]) -> float:
    return one.score + NEW * share(one.clue.terms - held, weights)


def _wholes(clue: Clue, places: Mapping[tuple[int, int, int], Clue]) -> Iterator[Span]:
    """The span joined with the sentence before it where it leans on that, or with one that has what it lacks; alone."""
    span = clue.span
    before, after = (places.get((span.document, span.block, span.place + step)) for step in (-1, 1))
    if before and span.leans and before.span.words + span.words <= LONGEST:
        yield _joined(before.span, span)
    for other in (after, before):
        if other and clue.fit < 0 < other.fit and other.span.words + span.words <= LONGEST:
            yield _joined(*sorted((span, other.span), key=lambda one: one.start))
    yield span


def _joined(first: Span, second: Span) -> Span:
    return replace(first, end=second.end, words=first.words + second.words)


def _overlap(one: Span, other: Span) -> bool:
    return one.document == other.document and one.start < other.end and other.start < one.end
