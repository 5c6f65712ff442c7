"""What `formfact calibrate` does to the confidence: fitted on questions made of a base, measured on people's.

Articles of ../shared/data/unanswerable, each of them a document, three neighbours of eight left out at a time; and a
corpus of dialogues. People's questions have no part in any fit but that of `ANSWERS`, which is fitted anew without
the articles that are asked about. `--quick` asks fewer questions.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from answers import LEFT_OUT
from articles import Articles, Row
from asked import put
from numpy.typing import NDArray
from remember import Remembering, open_remembering
from table import ROOT, data, markdown, write

from formfact.knowledge.abstain import ANSWERS, SHIPPED, Evidence, Logistic, Scale, confidence
from formfact.proof import calibrate as proof
from formfact.proof.calibrate import fit
from formfact.proof.evaluate import temporary_base

STARTS = (0, 3, 5)
"""Where each choice of left-out articles begins: every article is out once or twice, and in once or twice."""
SAMPLE, ASKED, QUICK, SEED = 200, 250, 60, 3
TIMES = 2000
"""Resamples of the interval."""
KINDS = ("answerable", "absent", "adversarial")


@dataclass(frozen=True, slots=True)
class Asked:
    """Evidence of people's questions by their kind, the base's scale, and constants fitted to other articles."""

    found: Mapping[str, Sequence[Evidence]]
    scale: Scale
    kept: bool
    answers: Logistic


def articles(rows: Sequence[Row]) -> dict[str, str]:
    """Each article's different contexts as one document."""
    texts: dict[str, dict[str, None]] = {}
    for row in rows:
        texts.setdefault(row["title"], {})[row["context"]] = None
    return {title: "\n\n".join(contexts) for title, contexts in texts.items()}


def calibrated(
    corpus: Path, embedder: Remembering, asked: Mapping[str, Sequence[str]], answers: Logistic = ANSWERS
) -> Asked:
    """A base of a corpus, calibrated on questions made of it, and people's questions put to it."""
    with temporary_base(corpus, embedder) as store:
        done = proof.calibrate(store, embedder, sample=SAMPLE)
        with store.snapshot() as view:
            found = {kind: [one.evidence for one in put(view, embedder, texts)] for kind, texts in asked.items()}
    return Asked(found, proof.scale(done), done.kept, answers)


def unanswerable(embedder: Remembering, most: int, folder: Path) -> Iterator[Asked]:
    """Every choice of articles."""
    fitted = Articles(embedder)
    rows, titles = fitted.rows, fitted.titles
    for start in STARTS:
        out = {titles[(start + step) % len(titles)] for step in range(LEFT_OUT)}
        kept = [row for row in rows if row["title"] not in out]
        sorts: dict[str, list[str]] = {
            "answerable": [row["question"].strip() for row in kept if row["answerable"]],
            "absent": [row["question"].strip() for row in rows if row["title"] in out],
            "adversarial": [row["question"].strip() for row in kept if not row["answerable"]],
        }
        drawn = random.Random(SEED)
        asked = {kind: drawn.sample(texts, min(most, len(texts))) for kind, texts in sorts.items()}
        corpus = folder / f"articles-{start}.jsonl"
        lines = [json.dumps({"_id": name, "text": text}) for name, text in articles(kept).items()]
        corpus.write_text("\n".join(lines), encoding="utf-8")
        yield calibrated(corpus, embedder, asked, fitted.without(frozenset(titles) - out))


def dialogue(embedder: Remembering) -> Asked:
    """Last turns of conversations, as they are."""
    with (data("dialogue") / "tasks.jsonl").open(encoding="utf-8") as file:
        tasks: list[dict[str, Any]] = [json.loads(line) for line in file]
    sorts = {"answerable": "ANSWERABLE", "adversarial": "UNANSWERABLE"}
    asked = {kind: [t["last_turn"] for t in tasks if t["answerability"] == name] for kind, name in sorts.items()}
    return calibrated(data("dialogue") / "corpus.jsonl", embedder, asked)


def sure(one: Asked, kind: str, scale: Scale) -> NDArray[np.float64]:
    return np.array([confidence(evidence, scale, one.answers) for evidence in one.found.get(kind, ())])


