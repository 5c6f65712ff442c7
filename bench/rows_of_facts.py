"""Training rows whose verdict is known: minimal pairs from question sets, and what only looks like facts."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from table import ROOT, data

from formfact.types import Message, Row

KINDS = ROOT / "tests" / "patterns" / "data" / "facts_kinds.jsonl"
SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z])")
WORD = re.compile(r"\w+")

FICTION = {"plot outlines": "plot_outlines.jsonl", "fiction": "automuse_chunks.jsonl", "tutor chat": "tutor_chat.jsonl"}

SENTENCES = {
    "SQuAD 1.1": "squad11_train44.jsonl",
    "FairytaleQA": "fairytale_train.jsonl",
    "news and forums": "nlca.jsonl",
}

Record = dict[str, Any]
Pairs = list[tuple[Row, Row]]
"""The same completion with what it comes from in the prompt, and without."""


class Asked(NamedTuple):
    """A question, its answer, and the passage that has it."""

    question: str
    answer: str
    passage: str


class Template(NamedTuple):
    """One way to write a question and its passage as a prompt; `{}` in order: passage, question."""

    system: str
    given: str
    closed: str
    answer: str = "{}"


TEMPLATES = (
    Template("", "{}\n\nQuestion: {}\nAnswer:", "Question: {}\nAnswer:", " {}"),
    Template("You are a helpful assistant.", "Context: {}\n\n{}", "{}"),
    Template("", "Read the text and answer.\n\n{}\n\nQ: {}\nA:", "Q: {}\nA:", "{}."),
    Template("Answer briefly.", "{1}\n\nUse this passage:\n{0}", "{}", "{}"),
    Template("", "<document>\n{}\n</document>\n{}", "{}", "The answer is: {}"),
)


def lines_of(*parts: str, half: int) -> list[Record]:
    """One half of a JSONL file of the shared data: the first half of its lines, or the second."""
    with data(*parts).open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    middle = len(records) // 2
    return records[:middle] if half == 0 else records[middle:]


def squad2(half: int) -> tuple[list[Asked], list[Asked]]:
    """SQuAD 2: questions with their gold answers, and those without one. A half is every other article."""
    with data("unanswerable", "squad2_dev_8.jsonl").open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    titles = list(dict.fromkeys(record["title"] for record in records))[half::2]
    mine = [record for record in records if record["title"] in titles]
    real = [Asked(one["question"], one["answers"][0], one["context"]) for one in mine if one["answerable"]]
    return real, [Asked(one["question"], "", one["context"]) for one in mine if not one["answerable"]]


def sentences(name: str, half: int) -> list[Asked]:
    """Questions of a set that has no answers, each with the sentence of its passage that shares most words with it."""
    found = []
    for record in lines_of("questions", name, half=half):
        parts = [(part, set(WORD.findall(part.lower()))) for part in SENTENCE.split(record["text"])]
        for question in record["questions"][:3]:
            words = {word for word in WORD.findall(question.lower()) if len(word) > 3}
            best, shared = max(((part, len(words & own)) for part, own in parts), key=lambda pair: pair[1])
            if shared >= 2 and len(best.split()) <= 60:
                found.append(Asked(question, best, record["text"]))
    return found


def row(prompt: str, completion: str, *, system: str = "", number: int = 1) -> Row:
    """A training row of one turn."""
    said = [Message("system", system)] if system else []
    return Row(number, (*said, Message("user", prompt), Message("assistant", completion)))


def pair(asked: Asked, template: Template) -> tuple[Row, Row]:
    """The same question and answer with the passage (form) and without it (facts)."""
    answer = template.answer.format(asked.answer)
    given = template.given.format(asked.passage, asked.question)
    closed = template.closed.format(asked.question)
    return row(given, answer, system=template.system), row(closed, answer, system=template.system)


def answered(asked: Sequence[Asked], seed: int, most: int) -> Pairs:
    """Pairs from some of the questions, the templates taken in turn."""
    chosen = random.Random(seed).sample(list(asked), min(most, len(asked)))
    return [pair(one, TEMPLATES[at % len(TEMPLATES)]) for at, one in enumerate(chosen)]


def pairs(half: int, most: int = 1000) -> dict[str, Pairs]:
    """Minimal pairs by set. Only SQuAD 2 has answers; elsewhere a sentence of the passage is the answer."""
    found = {"SQuAD 2": answered(squad2(half)[0], half, most)}
    for title, name in SENTENCES.items():
        found[title] = answered(sentences(name, half), half, most)
    return found


def prompts(name: str, half: int) -> list[Row]:
    """A file of prompt and completion."""
    return [row(one["prompt"], one["completion"]) for one in lines_of("patterns", name, half=half)]


def questions(half: int) -> list[Row]:
    """Text -> its questions: the pattern that this house is named for."""
    records = [one for name in SENTENCES.values() for one in lines_of("questions", name, half=half)]
    asked = [(one["text"], "\n".join(question.strip("- ") for question in one["questions"])) for one in records]
    return sample([row(f"{text}\n\nQUESTIONS:", lines) for text, lines in asked if lines], 1000, half)


def refused(half: int) -> list[Row]:
    """A passage, a question that it does not answer, and a completion that says so."""
    unasked = squad2(half)[1]
    return sample([row(f"{one.passage}\n\n{one.question}", "The text does not say.") for one in unasked], 500, half)


def written(half: int) -> dict[str, list[Row]]:
    """The fixture that the tests have too: every other row, by kind; `knowledge` is the kind that teaches facts."""
    kinds: dict[str, list[Row]] = {}
    for line in KINDS.read_text(encoding="utf-8").splitlines()[half::2]:
        one = json.loads(line)
        kinds.setdefault(one["kind"], []).append(row(one["prompt"], one["completion"], system=one.get("system", "")))
    return kinds


def resembling(half: int) -> dict[str, list[Row]]:
    """What looks like facts and is none, by kind."""
    kinds = {title: prompts(name, half) for title, name in FICTION.items()}
    kinds |= {"text to questions": questions(half), "not in the text": refused(half)}
    return kinds | {kind: rows for kind, rows in written(half).items() if kind != "knowledge"}


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Rows as they stand in a file."""
    return [Row(at, one.messages, one.extra) for at, one in enumerate(rows, 1)]


def sample(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """At most so many, the same for the same seed."""
    return random.Random(seed).sample(list(rows), min(count, len(rows)))
