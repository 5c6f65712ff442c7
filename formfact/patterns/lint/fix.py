"""A repaired copy of a training file, and what was done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from formfact.patterns.contract import Contract
from formfact.patterns.examples import as_example, problems_of
from formfact.types import Lint, Message, Problem, Row

DROPPED = {
    "duplicate": "the same as an earlier row",
    "empty-completion": "nothing to learn from",
    "too-long": "longer than the base model's window",
    "leak": "in the validation file too",
}
"""Rules whose rows a repair leaves out -> why."""


def fix(rows: Sequence[Row], found: Lint, contract: Contract | None = None) -> tuple[list[Row], list[str]]:
    """The rows that can be learnt from, with white space and end markers as they should be; and a line for each change.

    Rows that break the contract and cannot be repaired stay out; malformed ones are not among `rows`.
    """
    done: Counter[str] = Counter()
    drop = {one.row: one for one in found.problems if one.rule in DROPPED and one.severity == "error"}
    drop |= {one.row: one for one in found.problems if one.rule == "duplicate"}
    kept: list[Row] = []
    for row in rows:
        if row.number in drop or row.messages[-1].role != "assistant":
            done[f"left out: {_why(drop.get(row.number))}"] += 1
            continue
        mended = _mended(row)
        if contract and problems_of(contract, as_example(contract, mended)):
            done["left out: it breaks the contract"] += 1
            continue
        if mended.completion != row.completion:
            done["white space around the completion and at the ends of its lines taken away"] += 1
        kept.append(mended)
    malformed = sum(one.rule == "malformed" for one in found.problems)
    if malformed:
        done["left out: malformed"] += malformed
    return kept, [f"{count:,} rows: {what}" for what, count in sorted(done.items())]


def _why(problem: Problem | None) -> str:
    return DROPPED[problem.rule] if problem else "the last message is not the assistant's"


def _mended(row: Row) -> Row:
    lines = [line.rstrip() for line in row.completion.strip().split("\n")]
    text = "\n".join(lines)
    if text == row.completion:
        return row
    return replace(row, messages=(*row.messages[:-1], Message("assistant", text)))
