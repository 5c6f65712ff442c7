"""Facts read off a base's own documents by rules: questions for a number, a date or a name that a sentence gives."""

from __future__ import annotations

import re

from formfact.knowledge.expect import Kind, expected
from formfact.knowledge.stores import Store
from formfact.proof.audit.gather import draw, gather
from formfact.proof.compare.facts import Fact, Facts
from formfact.proof.compare.judge import contains
from formfact.proof.compare.wordings import wordings
from formfact.proof.makers import RULES
from formfact.proof.questions import ask

SAMPLE, MOST = 600, 60
"""Passages that are looked at, and facts that are taken."""
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
ANSWERS: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?:\s?%)?(?![\w])"),
    "date": re.compile(
        rf"(?:\d{{1,2}}\s)?(?:{MONTHS})(?:\s\d{{1,2}})?,?\s\d{{4}}|\b(?:1[5-9]|20)\d\d\b|\b\d{{1,2}}:\d\d\b"
    ),
    "name": re.compile(r"(?<!^)(?<![.!?:]\s)\b[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)*"),
}


def made_facts(store: Store, *, wordings_each: int, seed: int = 0) -> Facts:
    """At most MOST facts, drawn evenly over the base. What is asked resembles what is trained on, and is said to."""
    with store.snapshot() as view:
        held = draw(gather(view), SAMPLE, seed)
    found: dict[str, Fact] = {}
    for one, questions in zip(held, ask(RULES, [h.read for h in held]), strict=True):
        for question in questions:
            answer = answer_in(question.evidence, question.text)
            if answer and answer in one.passage.text:
                taught = tuple(wordings(question.text, wordings_each + 1))
                found.setdefault(question.text, Fact(question.text, answer, taught, one.place.document))
                break
    step = max(1, -(-len(found) // MOST))
    return Facts(tuple(found.values())[::step], (), reworded=True)


def answer_in(sentence: str, question: str) -> str:
    """The one number, date or name that the question asks for and does not say itself; empty where it is not one."""
    kind = expected(question)
    if kind is None:
        return ""
    spans = dict.fromkeys(match.group() for match in ANSWERS[kind].finditer(sentence.strip()))
    new = [span for span in spans if not contains(question, span)]
    return new[0] if len(new) == 1 else ""
