"""What kind of answer a question asks for, and whether a text holds one: a number, a date, a name.

English questions only, by their wording; a question in another language expects nothing in particular, and nothing is
lost by that. Whether the number is the right number is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Kind = Literal["number", "date", "name"]

ASKS: Mapping[Kind, re.Pattern[str]] = {
    "number": re.compile(
        r"\bhow (?:many|much|long|old|far|big|large|tall|high|deep|heavy|fast"
        r"|quickly|soon|often|warm|wide|tight|hot|cold)\b"
        r"|\b(?:what|which) (?:percent|percentage|proportion|number|share|price|fee|cost|temperature|speed|amount)\b"
        r"|\b(?:price|cost|fee) of\b",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|century|decade|month|time)\b|\buntil when\b", re.IGNORECASE
    ),
    "name": re.compile(
        r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:country|city|state|place|region|river|town|person|people"
        r"|company|team|university|room)\b",
        re.IGNORECASE,
    ),
}
"""Looked at in this order: 'how many people' asks for a number."""
NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|third|quarter"
    "|once|twice|dozen"
)
NUMBER = re.compile(rf"\d|\b(?:{NUMBER_WORDS})\b", re.IGNORECASE)
DATE = re.compile(
    r"\b(?:1\d{3}|20\d{2})s?\b|\b\d{1,2}(?::\d\d|st|nd|rd|th)\b|\b(?:january|february|march|april|may|june|july|august"
    r"|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|centuries)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w'’-]+")
"""A capital inside a sentence; what begins one may be any word."""


NAMED = re.compile(r"(?<=[^\s.?!…]\s)[\"'“‘(]?\b[A-Z][\w’'-]*|\b\d[\d.,]*\b")
"""A name or a number in a question; the word that it begins with may be any."""


def given(question: str) -> list[str]:
    """The names and numbers that a question gives, as they are written there."""
    return list(dict.fromkeys(match.group().strip("\"'“‘(.,") for match in NAMED.finditer(question.strip())))


def expected(question: str) -> Kind | None:
    """What the question asks for, as far as its wording says."""
    return next((kind for kind, asks in ASKS.items() if asks.search(question)), None)


def holds(kind: Kind, text: str, question: str) -> bool:
    """Whether the text has something of this kind; a name that the question itself says is none."""
    if kind == "number":
        return bool(NUMBER.search(text))
    if kind == "date":
        return bool(DATE.search(text))
    said = question.casefold()
    return any(match.group().casefold() not in said for match in NAME.finditer(text))
