"""A row that teaches facts -> the same row with its fact in the prompt: what is left to be learnt is the form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from zlib import crc32

from formfact.types import FactsReport, Message, Row, RowVerdict

Sources = Callable[[Row], Sequence[str]]
"""A row -> texts that hold its fact, best first; none where nothing does."""
BESIDE = 2
"""Facts of other rows that are given along, so that the row teaches to find its own among them."""
SHORT = 8
"""Words of a completion that says little without the question."""
SHOWN = 1200
"""Characters of a row that can be shown as an example."""


def rewrite(rows: Sequence[Row], found: FactsReport, sources: Sources | None = None) -> tuple[list[Row], int]:
    """All rows, those that are not to be kept rewritten, and how many these are.

    Without `sources`, or where they have none, a row is given its own fact, as its completion has it.
    """
    todo = {one.row for one in found.rows if one.action != "keep"}
    taught = [row for row in rows if row.number in todo]
    told = [_fact(row) for row in taught]
    made = {}
    for at, row in enumerate(taught):
        given = list(sources(row))[: 1 + BESIDE] if sources else []
        made[row.number] = _given(row, given or _among(at, told))
    return [made.get(row.number, row) for row in rows], len(taught)


def example(rows: Sequence[Row], judged: Sequence[RowVerdict]) -> Row | None:
    """The row to show rewritten: the surest of those that are not to be kept and are short enough to be read."""
    sure = [
        (one.score, -one.row, row)
        for one, row in zip(judged, rows, strict=True)
        if one.action != "keep" and len(row.prompt) + len(row.completion) <= SHOWN
    ]
    if not sure:
        return None
    row = max(sure, key=lambda one: one[:2])[2]
    return _given(row, [_fact(row)])


def asked(row: Row) -> str:
    """The last thing that the user said: it is what the fact answers."""
    return next((one.content.strip() for one in reversed(row.messages) if one.role == "user"), "")


def _fact(row: Row) -> str:
    completion = row.completion.strip()
    question = asked(row)
    return f"{question} {completion}" if question and len(completion.split()) < SHORT else completion


def _among(at: int, told: Sequence[str]) -> list[str]:
    """A row's fact among those of its neighbours, at a place that its text decides."""
    others = [told[(at + step) % len(told)] for step in range(1, min(BESIDE, len(told) - 1) + 1)]
    place = crc32(told[at].encode("utf-8", "replace")) % (len(others) + 1)
    return [*others[:place], told[at], *others[place:]]


def _given(row: Row, texts: Sequence[str]) -> Row:
    """The row with texts before what the user said last."""
    context = "\n\n".join(["Context:", *texts])
    messages = list(row.messages)
    last = max((at for at, one in enumerate(messages) if one.role == "user"), default=None)
    if last is None:
        return replace(row, messages=(*messages[:-1], Message("user", context), messages[-1]))
    messages[last] = Message("user", f"{context}\n\n{messages[last].content}")
    return replace(row, messages=tuple(messages))
