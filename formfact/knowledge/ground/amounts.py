"""Text -> the numbers, dates and times in it, as values that compare equal whatever way they are written.

Covered: digits with thousands separators, decimals, signs, ordinals, units and scale words; English number words;
dates by English month names, ISO and slashes (both readings); times of the clock. In other languages digits are
still read, number words and month names are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from formfact.knowledge.ground.measures import CASED, UNITS, Amount, per, unit_of, whole_unit
from formfact.knowledge.ground.parts import fractions
from formfact.knowledge.ground.spelt import SCALES, SPELT_OUT, spelt

POINTS = re.compile(r"\b(?:the|this|that|no|any|each|every|which|some|another|other)\s+$", re.IGNORECASE)
POINTS_ON = re.compile(r"\s+(?:of\b|another|can|cannot|could|may|might|must|should|who|whose|would)\b|['’]s\b", re.I)
"""What stands before and behind a `one` that points at something instead of counting it."""
BEFORE = 24
"""Characters before a `one` that are looked at."""
FOLLOWING = re.compile(r"[\s-]([^\W\d_]+)")

DIGITS = re.compile(
    r"(?P<money>[$€£¥]\s?)?(?P<sign>(?<![\w)\]])[-−–])?"
    r"(?P<number>(?<![\w.,])(?:\d{1,3}(?:[,\u00a0\u202f'’]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?"
    r"|\d{1,3}\.\d{3},\d{1,2}"
    r"|\d+(?:[.,]\d+)?)(?![.,]?\d))"
    r"(?P<glued>[^\W\d_]+)?(?:[\s\u00a0\u202f-]?(?P<unit>%|°\s?[CF]?|[^\W\d_]+))?"
)
DECADE = re.compile(r"\d{2,3}0s\b")
MILLIONS = {
    "k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "mn": 10**6, "mio": 10**6, "b": 10**9, "B": 10**9, "bn": 10**9,
}  # fmt: skip
"""What stands behind an amount of money for its thousands, millions and billions."""
GLUED = {"st", "nd", "rd", "th", "k", *UNITS, *SCALES}
"""What may follow digits without a space so that they are still a number."""

MONTHS = ("january february march april may june july august september october november december").split()
MONTH_OF = {name: at for at, name in enumerate(MONTHS, 1)} | {name[:3]: at for at, name in enumerate(MONTHS, 1)}
MONTH_OF["sept"] = 9
MONTH = "|".join(sorted(MONTH_OF, key=len, reverse=True))
DAY, YEAR = r"\d{1,2}(?:st|nd|rd|th)?", r"[12]\d{3}"
DATES = (
    re.compile(rf"\b(?P<y>{YEAR})-(?P<m>\d\d?)-(?P<d>\d\d?)\b"),
    re.compile(rf"\b(?P<d>{DAY})(?:\s+of)?\s+(?P<name>{MONTH})\b\.?(?:\s*,?\s+(?P<y>{YEAR})\b)?", re.IGNORECASE),
    re.compile(rf"\b(?P<name>{MONTH})\b\.?\s+(?P<d>{DAY})\b(?!\d)(?:\s*,?\s+(?P<y>{YEAR})\b)?", re.IGNORECASE),
    re.compile(rf"\b(?P<name>{MONTH})\b\.?,?\s+(?P<y>{YEAR})\b", re.IGNORECASE),
    re.compile(r"\b(?P<d>\d\d?)[./](?P<m>\d\d?)[./](?P<y>[12]\d{3})\b"),
)
CLOCK = re.compile(
    r"\b(?P<h>\d\d?)(?::(?P<m>\d\d)(?::\d\d)?)?\s?(?P<half>[ap]\.?m\b\.?|o[’']clock)|\b(?P<h24>\d\d?):(?P<m24>\d\d)\b"
    r"|\b(?P<word>noon|midnight)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A date; what was not said is None."""

    year: int | None
    month: int | None
    day: int | None

    def holds(self, other: Day) -> bool:
        """Whether this date says all that the other one says."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(wanted is None or have == wanted for have, wanted in pairs)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a time of the clock at `start` to `end`, by each of its readings: days, or minutes since midnight."""

    start: int
    end: int
    days: tuple[Day, ...] = ()
    minutes: tuple[int, ...] = ()


def moments(text: str) -> Iterator[Moment]:
    """The dates and times of a text. No two overlap."""
    taken: list[tuple[int, int]] = []
    for pattern in DATES:
        for match in pattern.finditer(text):
            days = tuple(_days(match))
            if days and not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                yield Moment(match.start(), match.end(), days=days)
    for match in CLOCK.finditer(text):
        if not any(match.start() < end and start < match.end() for start, end in taken):
            yield Moment(match.start(), match.end(), minutes=_minutes(match))


