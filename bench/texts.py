"""100,000 passages of real text, cut out of all that lies in the shared data."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from table import KEPT, data

PASSAGES = 100_000
WORDS = (50, 90)
"""Words of a passage, drawn evenly."""
SHORTEST_TEXT = 200
"""Characters below which a field of a record is no running text."""
SEED = 7


def corpus() -> Path:
    """A file of 100,000 records, made once. Neighbours overlap by three fifths: there is no more real text."""
    KEPT.mkdir(exist_ok=True)
    file = KEPT / "corpus-100k.jsonl"
    if not file.exists():
        drawn = random.Random(SEED)
        passages = [passage for text in dict.fromkeys(texts()) for passage in windows(text, drawn)]
        drawn.shuffle(passages)
        if len(passages) < PASSAGES:
            raise SystemExit(f"the shared data gives only {len(passages):,} passages")
        draft = file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as out:
            for number, passage in enumerate(passages[:PASSAGES]):
                out.write(json.dumps({"_id": f"p{number}", "text": passage}, ensure_ascii=False) + "\n")
        draft.replace(file)
    return file


def windows(text: str, drawn: random.Random) -> Iterator[str]:
    """Runs of words, each beginning at two fifths of the one before."""
    words = text.split()
    start = end = 0
    while end < len(words):
        end = start + drawn.randint(*WORDS)
        yield " ".join(words[start:end])
        start += (end - start) * 2 // 5


def texts() -> Iterator[str]:
    """Every long string in the records, and every Markdown file."""
    for path in sorted(data().rglob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield from _strings(json.loads(line))
    for path in sorted(data().rglob("*.md")):
        if "expected" not in path.as_posix():
            yield path.read_text(encoding="utf-8", errors="replace")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= SHORTEST_TEXT:
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def questions() -> list[str]:
    """The questions of the judged sets, shuffled."""
    found = []
    for path in sorted(data("retrieval").glob("*/queries.jsonl")):
        with path.open(encoding="utf-8") as file:
            found += [json.loads(line)["text"] for line in file]
    random.Random(SEED).shuffle(found)
    return found