def against(found: Sequence[Asked], kind: str, after: bool) -> str:
    """The mean AUROC of answerable against a kind of question over choices, with its 95 % interval."""
    pairs = [(sure(one, "answerable", scale), sure(one, kind, scale)) for one, scale in scaled(found, after)]
    drawn = np.random.default_rng(SEED)

    def again(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return drawn.choice(values, len(values))

    means = [fmean(fit.auroc(again(yes), again(no)) for yes, no in pairs) for _ in range(TIMES)]
    low, high = np.percentile(means, (2.5, 97.5))
    return f"{fmean(fit.auroc(yes, no) for yes, no in pairs):.3f} ({low:.3f} to {high:.3f})"


def scaled(found: Sequence[Asked], after: bool) -> list[tuple[Asked, Scale]]:
    return [(one, one.scale if after else SHIPPED) for one in found]


def errors(found: Sequence[Asked], kinds: Sequence[str], after: bool) -> tuple[str, str]:
    """The Brier score and the calibration error, means over choices; half of what is asked is answerable."""
    scores, gaps = [], []
    for one, scale in scaled(found, after):
        parts = [sure(one, kind, scale) for kind in ("answerable", *kinds)]
        shares = [0.5, *[0.5 / len(kinds)] * len(kinds)]
        values = np.concatenate(parts)
        labels = np.concatenate([np.full(len(part), float(at == 0)) for at, part in enumerate(parts)])
        counts = np.concatenate(
            [np.full(len(part), share / len(part)) for part, share in zip(parts, shares, strict=True)]
        )
        scores.append(fit.brier(values, labels, counts))
        gaps.append(fit.ece(fit.bins(values, labels, counts)))
    return f"{fmean(scores):.3f}", f"{fmean(gaps):.3f}"


def below(found: Sequence[Asked], kind: str, after: bool) -> str:
    """The share of a kind of question that gets no answer."""
    rates = [(sure(one, kind, scale) < scale.threshold).mean() for one, scale in scaled(found, after)]
    return f"{100 * fmean(rates):.1f} %"


def rows(found: Sequence[Asked], name: str, targets: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    """Each figure as shipped, calibrated, and its target."""
    there = [kind for kind in KINDS[1:] if found[0].found.get(kind)]

    def row(what: str, figure: Callable[[bool], str]) -> tuple[object, ...]:
        return f"{name}: {what}", figure(False), f"**{figure(True)}**", targets.get(what, "")

    for kind in there:
        yield row(f"AUROC, {kind}", lambda after, kind=kind: against(found, kind, after))
    for kinds in [(kind,) for kind in there] + ([tuple(there)] if len(there) > 1 else []):
        told = " and ".join(kinds)
        yield row(f"Brier score, {told}", lambda after, kinds=kinds: errors(found, kinds, after)[0])
        yield row(f"calibration error, {told}", lambda after, kinds=kinds: errors(found, kinds, after)[1])
    for kind in ("answerable", *there):
        yield row(f"{kind}: gets no answer", lambda after, kind=kind: below(found, kind, after))


def main() -> None:
    """Print one table, with `--write` into docs/calibrate.md."""
    data("unanswerable"), data("dialogue")
    embedder = open_remembering()
    with tempfile.TemporaryDirectory() as folder:
        found = list(unanswerable(embedder, QUICK if "--quick" in sys.argv[1:] else ASKED, Path(folder)))
    talks = [dialogue(embedder)]
    targets = {"AUROC, absent": "0.99", "AUROC, adversarial": "0.65", "calibration error, absent": "0.05"}
    targets["answerable: gets no answer"] = "5 %"
    lines = [*rows(found, "articles", targets), *rows(talks, "dialogues", {})]
    kept = sum(one.kept for one in [*found, *talks])
    told = f"The fit was kept in {kept} of {len(found) + len(talks)} bases."
    text = f"{markdown(('people ask', 'as shipped', 'calibrated', 'target'), lines)}\n\n{told}"
    print(text)
    if "--write" in sys.argv[1:]:
        write("calibration", text, ROOT / "docs" / "calibrate.md")


if __name__ == "__main__":
    main()
