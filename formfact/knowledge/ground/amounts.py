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

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
WORDS = (
    {word: Decimal(at) for at, word in enumerate(ONES)}
    | {word: Decimal(at) for at, word in enumerate(ORDINALS)}
    | {word: Decimal(10 * at) for at, word in enumerate(TENS, 2)}
    | {word[:-1] + "ieth": Decimal(10 * at) for at, word in enumerate(TENS, 2)}
    | {"half": Decimal("0.5"), "once": Decimal(1), "twice": Decimal(2), "single": Decimal(1)}
)
SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12, "bn": 10**9,
}  # fmt: skip
SPELT = "|".join([*WORDS, *SCALES])
SPELT_OUT = re.compile(rf"\b(?:{SPELT})s?\b(?:(?:-|\s+(?:and\s+(?:a\s+)?)?)(?:{SPELT})\b)*", re.IGNORECASE)
POINTS = re.compile(r"\b(?:the|this|that|no|any|each|every|which|some|another|other)\s+$", re.IGNORECASE)
POINTS_ON = re.compile(r"\s+(?:of\b|another|can|cannot|could|may|might|must|should|who|whose|would)\b|['’]s\b", re.I)
"""What stands before and behind a `one` that points at something instead of counting it."""
FOLLOWING = re.compile(r"[\s-]([^\W\d_]+)")

DIGITS = re.compile(
    r"(?P<money>[$€£¥]\s?)?(?P<sign>(?<![\w)\]])[-−–])?"
    r"(?P<number>(?<![\w.,])(?:\d{1,3}(?:[,\u00a0\u202f'’]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?"
    r"|\d{1,3}\.\d{3},\d{1,2}"
    r"|\d+(?:[.,]\d+)?)(?![.,]?\d))"
    r"(?P<glued>[^\W\d_]+)?(?:[\s\u00a0\u202f-]?(?P<unit>%|°\s?[CF]?|[^\W\d_]+))?"
)
DECADE = re.compile(r"\d{2,3}0s\b")
UNITS = {
    form: forms.split()[0]
    for forms in (
        "% percent", "$ dollar dollars usd", "€ euro euros eur", "£ pound pounds gbp", "¥ yen", "°c °", "°f",
        "km kilometre kilometres kilometer kilometers", "m metre metres meter meters", "cm centimetre centimetres",
        "mm millimetre millimetres millimeter millimeters", "mile miles mi", "ft foot feet", "inch inches",
        "kg kilogram kilograms kilo kilos", "g gram grams", "mg milligram milligrams", "t tonne tonnes ton tons",
        "l litre litres liter liters", "ml millilitre millilitres", "s sec second seconds",
        "ms millisecond milliseconds",
        "min minute minutes mins", "h hour hours hr hrs", "day days", "week weeks", "month months", "year years",
        "w watt watts", "kw kilowatt kilowatts", "v volt volts", "ampere amperes amp amps", "hz", "khz", "mhz", "ghz",
        "kb", "mb", "gb", "tb", "bar", "psi", "kpa", "px", "x", "am", "pm",
    )
    for form in forms.split()
}  # fmt: skip
"""A unit as it is written -> the unit; what is not listed is no unit and says nothing."""

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
class Amount:
    """A number that stands at `start` to `end`: its value, and its unit where that is one we know."""

    start: int
    end: int
    value: Decimal
    unit: str = ""


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
    for match in SPELT_OUT.finditer(text):
        # Scale words behind digits are theirs.
        behind = re.search(r"\d[\s\u00a0-]?$", text[: match.start()])
        if not behind and not _only_points(text, match):
            following = FOLLOWING.match(text, match.end())
            unit = UNITS.get(following[1].lower(), "") if following else ""
            yield Amount(match.start(), match.end(), spelt(match.group()), unit)


def _in_digits(match: re.Match[str]) -> Amount | None:
    glued = (match["glued"] or "").lower()
    if DECADE.match(match.string, match.start("number")) or not (not glued or glued in GLUED):
        return None  # a word: see `coded`
    value = Decimal(plain(match["number"]))
    unit = (match["unit"] or "").lower().replace(" ", "")
    if not glued and unit in SCALES:
        value *= SCALES[unit]
        unit = ""
    if glued in SCALES or glued == "k":
        value *= SCALES.get(glued, 1000)
    if match["sign"]:
        value = -value
    unit = UNITS.get(glued) or UNITS.get((match["money"] or "").strip()) or UNITS.get(unit, "")
    end = match.end("glued") if match["glued"] else match.end("number")
    return Amount(match.start("number"), end, value.normalize(), unit)


def plain(number: str) -> str:
    """Digits as Python reads them: thousands separators gone, a point before decimals."""
    if re.fullmatch(r"\d{1,3}(?:[,\u00a0\u202f'’]\d{3})+(?:\.\d+)?", number):
        return re.sub(r"[,\u00a0\u202f'’]", "", number)
    if number.count(".") > 1 or ("." in number and "," in number):
        number = number.replace(".", "")
    return number.replace(",", ".")


def spelt(text: str) -> Decimal:
    """The value of number words: `two hundred and five`, `twenty-two`, `three million`."""
    total, part = Decimal(0), Decimal(0)
    said = False
    for word in re.findall(r"[a-z]+", text.lower()):
        word = word if word in WORDS or word in SCALES else word.removesuffix("s")
        if word in WORDS:
            part += WORDS[word]
            said = True
        elif word in SCALES:
            part, said = (part if said else Decimal(1)) * SCALES[word], True
            if SCALES[word] > 100:
                total, part, said = total + part, Decimal(0), False
    return (total + part).normalize()


def _only_points(text: str, match: re.Match[str]) -> bool:
    """Whether the word `one`, `first` or `second` stands for a thing or an order and not for a number."""
    word = match.group().lower()
    if word == "one":
        return bool(POINTS.search(text[: match.start()]) or POINTS_ON.match(text, match.end()))
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
