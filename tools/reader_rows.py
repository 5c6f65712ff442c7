"""What a reader is trained on: questions with passages that answer them, passages that do not, and answers' spans.

Read from a folder laid out as `questions/`, `dialogue/`, `chunking/` and `unanswerable/` (docs/reader.md says which
files and which fields). Nobody marked the answers of most questions: their spans are guessed where the wording asks
for a number, a date or a name and the sentence nearest to the question holds exactly one that the question does not
say. Questions without an answer are also made, by changing one word of a question that has one.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from formfact.knowledge.abstain import STOP_WORDS
from formfact.knowledge.expect import DATE, NUMBER, expected
from formfact.knowledge.sentences import sentences
from formfact.knowledge.words import terms
from formfact.models import Embedder

SHORT = 140
"""Words of the longest passage that is trained on: what is cut off could hold the answer."""
SHORT_MARKED = 200
"""The same where the answers were marked: there are few of those."""
NEAREST = 6
"""A wrong passage is one of so many whose vectors are nearest to the question's."""
WINDOW = 110
"""Words of a passage made around a gold span of a long text."""
CHANGED, GAPS, NEGATED = 0.5, 0.25, 0.15
"""How often a question is also changed, and a sentence asked back; and how often changing is to put a `not` in."""
HELD_OUT = 3
"""Articles of `unanswerable`, the last ones of the file, that only the bench sees."""
ENTITY = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w'’-]+(?: (?:of |the |de )?[A-Z][\w'’-]+)*")
AUXILIARY = re.compile(r"\b(?:is|are|was|were|did|does|do|can|could|has|have)\b")
MARKS = "?.,;:'\"()"
FIGURE = re.compile(r"\$?\d(?:[\d,.]*\d)?(?:%| percent| million| billion)?")
TURNS = dict(
    pair.split("/")
    for pair in (
        "first/last most/least more/less north/south east/west before/after largest/smallest high/low highest/lowest"
        " early/late increase/decrease rise/fall begin/end began/ended win/lose won/lost allowed/forbidden old/new"
        " same/different always/never maximum/minimum public/private male/female war/peace inside/outside"
        " simple/complex common/rare positive/negative strong/weak support/oppose join/leave buy/sell birth/death"
    ).split()
)
OPPOSITE = TURNS | {second: first for first, second in TURNS.items()}


@dataclass(frozen=True, slots=True)
class Pair:
    """A question beside a passage. `span` are the answer's offsets in the passage, where they are known.

    `relevant` is None where only the answer is at stake, as beside a question that was changed.
    """

    question: str
    passage: str
    answerable: bool
    relevant: bool | None = None
    span: tuple[int, int] | None = None


Group = tuple[Pair, ...]
"""Pairs that belong into one batch: a question's right passage first, then its wrong ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its passage, by its place in the list of passages."""

    question: str
    passage: int


def rows(data: Path, embedder: Embedder, *, share: float = 1.0, seed: int = 0) -> list[Group]:
    """All groups, shuffled: rows with marked answers three times, and this share of the lists of questions once."""
    rng = random.Random(seed)
    found: list[Group] = []
    for name, part in (("squad11_train44", share), ("fairytale_train", share / 2)):
        found += list(_lists(data / "questions" / f"{name}.jsonl", embedder, rng, part))
    found += list(_chunks(data / "chunking", embedder, rng))
    found += list(_turns(data / "dialogue", embedder, rng))
    found += 3 * [(pair,) for pair in marked(data) if _short(pair.passage, SHORT_MARKED)]
    rng.shuffle(found)
    return found


def marked(data: Path, *, held_out: bool = False) -> list[Pair]:
    """The pairs of `unanswerable`: those of all articles but HELD_OUT, or those of these."""
    read = list(_json_lines(data / "unanswerable" / "squad2_dev_8.jsonl"))
    titles = list(dict.fromkeys(row["title"] for row in read))
    wanted = titles[-HELD_OUT:] if held_out else titles[:-HELD_OUT]
    return [_marked(row) for row in read if row["title"] in wanted]


