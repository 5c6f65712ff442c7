"""Is the answer in the documents? Raw evidence -> a confidence between 0 and 1.

Only raw figures are looked at: cosines, BM25 and shares of the question's words. Normalised scores always make the
top hit look good.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from formfact.knowledge.words import terms

THRESHOLD = 0.23
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

    `span` and `passage` are the best cosines to the question of a candidate span and of a passage; `rise` is how many
    standard deviations the best passage's cosine stands above the later half of the candidates. `covered` and
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


BIAS = -10.13
WEIGHTS: Mapping[str, float] = {
    "span": 6.87,
    "passage": 3.18,
    "rise": 0.48,
    "covered": 4.35,
    "quoted": 2.23,
    "words": -2.74,
    "unknown": -2.19,
}


def confidence(evidence: Evidence) -> float:
    """The logistic of the weighted evidence."""
    total = BIAS + sum(WEIGHTS[field.name] * getattr(evidence, field.name) for field in fields(evidence))
    return 1 / (1 + math.exp(-total))


@cache
def stop_terms() -> frozenset[str]:
    """STOP_WORDS as terms."""
    return frozenset(terms(STOP_WORDS))


def named(question: str) -> list[str]:
    """The question's terms that name something, each once, in order; all of them where none does."""
    asked = list(dict.fromkeys(terms(question)))
    return [term for term in asked if term not in stop_terms()] or asked
