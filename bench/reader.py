"""Does a reader earn its place? Search with it and without, short answers, and questions without an answer.

It reads sets that it was not trained on: the retrieval sets, and of `unanswerable` the articles that
tools/make_reader.py leaves out. `--reader FOLDER` names one (.bench/reader), `--questions N` how many of a set (100);
`--write` puts the tables into docs/reader.md.
"""

from __future__ import annotations

import json
import random
import re
import string
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from asked import auroc, base_of
from remember import Remembering, open_remembering
from table import KEPT, ROOT, data, markdown, skip, write

from formfact.knowledge.abstain import confidence
from formfact.knowledge.answer import HITS, weigh
from formfact.knowledge.fuse import fuse
from formfact.knowledge.reread import READ, SHARE, reread
from formfact.knowledge.search import make_probe
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Snapshot
from formfact.models import Reader, open_reader
from formfact.proof.evaluate import temporary_base
from formfact.proof.judged import CORPUS, Judged, read_judged
from formfact.proof.metrics import ndcg

sys.path.insert(0, str(ROOT / "tools"))
from reader_rows import HELD_OUT

SETS = ("cranfield", "musique_100", "hotpotqa_100", "cosqa_dev", "scifact_train")
SHARES = (0.0, 0.25, SHARE, 0.75, 1.0)
PAGE = ROOT / "docs" / "reader.md"
SEED = 5
ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """nDCG@10 of one question at each of SHARES, and the processor's milliseconds that reading took."""

    ndcg: tuple[float, ...]
    milliseconds: float


def option(name: str, otherwise: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


def drawn(questions: Sequence[Any], most: int) -> list[Any]:
    return random.Random(SEED).sample(list(questions), min(most, len(questions)))


def ask(view: Snapshot, embedder: Remembering, reader: Reader, question: Judged) -> Asked:
    """One question, read once, in the order of each share."""
    fused = fuse(view.retrieve(make_probe(embedder, question.text, k=DEPTH)))
    started = time.process_time()
    read = reread(view, reader, question.text, fused).order
    spent = (time.process_time() - started) * 1000
    owner = {one.id: one.document.id for one in view.read([one.candidate.passage for one in read])}
    found = []
    for share in SHARES:
        order = sorted(read, key=lambda one: (-mixed(one.searched, one.relevance, share), one.candidate.passage))
        found.append(ndcg(list(dict.fromkeys(owner[one.candidate.passage] for one in order)), question.gains, 10))
    return Asked(tuple(found), spent)


def mixed(searched: float | None, relevance: float | None, share: float) -> float:
    return (1 - share) * (searched or 0.0) + share * (relevance or 0.0)


def sets(embedder: Remembering, reader: Reader, most: int) -> list[tuple[object, ...]]:
    """A row for each retrieval set, and one for their mean."""
    rows, means = [], []
    for name in SETS:
        folder = data("retrieval", name)
        with temporary_base(folder / CORPUS, embedder) as store, store.snapshot() as view:
            found = [ask(view, embedder, reader, one) for one in drawn(read_judged(folder), most)]
        table = np.array([one.ndcg for one in found])
        gain = table[:, SHARES.index(SHARE)] - table[:, 0]
        half = 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
        means.append(table.mean(0))
        spent = np.mean([one.milliseconds for one in found])
        figures = (f"{value:.3f}" for value in table.mean(0))
        rows.append((name, len(found), *figures, f"**{gain.mean():+.3f}** ± {half:.3f}", f"{spent:.0f}"))
    mean = np.mean(means, axis=0)
    gain = mean[SHARES.index(SHARE)] - mean[0]
    return [*rows, ("mean", "", *(f"{value:.3f}" for value in mean), f"**{gain:+.3f}**", "")]


def answers(embedder: Remembering, reader: Reader, most: int) -> list[tuple[object, ...]]:
    """Short answers and abstention on the articles that were left out of training, all articles indexed."""
    with (data("unanswerable") / "squad2_dev_8.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    titles = list(dict.fromkeys(row["title"] for row in rows))[-HELD_OUT:]
    texts = {f"c{at}": text for at, text in enumerate(dict.fromkeys(row["context"] for row in rows))}
    kept = [row for row in rows if row["title"] in titles]
    real = drawn([row for row in kept if row["answerable"]], most)
    trick = drawn([row for row in kept if not row["answerable"]], most)
    with base_of(texts, embedder) as view:
        read = [
            weigh(view, embedder, make_probe(embedder, row["question"], k=HITS), reader=reader) for row in real + trick
        ]
    count = len(real)
    said = [one.reading.short.text if one.reading.short else "" for one in read[:count]]
    given = [(text, row["answers"]) for text, row in zip(said, real, strict=True) if text]
    exact = [max(tidy(text) == tidy(gold) for gold in golds) for text, golds in given]
    overlap = [max(f1(text, gold) for gold in golds) for text, golds in given]
    sure = [confidence(one.evidence) for one in read]
    there = [one.reading.answerable or 0.0 for one in read]
    return [
        ("short answers given", "", percent([bool(text) for text in said])),
        ("... just the gold answer", "", percent(exact)),
        ("... F1 in words", "", f"{np.mean(overlap):.3f}"),
        (
            "article there, answer not in it: AUROC",
            f"{auroc(sure[:count], sure[count:]):.3f}",
            f"**{auroc(there[:count], there[count:]):.3f}** ± {spread(count, len(trick)):.3f}",
        ),
    ]


def tidy(text: str) -> str:
    """As SQuAD's own script compares: no case, articles, punctuation."""
    bare = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return " ".join(ARTICLES.sub(" ", bare).split())


def f1(text: str, gold: str) -> float:
    said, right = tidy(text).split(), tidy(gold).split()
    shared = sum((Counter(said) & Counter(right)).values())
    return 2 * shared / (len(said) + len(right)) if shared else 0.0


def percent(values: Sequence[float]) -> str:
    return f"{100 * np.mean(values):.1f} %"


def spread(right: int, wrong: int) -> float:
    """Half a 95 % interval of an AUROC near .7, by Hanley and McNeil's formula."""
    area = 0.7
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (right - 1) * (one - area**2) + (wrong - 1) * (two - area**2)
    return float(1.96 * np.sqrt(variance / (right * wrong)))


def main() -> None:
    """Print two tables under one name."""
    data("retrieval")
    folder = Path(option("--reader", str(KEPT / "reader")))
    if not folder.is_dir():
        skip(f"there is no reader at {folder}: python tools/make_reader.py --to {folder}")
    reader, embedder, most = open_reader(str(folder)), open_remembering(), int(option("--questions", "100"))
    names = (
        "nDCG@10, share of the reader",
        "questions",
        *(f"{share:g}" for share in SHARES),
        f"gain at {SHARE:g}",
        "ms",
    )
    first = markdown(names, sets(embedder, reader, most))
    second = markdown(("articles left out of training", "confidence", "reader"), answers(embedder, reader, 2 * most))
    note = f"The first {READ} candidates are read; ms are the processor's, all cores together, for one question."
    text = f"{first}\n\n{note}\n\n{second}"
    print(text)
    if "--write" in sys.argv[1:]:
        write("reader", text, PAGE)


if __name__ == "__main__":
    main()
