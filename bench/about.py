"""Whether questions are about their text: can it answer them, are they different, are they what people asked?"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from paragraphs import Paragraph
from table import markdown

import formfact as ff

WORD = re.compile(r"\w+")
Lists = Sequence[Sequence[str]]
"""For each text the questions that were asked of it."""


def about(texts: Sequence[Paragraph], arms: Mapping[str, Lists]) -> str:
    """A table: for each arm how its questions are answered out of a base that holds all the texts."""
    lines = []
    with tempfile.TemporaryDirectory() as folder, ff.Knowledge(Path(folder) / "kb") as kb:
        records = [json.dumps({"_id": f"{number}", "text": one.text}) for number, one in enumerate(texts)]
        (Path(folder) / "texts.jsonl").write_text("\n".join(records), encoding="utf-8")
        kb.add(Path(folder) / "texts.jsonl")
        for title, asked in arms.items():
            lines.append((title, *_figures(kb, texts, [[q for q in map(str.strip, some) if q] for some in asked])))
    names = (
        "questions by",
        "a text",
        "finds its own text first",
        "is answered by a quote of it",
        "distinct",
        "ROUGE-L",
    )
    return (
        f"{markdown(names, lines)}\n\n{len(texts)} held-out paragraphs are the documents of one base; every question "
        "is asked of it. Distinct: the share of questions that no other question of their text repeats. ROUGE-L: the "
        "best match with a question that people asked of the text, in the mean."
    )


def _figures(kb: ff.Knowledge, texts: Sequence[Paragraph], asked: Lists) -> tuple[str, ...]:
    questions = [(number, question) for number, some in enumerate(asked) for question in some]
    first = quoted = 0
    for number, question in questions:
        first += kb.search(question, k=1)[0].document == f"{number}"
        quoted += any(quote.document == f"{number}" for quote in kb.ask(question).quotes)
    distinct = sum(len({" ".join(WORD.findall(one.lower())) for one in some}) for some in asked)
    alike = [
        max((rouge(question, other) for other in texts[number].questions), default=0.0)
        for number, question in questions
    ]
    count = max(len(questions), 1)
    return (
        f"{len(questions) / len(texts):.1f}",
        f"{first / count:.1%}",
        f"{quoted / count:.1%}",
        f"{distinct / count:.1%}",
        f"{sum(alike) / count:.2f}",
    )


def rouge(one: str, other: str) -> float:
    """ROUGE-L (Lin 2004): the F measure of the longest common subsequence of words."""
    a, b = WORD.findall(one.lower()), WORD.findall(other.lower())
    if not a or not b:
        return 0.0
    row = [0] * (len(b) + 1)
    for word in a:
        former = 0
        for at, against in enumerate(b, 1):
            former, row[at] = row[at], former + 1 if word == against else max(row[at], row[at - 1])
    return 2 * row[-1] / (len(a) + len(b))
