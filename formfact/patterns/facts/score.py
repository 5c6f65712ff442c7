"""From evidence to a belief: how much of a completion is new, and whether the new claims something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import exp

from formfact.patterns.facts.content import Unit, stems, units
from formfact.patterns.facts.request import Request, read
from formfact.patterns.facts.words import Lexicon
from formfact.types import Row, RowVerdict, Verdict

STRUCTURE, KNOWLEDGE = 0.35, 0.65
FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|my|me|mine)\b", re.IGNORECASE)
CODE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|if|for|while|#include|public|const|let|var|function|SELECT)\b|\w\(.*\)|[=<>]=|^\s*```",
    re.MULTILINE,
)
LONGEST_NOVEL, MOST_NOVEL = 120, 20


def judge_row(row: Row, lexicon: Lexicon, form: frozenset[str] = frozenset()) -> RowVerdict:
    """The verdict on one row; `form` are the stems that belong to the file's form."""
    prompt, completion = row.prompt, row.completion
    source = stems(prompt, lexicon)
    content = [unit for unit in units(completion, lexicon) if unit.stem not in form]
    new = [unit for unit in content if unit.stem not in source]
    score = 1 / (1 + exp(-_evidence(prompt, completion, content, new, len(source))))
    spans = tuple(_spans(completion, new)) if score >= STRUCTURE else ()
    return RowVerdict(row.number, verdict(score), round(score, 4), spans)


def verdict(score: float) -> Verdict:
    """A score as a word."""
    if score < STRUCTURE:
        return "structure"
    return "knowledge" if score >= KNOWLEDGE else "mixed"


def _evidence(prompt: str, completion: str, content: Sequence[Unit], new: Sequence[Unit], known: int) -> float:
    """Log odds that the completion teaches facts."""
    total = sum(unit.weight for unit in content)
    fresh = sum(unit.weight for unit in new)
    if not fresh:
        return -5.0
    grounded = min(1.0, max(0.0, (known - 25) / 50))
    odds = 10 * (fresh / total - 0.25 - 0.25 * grounded)
    odds += min(2.0, sum(unit.strong for unit in new)) - 0.5
    return odds + _kind(read(prompt), completion)


def _kind(request: Request, completion: str) -> float:
    """What kinds of rows that teach no facts look like, in log odds."""
    odds = 0.0
    words = completion.split()
    if request.invents:
        odds -= 7
    if request.personal or FIRST_PERSON.search(completion):
        odds -= 6
    lines = [line for line in completion.splitlines() if line.strip()]
    if lines and sum(bool(CODE.search(line)) for line in lines) > 0.4 * len(lines):
        odds -= 7
    if "?" in completion and completion.count("?") >= completion.count("."):
        odds -= 3
    return odds - (4 if len(words) > 15 and not any(word[0].isdigit() for word in words) and not request.asks else 0)


def _spans(text: str, new: Sequence[Unit]) -> list[str]:
    """The new parts of a completion, neighbours joined, each once."""
    spans: list[list[int]] = []
    for unit in new:
        if unit.weight < 0.3 and not unit.strong and len(new) > 3:
            continue
        if (
            spans
            and unit.start - spans[-1][1] <= 4
            and unit.end - spans[-1][0] <= LONGEST_NOVEL
            and "\n" not in text[spans[-1][1] : unit.start]
        ):
            spans[-1][1] = unit.end
        else:
            spans.append([unit.start, unit.end])
    return list(dict.fromkeys(text[start:end] for start, end in spans))[:MOST_NOVEL]
