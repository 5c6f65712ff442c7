"""Text -> the exact spans of its sentences, and of its parts where one is too long to quote.

Made for prose in scripts that end a sentence with `.`, `!`, `?` and white space, or with a mark of their own (Chinese,
Japanese, Hindi, Arabic). Abbreviations, initials and list numbers are known for English; elsewhere an abbreviation
before a capital may end a sentence too early. Nothing is ever lost or changed: only white space lies between spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
WORD = re.compile(rf"[{IDEOGRAPHS}]|[^\s{IDEOGRAPHS}]+")
"""A word as quotes are measured: a run without white space; each Chinese or Japanese character counts as one."""
END = re.compile(
    # Each run of marks is looked at once, from its first: a line of dots would take the square of its length.
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?:\[[^\]\s]{1,8}\])*+(?=\s)"
    r"|[。！？｡]+[」』”’）]*"
    r"|(?<![।॥۔؟])[।॥۔؟]++(?=\s)"
    r"|\n[ \t]*\n"
)
CLAUSE_END = re.compile(r"[;:,—、，；：](?=[\s\u3040-\U0003ffff])|[—、，；：]")
LAST_WORD = re.compile(r"[^\s(\[\"'“‘]+$")
LONGEST_ABBREVIATION = 40
"""Characters before a full stop that are looked at."""
NEXT_WORD = re.compile(r"[\s\"'“‘(\[]*([^\s.,;:!?]*)")
ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]", re.UNICODE)
ABBREVIATED = (
    "mr mrs ms dr prof st sr jr vs etc e.g i.e cf fig figs eq vol pp p ch sec ed eds approx ca inc ltd co corp dept gen"
    " col lt sgt capt cmdr adm rev hon gov sen rep pres messrs mt ft al viz no nos art jan feb mar apr jun jul aug sep"
    " sept oct nov dec"
)
NUMBERED = "no nos art p pp ch sec vol fig figs eq ca approx jan feb mar apr jun jul aug sep sept oct nov dec"
OPENING = (
    "the a an it its this that these those he she they we i you his her their our in on at by for from with as if when"
    " while after before since because although however but and so then there here what why how who where"
)
ABBREVIATIONS, BEFORE_NUMBERS = frozenset(ABBREVIATED.split()), frozenset(NUMBERED.split())
OPENERS = frozenset(OPENING.split())
"""Words that begin sentences: after `U.S.` or `etc.` they tell a new one from a name that goes on."""


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of the sentences in `text[start:end]`, in order, without surrounding white space."""
    at = start
    for match in END.finditer(text, start, end):
        if _ends(text, at, match, end):
            yield from _stripped(text, at, match.end())
            at = match.end()
    yield from _stripped(text, at, end)


def shortened(text: str, start: int, end: int, *, words: int) -> Iterator[tuple[int, int]]:
    """The span itself, or its parts of at most `words` words, cut behind the last clause that fits, never in a word."""
    while True:
        found = [match.end() for match in islice(WORD.finditer(text, start, end), words + 1)]
        if len(found) <= words:
            yield from _stripped(text, start, end)
            return
        limit = found[words - 1]
        clauses = [match.end() for match in CLAUSE_END.finditer(text, found[words // 2], limit)]
        cut = clauses[-1] if clauses else limit
        yield from _stripped(text, start, cut)
        start = cut


def count_words(text: str) -> int:
    """How long a quote is; see WORD."""
    return sum(1 for _ in WORD.finditer(text))


def _ends(text: str, start: int, match: re.Match[str], end: int) -> bool:
    mark = match.group()
    if mark[0] in "。！？｡।॥۔؟\n":
        return True
    following = NEXT_WORD.match(text, match.end(), end)
    word = following.group(1) if following else ""
    if word[:1].islower():
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    before = LAST_WORD.search(text, max(start, match.start() - LONGEST_ABBREVIATION), match.start())
    return before is None or _ends_with(before.group(), word, first=before.start() <= start + 1)


def _ends_with(last: str, following: str, *, first: bool) -> bool:
    """Whether `last.` before the word `following` ends a sentence; `first`: it is the sentence's only word."""
    known = last.lower()
    if known in ABBREVIATIONS:
        if known in BEFORE_NUMBERS:
            return not following[:1].isdigit()
        return known in ("etc", "inc", "ltd", "co", "corp", "jr", "sr", "al") and following.lower() in OPENERS
    if ACRONYM.fullmatch(last):
        return following.lower() in OPENERS
    if len(last) == 1 and last.isupper():
        return last == "I" and following.lower() in OPENERS
    return not (first and len(last) <= 3 and last.isalnum() and (last.isdigit() or len(last) == 1))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
