"""Training rows that teach facts -> documents of a knowledge base, where they belong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from formfact.front.knowledge import Knowledge
from formfact.types import FactsReport, Row

FILE = "facts-from-training-rows.jsonl"


def rows_to_kb(rows: Sequence[Row], found: FactsReport, address: str | Path) -> str:
    """Add the rows that teach facts as documents; returns a line that says what was done.

    They are written as JSONL beside the knowledge base, which is the source that it remembers.
    """
    file = Path(address).expanduser()
    file = file.with_name(f"{file.name.lstrip('.')}-{FILE}")
    records = facts_of(rows, found)
    if not records:
        return "no row teaches facts: nothing was added"
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    with Knowledge(address) as kb:
        done = kb.add(file)
    return f"{len(records):,} rows written to {file} and added to {address} ({done.added} new documents)"


def facts_of(rows: Sequence[Row], found: FactsReport) -> list[dict[str, str]]:
    """The rows that teach facts as records that `add` reads."""
    facts = {one.row for one in found.rows if one.verdict == "knowledge"}
    return [
        {"_id": f"row-{row.number}", "title": _asked(row), "text": row.completion.strip()}
        for row in rows
        if row.number in facts
    ]


def _asked(row: Row) -> str:
    """The last thing that the user said: it is what the fact answers."""
    return next((one.content.strip() for one in reversed(row.messages) if one.role == "user"), "")[:300]
