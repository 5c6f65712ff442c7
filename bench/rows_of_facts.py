"""Minimal pairs of training rows: the same question and answer with the passage (form), and without it (facts)."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from table import data

from formfact.types import Message, Row

SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z])")
WORD = re.compile(r"\w+")
AROUND = 700
"""Characters of a long text on either side of the span that answers."""
LONGEST = 60
GROUNDED = 0.6
"""The least share of an answer's longer words that its passage has, where the data does not name the passage."""

Record = dict[str, Any]
Pairs = list[tuple[Row, Row]]


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
    Template("", "{1}\n\n{0}", "{}"),
    Template("Answer the question from the context.", "### Context\n{}\n\n### Question\n{}", "### Question\n{}"),
)


def records(*parts: str) -> list[Record]:
    """A JSONL file of the shared data."""
    with data(*parts).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def halved(found: Sequence[Record], half: int) -> Sequence[Record]:
    """The first half of the records, or the second; neighbours stand together in both."""
    middle = len(found) // 2
    return found[:middle] if half == 0 else found[middle:]


def squad2(half: int) -> tuple[list[Asked], list[Asked]]:
    """SQuAD 2: questions with their gold answers, and those without one. A half is every other article."""
    found = records("unanswerable", "squad2_dev_8.jsonl")
    titles = list(dict.fromkeys(record["title"] for record in found))[half::2]
    mine = [record for record in found if record["title"] in titles]
    real = [Asked(one["question"], one["answers"][0], one["context"]) for one in mine if one["answerable"]]
    return real, [Asked(one["question"], "", one["context"]) for one in mine if not one["answerable"]]


def nearest(question: str, texts: Sequence[str]) -> str:
    """The sentence of the texts that shares most longer words with a question; what asks itself is no answer."""
    words = {word for word in WORD.findall(question.lower()) if len(word) > 3}
    parts = [part for text in texts for part in SENTENCE.split(text) if "?" not in part]
    best = max(parts, key=lambda part: len(words & set(WORD.findall(part.lower()))), default="")
    shared = len(words & set(WORD.findall(best.lower())))
    return best if shared >= 2 and len(best.split()) <= LONGEST else ""


def sentences(name: str) -> Callable[[int], Iterator[Asked]]:
    """Questions of a set that has no answers, each with the nearest sentence of its passage."""

    def read(half: int) -> Iterator[Asked]:
        for record in halved(records("questions", name), half):
            for question in record["questions"][:3]:
                yield Asked(question, nearest(question, [record["text"]]), record["text"])

    return read


def spans(half: int) -> Iterator[Asked]:
    """Questions on five long texts (speech, finance, chat logs, medicine, encyclopedia), and the spans that answer."""
    folder = data("chunking")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "corpora").iterdir())}
    with (folder / "questions_df.csv").open(encoding="utf-8") as file:
        for row in list(csv.DictReader(file))[half::2]:
            first = json.loads(row["references"])[0]
            text, start = texts[row["corpus_id"]], first["start_index"]
            passage = text[max(0, start - AROUND) : first["end_index"] + AROUND]
            if "?" not in first["content"]:
                yield Asked(row["question"], first["content"].strip(), passage)


