"""A passage -> its statements with a number or a date: what they are about, and what value they give.

Numbers that belong to a name ("Gannet 3", "page 7", "version 2.1") are a part of what a statement is about, as are
other dates and numbers in it. Covered: English sentences, and rows whose cells have named columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from formfact.knowledge.sentences import sentences
from formfact.knowledge.words import question_terms
from formfact.proof.audit.gather import Held
from formfact.proof.findings import Place, Statement
from formfact.proof.makers import english
from formfact.proof.makers.source import is_code

MONTH = "|".join(english.MONTHS)
DATE = re.compile(
    rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTH})(?:,?\s+\d{{4}})?"
    rf"|(?:{MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,\s*\d{{4}})?|(?:{MONTH})\s+\d{{4}}|\d{{1,2}}:\d\d|(?:1[5-9]|20)\d\d)\b"
)
UNIT = r"(?P<unit>%|°[CF]?|[A-Za-z][A-Za-z-]*)"
NUMBER = re.compile(
    rf"(?<![\w.,/-])(?P<sign>[$£€]\s?)?(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w/-]|\.\d|,\d)(?:\s?{UNIT})?"
)
WORDED = re.compile(rf"\b(?P<number>{'|'.join(english.NUMBER_WORDS)})\s(?P<unit>[a-z][a-z-]+)\b", re.IGNORECASE)
VALUES = {word: number for number, word in enumerate(english.NUMBER_WORDS, 2) if number <= 20} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
NAMED = re.compile(
    r"(?P<word>[A-Z][\w-]*|\b(?:page|version|chapter|section|part|figure|table|no|number|step|level|type|item))\.?\s$"
)
CAPITAL = re.compile(r"\b(?:[A-Z][\w’'-]*[a-z0-9][\w’'-]*|[A-Z]+-?\d+\w*|[A-Z]{2,})\b")
PRONOUN = re.compile(r"\b(?:it|its|he|his|she|her|they|their|this|these)\b", re.IGNORECASE)
LONGEST, MOST = 300, 4
"""Characters of a statement, and numbers in it: beyond that it is a table in disguise."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of one statement. `terms` are those of all else that it says, `names` its names, dates and codes.

    `kind` is the unit's stem, "date", or the column of a row's cell; two values compare only within a kind. `first` is
    the word that it begins with, of which only the whole base can tell whether it is a name.
    """

    statement: Statement
    kind: str
    value: str
    terms: frozenset[str]
    names: frozenset[str]
    first: str = ""


def claims(one: Held) -> Iterator[Claim]:
    """All values that a passage states."""
    text = one.passage.text
    if is_code(text):
        return
    around = frozenset(question_terms(one.passage.context)) if one.passage.context else frozenset()
    for start, end in _spans(text):
        part = text[start:end]
        place = Place(one.place.document, one.place.source, one.place.start + start, one.place.start + end)
        if "|" in part:
            yield from _cells(part, place)
        elif 15 <= end - start <= LONGEST:
            yield from _sentence(part, place, around, topic=one.passage.context or _opening(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.splitlines(keepends=True):
        if "|" in line:
            start = at + len(line) - len(line.lstrip())
            yield start, at + len(line.rstrip())
        at += len(line)
    if "|" not in text:
        yield from sentences(text, 0, len(text))


def _opening(text: str) -> str:
    """The names in a passage's first line: what its pronouns most likely stand for."""
    return " ".join(CAPITAL.findall(text[:120].split(". ")[0]))


def _sentence(text: str, place: Place, around: frozenset[str], *, topic: str) -> Iterator[Claim]:
    found = list(_values(text))
    if not 1 <= len(found) <= MOST:
        return
    for start, end, kind, value in found:
        rest = f"{text[:start]} {text[end:]}"
        terms = frozenset(question_terms(_without_numbers(rest)))
        others = {other for _, _, _, other in found if other != value} if len(found) > 1 else set()
        first = text.lstrip().split(" ", 1)[0]
        capitals = {name.lower() for name in CAPITAL.findall(rest) if name != first} | _numbered(rest)
        if len(terms) >= 3:
            statement = Statement(place, text, text[start:end].strip())
            if PRONOUN.search(rest):
                capitals.add(topic.lower())
            yield Claim(statement, kind, value, terms | around, frozenset(capitals | others), first)


def _numbered(text: str) -> set[str]:
    """Names with a number: `gannet 3`."""
    places = ((match, _is_name(text[: match.start()])) for match in NUMBER.finditer(text))
    return {f"{word} {match['number']}".lower() for match, word in places if word}


def _is_name(before: str) -> str:
    """The name that a number behind this text belongs to; "" where it is a number by itself."""
    found = NAMED.search(before)
    word = found["word"] if found else ""
    return "" if word.lower() in english.CLOSED else word


def _values(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Start, end, kind and normalised value of each number and date in a sentence."""
    taken: list[tuple[int, int]] = []
    for match in DATE.finditer(text):
        if not _is_name(text[: match.start()]) or re.search(r"[A-Za-z:]", match.group()):
            taken.append(match.span())
            kind = "time" if ":" in match.group() else "year" if match.group().isdigit() else "date"
            yield (*match.span(), kind, _date(match.group()))
    for match in [*NUMBER.finditer(text), *WORDED.finditer(text)]:
        start, end = match.span()
        if any(start < other and begin < end for begin, other in taken) or _is_name(text[:start]):
            continue
        taken.append((start, end))
        number = match["number"].lower().replace(",", "")
        value = str(VALUES.get(number, number))
        yield start, end, _unit(match), value.rstrip("0").rstrip(".") if "." in value else value


def _unit(match: re.Match[str]) -> str:
    sign = match.groupdict().get("sign")
    unit = (match["unit"] or "").lower()
    if sign:
        return sign.strip()
    if unit in english.PREPOSITIONS | english.CONNECTIVES | english.DETERMINERS | english.AUXILIARIES:
        return "number"
    return "%" if unit in ("%", "percent") else next(iter(question_terms(unit)), "number") if unit else "number"


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


def _without_numbers(text: str) -> str:
    return re.sub(r"(?<![A-Za-z-])\d[\d.,:]*", " ", text)


def _cells(row: str, place: Place) -> Iterator[Claim]:
    """Each figure of a row with named columns; the row is named by its first cell."""
    cells = [cell.split(":", 1) for cell in row.split(" | ") if ":" in cell]
    if len(cells) < 2:
        return
    (first, name), *others = [(column.strip(), value.strip()) for column, value in cells]
    names = frozenset((first.lower(), name.lower()))
    for column, value in others:
        if re.fullmatch(r"[$£€]?\s?[\d.,:-]+\s?%?", value) and any(c.isdigit() for c in value):
            yield Claim(Statement(place, row, value), f"cell {column.lower()}", value, frozenset(), names)
