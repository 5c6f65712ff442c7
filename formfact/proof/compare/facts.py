"""The facts that a comparison asks for: the user's file, the invented handbook that ships, or made of a base.

A line of a file is `{"question": ..., "answer": ..., "questions": [other wordings], "document": ...}`; the first
two are a must, and a row without an answer is a question that the documents do not answer.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused, Unreadable
from formfact.proof.compare.wordings import wordings
from formfact.proof.jsonl import read_lines, read_text

SHAPE = '{"question": "...", "answer": "...", "questions": ["the same in other words", "..."]}'
HANDBOOK = files(__name__.rpartition(".")[0]) / "handbook"


@dataclass(frozen=True, slots=True)
class Fact:
    """`taught` are the wordings that a model may be trained on, `asked` is one that it never saw."""

    asked: str
    answer: str
    taught: tuple[str, ...]
    document: str = ""
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that no document holds: added, then corrected, then taken out."""

    fact: Fact
    corrected: str
    correction: str
    """The statement with the corrected answer."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts, and questions that the documents do not answer. `reworded`: some wordings were made by rules."""

    facts: tuple[Fact, ...]
    unanswerable: tuple[str, ...]
    reworded: bool = False


def read_facts(file: Path, *, wordings_each: int) -> Facts:
    """The facts of a JSONL or CSV file. Raises NotFound, Unreadable naming the line, Refused for one without facts."""
    if not file.is_file():
        raise NotFound(f"there is no file {file}", hint=f"each line of it is {SHAPE}")
    rows = list(_rows(file))
    facts = [_fact(row, place, wordings_each) for place, row in rows if _text(row, "answer", place)]
    if not facts:
        raise Refused(f"{file} holds no fact", hint=f"each line of it is {SHAPE}")
    none = tuple(_text(row, "question", place) for place, row in rows if not _text(row, "answer", place))
    lacking = any(len(_others(row, place)) <= wordings_each for place, row in rows if _text(row, "answer", place))
    return Facts(tuple(facts), none, lacking)


def handbook(*, wordings_each: int) -> Facts:
    """The invented handbook's facts: no model can know them."""
    facts = tuple(_fact(row, "handbook", wordings_each) for row in _shipped("facts.jsonl"))
    return Facts(facts, tuple(str(row["question"]) for row in _shipped("unanswerable.jsonl")))


def handbook_documents() -> Path:
    """The folder of the handbook's documents."""
    return Path(str(HANDBOOK / "documents"))


def known() -> list[tuple[str, str]]:
    """Beginnings of well-known facts with their ends: what a base may know before it is taught anything."""
    return [(str(row["prompt"]), str(row["answer"])) for row in _shipped("known.jsonl")]


def change() -> Change:
    """The fact that is added, corrected and deleted in every arm."""
    [row] = _shipped("news.jsonl")
    fact = _fact(row, "news", len(row["questions"]) - 1)
    return Change(fact, str(row["corrected"]), str(row["correction"]))


def corrected(one: Change) -> Fact:
    """The fact with its new answer."""
    return replace(one.fact, answer=one.corrected, statement=one.correction)


def _shipped(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HANDBOOK / name).read_text("utf-8").splitlines() if line.strip()]


def _rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if file.suffix.lower() == ".csv":
        number = 0
        try:
            for number, record in enumerate(csv.DictReader(StringIO(read_text(file), newline="")), 1):
                yield f"{file.name}, record {number}", record
        except csv.Error as error:
            raise Unreadable(
                f"{file.name}, behind record {number}: {error}", hint="is a quotation mark open?"
            ) from error
        return
    for place, row in read_lines(file, SHAPE):
        if not isinstance(row, dict):
            raise Unreadable(f"{place}: not of the form {SHAPE}", hint="one object a line")
        yield place, row


def _text(row: Mapping[str, Any], name: str, place: str) -> str:
    value = row.get(name)
    value = "" if value is None else value
    if not isinstance(value, str) or (name == "question" and not value.strip()):
        raise Unreadable(f"{place}: `{name}` is no text", hint=f"it must look like {SHAPE}")
    return value.strip()


def _others(row: Mapping[str, Any], place: str) -> list[str]:
    """The other wordings, each once: the one that is asked must not be one that is taught."""
    value = row.get("questions") or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Unreadable(f"{place}: `questions` is no list of texts", hint=f"it must look like {SHAPE}")
    said = {" ".join(one.casefold().split()): one.strip() for one in reversed(value) if one.strip()}
    said.pop(" ".join(_text(row, "question", place).casefold().split()), None)
    return list(said.values())[::-1]


def _fact(row: Mapping[str, Any], place: str, each: int) -> Fact:
    """The last wording is asked. Rules make what a row lacks; one with a single wording is asked in that."""
    question, others = _text(row, "question", place), _others(row, place)
    if len(others) > each:
        asked, taught = others[-1], (question, *others[:each])
    elif others:
        asked, taught = others[-1], (question, *others[:-1], *wordings(question, each + 1 - len(others)))
    else:
        asked, taught = question, tuple(wordings(question, each + 1))
    answer, document, statement = (_text(row, name, place) for name in ("answer", "document", "statement"))
    return Fact(asked, answer, taught, document, statement)


def drawn(facts: Sequence[Fact], most: int) -> list[Fact]:
    """At most so many facts, evenly over all."""
    if len(facts) <= most:
        return list(facts)
    chosen = {round(at * (len(facts) - 1) / max(most - 1, 1)) for at in range(most)}
    return [facts[at] for at in sorted(chosen)]
