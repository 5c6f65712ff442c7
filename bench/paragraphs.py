"""Paragraphs with the questions that people (or a larger model) asked of them, parted by article; and other texts."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from table import data

SETS = {
    "encyclopedia": "squad11_train44.jsonl",
    "fairy tales": "fairytale_train.jsonl",
    "news and forums": "nlca.jsonl",
}
PARTS = {"train": (0.0, 0.62), "look": (0.68, 0.76), "held out": (0.82, 1.0)}
"""Shares of each file, in its order: paragraphs of an article stand together, and what lies between two parts is used
by neither, so that no article is in two of them."""
SEED = 5
OTHER = {
    "speech": "chunking/corpora/state_of_the_union.md",
    "encyclopedia, raw": "chunking/corpora/wikitexts.md",
    "chat logs": "chunking/corpora/chatlogs.md",
    "finance": "chunking/corpora/finance.md",
    "medicine": "chunking/corpora/pubmed.md",
}
LENGTH = (300, 1500)
"""Characters of a block cut out of a long text."""


class Paragraph(NamedTuple):
    """A text, what kind it is of, and the questions that were asked of it."""

    text: str
    kind: str
    questions: tuple[str, ...]

    @property
    def output(self) -> str:
        """The questions, one a line."""
        return "\n".join(one.strip() for one in self.questions)

    @property
    def row(self) -> str:
        """As a line of a training file; lists that people made begin with bullets or not, and are left as they are."""
        return json.dumps({"text": self.text, "questions": [one.strip() for one in self.questions]})


def paragraphs(part: str, count: int, *, fits: Callable[[Paragraph], bool] | None = None) -> list[Paragraph]:
    """So many paragraphs of a part (of those that fit), the three kinds in turn; fewer are a beginning of more."""
    kinds = [[one for one in _shuffled(kind, name, part) if not fits or fits(one)] for kind, name in SETS.items()]
    return [one for some in zip(*kinds, strict=False) for one in some][:count]


def _shuffled(kind: str, name: str, part: str) -> list[Paragraph]:
    lines = data("questions", name).read_text(encoding="utf-8").split("\n")
    records = [json.loads(line) for line in lines if line]
    first, last = (int(share * len(records)) for share in PARTS[part])
    some = [Paragraph(one["text"], kind, tuple(one["questions"])) for one in records[first:last]]
    random.Random(SEED).shuffle(some)
    return some


def write_rows(rows: Sequence[Paragraph], file: Path) -> Path:
    """A training file of paragraphs."""
    file.write_text("".join(f"{one.row}\n" for one in rows), encoding="utf-8")
    return file


def blocks(count: int) -> dict[str, list[str]]:
    """Blocks of texts unlike those trained on, by kind: so many of each of the five corpora, of code, of stories."""
    found = {kind: _some(list(_cut(data(*name.split("/")).read_text("utf-8"))), count) for kind, name in OTHER.items()}
    records = _records("retrieval", "cosqa_dev", "corpus.jsonl")
    found["code"] = _some([one["text"] for one in records if LENGTH[0] <= len(one["text"]) <= LENGTH[1]], count)
    chunks = _records("patterns", "automuse_chunks.jsonl")
    found["stories"] = _some([block for one in chunks for block in _cut(one["completion"])], count)
    return found


def _records(*parts: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in data(*parts).read_text(encoding="utf-8").split("\n") if line]


def _some(texts: Sequence[str], count: int) -> list[str]:
    return random.Random(SEED).sample(list(texts), min(count, len(texts)))


def _cut(text: str) -> Iterator[str]:
    """Runs of whole lines of a long text; a longer line is cut at a space."""
    block = ""
    for line in text.split("\n"):
        while len(line) > LENGTH[1]:
            at = line.rfind(" ", LENGTH[0], LENGTH[1])
            head, line = line[:at] if at > 0 else line[: LENGTH[1]], line[at if at > 0 else LENGTH[1] :].lstrip()
            yield head
        if len(block) + len(line) > LENGTH[1]:
            yield block.strip()
            block = ""
        block += f"{line}\n"
        if len(block) > 2 * LENGTH[0] and not line.strip():
            yield block.strip()
            block = ""
