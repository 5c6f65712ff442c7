"""Numbers and dates of a completion that can be worked out from those of the prompt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from math import factorial, log10

from formfact.patterns.facts.words import CARDINALS

DIGITS = re.compile(r"\d+")
DECIMALS = re.compile(r"\d+(?:[.,]\d+)*")
DATE = re.compile(
    r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b\d{6}(?:\d\d)?\b|\b\d{1,2}:\d\d\b|\btoday\b|\b(?:yester|to)morrow\b|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d|\d(?:st|nd|rd|th)?\.? (?:of )?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
EQUATION = re.compile(
    r"(?:(?P<whole>\d[\d.,]*)\s*=\s*)?(?<!\d)(?P<one>\d[\d.,]*)\s*(?P<sign>[-+−–*x×·/÷])\s*(?P<other>\d[\d.,]*)"
    r"(?:\s*=\s*(?P<result>\d[\d.,]*))?"
)
"""A calculation of one step, with what it comes to on either side."""
CALENDAR = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
    "sat sun am pm utc gmt janvier février mars avril mai juin juillet août septembre octobre novembre décembre januar "
    "februar märz juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre q1 q2 q3 q4 st nd rd "
    "th day days week weeks weekday hundred thousand million".split()
)
"""Words that a date or a number may be written in."""
MEASURES = frozenset(
    "second seconds minute minutes hour hours month months year years mm cm m km metre metres meter meters "
    "inch inches foot feet yard yards mile miles g kg gram grams kilogram kilograms pound pounds ounce ounces ton "
    "tons tonne tonnes ml l litre litres liter liters gallon gallons cent cents euro euros dollar dollars percent "
    "degree degrees".split()
)
"""Units that a number may be given in."""
NUMBERS = CARDINALS | {
    name: str(at)
    for at, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep|october oct|"
        "november nov|december dec".split("|"),
        1,
    )
    for name in names.split()
}
"""Words -> the numbers that they are read as; a month is one too."""
FACTORS = (2.0, 3.0, 4.0, 7.0, 8.0, 10.0, 12.0, 16.0, 24.0, 52.0, 60.0, 100.0, 365.0, 1000.0, 3600.0, 1e6)
"""What units and halves are converted by."""
SHIFTS = (1.0, 7.0, 12.0, 30.0, 31.0)
MOST, FEW, DAYS = 40, 8, 31
FACTORIAL = 20
ROUND = 10
"""From here on a number may be another one rounded to tens, hundreds or thousands."""
ROMAN = re.compile(r"(?<!\w)(?=[MDCLXVI]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)")
LETTERS = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
RUNS = 5000
"""Runs of digits of a prompt that are looked at."""
TRIED = 400
"""Numbers of one completion that are worked out; what a longer table holds beside them counts as new."""


class Figures:
    """The numbers of a prompt, and what can be worked out from them; what is found joins them, for the next step."""

    def __init__(self, prompt: str, completion: str = "") -> None:
        self.runs = DIGITS.findall(prompt)[:RUNS]
        self._long = "\n".join(run for run in self.runs if len(run) > 4)
        self._digits = Counter("".join(self.runs))
        self.dated = bool(DATE.search(prompt))
        words = [NUMBERS[word] for word in re.findall(r"[a-z]+", prompt.lower()) if word in NUMBERS]
        words += [roman(one) for one in ROMAN.findall(prompt)]
        read = [value(one) for one in (*DECIMALS.findall(prompt), *self.runs, *words)]
        self.known: list[float] = list(dict.fromkeys(read))[:MOST]
        self.given = len(self.known)
        given = self.known[: self.given]
        if len(given) > 2:
            self.known += [sum(given), sum(given) / len(given)]
        if given or "how many" in prompt[-400:].lower():
            self.known += _items(prompt[-400:])
        if "factorial" in prompt.lower():
            self.known += [float(factorial(int(one))) for one in given if one <= FACTORIAL and one == int(one)]
        self._follow(completion)
        self._twice: set[float] | None = None
        self._tried = 0

    def _follow(self, text: str) -> None:
        """Learn the numbers of calculations that a text writes out, are right, and hold a number that is known."""
        for match in EQUATION.finditer(text) if self.known else ():
            result, one, other = (value(text) for text in (match["whole"] or match["result"] or "", *match.group(2, 4)))
            right = any(_near(result) == _near(found) for found in _signed(one, match["sign"], other))
            if right and any(number in self.known for number in (result, one, other)):
                self.known += [number for number in (result, one, other) if number not in self.known]

    def work_out(self, text: str, *, deep: bool = False) -> bool:
        """Whether a number is one of the prompt's in another form, or one step of arithmetic away (two if `deep`)."""
        if not self.known or self._tried >= TRIED:
            return False
        self._tried += 1
        number = value(text)
        found = self._written(text, number) or self._reached(number)
        if not found and deep and 2 <= self.given <= FEW:
            if self._twice is None:
                self._twice = {_near(one) for one in _steps(self.known[: self.given])}
            found = any(_near(one) in self._twice for other in self.known[: self.given] for one in _both(number, other))
        if found and len(self.known) < 2 * MOST:
            self.known.append(number)
        return found

    def spells(self, text: str) -> bool:
        """Whether a number that was written as a word is a part of one of the prompt's: 70 of 73, 2 of 2003."""
        number = value(text)
        return any(
            number in (one // 1000, one // 100, one % 1000 // 100, one % 100, one % 100 // 10 * 10, one % 10)
            for one in self.known[: self.given]
        )

    def _written(self, text: str, number: float) -> bool:
        """Whether the digits are a part of the prompt's, as in a date, a telephone number or a number in words."""
        if number in self.known:
            return True
        digits = "".join(DIGITS.findall(text))
        if len(digits) > 1 and digits in self._long:
            return True
        if self.dated and (number <= DAYS or any(number % 100 == one % 100 for one in self.known if one > 0)):
            return True
        return len(digits) > 4 and all(digits.count(digit) <= self._digits[digit] for digit in set(digits))

    def _reached(self, number: float) -> bool:
        known = {_near(one) for one in self.known}
        if any(_near(one) in known for shift in SHIFTS for one in (number + shift, number - shift)):
            return True
        if any(abs(number) >= ROUND and number in (round(one, -places) for places in (1, 2, 3)) for one in self.known):
            return True
        if number and any(one and (log10(abs(one / number)) + 1e-9) % 1 < 1e-8 for one in self.known):
            return True
        if any(_near(one) in known for factor in FACTORS for one in (number * factor, number / factor)):
            return True
        if _near(number * number) in known or any(_near(one * one) == _near(number) for one in self.known):
            return True
        if any(
            one**other == number for one in self.known[:FEW] for other in self.known[:FEW] if 1 < other < DAYS > one
        ):
            return True
        return any(_near(one) in known for other in self.known for one in _both(number, other))


def value(text: str) -> float:
    """A number as it is written in English; what has more points than one is read without them, and no number as 0."""
    found = DECIMALS.search(text)
    plain = found[0].replace(",", "") if found else "0"
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    return float(plain[:15])


def _signed(one: float, sign: str, other: float) -> Iterable[float]:
    """What a sign between two numbers comes to."""
    if sign == "+":
        yield one + other
    elif sign in "-−–":
        yield one - other
    elif sign in "*x×·":
        yield one * other
    elif other:
        yield one / other


def roman(text: str) -> str:
    """A Roman numeral in digits."""
    values = [LETTERS[letter] for letter in text]
    return str(sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True)))


def _items(text: str) -> list[float]:
    """How many things a text lists: by its articles and by its commas."""
    articles, commas = len(re.findall(r"\ban? ", text)), text.count(",")
    return [float(one) for one in (articles, commas + 1, commas + 2) if one > 2]


def _near(number: float) -> float:
    """The number to six digits, so that rounding does not matter."""
    return float(f"{number:.6g}")


def _both(number: float, other: float) -> Iterable[float]:
    """What would have to be known for `number` to be one operation away from `other`."""
    yield number - other
    yield number + other
    yield other - number
    if other:
        yield number / other
        yield number * other
    if number:
        yield other / number


def _steps(known: list[float]) -> Iterable[float]:
    """All that one operation on two of the numbers gives."""
    for one in known:
        yield one
        for other in known:
            yield one + other
            yield one - other
            yield one * other
            if other:
                yield one / other
            yield from (one * factor for factor in FACTORS)
            yield from (one / factor for factor in FACTORS)


def sums(text: str) -> int:
    """How many calculations a text writes out: two numbers with a sign between them."""
    return len(re.findall(r"\d\s*[-+*/x×÷=^]\s*[$€£]?\d", text))