def _marked(row: Mapping[str, Any]) -> Pair:
    said = min(row["answers"], key=len) if row["answers"] else ""
    at = row["context"].find(said) if said else -1
    span = (at, at + len(said)) if at >= 0 else None
    right = True if row["answerable"] else None
    return Pair(row["question"].strip(), row["context"], row["answerable"], right, span)


def _lists(file: Path, embedder: Embedder, rng: random.Random, share: float) -> Iterator[Group]:
    """Passages with lists of questions: right against near, the same question changed, and gaps in sentences."""
    read = [row for row in _json_lines(file) if _short(row["text"])]
    texts = [row["text"] for row in read]
    asked = [Asked(question, at) for at, row in enumerate(read) for question in row["questions"]]
    asked = [one for one in asked if rng.random() < share]
    for one, wrong in zip(asked, _near(asked, texts, embedder, rng), strict=True):
        right = Pair(one.question, texts[one.passage], True, True, guessed(one.question, texts[one.passage]))
        yield right, Pair(one.question, texts[wrong], False, False)
        if rng.random() < CHANGED and (changed := turned(one.question, texts[one.passage], texts[wrong], rng)):
            yield replace(right, relevant=None), Pair(changed, texts[one.passage], False)
        if rng.random() < GAPS and (pair := gap(texts[one.passage], rng)):
            yield (pair,)


def _near(asked: Sequence[Asked], texts: Sequence[str], embedder: Embedder, rng: random.Random) -> list[int]:
    """For each question a passage that is near to it, and is not its own."""
    passages = embedder.embed([_fitting(text, embedder) for text in texts])
    questions = embedder.embed([one.question for one in asked], question=True)
    found = []
    for one, vector in zip(asked, questions, strict=True):
        order = np.argsort(-(passages @ vector))[: NEAREST + 1]
        found.append(int(rng.choice([at for at in order if at != one.passage])))
    return found


def _chunks(folder: Path, embedder: Embedder, rng: random.Random) -> Iterator[Group]:
    """Long texts with gold spans: the words around a span, against other windows of the same text."""
    with (folder / "questions_df.csv").open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    for name in sorted({row["corpus_id"] for row in read}):
        text = (folder / "corpora" / f"{name}.md").read_text(encoding="utf-8")
        windows = [match.group() for match in re.finditer(rf"(?:\S+\s+){{{WINDOW // 2},{WINDOW}}}", text)]
        asked, golds = [], []
        for row in (row for row in read if row["corpus_id"] == name):
            for gold in json.loads(row["references"]):
                middle = (gold["start_index"] + gold["end_index"]) // 2
                at = max(0, middle - rng.randrange(200, 400))
                golds.append(text[at : at + 600])
                asked.append(Asked(row["question"], -1))
        for one, gold, wrong in zip(asked, golds, _near(asked, windows, embedder, rng), strict=True):
            if gold[200:400] not in windows[wrong]:
                yield Pair(one.question, gold, True, True), Pair(one.question, windows[wrong], False, False)


def _turns(folder: Path, embedder: Embedder, rng: random.Random) -> Iterator[Group]:
    """The last turn of a conversation after the user's turn before it."""
    texts = {row["_id"]: row["text"] for row in _json_lines(folder / "corpus.jsonl") if _short(row["text"])}
    keys = list(texts)
    asked = []
    for task in _json_lines(folder / "tasks.jsonl"):
        before = [turn["text"] for turn in task["turns"] if turn["speaker"] == "user"][-1:]
        said = " ".join([*before, task["last_turn"]])
        asked += [Asked(said, keys.index(key)) for key in task["relevant"] if key in texts]
    passages = [texts[key] for key in keys]
    for one, wrong in zip(asked, _near(asked, passages, embedder, rng), strict=True):
        yield Pair(one.question, passages[one.passage], True, True), Pair(one.question, passages[wrong], False, False)


