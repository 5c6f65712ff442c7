"""Would a map of questions, learnt from a base's own made questions, make people's questions find more? (It does not.)

A question's vector q becomes q + q A B, A (384, RANK), B (RANK, 384), normalised: trained so that made questions lie
nearer to the passages that they are made of than to all others. Made questions copy their passages' words, and what
brings them nearer takes people's questions away; so `formfact tune` has no such step. It stands here so that another
maker, or another map, can be tried.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from passages import Searched, cut, read
from remember import Remembering
from table import ROOT, data, markdown, write
from tune import AT, judged

from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.knowledge.prepare import embedded_text
from formfact.models import open_embedder
from formfact.proof import questions
from formfact.proof.judged import CORPUS, Judged, read_judged
from formfact.proof.makers import RULES
from formfact.proof.paired import paired

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETS = ("cranfield", "musique_100", "hotpotqa_100")
TARGET = 256
SAMPLE, ASKED = 1000, 250
"""Passages of which questions are made, and people's questions that are asked."""
STEPS, BATCH, RATE, HEAT = 150, 256, 0.01, 0.05
RANKS = (4, 16)
SEED = 7
WEIGHTS = (DENSE_WEIGHT, 1.0)


def learnt(made: NDArray[np.float32], at: Sequence[int], held: NDArray[np.float32], rank: int) -> NDArray[np.float32]:
    """A B, (d, d), for made questions (n, d) of the passages `at` (n,) among `held` (m, d)."""
    import torch

    torch.manual_seed(SEED)
    asked, near, right = torch.tensor(made), torch.tensor(held), torch.tensor(at)
    down = (torch.randn(asked.shape[1], rank) * 0.02).requires_grad_()
    up = torch.zeros(rank, asked.shape[1], requires_grad=True)
    optimizer = torch.optim.AdamW([down, up], RATE, weight_decay=0.0)
    for _ in range(STEPS):
        rows = torch.randint(len(asked), (BATCH,))
        mapped = torch.nn.functional.normalize(asked[rows] + asked[rows] @ down @ up, dim=1)
        loss = torch.nn.functional.cross_entropy(mapped @ near.T / HEAT, right[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found: NDArray[np.float32] = (down @ up).detach().numpy()
    return found


class Mapped(Remembering):
    """The embedder with a map behind its questions."""

    matrix: NDArray[np.float32] | None = None

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        found = super().embed(texts, question=question)
        if question and self.matrix is not None:
            found = found + found @ self.matrix
            found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found


def people(searched: Searched, asked: Sequence[Judged]) -> NDArray[np.float64]:
    """nDCG@10 of each question, (questions, WEIGHTS)."""
    rows = np.array([judged(searched, one.text, one.gains, whole=True) for one in asked])
    return rows[:, [AT[weight] for weight in WEIGHTS]]


def measured(name: str, embedder: Mapped) -> list[tuple[object, ...]]:
    """A row for each rank."""
    folder = data("retrieval", name)
    pieces = cut(read(folder / CORPUS), embedder, TARGET)
    chosen = sorted(random.Random(SEED).sample(range(len(pieces)), min(SAMPLE, len(pieces))))
    asked = questions.ask(RULES, [embedded_text(pieces[at].passage) for at in chosen])
    texts, at = zip(*((one.text, at) for at, some in zip(chosen, asked, strict=True) for one in some), strict=True)
    real = list(read_judged(folder))
    real = random.Random(SEED).sample(real, min(ASKED, len(real)))
    embedder.matrix = None
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as place:
        searched = Searched(pieces, embedder, Path(place))
        before, made = people(searched, real), embedder.embed(texts, question=True)
        for rank in RANKS:
            embedder.matrix = None
            embedder.matrix = learnt(made, at, searched.vectors[True], rank)
            rows.append((name, len(made), rank, *_shown(before, people(searched, real))))
        embedder.matrix = None
    return rows


def _shown(before: NDArray[np.float64], after: NDArray[np.float64]) -> list[str]:
    cells = []
    for at in reversed(range(len(WEIGHTS))):
        difference = (after - before)[:, at].tolist()
        low, high = paired(difference, [1.0] * len(difference), [str(row) for row in range(len(difference))]).interval
        cells += [f"{before[:, at].mean():.3f}", f"**{fmean(difference):+.3f}** ({low:+.3f} to {high:+.3f})"]
    return cells


def main() -> None:
    """Print the table, with `--write` into docs/tune.md."""
    data("retrieval")
    embedder = Mapped(open_embedder())
    rows = [row for name in SETS for row in measured(name, embedder)]
    names = ("people's nDCG@10", "made", "rank", "meaning alone", "with a map", "as search is set", "with a map")
    text = markdown(names, rows)
    print(text)
    if "--write" in sys.argv[1:]:
        write("question_map", text, ROOT / "docs" / "tune.md")


if __name__ == "__main__":
    main()