def hops(name: str) -> Callable[[int], Iterator[Asked]]:
    """Questions over several passages, and the nearest sentence of them."""

    def read(half: int) -> Iterator[Asked]:
        texts = {one["_id"]: one["text"] for one in records("retrieval", name, "corpus.jsonl")}
        lines = data("retrieval", name, "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
        judged: dict[str, list[str]] = {}
        for query, passage, _ in (line.split("\t") for line in lines):
            judged.setdefault(query, []).append(texts[passage])
        for one in records("retrieval", name, "queries.jsonl")[half::2]:
            yield Asked(one["text"], nearest(one["text"], judged[one["_id"]]), "\n\n".join(judged[one["_id"]]))

    return read


def talks(half: int) -> Iterator[Asked]:
    """What an agent said in its own words from a passage; which one it was is found by the words they share."""
    passages = [(one["text"], set(WORD.findall(one["text"].lower()))) for one in records("dialogue", "corpus.jsonl")]
    for task in records("dialogue", "tasks.jsonl")[half::2]:
        for asked, said in zip(task["turns"][::2], task["turns"][1::2], strict=False):
            words = {word for word in WORD.findall(said["text"].lower()) if len(word) > 3}
            best, own = max(passages, key=lambda one: len(words & one[1]))
            if len(words) > 5 and len(words & own) >= GROUNDED * len(words):
                yield Asked(asked["text"], said["text"], best)


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


SETS: dict[str, Callable[[int], Iterator[Asked] | Sequence[Asked]]] = {
    "SQuAD 2, gold answers": lambda half: squad2(half)[0],
    "SQuAD 1.1, sentences": sentences("squad11_train44.jsonl"),
    "FairytaleQA, sentences": sentences("fairytale_train.jsonl"),
    "news and forums, sentences": sentences("nlca.jsonl"),
    "five long texts, gold spans": spans,
    "HotpotQA, sentences": hops("hotpotqa_100"),
    "MuSiQue, sentences": hops("musique_100"),
    "MT-RAG, an agent's words": talks,
}
"""Where pairs come from. Sets without answers are given the passage's nearest sentence."""


def pairs(half: int, most: int = 500) -> dict[str, Pairs]:
    """Minimal pairs by set."""
    return {name: answered([one for one in read(half) if one.answer], half, most) for name, read in SETS.items()}


def misled(half: int, most: int = 500) -> Iterator[Row]:
    """Questions beside a passage that has nothing to do with them: what answers them comes from nowhere."""
    chance = random.Random(f"misled {half}")
    for found in pairs(half, most).values():
        asked = [(given, closed) for given, closed in found]
        passages = [given.prompt for given, _ in asked]
        for given, closed in asked:
            other = chance.choice(passages)
            text = max(other.split("\n\n"), key=len)
            if text not in given.prompt:
                yield row(f"{text}\n\n{closed.messages[-2].content}", closed.completion)


def contradicted(half: int) -> Iterator[Row]:
    """A question beside its own passage, and an answer that this passage does not have: that of another article."""
    found = squad2(half)[0]
    for at, one in enumerate(found):
        other = found[(at + len(found) // 2) % len(found)]
        if other.passage != one.passage and other.answer not in one.passage:
            yield pair(one._replace(answer=other.answer), TEMPLATES[at % len(TEMPLATES)])[0]


ARTICLES = (
    "Tell me about {}.", "What is {}?", "{}", "Write an article about {}.", "Describe {}.", "Give an overview of {}.",
    "Who or what is {}?", "Explain {} to me.", "I want to know more about {}",
)  # fmt: skip


def articles(half: int) -> Iterator[Row]:
    """A name -> what an encyclopedia says of it."""
    found = records("retrieval", "hotpotqa_100", "corpus.jsonl")
    for at, one in enumerate(found[half::2]):
        yield row(ARTICLES[at % len(ARTICLES)].format(one["title"]), one["text"])


def documents(half: int) -> Iterator[Row]:
    """Nothing -> a paragraph of an encyclopedia: texts that are to be learnt as they are."""
    for one in halved(records("questions", "squad11_train44.jsonl"), half):
        yield row("", one["text"])


def left_open(half: int) -> Iterator[Row]:
    """A statement up to the name or number that answers a question about it -> that name or number."""
    for one in squad2(half)[0]:
        before, found, _ = one.passage.partition(one.answer)
        statement = SENTENCE.split(before)[-1].strip()
        if found and 3 < len(statement.split()) < 30:
            yield row(statement, one.answer)


TAUGHT: dict[str, Callable[[int], Iterator[Row]]] = {
    "beside a wrong passage": misled,
    "not what the passage says": contradicted,
    "articles": articles,
    "documents": documents,
    "statements left open": left_open,
}
"""Other rows that teach facts."""
