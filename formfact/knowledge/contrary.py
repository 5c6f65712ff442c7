"""Does a quote say the opposite of what is asked? Cosines and words in common do not tell: both are alike.

Two signs, both of English only: a question for what is *not* so, beside quotes that deny nothing; and a word of the
question whose opposite the quote has in its place. Questions in other languages show neither, and lose nothing by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

ASKS_FOR = re.compile(
    r"^\W*(?:(?:in|at|on|by|for|from|to|of|with|about|during|under|since|until|through) )?"
    r"(?:what|which|who|whom|whose|where|when|how (?:many|much|long|often|far))\b",
    re.IGNORECASE,
)
"""What a question for a thing begins with. *Why is it not ..* takes the denial for granted, *isn't it ..* denies
nothing, and *how do I ..* asks for a way: of them nothing is said here."""
DENIAL = re.compile(
    r"\b(?:not(?! (?:only|just|necessarily)\b)|never|cannot|nobody|nothing|neither|nor|none"
    r"|no(?! (?:longer|matter|doubt)\b))\b|\b\w+n['’]t\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"\b(?:if|when|whenever|because|that|after|before|while|unless|although|since|once|whether|so|where|who|which)\b",
    re.IGNORECASE,
)
"""What begins another clause: a denial behind it is not what is asked for (*what helps if it does not start?*)."""
DENIES = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|unable|except\w*|unless|fail(?:s|ed|ure)?"
    r"|lack(?:s|ed|ing)?|refus\w+|den(?:y|ies|ied)|reject\w*|forbid\w*|forbad\w*|prohibit\w*|bann?(?:ed|s)?|exclud\w+"
    r"|exclusi\w+|exempt\w*|impossible|missing|absent|other than|rather than|instead of)\b|n['’]t\b",
    re.IGNORECASE,
)
"""What a quote denies something with."""
MEASURE = re.compile(r"\bhow \w+", re.IGNORECASE)
"""*How long* asks for a length, and a short one is an answer."""
WORD = re.compile(r"[a-z]+")
PAIRS = """
most/least more/less,fewer best/worst better/worse highest/lowest higher/lower high/low
largest,biggest,greatest/smallest larger,bigger,greater/smaller large,big/small longest/shortest longer/shorter
oldest/youngest,newest older/younger,newer earliest/latest earlier/later early/late fastest/slowest faster/slower
fast,quick/slow strongest/weakest stronger/weaker strong/weak heaviest/lightest heavier/lighter easiest/hardest
easier/harder easy,simple/difficult,hard cheapest/dearest,costliest cheap/expensive,costly hot,warm/cold,cool wet/dry
rich,wealthy/poor full/empty north,northern/south,southern east,eastern/west,western upper/lower maximum/minimum
majority/minority internal/external public/private positive/negative legal/illegal rural/urban modern/ancient
temporary/permanent mandatory,compulsory/optional,voluntary always/never common,frequent/rare,uncommon
often,frequently/rarely,seldom
increase,increases,increased,increasing,rise,rose,rising,grow,grew,growth/decrease,decreases,decreased,decreasing,decline,declined,fall,fell,falling,shrink,shrank
raise,raised/reduce,reduced win,won,wins,victory/lose,lost,loses,defeat,defeated
accept,accepted,accepts/reject,rejected,rejects,refuse,refused
allow,allowed,allows,permit,permitted,permits/forbid,forbidden,forbids,prohibit,prohibited,prohibits,ban,banned
include,includes,included,including/exclude,excludes,excluded,excluding
support,supported,supports/oppose,opposed,opposes agree,agreed,agrees/disagree,disagreed,disagrees
success,successful,succeeded/failure,unsuccessful,failed advantage,advantages/disadvantage,disadvantages
import,imports,imported/export,exports,exported add,adds,added,adding/remove,removes,removed,removing
enable,enables,enabled,enabling/disable,disables,disabled,disabling install,installed,installing/uninstall,uninstalling
connect,connected,connecting/disconnect,disconnected,disconnecting lock,locked,locking/unlock,unlocked,unlocking
"""


def denied(question: str, quotes: Sequence[str]) -> float:
    """0 where the question asks for nothing that is not so, or the first quote denies something; 1 where it does not;
    2 where none of the quotes does. Quotes come best first."""
    if not _asks_for_what_is_not(question):
        return 0.0
    denying = [bool(DENIES.search(one)) for one in quotes]
    return 0.0 if denying[:1] == [True] else 1.0 if any(denying) else 2.0


def opposed(question: str, quotes: Sequence[str]) -> float:
    """1 where the first quote has in place of a word of the question an opposite that the question has not; else 0."""
    asked = set(WORD.findall(MEASURE.sub(" ", question).lower()))
    said = set(WORD.findall(quotes[0].lower())) if quotes else set()
    return float(any(OPPOSITES[one] & said and not OPPOSITES[one] & asked for one in (asked - said) & OPPOSITES.keys()))


def _asks_for_what_is_not(question: str) -> bool:
    begun = ASKS_FOR.match(question)
    if not begun:
        return False
    denial, clause = (one.search(question, begun.end()) for one in (DENIAL, CLAUSE))
    return bool(denial) and not (clause and denial and clause.start() < denial.start())


def _opposites(pairs: str) -> Iterator[tuple[str, str]]:
    for pair in pairs.split():
        one, other = (side.split(",") for side in pair.split("/"))
        for first in one:
            for second in other:
                yield from ((first, second), (second, first))


def _table(pairs: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word, opposite in _opposites(pairs):
        found.setdefault(word, set()).add(opposite)
    return {word: frozenset(opposites) for word, opposites in found.items()}


OPPOSITES = _table(PAIRS)
"""A word -> its opposites."""
