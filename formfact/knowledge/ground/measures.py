"""A unit as it is written -> the unit, what it measures, and how large it is: 1.5 kW are 1500 W, two years 24 months.

Only exact relations are known here: a month is no number of days, and no money is changed into another's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS = {
    form: forms.split()[0]
    for forms in (
        "% percent", "$ dollar dollars usd", "€ euro euros eur", "£ pound pounds gbp", "¥ yen", "cent cents",
        "pence penny", "°c °", "°f",
        "km kilometre kilometres kilometer kilometers", "m metre metres meter meters", "cm centimetre centimetres",
        "mm millimetre millimetres millimeter millimeters", "mile miles mi", "yard yards", "ft foot feet",
        "inch inches",
        "kg kilogram kilograms kilo kilos", "g gram grams", "mg milligram milligrams", "t tonne tonnes ton tons",
        "l litre litres liter liters", "cl centilitre centilitres", "ml millilitre millilitres",
        "s sec second seconds", "ms millisecond milliseconds",
        "min minute minutes mins", "h hour hours hr hrs", "day days", "week weeks", "fortnight fortnights",
        "month months", "year years", "decade decades", "century centuries",
        "w watt watts", "kw kilowatt kilowatts", "gw gigawatt gigawatts", "wh", "kwh", "gwh",
        "v volt volts", "kv kilovolt kilovolts", "ampere amperes amp amps", "ma milliampere milliamperes",
        "hz hertz", "khz kilohertz", "mhz megahertz", "ghz gigahertz",
        "kb", "mb", "gb", "tb", "bar", "mbar", "psi", "hpa", "kpa", "px", "x", "am", "pm",
        "megawatt megawatts", "milliwatt milliwatts",
    )
    for form in forms.split()
}  # fmt: skip
"""What is not listed is no unit and says nothing."""
CASED = {
    "mW": "milliwatt", "MW": "megawatt", "MWh": "mwh", "mV": "millivolt", "MV": "megavolt", "MPa": "megapascal",
}  # fmt: skip
"""Symbols of which a capital makes another unit, a billion times as large."""

SIZES = {
    "length": "mm 0.001 cm 0.01 m 1 km 1000 inch 0.0254 ft 0.3048 yard 0.9144 mile 1609.344",
    "mass": "mg 0.001 g 1 kg 1000 t 1000000",
    "volume": "ml 0.001 cl 0.01 l 1",
    "time": "ms 0.001 s 1 min 60 h 3600 day 86400 week 604800 fortnight 1209600",
    "calendar": "month 1 year 12 decade 120 century 1200",
    "power": "milliwatt 0.001 w 1 kw 1000 megawatt 1000000 gw 1000000000",
    "energy": "wh 1 kwh 1000 mwh 1000000 gwh 1000000000",
    "voltage": "millivolt 0.001 v 1 kv 1000 megavolt 1000000",
    "current": "ma 0.001 ampere 1",
    "frequency": "hz 1 khz 1000 mhz 1000000 ghz 1000000000",
    "pressure": "mbar 0.1 hpa 0.1 kpa 1 bar 100 megapascal 1000",
    "memory": "kb 1 mb 1000 gb 1000000 tb 1000000000",
    "memory by 1024": "kb 1 mb 1024 gb 1048576 tb 1073741824",
    "$": "$ 1 cent 0.01",
    "€": "€ 1 cent 0.01",
    "£": "£ 1 pence 0.01",
    "share": "% 0.01 part 1",
}
"""What is measured -> units, each with how many of that measure's own it is."""
PART = "part"
"""The unit of `half` and `two thirds` where they are a share of something."""

ENDLESS = 20
"""Digits from which a share is one that no decimals say, as a third."""

WATTS = {"w": "wh", "kw": "kwh", "megawatt": "mwh", "gw": "gwh"}
HOURS = re.compile(r"(?:[\s-]?hours?|\s?h|-h)\b", re.IGNORECASE)
PER = re.compile(r"\s?(?:/\s?|per\s+|an?\s+(?=(\w+)))([^\W_]+)|\s?\^?([23])(?!\d)", re.IGNORECASE)


def _sizes() -> dict[str, tuple[tuple[str, Decimal], ...]]:
    found: dict[str, tuple[tuple[str, Decimal], ...]] = {}
    for measure, units in SIZES.items():
        words = units.split()
        for unit, size in zip(words[::2], words[1::2], strict=True):
            found[unit] = (*found.get(unit, ()), (measure, Decimal(size)))
    return found


MEASURES = _sizes()


def unit_of(written: str) -> str:
    """The unit that a word or sign stands for; "" for none."""
    if written in CASED:
        return CASED[written]
    return UNITS.get(written.lower(), "")


def whole_unit(text: str, unit: str, end: int) -> tuple[str, int]:
    """A unit that is written until `end`, with what belongs to it: `kilowatt hours` are no kilowatts."""
    hours = HOURS.match(text, end) if unit in WATTS else None
    return (WATTS[unit], hours.end()) if hours else (unit, end)


def per(text: str, end: int) -> str:
    """What a unit that ends there is counted by: "h" in `km/h` and `km per hour`, "2" in `km2`; "" for nothing."""
    match = PER.match(text, end)
    if not match or (match[1] and not unit_of(match[1])):
        return ""
    return match[3] or unit_of(match[2]) or match[2].lower()


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that stands at `start` to `end`: its value, and its unit where that is one we know.

    The unit ends at `close` where it stands behind the number, and `by` is what it is counted by (see `per`).
    """

    start: int
    end: int
    value: Decimal
    unit: str = ""
    close: int = 0
    by: str = ""

    @property
    def sizes(self) -> frozenset[tuple[str, Decimal]]:
        """How large it is in each measure that its unit belongs to; nothing for a unit that is none of these."""
        return frozenset(
            (f"{measure}/{self.by}" if self.by else measure, self.value * size)
            for measure, size in MEASURES.get(self.unit, ())
        )

    def equals(self, other: Amount) -> bool:
        """Whether both say the same, be it in another unit. A unit that only one of them names is no difference."""
        if self.value == other.value and self.unit == other.unit:
            return True
        # A share is no percentage of the same digits: half is not 0.5 %.
        units = {self.unit, other.unit}
        shares = units == {"%", PART}
        if self.value == other.value and not shares and units & {"", PART}:
            return True
        return bool(self.sizes & other.sizes) or (shares and _rounded(self, other))


def _rounded(one: Amount, other: Amount) -> bool:
    """Whether a share without an end, as a third is, is rounded in the percentage of the other."""
    share, percent = (one, other) if one.unit == PART else (other, one)
    digits = max(0, -int(percent.value.as_tuple().exponent))
    endless = len(share.value.as_tuple().digits) > ENDLESS
    # Decimals cannot be rounded to more digits than they are calculated with.
    return endless and digits <= ENDLESS and round(share.value * 100, digits) == percent.value
