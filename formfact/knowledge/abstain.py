"""Is the answer in the documents? Raw evidence -> a confidence between 0 and 1.

Only raw figures are looked at: cosines, BM25 and shares of the question's words. Normalised scores always make the
top hit look good.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from formfact.knowledge.stores import Snapshot
from formfact.knowledge.words import terms

CARD = "calibration"
"""Under this name a base remembers its scale (`scale`), and what it is made of (`formfact.types.Calibration`)."""
THRESHOLD = 0.25
"""Below it the answer is an abstention."""
STALE = 0.2
"""The share of a base that may have come or gone before its calibration is called old."""
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
    raw BM25 divided by what the question's words could give at most; `unknown` is the share that no document holds, and
    `few` how much of that is no wonder, because the base is small (see the function).
    `unnamed` is 1 where the first quote and its headings lack a name or number of the question, and 2 where all quotes
    do: the rest may be alike, and yet of another year or person. `denied` and `opposed` say whether the quotes are
    about the opposite of what is asked: see `formfact.knowledge.contrary`.
    """

    span: float
    passage: float
    rise: float
    covered: float
    quoted: float
    words: float
    unknown: float
    few: float = 0.0
    unnamed: float = 0.0
    denied: float = 0.0
    opposed: float = 0.0


FEW = 40
"""Passages below which a base is small."""
SUPPOSED, UNRELATED, SPREAD = 5, 0.15, 0.08
"""How many passages `rise` supposes, and their cosines to a question: mean and deviation, with the bundled model."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """The weights of pieces of evidence in a logit."""

    bias: float
    weights: Mapping[str, float]

    def logit(self, evidence: Evidence) -> float:
        """Their weighted sum."""
        return self.bias + math.fsum(weight * getattr(evidence, name) for name, weight in self.weights.items())


ABOUT = Logistic(
    -10.43,
    {
        "span": 6.81,
        "passage": 2.98,
        "rise": 0.62,
        "covered": 4.23,
        "quoted": 2.13,
        "words": -2.39,
        "unknown": -2.19,
        "few": 1.56,
    },
)
"""Are the documents about what is asked? Fitted by bench/fit_confidence.py."""
ANSWERS = Logistic(
    -2.24,
    {
        "span": 4.00,
        "unnamed": -0.64,
        "denied": -2.67,
        "opposed": -2.25,
    },
)
"""If they are, do the quotes answer it, or only what sounds alike? Fitted by bench/fit_answers.py, at even odds."""
ODDS = 19
"""How much oftener a question about what the documents are about is answered there than not: supposed."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Weighed evidence -> confidence: `slope` times it and `shift`, and `names` times `Evidence.unnamed`.

    A confidence below `threshold` is an abstention.
    """

    slope: float = 1.0
    shift: float = 0.0
    names: float = 0.0
    threshold: float = THRESHOLD


SHIPPED = Scale()


def scale_of(view: Snapshot) -> Scale:
    """The scale that a base was calibrated to; the shipped one where it was not."""
    card = view.card(CARD)
    return Scale(**card["scale"]) if card else SHIPPED


def calibrated(view: Snapshot, now: int) -> str:
    """When and on what the base was calibrated, in a line, or empty; `now` is how many passages it has."""
    card = view.card(CARD)
    if not card:
        return ""
    then = card["passages"]
    stale = abs(now - then) > STALE * then
    again = f"; it has {now:,} now: calibrate again" if stale else ""
    kept = "" if card["kept"] else ", the confidence as shipped"
    return f"{card['calibrated'][:10]}: error {card['error']:g}{kept}, fitted when it had {then:,} passages{again}"


def weighed(evidence: Evidence, answers: Logistic = ANSWERS) -> float:
    """The shipped logit: of the chance that the documents are about it, times the chance that the quotes answer it."""
    about, answered = ABOUT.logit(evidence), answers.logit(evidence) + math.log(ODDS)
    return -math.log(math.exp(-about) + math.exp(-answered) + math.exp(-about - answered))


def confidence(evidence: Evidence, scale: Scale = SHIPPED, answers: Logistic = ANSWERS) -> float:
    """The logistic of the weighted evidence on a scale."""
    total = scale.slope * weighed(evidence, answers) + scale.shift + scale.names * evidence.unnamed
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


def few(absent: float) -> float:
    """How much smaller than FEW passages a base is, as a natural logarithm; 0 for a larger one.

    A base of three passages lacks most words of any question, whether or not it answers it. `absent` is the rarity of a
    term that no passage holds, ln(1 + (n + .5) / .5) of n.
    """
    passages = max((math.exp(absent) - 1) / 2 - 0.5, 1.0)
    return max(math.log(FEW / passages), 0.0)


def unnamed(given: Sequence[str], quotes: Sequence[str]) -> float:
    """See `Evidence.unnamed`: by the terms of what a question gives, and of quotes with their headings, best first."""
    wanted = {term for one in given for term in terms(one)} - stop_terms()
    first, held = set(terms(quotes[0])) if quotes else set(), {term for one in quotes for term in terms(one)}
    return float(not wanted <= first) + float(not wanted <= held)


@cache
def stop_terms() -> frozenset[str]:
    """STOP_WORDS as terms."""
    return frozenset(terms(STOP_WORDS))


def named(question: str) -> list[str]:
    """The question's terms that name something, each once, in order; all of them where none does."""
    asked = list(dict.fromkeys(terms(question)))
    return [term for term in asked if term not in stop_terms()] or asked
