"""Does a written sentence say the opposite of a quote's, without a *not*? By pairs of words, prefixes and bounds.

English only. It is meant to miss rather than to accuse: where either side makes an exception, nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from formfact.knowledge.abstain import stop_terms
from formfact.knowledge.contrary import table
from formfact.knowledge.ground.amounts import amounts
from formfact.knowledge.words import terms

PAIRS = """
allowed,permitted,allows,permits,allow,permit,legal,lawful/forbidden,prohibited,banned,forbids,prohibits,forbid,prohibit
allowed,permitted,allows,permits,allow,permit,legal,lawful/disallowed,illegal,unlawful
covered,covers,included,includes/excluded,excludes,exclude mandatory,compulsory,obligatory,required/optional,voluntary
open,opened,opens/closed,shut,closes accepted,accepts,accept,approved,approves/rejected,rejects,reject,refused,refuses
rise,rises,rose,risen,rising,increase,increases,increased,increasing,grew,grows/fall,falls,fell,fallen,falling
rise,rises,rose,risen,rising,increase,increases,increased,increasing,grew,grows/decrease,decreases,decreased,decreasing
rise,rises,rose,risen,rising,increase,increases,increased,increasing,grew,grows/decline,declines,declined,declining
maximum/minimum highest/lowest largest,biggest/smallest longest/shortest earliest/latest best/worst
internal,indoor,indoors,inside/external,outdoor,outdoors,outside upper/lower
leftward/rightward clockwise/counterclockwise,anticlockwise enabled,enables,enable/disabled,disables,disable
temporary,temporarily/permanent,permanently always/never positive/negative supports,supported,support/opposes,opposed
"""
OPPOSITES = table(PAIRS)
KIN = {word: frozenset(kin for one in against for kin in OPPOSITES[one]) for word, against in OPPOSITES.items()}
"""A word -> its opposites; a word -> those that say the same."""
SIDE = re.compile(r"\b(?:(?:to|on) (?:the|your)|turn(?:s|ed|ing)?) (left|right)\b", re.IGNORECASE)
WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
PREFIXED = re.compile(
    r"(?:un(?!less\b|der|til)|non-?)([a-z]{4,})|(?:in(?=active|complete|correct|valid|eligible|sufficient|adequate"
    r"|accurate|visible|appropriate|capable|secure)|im(?=possible|proper)|il(?=legal)|ir(?=regular|reversible|relevant)"
    r"|dis(?=agree|connect|allow|approv|continu|honest))([a-z]+)"
)
"""*Unpaid* and *paid*, *non-refundable* and *refundable*."""
EXCEPTS = re.compile(
    r"\b(?:not?|never|none|nobody|nothing|neither|nor|cannot|except\w*|unless|only|otherwise|other|instead|rather|without"
    r"|until|but|although|while|whereas|however)\b|n['’]t\b",
    re.IGNORECASE,
)
"""What makes it unclear which of two opposites holds of what."""
EXCEPTED = re.compile(r"\b(?:except|excepting|excluding|other than)\b", re.IGNORECASE)
SCOPE = 60
"""Characters behind an *except* in which what it leaves out is looked for."""
BOUND = re.compile(
    r"(?P<not>\b(?:no|not|never|cannot|n['’]t)\s+(?:\w+\s+){0,2})?"
    r"(?:(?P<above>\b(?:at least|minimum(?: of)?|(?:more|longer|older|larger|greater|higher|bigger|later|heavier) than"
    r"|over|above|exceed(?:s|ing)?))|(?P<below>\b(?:at most|maximum(?: of)?|up to"
    r"|(?:less|fewer|shorter|younger|smaller|lower|earlier|lighter) than|under|below)))\s+[$€£]?(?=[\w-])",
    re.IGNORECASE,
)


def opposes(sentence: str, quote: str) -> bool:
    """Whether the sentence has an opposite in place of one of the quote's words, wherever else they may differ."""
    said, held = _words(sentence), _words(quote)
    for word in said - held:
        if OPPOSITES.get(word, frozenset()) & (held - said) and not KIN[word] & held:
            return True
    return bool((_positives(said - held) & (held - said)) | (_positives(held - said) & (said - held)))


def turned(sentence: str, quote: str) -> bool:
    """Whether the sentence says the opposite of a quote's, and neither makes an exception or denies anything."""
    return opposes(sentence, quote) and not EXCEPTS.search(sentence) and not EXCEPTS.search(quote)


Bound = tuple[str, str, Decimal]
"""A side, what is measured ("" for the number as it stands), and how much of it."""


def bounds(text: str) -> frozenset[Bound]:
    """The numbers that a text gives as a bound, each with its side: `at least 5` is above 5, `no more than 5` below.

    A number with a unit is there a second time by what it measures, so that `1.5 kW` and `1500 W` are one bound.
    """
    return frozenset(_bounds(text))


def beyond(sentence: str, quotes: Iterable[str]) -> bool:
    """Whether a number that bounds one side in the sentence bounds but the other one in the quotes' sentences.

    *Nobody under 18 is let in* and *be at least 18* say the same: what denies anything else is not looked at.
    """
    if EXCEPTS.search(BOUND.sub(" ", sentence)):
        return False
    held = {one for quote in quotes if not EXCEPTS.search(BOUND.sub(" ", quote)) for one in _bounds(quote)}
    said = bounds(sentence)
    return any((_other(side), *size) in held and (side, *size) not in held for side, *size in said)


def _bounds(text: str) -> Iterator[Bound]:
    found = {one.start: one for one in amounts(text)}
    for match in BOUND.finditer(text):
        side = "above" if match["above"] else "below"
        if match.end() in found:
            one, side = found[match.end()], _other(side) if match["not"] else side
            yield side, "", one.value
            for measure, size in one.sizes:
                yield side, measure, size.normalize()


def _other(side: str) -> str:
    return "below" if side == "above" else "above"


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(SIDE.sub(lambda match: f" {match[1]}ward ", text).lower()))


def _positives(words: frozenset[str]) -> frozenset[str]:
    found = (PREFIXED.fullmatch(word) for word in words)
    return frozenset(match[1] or match[2] for match in found if match)


def excepted(text: str) -> frozenset[str]:
    """The terms that stand right behind an *except*, where the text says them nowhere else."""
    said = Counter(terms(text))
    behind = (terms(text[match.end() : match.end() + SCOPE]) for match in EXCEPTED.finditer(text))
    first = ([term for term in clause if term not in stop_terms()][:1] for clause in behind)
    return frozenset(term for some in first for term in some if said[term] == 1)
