"""Statements of different documents that give different numbers or dates for what reads like the same thing.

What this is: a list to look at. Two statements clash where they share most words that carry weight, the same names and
the same measure, and differ in the value, be it in another unit or in words. What it cannot see: that one of them was
true earlier, or somewhere else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from formfact.proof.audit.gather import Held
from formfact.proof.audit.statements import Claim, claims
from formfact.proof.audit.values import same
from formfact.proof.findings import Clash

LIKE = 0.65
"""The weight of shared words over that of all words of both, from which two statements are about the same."""
KEYS = 4
"""A claim is looked up by pairs of its rarest words."""
MOST_IN_BUCKET = 40
"""More claims of one pair of words and one unit are a form, not a fact."""


def clashes(held: Sequence[Held]) -> tuple[Clash, ...]:
    """All clashes, the likeliest first; one for each pair of documents and value.

    What other documents say in the same words comes behind all that is said otherwise.
    """
    found = _with_names([claim for one in held for claim in claims(one)])
    weights = _weights(found)
    pairs: dict[tuple[object, ...], Clash] = {}
    for one, other in _candidates(found, weights):
        alike = _alike(one, other, weights)
        if alike >= LIKE:
            about = " ".join(sorted(one.terms & other.terms, key=lambda term: -weights[term])[:6]) or " ".join(
                sorted(one.names)
            )
            clash = Clash(about, one.statement, other.statement, round(alike, 4))
            key = _key(one, other)
            if key not in pairs or pairs[key].likeness < alike:
                pairs[key] = clash
    ordered = sorted(pairs.values(), key=lambda clash: -clash.likeness)
    said: Counter[frozenset[str]] = Counter()
    ranked = []
    for clash in ordered:
        words = frozenset((clash.one.text, clash.other.text))
        ranked.append((said[words], clash))
        said[words] += 1
    return tuple(clash for _, clash in sorted(ranked, key=lambda one: one[0]))


def _with_names(found: Sequence[Claim]) -> list[Claim]:
    """Each claim's first word counts as a name where no statement has it in lower case."""
    common = {word for claim in found for word in claim.statement.text.split() if word[:1].islower()}
    return [
        replace(one, names=one.names | {one.first.lower()}) if one.first and one.first.lower() not in common else one
        for one in found
    ]


def _key(one: Claim, other: Claim) -> tuple[object, ...]:
    ends = sorted((c.statement.place.source, c.statement.place.document, c.value) for c in (one, other))
    return (*ends[0], *ends[1], one.kind)


def _weights(found: Iterable[Claim]) -> Mapping[str, float]:
    """How rare each word is among the statements."""
    counts: Counter[str] = Counter()
    statements = {(claim.statement.place, claim.terms) for claim in found}
    for _, terms in statements:
        counts.update(terms)
    return {term: math.log(1 + len(statements) / count) for term, count in counts.items()}


def _candidates(found: Sequence[Claim], weights: Mapping[str, float]) -> Iterator[tuple[Claim, Claim]]:
    buckets: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in found:
        if not claim.terms:
            buckets[(claim.kind, *sorted(claim.names))].append(claim)
            continue
        rarest = sorted(claim.terms, key=lambda term: (-weights[term], term))[:KEYS]
        for pair in combinations(sorted(rarest), 2):
            buckets[(claim.kind, *pair)].append(claim)
    for bucket in buckets.values():
        if 1 < len(bucket) <= MOST_IN_BUCKET:
            yield from combinations(bucket, 2)


def _alike(one: Claim, other: Claim, weights: Mapping[str, float]) -> float:
    """How surely two claims are about the same thing and differ; 0 where they cannot clash."""
    here, there = one.statement.place, other.statement.place
    own = (here.document, here.source) == (there.document, there.source)
    if (
        own
        or same(one.value, one.unit, other.value, other.unit)
        or one.names != other.names
        or _within(one.value, other.value)
    ):
        return 0.0
    both = sum(weights[term] for term in one.terms & other.terms)
    either = sum(weights[term] for term in one.terms | other.terms)
    return both / either if either else 1.0


def _within(one: str, other: str) -> bool:
    """Whether one date says the other more exactly: `7 may` and `7 may 2024`."""
    a, b = set(one.split()), set(other.split())
    return len(a) + len(b) > 2 and (a <= b or b <= a)
