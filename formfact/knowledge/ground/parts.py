"""Text -> the quantities in it that are put together of several words: shares, and sums such as an hour and a half.

English only. `fractions` are numbers like any other. `combined` are further readings of what stands in a text, by which
it may hold what others say; nobody needs to have said them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from formfact.knowledge.ground.measures import MEASURES, PART, Amount, unit_of
from formfact.knowledge.ground.spelt import ONES, SCALES, SPELT, spelt

NAMES = "half third quarter fifth sixth seventh eighth ninth tenth".split()
WHOLE = {name: Decimal(at) for at, name in enumerate(NAMES, 2)} | {"halve": Decimal(2), "fourth": Decimal(4)}
COUNTS = "|".join(ONES[1:10])
FRACTION = re.compile(
    rf"\b(?:(?P<whole>{COUNTS}|ten|eleven|twelve)\s+and\s+)?(?P<count>an?|{COUNTS})(?P<joint>\s+|-)"
    rf"(?P<part>{'|'.join(WHOLE)})(?P<many>s)?\b|(?P<half>\bhalf)\b",
    re.IGNORECASE,
)
NO_HALF = re.compile(
    rf"(?:\b(?:{SPELT}|latter|other|last|each|every|either|and\s+a|a|\d(?:st|nd|rd|th))[\s-]+)$", re.IGNORECASE
)
"""Before `half`: it is the one or the other of two, or belongs to the number before it."""
BEFORE = 24
"""Characters before a share that are looked at."""
OF_IT = re.compile(
    r"\s+(?:of|as|more|less|fewer|larger|smaller|longer|shorter|higher|lower|cheaper|faster|slower)\b", re.I
)
BY = re.compile(r"\b(?:by|to)\s+$", re.IGNORECASE)
ENDS = re.compile(r"\s*(?:[.,;:!?)]|$|(?:in|on|at|from|since|when|if|and|within|after|compared)\b)", re.IGNORECASE)
SCALED = re.compile(rf"\s+(?:of\s+)?an?\s+({'|'.join(SCALES)})\b", re.IGNORECASE)
MEASURED = re.compile(r"(?:\s+(?:of\s+)?an?\s+|[\s-])([^\W\d_]+)", re.IGNORECASE)

SIGN = re.compile(r"(?<![\w/.,])(?:(\d+)[\s\u00a0-]?)?(?:([¼½¾⅓⅔⅛⅜⅝⅞])|(\d{1,2})[/⁄](\d{1,2}))(?![\w/⁄])")
ONE_IN = re.compile(
    rf"\b(?P<some>{COUNTS}|\d{{1,3}})\s+(?:in|out\s+of)\s+(?:every\s+)?(?P<all>{SPELT}|\d{{1,4}})\b(?!\s*[-–/.,]?\d)",
    re.IGNORECASE,
)
AND_A_HALF = re.compile(
    r"\b(?:an?|one)\s+([a-z]+)\s+and\s+(?:a\s+(?P<one>half|quarter)|three\s+quarters)\b", re.IGNORECASE
)
A_WHOLE = re.compile(
    r"\b(?:for|within|after|in|takes?|took|lasts?|lasted|least|most|than|about|nearly|almost|over|under)\s+"
    r"(an?\s+(?:full\s+|whole\s+|single\s+)?([a-z]+))\b(?!\s+and\s+(?:a|three)\b)",
    re.IGNORECASE,
)
LASTING = ("time", "calendar", "length")
FURTHER = re.compile(r"\s+(?:and\s+)?|", re.IGNORECASE)


def fractions(text: str) -> Iterator[Amount]:
    """`two thirds`, `a quarter of the staff`, `half an hour`, `half a million`: of a unit, or shares of something."""
    for match in FRACTION.finditer(text):
        if match["half"]:
            value = Decimal("0.5")
            if NO_HALF.search(_before(match)) or re.match(r"[\s-]+past\b", text[match.end() :]):
                continue
        elif not _counts(match):
            continue
        else:
            whole = spelt(match["whole"]) if match["whole"] else Decimal(0)
            count = spelt(match["count"]) if match["count"].lower() not in ("a", "an") else Decimal(1)
            value = whole + count / WHOLE[match["part"].lower()]
        yield _of_what(text, match, value)


def _counts(match: re.Match[str]) -> bool:
    """Whether it is a share, and no order and no quarter of a year: `a third person`, `for two quarters`."""
    count, part = match["count"].lower(), match["part"].lower()
    if match["many"]:
        return count not in ("a", "an", "one") and (part != "quarter" or count == "three" or _goes_on(match))
    if match["whole"]:
        return part != "half"  # number words read that
    if part == "half":
        return count in ("a", "an", "one") and not re.search(r"\band\s+$", _before(match), re.IGNORECASE)
    hyphen = match["joint"] == "-" and count == "one"
    return count in ("a", "one") and (hyphen or _goes_on(match))


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - BEFORE) : match.start()]


def _goes_on(match: re.Match[str]) -> bool:
    text = match.string
    return bool(OF_IT.match(text, match.end()) or (BY.search(_before(match)) and ENDS.match(text, match.end())))


def _of_what(text: str, match: re.Match[str], value: Decimal) -> Amount:
    scale = SCALED.match(text, match.end())
    if scale:
        following = MEASURED.match(text, scale.end())
        unit = unit_of(following[1]) if following else ""
        close = following.end() if following and unit else scale.end()
        return Amount(match.start(), match.end(), (value * SCALES[scale[1].lower()]).normalize(), unit, close)
    following = MEASURED.match(text, match.end())
    unit = unit_of(following[1]) if following else ""
    if not following or unit not in MEASURES:
        return Amount(match.start(), match.end(), value.normalize(), PART, match.end())
    return Amount(match.start(), match.end(), value.normalize(), unit, following.end())


def combined(text: str, plain: Sequence[Amount]) -> Iterator[Amount]:
    """What stands there in more than one number, or in none: `1 h 30 min`, `1/2`, `one in four`, `for a year`.

    `plain` are the text's amounts as they stand.
    """
    for match in SIGN.finditer(text):
        value = _sign(match)
        if value is not None:
            yield _of_what(text, match, value + Decimal(match[1] or 0))
    for match in ONE_IN.finditer(text):
        some, whole = _number(match["some"]), _number(match["all"])
        following = MEASURED.match(text, match.end())
        if 0 < some < whole and not (following and unit_of(following[1])):
            yield Amount(match.start(), match.end(), (some / whole).normalize(), PART, match.end())
    for match in AND_A_HALF.finditer(text):
        more = {"half": "1.5", "quarter": "1.25"}.get((match["one"] or "").lower(), "1.75")
        if _lasts(unit := unit_of(match[1])):
            yield Amount(match.start(), match.end(), Decimal(more), unit, match.end())
    for match in A_WHOLE.finditer(text):
        if _lasts(unit := unit_of(match[2])):
            yield Amount(match.start(1), match.end(1), Decimal(1), unit, match.end(1))
    yield from _sums(text, sorted(plain, key=lambda one: one.start))


def _sums(text: str, plain: Sequence[Amount]) -> Iterator[Amount]:
    """`1 hour and 30 minutes`: the smaller unit behind the larger one, and less of it than one of those."""
    for one, other in pairwise(plain):
        here, there = dict(one.sizes), dict(other.sizes)
        joint = FURTHER.fullmatch(text, one.close, other.start) if one.close <= other.start else None
        for measure in here.keys() & there.keys() if joint and one.unit != other.unit else ():
            unit = dict(MEASURES[one.unit])[measure.split("/")[0]]
            if 0 < there[measure] < unit and one.value == one.value.to_integral_value():
                total = (here[measure] + there[measure]) / dict(MEASURES[other.unit])[measure.split("/")[0]]
                yield Amount(one.start, other.end, total.normalize(), other.unit, other.close, other.by)


def _lasts(unit: str) -> bool:
    return any(measure in LASTING for measure, _ in MEASURES.get(unit, ()))


def _sign(match: re.Match[str]) -> Decimal | None:
    if match[2]:
        top, bottom = unicodedata.normalize("NFKC", match[2]).split("⁄")
    else:
        top, bottom = match[3], match[4]
    known = 0 < int(top) < int(bottom) and int(bottom) in (2, 3, 4, 5, 6, 8, 10, 16)
    return Decimal(top) / Decimal(bottom) if known else None


def _number(text: str) -> Decimal:
    return Decimal(text) if text.isdigit() else spelt(text)
