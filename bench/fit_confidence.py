"""Fits the constants of `ABOUT` in formfact/knowledge/abstain.py; with --write it puts them there.

Each set of texts is halved: questions about the half in the base are answerable, questions about the other half are
not. Three sorts of text count alike: encyclopedia, fairy tales, and five long texts of a model's questions. The sets
of bench/answers.py are never looked at. Each sort is also left out once, to see how the fit travels. What is said for
a small base (`few`) is fitted last, to bases of one, three and ten texts: half of what they do not answer is about
the texts beside them.
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from asked import auroc, base_of, evidence
from numpy.typing import NDArray
from remember import Remembering, open_remembering
from table import ROOT, data

from formfact.knowledge.abstain import ABOUT, Evidence, Logistic

PER_SET = 400
SEED = 11
FALSE_ABSTENTIONS = 0.03
RIDGE = 1e-3
GROUPS = 4
"""Runs of rows; few, so that hardly an article or a story is torn between the base and what is left out."""

NAMES = [name for name in ABOUT.weights if name != "few"]
SMALL = {1: 30, 3: 20, 10: 8}
"""Texts of a base, and how many of that size are made of a set."""
BESIDE, APART = 10, 400
"""Texts beside a base, and how far from it others are that have nothing to do with it."""

Labelled = tuple[NDArray[np.float64], NDArray[np.float64]]


def rows_of(name: str) -> list[dict[str, object]]:
    with data("questions", name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def asked_of(row: Mapping[str, object]) -> list[str]:
    found = row.get("questions") or row.get("output") or []
    return [str(one) for one in found] if isinstance(found, list) else str(found).splitlines()


def by_rows(name: str, embedder: Remembering) -> Labelled:
    """Rows of text and questions, neighbours together: half of the groups go into the base."""
    rows = [row for row in rows_of(name) if asked_of(row)]
    size = -(-len(rows) // GROUPS)
    inside = [row for at, row in enumerate(rows) if at // size % 2 == 0]
    outside = [row for at, row in enumerate(rows) if at // size % 2]
    texts = {f"t{at}": str(row["text"]) for at, row in enumerate(inside)}
    return measured(texts, drawn(inside), drawn(outside), embedder)


def drawn(rows: Sequence[Mapping[str, object]]) -> list[str]:
    questions = [question for row in rows for question in asked_of(row)]
    return random.Random(SEED).sample(questions, min(PER_SET, len(questions)))


def by_corpora(embedder: Remembering) -> Labelled:
    """Five whole texts, each left out once."""
    folder = data("chunking")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "corpora").iterdir())}
    with (folder / "questions_df.csv").open(encoding="utf-8") as file:
        asked = [(row["corpus_id"], row["question"]) for row in csv.DictReader(file)]
    parts = []
    for out in texts:
        kept = {name: text for name, text in texts.items() if name != out}
        random.Random(SEED).shuffle(asked)
        inside = [question for name, question in asked if name != out][: PER_SET // 5]
        outside = [question for name, question in asked if name == out][: PER_SET // 5]
        parts.append(measured(kept, inside, outside, embedder))
    return np.vstack([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def measured(
    texts: Mapping[str, str], inside: Sequence[str], outside: Sequence[str], embedder: Remembering
) -> Labelled:
    with base_of(texts, embedder) as view:
        found = evidence(view, embedder, [*inside, *outside])
    x = np.array([[getattr(one, name) for name in NAMES] for one in found])
    return x, np.array([1.0] * len(inside) + [0.0] * len(outside))


def small_bases(name: str, embedder: Remembering) -> Iterator[tuple[list[Evidence], list[float], list[float]]]:
    """Small bases of neighbouring texts: evidence of questions on them, on those beside them and on others; labels and
    weights, which count each kind of question of a base size alike."""
    rows, drawn = [row for row in rows_of(name) if asked_of(row)], random.Random(SEED)
    for size, times in SMALL.items():
        for _ in range(times):
            at = drawn.randrange(len(rows) - size - BESIDE)
            inside, beside = rows[at : at + size], rows[at + size : at + size + BESIDE]
            others = [row for place, row in enumerate(rows) if abs(place - at) > APART]
            kinds = [
                [drawn.choice(asked_of(drawn.choice(some))) for _ in range(4)] for some in (inside, beside, others)
            ]
            with base_of({f"t{at}": str(row["text"]) for at, row in enumerate(inside)}, embedder) as view:
                found = evidence(view, embedder, [question for kind in kinds for question in kind])
            yield found, [1.0] * 4 + [0.0] * 8, [0.5 / times] * 4 + [0.25 / times] * 8


def fit_few(w: NDArray[np.float64], names: Sequence[str], embedder: Remembering) -> float:
    """The weight of `few` that is likeliest, everything else as it is."""
    parts = [part for name in names for part in small_bases(name, embedder)]
    found = [one for part, _, _ in parts for one in part]
    y, share = (np.array([one for part in parts for one in part[at]]) for at in (1, 2))
    base = w[0] + np.array([[getattr(one, name) for name in NAMES] for one in found]) @ w[1:]
    few, weight = np.array([one.few for one in found]), 0.0
    for _ in range(100):
        p = 1 / (1 + np.exp(-(base + weight * few)))
        weight -= float((share * (p - y) * few).sum() / (share * p * (1 - p) * few * few).sum())
    return weight


def fit(sets: Sequence[Labelled]) -> NDArray[np.float64]:
    """Bias and weights of a logistic, by Newton's method; every set and each of its halves counts alike."""
    x = np.vstack([np.column_stack([np.ones(len(rows)), rows]) for rows, _ in sets])
    y = np.concatenate([labels for _, labels in sets])
    share = np.concatenate([np.where(labels, 0.5 / labels.sum(), 0.5 / (1 - labels).sum()) for _, labels in sets])
    share /= len(sets)
    w = np.zeros(x.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ w))
        pull = RIDGE * np.r_[0.0, w[1:]] / len(w)
        curve = (x * (share * p * (1 - p))[:, None]).T @ x + np.eye(len(w)) * RIDGE / len(w)
        step = np.linalg.solve(curve, x.T @ (share * (p - y)) + pull)
        w = w - step
        if np.abs(step).max() < 1e-9:
            break
    return w


