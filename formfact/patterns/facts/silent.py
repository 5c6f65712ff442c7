"""What of a completion claims nothing about the world, and is no fact: questions, refusals, programs, a record's keys.

Not covered: a fact that is put as a question ("Did you know that ...?"), or is the name that a program gives a thing.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from formfact.patterns.facts.cues import expression, phrases

Spans = list[tuple[int, int]]

SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
QUESTION = ("?", "？")
KEY = re.compile(r"\"[^\"\\\n]*\"[ \t]*:")
QUOTED = re.compile(r"(?<!['\"])(?:\"[^\"\\\n]+\"|'[^'\\\n]+')(?!['\"])")
REMARK = re.compile(r"^[ \t]*(?:#|//|--|\*)[^\n]*|\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)", re.MULTILINE | re.DOTALL)
RECORD = ("{", "[")
DECLINES = expression(rf"^\W*(?:(?:sorry|unfortunately|no|well|but|however|hmm)\W+)?{phrases('decline')}(?!\w)")
QUERY = (
    r"\s*(?:SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(?:CREATE|ALTER|DROP)\s+(?:TABLE|VIEW|INDEX)\s|"
    r"WITH\s+\w+\s+AS\s*\()"
)
LOUD, ENDED = re.compile(QUERY, re.DOTALL), re.compile(QUERY, re.DOTALL | re.IGNORECASE)
"""A query is a program of one line; in small letters it looks like English, and has to end in a semicolon."""
PROGRAM = 0.5
"""The least signal of code from which a completion of two lines and more is a program."""


def silent(text: str, *, code: float) -> Spans:
    """The spans that claim nothing, in order and apart from one another. `code`: how much like a program it looks."""
    if (code >= PROGRAM and "\n" in text.strip()) or _queries(text):
        return _outside(text)
    if text.lstrip().startswith(RECORD):
        return [match.span() for match in KEY.finditer(text)]
    return [match.span() for match in SENTENCE.finditer(text) if _claims_nothing(match[0])]


def _queries(text: str) -> bool:
    """Whether a text is a statement of SQL: the question that it was made from in another language."""
    return bool(LOUD.match(text) or (text.rstrip().endswith(";") and ENDED.match(text)))


def _claims_nothing(sentence: str) -> bool:
    """Whether a sentence asks, or says that somebody does not know or will not do a thing."""
    return sentence.rstrip().endswith(QUESTION) or bool(DECLINES.search(sentence))


def _outside(text: str) -> Spans:
    """All of a program but its literals: how it calls its parts, and what it says of itself, is its own affair."""
    remarks = [match.span() for match in REMARK.finditer(text)]
    spans, at = [], 0
    for match in QUOTED.finditer(text):
        if not within(remarks, match.start()):
            spans.append((at, match.start()))
            at = match.end()
    return [*spans, (at, len(text))]


def within(spans: Spans, place: int) -> bool:
    """Whether a place lies in one of the spans."""
    at = bisect_right(spans, (place, len(spans) and spans[-1][1])) - 1
    return at >= 0 and place < spans[at][1]
