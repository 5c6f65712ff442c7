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
from formfact.proof.audit.values import cell, name_before, values
from formfact.proof.findings import Place, Statement
from formfact.proof.makers.source import is_code

NUMBER = re.compile(r"(?<![\w.,/-])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w/-]|\.\d|,\d)")
CAPITAL = re.compile(r"\b(?:[A-Z][\w’'-]*[a-z0-9][\w’'-]*|[A-Z]+-?\d+\w*|[A-Z]{2,})\b")
PRONOUN = re.compile(r"\b(?:it|its|he|his|she|her|they|their|this|these)\b", re.IGNORECASE)
LONGEST, MOST = 300, 4
"""Characters of a statement, and numbers in it: beyond that it is a table in disguise."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of one statement. `terms` are those of all else that it says, `names` its names, dates and codes.

    `kind` and `unit` are as for a Value, and a cell's kind has the column too; two values compare only within a kind.
    `first` is the word that it begins with, of which only the whole base can tell whether it is a name.
    """

    statement: Statement
    kind: str
    value: str
    terms: frozenset[str]
    names: frozenset[str]
    first: str = ""
    unit: str = ""


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
    found = list(values(text))
    if not 1 <= len(found) <= MOST:
        return
    for one in found:
        rest = f"{text[: one.start]} {text[one.end :]}"
        terms = frozenset(question_terms(_without_numbers(rest)))
        others = {other.value for other in found if other.value != one.value} if len(found) > 1 else set()
        first = text.lstrip().split(" ", 1)[0]
        capitals = {name.lower() for name in CAPITAL.findall(rest) if name != first} | _numbered(rest)
        if len(terms) >= 3:
            statement = Statement(place, text, text[one.start : one.end].strip())
            if PRONOUN.search(rest):
                capitals.add(topic.lower())
            yield Claim(statement, one.kind, one.value, terms | around, frozenset(capitals | others), first, one.unit)


def _numbered(text: str) -> set[str]:
    """Names with a number: `gannet 3`."""
    places = ((match, name_before(text[: match.start()])) for match in NUMBER.finditer(text))
    return {f"{word} {match['number']}".lower() for match, word in places if word}


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
        if re.fullmatch(r"[$£€]?\s?[\d.,:-]+\s?(?:%|°?[A-Za-z]{1,12})?", value) and any(c.isdigit() for c in value):
            measure, size, unit = cell(value)
            kind = f"cell {column.lower()} {measure}"
            yield Claim(Statement(place, row, value), kind, size, frozenset(), names, unit=unit)