def confidences(w: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-(w[0] + x @ w[1:])))


def threshold(w: NDArray[np.float64], sets: Sequence[Labelled]) -> float:
    """Below it lie FALSE_ABSTENTIONS of the answerable questions, as the mean over the sets."""
    return float(np.mean([np.quantile(confidences(w, x[y == 1]), FALSE_ABSTENTIONS) for x, y in sets]))


def report(name: str, w: NDArray[np.float64], at: float, one: Labelled) -> None:
    x, y = one
    sure = confidences(w, x)
    print(
        f"{name:28} AUROC {auroc(sure[y == 1].tolist(), sure[y == 0].tolist()):.3f}"
        f"  false abstentions {(sure[y == 1] < at).mean():.3f}  abstains on absent {(sure[y == 0] < at).mean():.3f}"
    )


def put_into(name: str, found: Logistic) -> None:
    """Replace the constants of this name in the file."""
    lines = "\n".join(f'        "{one}": {value:.2f},' for one, value in found.weights.items())
    source = ROOT / "formfact" / "knowledge" / "abstain.py"
    made = f"{name} = Logistic(\n    {found.bias:.2f},\n    {{\n{lines}\n    }},\n)\n"
    text = source.read_text(encoding="utf-8")
    text, times = re.subn(rf'^{name} = Logistic\(.*?\)\n(?=""")', made, text, flags=re.MULTILINE | re.DOTALL)
    assert times == 1, f"{source} has no constants {name}"
    source.write_text(text, encoding="utf-8")


def main() -> None:
    """Fit, print, and write where that is asked for."""
    data("questions")
    embedder = open_remembering()
    sets = {name: by_rows(f"{name}.jsonl", embedder) for name in ("squad11_train44", "fairytale_train")}
    sets["chunking"] = by_corpora(embedder)
    for name, one in sets.items():
        rest = [other for key, other in sets.items() if key != name]
        w = fit(rest)
        report(f"{name}, left out", w, threshold(w, rest), one)
    w = fit(list(sets.values()))
    at = threshold(w, list(sets.values()))
    for name, one in sets.items():
        report(name, w, at, one)
    few = fit_few(w, [f"{name}.jsonl" for name in ("squad11_train44", "fairytale_train")], embedder)
    found = Logistic(float(w[0]), dict(zip(NAMES, w[1:].tolist(), strict=True)) | {"few": few})
    print(found, f"THRESHOLD = {at:.2f}")
    if "--write" in sys.argv[1:]:
        put_into("ABOUT", found)


if __name__ == "__main__":
    main()
