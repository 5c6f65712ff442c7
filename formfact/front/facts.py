"""Training rows that teach facts -> documents of a knowledge base, and its passages -> rows that teach form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from formfact.front.knowledge import Knowledge
from formfact.models.tokens import valid
from formfact.patterns.facts.rewrite import Sources, asked
from formfact.types import FactsReport, Row

TITLE, QUERY = 300, 1000
"""Characters of a question that are a document's title, and of a row that are searched for."""
HELD = 0.5
"""The least share of a row's new parts that passages must hold to be its source."""


def rows_to_kb(file: str | Path, rows: Sequence[Row], found: FactsReport, address: str | Path) -> str:
    """Add the rows of a training file that teach facts as documents; returns a line that says what was done.

    They are written as JSONL to a folder beside the knowledge base, a file for each training file, which is the source
    that it remembers: what was added of another file stays, what was added of this one before is brought up to date.
    """
    source = _source(Path(file), Path(address).expanduser())
    records = facts_of(rows, found, name=Path(file).name)
    if not records and not source.exists():
        return "no row teaches facts: nothing was added"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    with Knowledge(address) as kb:
        if not records:
            removed = kb.remove(str(source))
            source.unlink()
            return f"no row teaches facts: {removed} documents of an earlier {Path(file).name} were removed"
        done = kb.add(source)
    return (
        f"{len(records):,} rows written to {source} and added to {address} ({done.added} new documents, "
        f"{done.updated} changed, {done.removed} removed)"
    )


def facts_of(rows: Sequence[Row], found: FactsReport, *, name: str = "row") -> list[dict[str, str]]:
    """The rows to be moved as records that `add` reads, named by their file and row."""
    facts = {one.row for one in found.rows if one.action == "move"}
    return [
        {"_id": f"{name}:{row.number}", "title": valid(asked(row)[:TITLE]), "text": valid(row.completion.strip())}
        for row in rows
        if row.number in facts
    ]


@contextmanager
def sources_in(address: str | Path, found: FactsReport) -> Iterator[Sources]:
    """What a knowledge base has for rows: the best passages, where these hold most of what is new in a row."""
    novel = {one.row: one.novel for one in found.rows}
    with Knowledge(address) as kb:

        def sources(row: Row) -> Sequence[str]:
            hits = kb.search(f"{asked(row)} {row.completion}"[:QUERY], 3)
            there = "\n".join(hit.text for hit in hits).casefold()
            spans = novel.get(row.number, ())
            held = sum(span.casefold() in there for span in spans)
            return list(dict.fromkeys(hit.text for hit in hits)) if spans and held >= HELD * len(spans) else []

        yield sources


def _source(file: Path, kb: Path) -> Path:
    """Where a training file's facts lie: files of one name in two folders are two."""
    mark = hashlib.sha256(str(file.expanduser().resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    return kb.with_name(f"{kb.name.lstrip('.')}-facts") / f"{file.stem}-{mark}.jsonl"
