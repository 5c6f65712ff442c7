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
FIRST = re.compile(r"[^?!]*?(?=[?!]|[;:]\s|\.\s(?!\d)|\Z)", re.DOTALL)
"""A question alone, without what is said behind it: *what is the password? I cannot get in*."""
DENIAL = re.compile(
    r"(?<![,;(–—-] )(?<!\()(?<!\bor )\bnot(?! (?:only|just|necessarily)\b)\b"
    r"|\b(?:never|cannot|nobody|nothing|neither|nor|none|no(?! (?:longer|matter|doubt)\b|\.? ?\d))\b|\b\w+n['’]t\b",
    re.IGNORECASE,
)
"""*Not* behind a comma sets apart (*the old one, not the new one*), and *no. 5* counts."""
CLAUSE = re.compile(
    r"\b(?:if|when|whenever|because|that|after|before|while|unless|although|since|once|whether|so|where|who|which"
    r"|happens?|happened|causes?|reasons?|makes?|for (?=no\b|not\b)"
    r"|I (?=(?:do|can|could|did)(?:n['’]t| ?not)\b))\b",
    re.IGNORECASE,
)
"""What a denial stands behind that is not asked for but given (*what helps if it does not start?*, *the fine for not
paying*, *what makes it not start?*)."""
LAST_LINK = re.compile(r".*\b(?:for|with|to|on|by|in|about|at|from)\b", re.IGNORECASE | re.DOTALL)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|being|am|has|have|had|do|does|did|can|could|may|might|must|shall|should|will|would)\b",
    re.IGNORECASE,
)
GIVEN = re.compile(
    r"(?:not|never) (?:\w+ly |yet )?(?:\w+ed|paid|sent|kept|sold|made|used|taken|given|shown|written|done|found|met"
    r"|left|brought|seen)\b",
    re.IGNORECASE,
)
"""*Books not returned*: of what kind they are, where no verb stands before it since the last preposition."""
YES_OR_NO = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had|am)\b",
    re.IGNORECASE,
)
"""How a question for a yes or a no begins: to it *smoking is forbidden* answers whether smoking is allowed."""
DENIES = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|unable|except\w*|unless|fail(?:s|ed|ure)?"
    r"|lack(?:s|ed|ing)?|refus\w+|den(?:y|ies|ied)|reject\w*|forbid\w*|forbad\w*|prohibit\w*|bann?(?:ed|s)?|exclud\w+"
    r"|exclusi\w+|exempt\w*|impossible|missing|absent|other than|rather than|instead of|avoid\w*|clos(?:ed|es)"
    r"|free of charge|for free|(?:is|are|goes?|travels?|enters?) free"
    r"|void\w*|invalid\w*|ineligible|disallow\w*|waived?|outside (?:of )?(?:the|this|its|our)"
    r"|for [\w ]{1,30} only|only (?:for|by|with|if|when|under|from|(?:\w+ ){1,3}(?:may|can|must))|laps(?:e|es|ed)"
    r"|reserved (?:for|to)|limited to|restricted to|(?:keep|stay|kept) \w* ?(?:away|off|out)|stops?|stopped"
    r"|un(?:able|available|authori[sz]ed|used|paid|opened|supported|suitable|known|covered|insured|taxed|attended|safe"
    r"|lawful|affected|changed|necessary|needed))\b|n['’]t\b",
    re.IGNORECASE,
)
"""What a quote denies something with."""
MEASURE = re.compile(r"\bhow \w+", re.IGNORECASE)
"""*How long* asks for a length, and a short one is an answer."""
CONDITION = re.compile(
    r"(?<=\w)\W+(?:if|when|whenever|while|because|after|before|unless|once|until)\b.*", re.I | re.DOTALL
)
"""*What do I do when the tank is full?* is answered by *empty it*: what is given may well be undone."""
BOTH = re.compile(r"\b\w+(?:\s*/\s*|,? (?:and|or) )\w+")
"""*Users are created and removed here* is about either."""
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
    """1 where the first quote has in place of a word of the question an opposite that the question has not; else 0.

    Not counted: a question for a yes or a no, which an opposite answers; what stands behind an *if* or a *when*; an
    opposite that the quote joins to another word by *and* or *or*.
    """
    if YES_OR_NO.match(question) or not quotes:
        return 0.0
    asked = set(WORD.findall(MEASURE.sub(" ", CONDITION.sub(" ", question)).lower()))
    said = set(WORD.findall(quotes[0].lower()))
    alone = set(WORD.findall(BOTH.sub(" ", quotes[0].lower())))
    return float(
        any(OPPOSITES[one] & alone and not OPPOSITES[one] & asked for one in (asked - said) & OPPOSITES.keys())
    )


def _asks_for_what_is_not(question: str) -> bool:
    alone = FIRST.match(question.strip())
    asked = alone.group() if alone else question
    begun = ASKS_FOR.match(asked)
    denial = DENIAL.search(asked, begun.end()) if begun else None
    if not begun or not denial:
        return False
    clause = CLAUSE.search(asked, begun.end(), denial.end() + 1)
    return not (clause and clause.start() < denial.start()) and not _given(asked, denial)


def _given(asked: str, denial: re.Match[str]) -> bool:
    if not GIVEN.match(asked, denial.start()):
        return False
    link = LAST_LINK.match(asked, 0, denial.start())
    return not VERB.search(asked, link.end() if link else 0, denial.start())


def _opposites(pairs: str) -> Iterator[tuple[str, str]]:
    for pair in pairs.split():
        one, other = (side.split(",") for side in pair.split("/"))
        for first in one:
            for second in other:
                yield from ((first, second), (second, first))


def table(pairs: str) -> Mapping[str, frozenset[str]]:
    """A word -> the words of the other side, given pairs such as `hot,warm/cold` between white space."""
    found: dict[str, set[str]] = {}
    for word, opposite in _opposites(pairs):
        found.setdefault(word, set()).add(opposite)
    return {word: frozenset(opposites) for word, opposites in found.items()}


OPPOSITES = table(PAIRS)
"""A word -> its opposites."""
