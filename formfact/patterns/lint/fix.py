"""A repaired copy of a training file, and what was done to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from formfact.patterns.contract import Contract
from formfact.patterns.lint.habits import Habits
from formfact.patterns.lint.mend import mend
from formfact.types import Lint, Row

DROPPED = {
    "duplicate": "the same as an earlier row",
    "empty-completion": "nothing to learn from",
    "empty-mask": "nothing to learn from",
    "too-long": "longer than the base model's window",
    "leak": "in the validation file too",
    "roles": "the last message is not the assistant's, or a role is unknown",
}
"""Rules whose rows a repair leaves out, where they are errors -> why."""


def fix(rows: Sequence[Row], found: Lint, contract: Contract | None = None) -> tuple[list[Row], list[str]]:
    """The rows that can be learnt from, repaired, and a line for each kind of change with its count.

    Rows that break the contract and cannot be repaired stay out; malformed ones are not among `rows`.
    """
    drop = {
        one.row: DROPPED[one.rule]
        for one in found.problems
        if one.rule in DROPPED and (one.severity == "error" or one.rule == "duplicate")
    }
    done: Counter[str] = Counter()
    habits = Habits.of(rows)
    kept: list[Row] = []
    for row in rows:
        if row.number in drop:
            done[f"left out: {drop[row.number]}"] += 1
            continue
        mended = mend(row, habits, contract)
        done.update(mended.changes)
        if mended.row:
            kept.append(mended.row)
    malformed = sum(one.rule == "malformed" for one in found.problems)
    if malformed:
        done["left out: malformed"] += malformed
    return kept, [f"{_rows(count)}: {what}" for what, count in sorted(done.items())]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
