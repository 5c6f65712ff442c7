"""The rules of the lint: each a function of the whole file that yields what it finds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from formfact.patterns.contract import Contract
from formfact.patterns.examples import as_example, problems_of
from formfact.patterns.lint.alike import alike
from formfact.patterns.lint.habits import LEAD, MARKER, SEPARATOR, TRAIL, found, styles, usual
from formfact.patterns.lint.personal import personal
from formfact.patterns.rows.forms import beside, textless, weight
from formfact.types import Problem, Row

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
TEMPLATE = 64
"""Tokens that a chat template adds to a row, at the most."""
FEW, USUAL = 10, 50
SHOWN = 3
"""Ways that are named where rows differ."""


@dataclass(frozen=True, slots=True)
class File:
    """The rows of a file, with the tokens of each one's prompt and completion, and of its validation file."""

    rows: Sequence[Row]
    prompts: Sequence[int]
    completions: Sequence[int]
    window: int
    contract: Contract | None = None
    validation: Sequence[Row] = ()


Rule = Callable[[File], Iterator[Problem]]


def roles(file: File) -> Iterator[Problem]:
    """Unknown roles, an order that no chat has, and rows without a user's message."""
    for row in file.rows:
        said = [message.role for message in row.messages]
        unknown = sorted(set(said) - set(ROLES))
        if unknown:
            yield Problem("roles", f"unknown roles: {', '.join(unknown)}", row=row.number)
        elif said[-1] != "assistant":
            yield Problem("roles", f"the last message is the {said[-1]}'s: nothing to learn", row=row.number)
        elif "user" not in said:
            yield Problem("roles", "nobody asks: there is no message of the user", row=row.number, severity="warning")
        elif any(role in ("system", "developer") for role in said[1:]):
            yield Problem("roles", "a system message comes after others", row=row.number, severity="warning")
        elif any(a == b == "user" for a, b in pairwise(said)):
            yield Problem("roles", "the user speaks twice in a row", row=row.number, severity="warning")


def empty(file: File) -> Iterator[Problem]:
    """Completions and prompts that say nothing, and rows of which nothing would be learnt: an empty loss mask."""
    marker = file.contract.marker if file.contract else ""
    for row in file.rows:
        said = row.completion.strip()
        if row.messages[-1].role == "assistant" and not said:
            yield Problem("empty-completion", "empty: the loss would count on nothing", row=row.number)
        elif said and not said.removesuffix(marker.strip()):
            yield Problem("empty-mask", "the completion is its end marker alone", row=row.number)
        elif weight(row.extra) == 0:
            yield Problem("empty-mask", "its weight is 0: the loss would count on nothing", row=row.number)
        if not row.prompt.strip():
            yield Problem("empty-prompt", "the prompt is empty", row=row.number, severity="warning")


def contract(file: File) -> Iterator[Problem]:
    """Completions that break the contract."""
    if file.contract is None:
        return
    for row in file.rows:
        for one in problems_of(file.contract, as_example(file.contract, row))[:5]:
            yield Problem(f"contract-{one.rule}", one.message, one.start, one.end, row.number)


def end_marker(file: File) -> Iterator[Problem]:
    """End markers that some rows have and others lack."""
    if file.contract and file.contract.marker:
        marker = file.contract.marker
        told = [row for row in file.rows if row.completion and not textless(row.extra)]
        for row in (row for row in told if not row.completion.rstrip().endswith(marker.strip())):
            yield Problem(
                "end-marker", f"the completion does not end with {marker!r}; training adds it", row=row.number,
                severity="warning",
            )  # fmt: skip
        return
    yield from _departs(file, "end-marker", "end marker", lambda row: _said(MARKER, row))
    plain = [row for row in file.rows if "completion" in row.extra]
    if len(plain) >= FEW and not any(found(MARKER, row.completion) for row in plain):
        message = "no completion has an end marker: fine here, where the end is learnt; elsewhere such a model runs on"
        yield Problem("end-marker", message, severity="note")


def leading_space(file: File) -> Iterator[Problem]:
    """Completions of which some begin with white space and others do not, and white space at their ends."""
    yield from _departs(file, "leading-space", "leading space", lambda row: _said(LEAD, row))
    yield from _departs(file, "trailing-space", "white space at the end", lambda row: _said(TRAIL, row))


def bullets(file: File) -> Iterator[Problem]:
    """Lists whose lines begin in several ways, within a row or from row to row."""
    kept: dict[int, str] = {}
    for row in file.rows:
        found = styles(row.completion)
        marks = sorted(found - {""})
        if len(marks) > 1:
            message = f"lines begin in several ways: {' '.join(marks)}"
            yield Problem("bullets", message, row=row.number, severity="warning")
        elif len(found) == 1:
            kept[row.number] = marks[0]
    most = usual(kept.values())
    if kept and most is None:
        yield Problem("bullets", f"rows differ: lines begin with {_counts(kept.values())}", severity="warning")
        return
    for number, style in kept.items():
        if style != most:
            message = f"lines begin with {style}, in most rows with {most}"
            yield Problem("bullets", message, row=number, severity="warning")