def guessed(question: str, passage: str) -> tuple[int, int] | None:
    """Where the answer stands, if the sentence nearest to the question has one thing of the kind that is asked for."""
    kind = expected(question)
    if kind is None:
        return None
    asked = frozenset(terms(question))
    ends = list(sentences(passage, 0, len(passage)))
    start, end = max(ends, key=lambda one: len(asked & frozenset(terms(passage[one[0] : one[1]]))), default=(0, 0))
    if len(asked & frozenset(terms(passage[start:end]))) < 2:
        return None
    said = question.casefold()
    sought = ENTITY if kind == "name" else FIGURE
    found = [one.span() for one in sought.finditer(passage[start:end]) if one.group().casefold() not in said]
    found = [one for one in found if kind != "date" or DATE.search(passage[start:end][one[0] : one[1]])]
    return (start + found[0][0], start + found[0][1]) if len(found) == 1 else None


def turned(question: str, passage: str, other: str, rng: random.Random) -> str | None:
    """The question changed so that the passage does not answer it; None where nothing offers itself.

    A word becomes its opposite, a `not` comes in, or a name, a number or a word of `other` takes the place of one.
    """
    words = question.split()
    bare = [word.strip(MARKS) for word in words]
    if turns := [at for at, word in enumerate(bare) if word.casefold() in OPPOSITE]:
        at = rng.choice(turns)
        return _replaced(words, at, OPPOSITE[bare[at].casefold()])
    if rng.random() < NEGATED and (verb := AUXILIARY.search(question)):
        return f"{question[: verb.end()]} not{question[verb.end() :]}"
    places = [at for at, word in enumerate(bare) if at and _content(word)]
    rng.shuffle(places)
    said = f"{passage} {question}".casefold()
    for at in places:
        kin = [word.strip(MARKS) for word in other.split() if _kin(word.strip(MARKS), bare[at])]
        if kin := [word for word in kin if word.casefold() not in said]:
            return _replaced(words, at, rng.choice(kin))
    return None


def _replaced(words: Sequence[str], at: int, fresh: str) -> str:
    return " ".join([*words[:at], words[at].replace(words[at].strip(MARKS), fresh), *words[at + 1 :]])


def gap(passage: str, rng: random.Random) -> Pair | None:
    """A sentence asked back: a name or number of it becomes the answer, most of the words around it the question."""
    ends = [one for one in sentences(passage, 0, len(passage)) if 8 <= len(passage[slice(*one)].split()) <= 40]
    if not ends:
        return None
    start, end = rng.choice(ends)
    found = [*ENTITY.finditer(passage[start:end]), *FIGURE.finditer(passage[start:end])]
    if not found:
        return None
    one = rng.choice(found)
    wh = rng.choice(("how many", "when", "what number")) if one.group()[-1].isdigit() else rng.choice(("who", "what"))
    around = [*passage[start : start + one.start()].split()[-8:], *passage[start + one.end() : end].split()[:8]]
    kept = [word for word in around if rng.random() > 0.25]
    question = f"{wh} {' '.join(kept).rstrip('.')}?"
    return Pair(question, passage, True, None, (start + one.start(), start + one.end()))


def _content(word: str) -> bool:
    return word.casefold() not in STOP_WORDS.split() and len(word) > 2


def _kin(one: str, other: str) -> bool:
    """Whether both are names, or numbers, or words of the same ending."""
    if not _content(one):
        return False
    if NUMBER.search(other) or NUMBER.search(one):
        return bool(NUMBER.search(other)) and bool(NUMBER.search(one))
    return one[0].isupper() == other[0].isupper() and one[-2:].casefold() == other[-2:].casefold()


def _short(text: str, most: int = SHORT) -> bool:
    return 10 <= len(text.split()) <= most


def _fitting(text: str, embedder: Embedder) -> str:
    while embedder.count([text])[0] > embedder.card.window - 2:
        text = text[: len(text) * 3 // 4]
    return text


def _json_lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)
