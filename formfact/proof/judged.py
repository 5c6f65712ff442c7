"""A folder in BEIR's shape -> its questions with what was judged relevant for each, checked line by line.

`corpus.jsonl` and `queries.jsonl` hold `_id` and `text` (the corpus also `title`), one JSON object a line;
`qrels.tsv`, or else `qrels/test.tsv`, holds query id, document id and score between tabs, with or without a line of
names. The shape is that of Thakur et al. 2021 (BEIR).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from formfact.errors import NotFound, Refused, Unreadable
from formfact.knowledge import documents
from formfact.knowledge.documents.layout import clean
from formfact.proof.metrics import relevant
from formfact.types import Skipped

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv")
SHAPE = "a folder with corpus.jsonl, queries.jsonl and qrels.tsv (or qrels/test.tsv), as BEIR's are"


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and the gain of each document that was judged for it; at least one is above 0."""

    id: str
    text: str
    gains: Mapping[str, float]


def read_judged(folder: Path) -> tuple[Judged, ...]:
    """The questions of a folder that have a relevant document, in the order of `queries.jsonl`.

    A question that was not judged, or for which nothing is relevant, is left out. Raises NotFound for a missing
    file, Unreadable for a line that cannot be read, Refused for a judgement that names no question.
    """
    corpus = _existing(folder, CORPUS)
    texts = _texts(_existing(folder, QUERIES))
    judgements = _existing(folder, *JUDGEMENTS)
    gains = _gains(judgements, texts)
    asked = tuple(Judged(key, texts[key], gains[key]) for key in texts if relevant(gains.get(key, {})))
    if not asked:
        raise Refused(f"{judgements} has no relevant document for any question", hint=f"give {SHAPE}")
    for question in asked:
        if not question.text.strip():
            raise Unreadable(f"{QUERIES}: the question {question.id!r} was judged and has no text")
    _check_corpus(corpus, {document for question in asked for document in relevant(question.gains)})
    return asked


def _existing(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise NotFound(f"there is no {' or '.join(names)} in {folder}", hint=f"give {SHAPE}")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, after its place as an error names it."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            place = f"{path.name}, line {number}"
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise Unreadable(f"{place}: not UTF-8") from error
            if text.strip():
                yield place, text.rstrip("\r\n")


def _texts(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for place, line in _lines(path):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise Unreadable(f"{place}: not JSON: {error}") from error
        key, text = (record.get("_id"), record.get("text")) if isinstance(record, dict) else (None, None)
        if isinstance(key, bool) or not isinstance(key, str | int) or not isinstance(text, str):
            raise Unreadable(f'{place}: not of the form {{"_id": "1", "text": "a question"}}')
        if texts.setdefault(_id(str(key)), text) != text:
            raise Unreadable(f"{place}: an earlier line has another question of the id {key!r}")
    return texts


def _id(written: str) -> str:
    """An id as the reader of records gives it: white space of any kind is one space."""
    return " ".join(clean(written).split())


def _gains(path: Path, texts: Mapping[str, str]) -> dict[str, dict[str, float]]:
    gains: dict[str, dict[str, float]] = {}
    for at, (place, line) in enumerate(_lines(path)):
        fields = line.split("\t")
        if len(fields) != 3:
            raise Unreadable(f"{place}: {len(fields)} fields instead of query id, document id and score between tabs")
        query, document, score = _id(fields[0]), _id(fields[1]), _number(fields[2])
        if score is None and at == 0:
            continue  # the line of names
        if score is None:
            raise Unreadable(f"{place}: the score {fields[2]!r} is no number")
        if query not in texts:
            raise Refused(f"{place}: {QUERIES} has no question {query!r}", hint="give the two files of one set")
        if gains.setdefault(query, {}).setdefault(document, score) != score:
            raise Unreadable(f"{place}: an earlier line has another score for {query!r} and {document!r}")
    return gains


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _check_corpus(path: Path, wanted: set[str]) -> None:
    """Raise for a line that `add` would skip (one without text is none of those), and where none is judged.

    Judged documents that the corpus lacks are allowed, as in trec_eval: nothing can find them, and figures say so.
    """
    known = False
    with path.open("rb") as file:
        for found in documents.read(file, CORPUS):
            if not isinstance(found, Skipped):
                known = known or found.id in wanted
            elif found.reason != "empty":
                _, _, row = found.path.rpartition(":")
                raise Unreadable(f"{CORPUS}, line {row}: {found.reason}")
    if not known:
        raise Refused(f"{CORPUS} has none of the judged documents", hint="give the files of one set")
