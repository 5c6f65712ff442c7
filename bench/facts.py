"""How well the knowledge lint tells form from facts: minimal pairs, what only looks like facts, mixed files, speed."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence

from rows_of_facts import TAUGHT, Pairs, pairs
from rows_of_form import numbered, resembling, sample, written
from table import data, markdown, show

from formfact.patterns.facts import judge
from formfact.types import Row

HALVES = (0, 1)
"""The half of each set that was looked at while the lint was written, and the half that was not."""
MIXED_FILES, MIXED_ROWS = 60, 150
MANY, MOST_ROWS = 10_000, 300
LEAST_AUROC, MOST_CALLED, LEAST_RANK, MOST_SECONDS = 0.95, 0.10, 0.95, 20


def ranked(values: Sequence[float]) -> list[float]:
    """Ranks from 1, ties sharing their mean."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, at = [0.0] * len(values), 0
    while at < len(order):
        end = at
        while end < len(order) and values[order[end]] == values[order[at]]:
            end += 1
        for place in order[at:end]:
            ranks[place] = (at + 1 + end) / 2
        at = end
    return ranks


def auroc(low: Sequence[float], high: Sequence[float]) -> float:
    """The probability that a score of the second list lies above one of the first; ties count half."""
    ranks = ranked([*low, *high])[len(low) :]
    return (sum(ranks) - len(high) * (len(high) + 1) / 2) / (len(low) * len(high))


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """The rank correlation of two lists."""
    first, second = ranked(one), ranked(other)
    mean = (len(first) + 1) / 2
    cross = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    spread = sum((a - mean) ** 2 for a in first) * sum((b - mean) ** 2 for b in second)
    return float(cross / spread**0.5) if spread else 0.0


def told_apart(found: Pairs) -> float:
    """AUROC of the scores; each side of the pairs is a file of its own."""
    given, closed = ([one.score for one in judge(numbered(side)).rows] for side in zip(*found, strict=True))
    return auroc(given, closed)


def called(rows: Sequence[Row]) -> float:
    """Which share of the rows of one file is called knowledge."""
    return sum(one.verdict == "knowledge" for one in judge(numbered(rows)).rows) / len(rows)


def mixed(form: Sequence[Sequence[Row]], facts: Sequence[Sequence[Row]], seed: int) -> float:
    """Rank correlation of `share` with the planted share: each file mixes two kinds of form with one of facts."""
    chance = random.Random(seed)
    planted, estimated = [], []
    for _ in range(MIXED_FILES):
        knows, forms, share = chance.choice(facts), chance.sample(list(form), 2), chance.random()
        taught = [chance.random() < share for _ in range(MIXED_ROWS)]
        rows = [chance.choice(knows if one else chance.choice(forms)) for one in taught]
        planted.append(sum(taught) / MIXED_ROWS)
        estimated.append(judge(numbered(rows)).share)
    return spearman(planted, estimated)


def figures(half: int) -> dict[str, tuple[int, float]]:
    """All figures of one half: how many rows (pairs, files) each was measured on, and what came out."""
    apart, alike = pairs(half), resembling(half)
    facts = {"questions and answers": written(half)["knowledge"]}
    facts |= {name: sample(list(made(half)), MOST_ROWS, half) for name, made in TAUGHT.items()}
    found = {f"pairs: {name}": (len(two), told_apart(two)) for name, two in apart.items()}
    found |= {f"called knowledge: {name}": (len(rows), called(rows)) for name, rows in alike.items()}
    found |= {f"called knowledge: {name} (is)": (len(rows), called(rows)) for name, rows in facts.items()}
    closed = [[fact for _, fact in two] for two in apart.values()]
    given = [[form for form, _ in two] for two in apart.values()]
    rank = mixed([*alike.values(), *given], [*facts.values(), *closed], half)
    return found | {"share of mixed files": (MIXED_FILES, rank)}


def many(kinds: Mapping[str, Pairs]) -> list[Row]:
    """So many rows with passages, and without."""
    rows = [one for two in kinds.values() for couple in two for one in couple]
    return numbered((rows * (1 + MANY // len(rows)))[:MANY])


def aim(name: str) -> str:
    """The target of a figure, in words."""
    if name.startswith("pairs"):
        return f"≥ {LEAST_AUROC:.2f}"
    if name.endswith("(is)"):
        return ""
    return f"≤ {MOST_CALLED:.2f}" if name.startswith("called") else f"≥ {LEAST_RANK:.2f}"


def main() -> None:
    """Print the table."""
    for folder in ("questions", "unanswerable", "patterns", "chunking", "retrieval", "dialogue"):
        data(folder)
    fitted, other = (figures(half) for half in HALVES)
    rows = [
        (name, count, f"{fitted[name][1]:.3f}", f"**{value:.3f}**", aim(name)) for name, (count, value) in other.items()
    ]
    names = ("AUROC of pairs, share called, rank correlation", "rows", "half fitted on", "other half", "target")
    file = many(pairs(1))
    started = time.perf_counter()
    judge(file)
    seconds = time.perf_counter() - started
    words = sum(len(message.content.split()) for row in file for message in row.messages)
    speed = (
        f"{len(file):,} rows of {words / len(file):.0f} words are judged in {seconds:.1f} s (target {MOST_SECONDS} s)."
    )
    show("facts", f"{markdown(names, rows)}\n\n{speed}")


if __name__ == "__main__":
    main()
