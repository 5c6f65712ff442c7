"""How much less clearly do people's questions find a text than made ones? Constants of the audit's `expected.py`.

Two sets of questions that people wrote with the paragraph before them, each whole and as a small base, in three cuts.
Neither is among those that `audit.py` compares the audit with. The constants are those under which the squared
distance of both rates is least, over all cuts of passages and hits and all weights of search.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import fmean

from audit import ASKED, CUTS, SEED, TARGETS, WEIGHTS, Measured, Outcome, audited, outcome
from fit_overlap import SETS
from passages import Searched, cut, read
from remember import Remembering, open_remembering
from table import KEPT, ROOT, data

SMALL = 300
"""Paragraphs of the small base of each set."""
REPEATED = (0.4, 0.5, 0.6, 0.7, 0.8)
LOSS = tuple(round(-0.1 + step / 50, 2) for step in range(16))
SPREAD = (0.1, 0.15, 0.2, 0.3, 0.4)
FILE = ROOT / "formfact" / "proof" / "audit" / "expected.py"


def base(name: str, count: int | None) -> tuple[str, list[tuple[str, str]]]:
    """So many paragraphs of a set as JSON Lines, and some of their questions, each with the id of its paragraph."""
    with (data("questions") / f"{name}.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    drawn = random.Random(SEED)
    chosen = sorted(drawn.sample(range(len(rows)), count or len(rows)))
    asked = [(question, str(at)) for at in chosen for question in rows[at]["questions"]]
    lines = [json.dumps({"_id": str(at), "text": rows[at]["text"]}) for at in chosen]
    return "\n".join(lines), drawn.sample(asked, min(ASKED, len(asked)))


def real(searched: Searched, asked: Sequence[tuple[str, str]]) -> list[Outcome]:
    """Where people's questions find a piece of their paragraph."""
    owners = [piece.document for piece in searched.pieces]
    return [outcome(searched, question, lambda i, at=at: owners[i] == at, 0.0) for question, at in asked]


def measured(embedder: Remembering) -> Iterator[dict[float, Measured]]:
    """Each base in each cut, with the leads of every REPEATED."""
    for name, count, target in product(SETS, (SMALL, None), TARGETS):
        text, asked = base(name, count)
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "base.jsonl"
            file.write_text(text, encoding="utf-8")
            searched = Searched(cut(read(file), embedder, target), embedder, Path(place))
            people = real(searched, asked)
            yield {each: Measured(name, target, people, audited(searched, repeated=each)) for each in REPEATED}
        print(name, count, target, len(searched.pieces), file=sys.stderr, flush=True)


def distance(found: Sequence[Measured], loss: float, spread: float) -> float:
    """The mean squared distance of the estimate to the rate of people's questions."""
    return fmean(
        (one.expected(at, cut_, loss, spread) - one.rate(at, cut_)) ** 2
        for one in found
        for at in range(len(WEIGHTS))
        for cut_ in CUTS
    )


def main() -> None:
    """Print the constants, and write them where that is asked for."""
    KEPT.mkdir(exist_ok=True)
    found = list(measured(open_remembering()))
    worth = {
        (repeated, loss, spread): distance([one[repeated] for one in found], loss, spread)
        for repeated, loss, spread in product(REPEATED, LOSS, SPREAD)
    }
    for one in sorted(worth, key=worth.__getitem__)[:5]:
        print(one, f"{worth[one] ** 0.5:.4f}")
    repeated, loss, spread = min(worth, key=worth.__getitem__)
    if "--write" in sys.argv[1:]:
        text = re.sub(
            r"^REPEATED = .*$", f"REPEATED = {repeated}", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        text = re.sub(r"^LOSS, SPREAD = .*$", f"LOSS, SPREAD = {loss}, {spread}", text, flags=re.MULTILINE)
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