def _days(match: re.Match[str]) -> Iterator[Day]:
    parts = match.groupdict()
    year = int(parts["y"]) if parts["y"] else None
    day = int(re.sub(r"\D", "", parts["d"])) if parts.get("d") else None
    if parts.get("name"):
        yield Day(year, MONTH_OF[parts["name"].lower()], day)
        return
    month = int(parts["m"])
    readings = {(month, day)} if match.re is DATES[0] else {(month, day), (day, month)}
    for one, other in sorted(readings, key=str):
        if one is not None and one <= 12:
            yield Day(year, one, other)


def _minutes(match: re.Match[str]) -> tuple[int, ...]:
    if match["word"]:
        return (720,) if match["word"].lower() == "noon" else (0,)
    if match["h24"]:
        return (60 * int(match["h24"]) + int(match["m24"]),)
    hour, minute, half = int(match["h"]), int(match["m"] or 0), match["half"].lower()
    if half.startswith("o"):
        return 60 * hour + minute, 60 * (hour + 12) + minute
    return (60 * (hour % 12 + (12 if half.startswith("p") else 0)) + minute,)


def amounts(text: str) -> Iterator[Amount]:
    """The numbers of a text, digits first. A number with a scale word is one; its digits alone are no second one."""
    for match in DIGITS.finditer(text):
        found = _in_digits(match)
        if found:
            yield found
    yield from sorted(_in_words(text), key=lambda one: one.start)


def _in_words(text: str) -> Iterator[Amount]:
    shares = list(fractions(text))
    yield from shares
    for match in SPELT_OUT.finditer(text):
        # Scale words behind digits are theirs.
        behind = re.search(r"\d[\s\u00a0-]?$", text[max(0, match.start() - 2) : match.start()])
        taken = any(match.start() < one.end and one.start < match.end() for one in shares)
        if not behind and not taken and not _only_points(text, match):
            following = FOLLOWING.match(text, match.end())
            unit = unit_of(following[1]) if following else ""
            unit, close = whole_unit(text, unit, following.end() if unit and following else match.end())
            yield Amount(
                match.start(), match.end(), spelt(match.group()), unit, close, per(text, close) if unit else ""
            )


def _in_digits(match: re.Match[str]) -> Amount | None:
    glued, money = match["glued"] or "", (match["money"] or "").strip()
    if DECADE.match(match.string, match.start("number")) or not (not glued or glued in CASED or glued.lower() in GLUED):
        return None  # a word: see `coded`
    value = Decimal(plain(match["number"]))
    unit = (match["unit"] or "").replace(" ", "")
    end = close = match.end("glued") if glued else match.end("number")
    if money and (glued or unit) in MILLIONS:
        value *= MILLIONS[glued or unit]
        close = match.end("glued" if glued else "unit")
    elif glued == "M":
        value *= 10**6
    elif not glued and unit.lower() in SCALES:
        value *= SCALES[unit.lower()]
        close = match.end("unit")
        following = FOLLOWING.match(match.string, close)
        unit = following[1] if following else ""
    elif glued.lower() in SCALES or glued.lower() == "k":
        value *= SCALES.get(glued.lower(), 1000)
    if match["sign"]:
        value = -value
    known = unit_of(glued) if glued and glued != "M" and not money else ""
    if known:
        known, close = whole_unit(match.string, known, close)
    elif money:
        known = unit_of(money)
    elif known := unit_of(unit):
        start = match.string.index(unit[:1], max(close, match.end("number")))
        known, close = whole_unit(match.string, known, max(start + len(unit), close))
    by = per(match.string, close) if known and not money else ""
    return Amount(match.start("number"), end, value.normalize(), known, close, by)


def plain(number: str) -> str:
    """Digits as Python reads them: thousands separators gone, a point before decimals."""
    if re.fullmatch(r"\d{1,3}(?:[,\u00a0\u202f'’]\d{3})+(?:\.\d+)?", number):
        return re.sub(r"[,\u00a0\u202f'’]", "", number)
    if number.count(".") > 1 or ("." in number and "," in number):
        number = number.replace(".", "")
    return number.replace(",", ".")


def _only_points(text: str, match: re.Match[str]) -> bool:
    """Whether the word `one`, `first` or `second` stands for a thing or an order and not for a number."""
    word = match.group().lower()
    if word == "one":
        return bool(
            POINTS.search(text[max(0, match.start() - BEFORE) : match.start()]) or POINTS_ON.match(text, match.end())
        )
    if word in ("first", "second", "third"):
        return not re.match(r"\s+\w|-", text[match.end() : match.end() + 8])
    return word in ("seconds", "ones")


CODED = re.compile(r"(?<![\w.])(?:[^\W\d_]+[-_./]?\d[\w./-]*|\d+(?:\.\d+){2,}|\d+[^\W\d_][\w-]*)")


def coded(text: str) -> Iterator[tuple[int, int]]:
    """Where words with digits in them stand, which are names and no amounts: `A4`, `COVID-19`, `1990s`, `v2.1`."""
    numbers = {found.start for found in map(_in_digits, DIGITS.finditer(text)) if found}
    for match in CODED.finditer(text):
        if match.start() not in numbers:
            yield match.start(), match.start() + len(match.group().rstrip(".-/"))
