"""Is the answer in the documents? Raw evidence -> a confidence between 0 and 1.

Only raw figures are looked at: cosines, BM25 and shares of the question's words. Normalised scores always make the
top hit look good.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache

from formfact.knowledge.words import terms

THRESHOLD = 0.25
"""Below it the answer is an abstention."""
STOP_WORDS = (
    "a about after all also am an and any are as at be because been before being both but by can could did do does"
    " doing done for from had has have having he her here him his how i if in into is it its let may me might mine more"
    " most must my no nor not of on one or our ours out over own please shall she should so some such tell than that"
    " the their them then there these they this those to too under until up us was we were what when where which while"
    " who whom whose why will with would you your yours s t ve re d ll m don doesn didn isn wasn much many give"
)
"""Words of a question that name nothing: no document is missed for lacking them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer being there.

    `span` and `passage` are the best cosines to the question of a candidate span and of a passage; `rise` says how far
    the best passage's cosine stands out of the candidates (see the function). `covered` and
    `quoted` are the shares of the question's word weights found in the best passage and the best span, `words` its
    raw BM25 divided by what the question's words could give at most; `unknown` is the share that no document holds.
    """

    span: float
    passage: float
    rise: float
    covered: float
    quoted: float
    words: float
    unknown: float


SUPPOSED, UNRELATED, SPREAD = 5, 0.15, 0.08
"""How many passages `rise` supposes, and their cosines to a question: mean and deviation, with the bundled model."""
BIAS = -10.43
WEIGHTS: Mapping[str, float] = {
    "span": 6.81,
    "passage": 2.98,
    "rise": 0.62,
    "covered": 4.23,
    "quoted": 2.13,
    "words": -2.39,
    "unknown": -2.19,
}


def confidence(evidence: Evidence) -> float:
    """The logistic of the weighted evidence."""
    total = BIAS + sum(WEIGHTS[field.name] * getattr(evidence, field.name) for field in fields(evidence))
    return 1 / (1 + math.exp(-total))


def rise(cosines: Sequence[float]) -> float:
    """How many standard deviations the first of these cosines, best first, stands above their later half.

    A base of three passages has no later half to speak of: SUPPOSED unrelated passages are always counted with it.
    """
    later = cosines[len(cosines) // 2 :] if len(cosines) > 1 else []
    count = len(later) + SUPPOSED
    mean = (sum(later) + SUPPOSED * UNRELATED) / count
    square = (sum(cosine * cosine for cosine in later) + SUPPOSED * (UNRELATED**2 + SPREAD**2)) / count
    return (cosines[0] - mean) / math.sqrt(max(square - mean * mean, SPREAD * SPREAD / 16))


@cache
def stop_terms() -> frozenset[str]:
    """STOP_WORDS as terms."""
    return frozenset(terms(STOP_WORDS))


def named(question: str) -> list[str]:
    """The question's terms that name something, each once, in order; all of them where none does."""
    asked = list(dict.fromkeys(terms(question)))
    return [term for term in asked if term not in stop_terms()] or asked