def separators(file: File) -> Iterator[Problem]:
    """Ends of prompts ("###", "->") that some rows have and others lack."""
    yield from _departs(file, "separator", "separator", lambda row: found(SEPARATOR, row.prompt))


def duplicates(file: File) -> Iterator[Problem]:
    """Rows that are the same, nearly the same, or ask the same and teach another answer.

    Capitals and the white space within may be just what a row teaches: only that around a text counts for nothing.
    """
    first: dict[tuple[str, str, str], int] = {}
    answers: dict[tuple[str, str], int] = {}
    single: list[Row] = []
    for row in file.rows:
        asked = (row.prompt.strip(), beside(row.extra))
        key = (*asked, row.completion.strip())
        if key in first:
            yield Problem("duplicate", f"the same as row {first[key]}", row=row.number, severity="warning")
            continue
        first[key] = row.number
        single.append(row)
        if asked[0] and asked in answers:
            message = f"the same prompt as row {answers[asked]} with another completion"
            yield Problem("same-prompt", message, row=row.number, severity="warning")
        else:
            answers[asked] = row.number
    for at, of in alike([f"{row.prompt}\n{row.completion}" for row in single]):
        message = f"nearly the same as row {single[of].number}"
        yield Problem("near-duplicate", message, row=single[at].number, severity="warning")


def leaks(file: File) -> Iterator[Problem]:
    """Rows of the training file that stand in the validation file too."""
    if not file.validation:
        return
    held = {_asked(row): row.number for row in reversed(file.validation)}
    for row in file.rows:
        other = held.get(_asked(row))
        if other is not None:
            what = "its prompt" if row.prompt.strip() else "it"
            yield Problem("leak", f"{what} is row {other} of the validation file", row=row.number)
    texts = [row.prompt for row in file.validation]
    for at, of in alike([*texts, *(row.prompt for row in file.rows)], only_after=len(texts)):
        row = file.rows[at - len(texts)]
        if _asked(row) not in held:
            message = f"its prompt is nearly row {file.validation[of].number} of the validation file"
            yield Problem("leak", message, row=row.number, severity="warning")


def too_long(file: File) -> Iterator[Problem]:
    """Rows that the base model's window does not hold; they are refused, never cut."""
    for row, prompt, completion in zip(file.rows, file.prompts, file.completions, strict=True):
        tokens = prompt + completion + TEMPLATE
        if tokens > file.window:
            message = f"about {tokens:,} tokens, the base model reads {file.window:,}"
            yield Problem("too-long", message, row=row.number)
        elif file.contract and completion > file.contract.output_tokens:
            message = f"the completion has {completion:,} tokens, the contract allows {file.contract.output_tokens:,}"
            yield Problem("too-long", message, row=row.number, severity="warning")


def people(file: File) -> Iterator[Problem]:
    """Personal data: what a tuned model may say again to anybody."""
    for row in file.rows:
        for kind, start, end in personal(row.completion):
            yield Problem("personal-data", f"{kind} in the completion", start, end, row.number, "warning")
        for kind, _, _ in personal(row.prompt):
            yield Problem("personal-data", f"{kind} in the prompt", row=row.number, severity="note")


def enough(file: File) -> Iterator[Problem]:
    """Whether there is enough to learn a form from."""
    count = len(file.rows)
    if count < FEW:
        yield Problem("few-rows", f"{count} rows are hardly enough; {USUAL} to 500 are usual", severity="error")
    elif count < USUAL:
        yield Problem("few-rows", f"{count} rows: more will help; {USUAL} to 500 are usual", severity="warning")


RULES: tuple[Rule, ...] = (
    roles, empty, contract, end_marker, leading_space, bullets, separators, duplicates, leaks, too_long, people, enough,
)  # fmt: skip


def _departs(file: File, rule: str, what: str, of: Callable[[Row], str | None]) -> Iterator[Problem]:
    """Rows that do otherwise than most, or that all differ; nothing where all do the same."""
    told = ((row.number, of(row)) for row in file.rows if row.completion.strip())
    habits = {number: f"{what} {habit!r}" if habit else f"no {what}" for number, habit in told if habit is not None}
    if len(set(habits.values())) < 2:
        return
    most = usual(habits.values())
    if most is None:
        yield Problem(rule, f"rows differ: {_counts(habits.values())}", severity="warning")
        return
    for number, habit in habits.items():
        if habit != most:
            yield Problem(rule, f"{habit}; most rows have {most}", row=number, severity="warning")


def _counts(habits: Iterable[str]) -> str:
    """The commonest of several ways, each with how many rows have it."""
    return ", ".join(f"{habit} in {count:,}" for habit, count in Counter(habits).most_common(SHOWN))


def _said(pattern: re.Pattern[str], row: Row) -> str | None:
    """What a pattern finds in a completion; None where it is no text but a call of tools."""
    return None if textless(row.extra) else found(pattern, row.completion)


def _asked(row: Row) -> tuple[str, str, str]:
    """What a row asks, its images included; of one whose prompt is empty, what it answers too."""
    prompt = " ".join(row.prompt.casefold().split())
    return prompt, beside(row.extra), "" if prompt else row.completion.strip()
