"""A sentence or cell -> the numbers and dates that it gives, as values that compare across words, units and scales.

`two years` and `24 months` are one value of one kind, and so are `1.5 kW` and `1,500 watts`. Rounding is not a
difference: values in different units are the same within NEAR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from formfact.knowledge.ground.amounts import amounts
from formfact.knowledge.ground.measures import MEASURES, Amount
from formfact.knowledge.ground.spelt import ORDINALS
from formfact.knowledge.words import question_terms
from formfact.proof.makers import english

MONTH = "|".join(english.MONTHS)
DATE = re.compile(
    rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTH})(?:,?\s+\d{{4}})?"
    rf"|(?:{MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,\s*\d{{4}})?|(?:{MONTH})\s+\d{{4}}|\d{{1,2}}:\d\d|(?:1[5-9]|20)\d\d)\b"
)
UNIT = re.compile(r"[\s-]?(%|°[CF]?|[A-Za-z][A-Za-z-]*)")
NAMED = re.compile(
    r"(?P<word>[A-Z][\w-]*|\b(?:page|version|chapter|section|part|figure|table|no|number|step|level|type|item))\.?\s$"
)
NO_VALUE = re.compile(rf"once|twice|single|ones|{'|'.join(ORDINALS)}|\d[\d.,]*(?:st|nd|rd|th)", re.IGNORECASE)
VAGUE = re.compile(r"(?:hundred|thousand|million|billion|trillion|dozen)s", re.IGNORECASE)
GLUED_ON = re.compile(r"[\w.,/-]\Z")
GOES_ON = re.compile(r"[/-]\w|[.,]\d")
MONEY = re.compile(r"[$£€¥]\s?\Z")
MONTH_IN_SECONDS = Decimal(30.4375 * 86400)
"""A month in the mean: thirty days and a month are no contradiction."""
NEAR = Decimal("0.05")
"""The share by which two values in different units may differ and still say the same."""
CLOSED = english.PREPOSITIONS | english.CONNECTIVES | english.DETERMINERS | english.AUXILIARIES


@dataclass(frozen=True, slots=True)
class Value:
    """A number or date at `start` to `end`, its unit included.

    `kind` is what is measured, the stem of what is counted, "date", "time" or "year"; two values compare only within
    one. `value` is in one unit for all of a kind, and `unit` the one that it was written in.
    """

    start: int
    end: int
    kind: str
    value: str
    unit: str = ""


def same(one: str, unit: str, other: str, other_unit: str) -> bool:
    """Whether two values of one kind are the same, each with the unit that it was written in."""
    if one == other or unit == other_unit:
        return one == other
    a, b = Decimal(one), Decimal(other)
    return abs(a - b) <= NEAR * max(abs(a), abs(b))


def values(text: str) -> Iterator[Value]:
    """The numbers and dates of a sentence, dates first. None overlap."""
    found = sorted(amounts(text), key=lambda one: one.start)
    sized = {one.start for one in found if one.unit in MEASURES}
    taken: list[tuple[int, int]] = []
    for match in DATE.finditer(text):
        year = match.group().isdigit()
        if year and match.start() in sized:
            continue  # 1500 m
        if not name_before(text[: match.start()]) or re.search(r"[A-Za-z:]", match.group()):
            taken.append(match.span())
            kind = "time" if ":" in match.group() else "year" if year else "date"
            yield Value(*match.span(), f"\0the {kind}", _date(match.group()))
    for one in found:
        value = _number(text, one)
        if value and not any(value.start < end and start < value.end for start, end in taken):
            taken.append((value.start, value.end))
            yield value


def cell(text: str) -> tuple[str, str, str]:
    """The measure ("" for none), value and unit of a table's cell that holds one number; else the cell as it stands."""
    found = list(amounts(text))
    if len(found) == 1 and not text[max(found[0].end, found[0].close) :].strip(" %"):
        before = text[: found[0].start].strip()
        if before in ("", "$", "£", "€", "¥", "-", "−"):
            measure, value = _size(found[0])
            return measure, _plain(value), found[0].unit if measure else ""
    return "", text, ""


def name_before(before: str) -> str:
    """The name that a number behind this text belongs to; "" where it is a number by itself."""
    found = NAMED.search(before)
    word = found["word"] if found else ""
    return "" if word.lower() in english.CLOSED else word


def _number(text: str, one: Amount) -> Value | None:
    money = MONEY.search(text[: one.start])
    start, end = money.start() if money else one.start, max(one.end, one.close)
    written = text[one.start : one.end]
    digits = any(c.isdigit() for c in written)
    if NO_VALUE.fullmatch(written) or VAGUE.search(written) or name_before(text[:start]):
        return None
    if GLUED_ON.search(text[:start]) or (digits and GOES_ON.match(text, one.end) and not one.unit):
        return None
    measure, value = _size(one)
    if measure:
        return Value(start, end, measure, _plain(value), one.unit)
    counted = UNIT.match(text, end)
    if not digits and (not counted or counted[1][:1].isupper() or written.lower() == "one"):
        return None
    stem = next(iter(question_terms(counted[1])), "") if counted and _is_counted(counted) else ""
    return Value(start, counted.end() if counted and stem else end, stem or "number", _plain(value))


def _is_counted(word: re.Match[str]) -> bool:
    """Whether the word behind a number says what is counted, and does not begin what is said next: `58 Please call`."""
    if word[1][:1].isupper() and ("\n" in word.group() or not word[1].lower().endswith("s")):
        return False
    return word[1].lower() not in CLOSED


def _size(one: Amount) -> tuple[str, Decimal]:
    """What is measured, and how much of it; the number itself where it has no unit that is known.

    A unit of which nothing else is known, such as a degree, is a measure of its own.
    """
    if not one.unit:
        return "", one.value
    measure, size = MEASURES.get(one.unit, ((one.unit, Decimal(1)),))[0]
    if measure == "calendar":
        measure, size = "time", size * MONTH_IN_SECONDS
    return f"\0{measure}/{one.by}" if one.by else f"\0{measure}", one.value * size


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _date(text: str) -> str:
    """A date as two are compared: the same day in another spelling is the same."""
    iso = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if iso:
        return f"{int(iso[3])} {english.MONTHS[int(iso[2]) - 1]} {iso[1]}".lower() if 1 <= int(iso[2]) <= 12 else text
    day = re.search(r"\b\d{1,2}(?=st|nd|rd|th|\b)(?!\d)", text)
    month = re.search(MONTH, text)
    year = re.search(r"\d{4}", text)
    if month is None:
        return text
    return " ".join(part[0] for part in (day, month, year) if part).lower()
