"""Questions by rules: without a model, from a passage's own sentences, rows, definitions, headings and names. English.

A passage gives at most three, from different sentences where it has them. The first keeps the most of its sentence's
words, the third the least: the others give way to everyday synonyms, because people do not ask in a text's very words
and search by words must not be flattered. The same passage always gives the same questions.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence

from formfact.knowledge.abstain import named
from formfact.knowledge.sentences import sentences
from formfact.proof.makers import frames, rows, source, synonyms, topics
from formfact.proof.makers.frames import Draft

MOST = 3
"""Questions a passage."""
READ = 12
"""Sentences of a passage that are looked at, drawn evenly."""
LONGEST_SENTENCE, LONGEST_CONTEXT = 400, 300
ROOMS = (frames.LONG, frames.MIDDLE, frames.MIDDLE)
SWAPPED = (0.6, 0.9, 1.0)
"""The share of words with a synonym that give way to it, in the first, second and third question."""
REPHRASED = (0.5, 0.7, 0.9)
"""The share of questions whose first words are put otherwise."""
ENOUGH = 4
"""Words that name something, below which the passage's topic is added: who asks has only the question."""
LIST_MARK = re.compile(r"^\s*(?:[-*•>]+|\d+[.)]|#+)\s+")
MARKUP = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
HEADS = {
    "year": ("When", ("In which year", "In what year")),
    "when": ("When", ("On what date", "At what point in time")),
    "how many": ("How many", ("What number of",)),
    "how much": ("How much", ("What amount",)),
    "why": ("Why", ("For what reason",)),
    "what is": ("What is", ("What is meant by", "How would you describe")),
    "what if": ("What happens if", ("What is the consequence if", "What follows if")),
    "how": ("How do I", ("What is the way to", "What steps do I take to")),
    "where": ("Where", ("In what place", "At which location")),
}
"""A kind of question -> how it begins, and how else it may."""
AS_WRITTEN = frozenset(("topic", "cell", "row"))
"""Kinds that ask by names and columns, which people use as they are."""
ABOUT = ("regarding", "concerning", "with", "in the case of")


class Rules:
    """See `formfact.proof.makers.Maker`."""

    name = "rules"

    def __repr__(self) -> str:
        return "RULES"  # as the reference shows it: its address would be another in each process

    def questions(self, texts: Sequence[str]) -> list[list[str]]:
        return [make(text) for text in texts]


def make(text: str) -> list[str]:
    """At most MOST questions for a passage; none where it has no word to ask for."""
    drawn = random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
    context, body = split_context(text)
    chosen: list[str] = []
    topic = topics.topic(context, body)
    pools = _pools(context, body, topic, drawn)
    for turn in range(MOST):
        draft = _best(pools, turn, drawn, chosen)
        if draft is None:
            break
        chosen.append(_worded(draft, turn, topic, drawn))
    return list(dict.fromkeys(chosen))


def split_context(text: str) -> tuple[str, str]:
    """The line of title and headings that stands above a passage as search reads it, and the passage."""
    first, newline, rest = text.partition("\n")
    prose = first.rstrip().endswith((".", "!", "?", ",", ";")) or "|" in first or len(first) > LONGEST_CONTEXT
    is_heading = newline and rest.strip() and not prose and not source.is_code(first)
    return (first.strip(), rest) if is_heading else ("", text)


def _worded(draft: Draft, turn: int, topic: str, drawn: random.Random) -> str:
    """A draft as it is asked: begun otherwise, with other words, and with the topic where it would not stand alone."""
    question = draft.text
    head, others = HEADS.get(draft.kind, ("", ()))
    if others and question.startswith(f"{head} ") and drawn.random() < REPHRASED[turn]:
        question = drawn.choice(others) + question[len(head) :]
    if draft.kind not in AS_WRITTEN:
        question = synonyms.swap(question, SWAPPED[turn], drawn, code=draft.kind == "code")
    said = question.lower()
    if topic and len(named(question)) < ENOUGH and not any(word.lower() in said for word in topic.split()):
        question = f"{question.rstrip('?')} {drawn.choice(ABOUT)} {topic}?"
    return question


def _pools(context: str, body: str, topic: str, drawn: random.Random) -> list[list[list[Draft]]]:
    """For each turn, the drafts of each place in the passage."""
    if source.is_code(body) and (found := list(source.drafts(body))):
        return [[[draft] for draft in found]] * MOST
    table = list(rows.rows(body))
    if table:
        drawn.shuffle(table)
        cells = [_shuffled(list(rows.drafts(row)), drawn) for row in table[:READ]]
        return [cells] * MOST
    spoken = _sentences(body, drawn)
    last = list(topics.drafts(context, body))
    return [[*(list(frames.drafts(one, room=room, topic=topic)) for one in spoken), last] for room in ROOMS]


def _shuffled(found: list[Draft], drawn: random.Random) -> list[Draft]:
    drawn.shuffle(found)
    return found


def _sentences(body: str, drawn: random.Random) -> list[str]:
    plain = LINK.sub(r"\1", body)
    found = []
    for start, end in sentences(plain, 0, len(plain)):
        sentence = MARKUP.sub("", LIST_MARK.sub("", plain[start:end]))
        if 20 <= len(sentence) <= LONGEST_SENTENCE:
            found.append(sentence)
    drawn.shuffle(found)
    return found[:READ]


def _best(pools: list[list[list[Draft]]], turn: int, drawn: random.Random, chosen: Sequence[str]) -> Draft | None:
    """The best draft of a place that has not spoken yet; kinds differ by chance, or all questions would be alike."""
    best: tuple[float, int, Draft] | None = None
    for place, found in enumerate(pools[turn]):
        for draft in found:
            if not usable(draft.text) or draft.text in chosen:
                continue
            worth = draft.worth + 0.3 * min(len(named(draft.text)), 6) + drawn.random() * 1.5
            if best is None or worth > best[0]:
                best = (worth, place, draft)
    if best is None:
        return None
    for pool in pools:
        if best[1] < len(pool) and len(pool) > 1:
            pool[best[1]] = []
    return best[2]


def usable(question: str) -> bool:
    """Whether a question says enough to be asked: at least two words that name something."""
    words = question.rstrip("?").split()
    return 3 <= len(words) <= 30 and len(named(question)) >= 2 and "|" not in question
