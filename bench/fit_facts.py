"""Fits the constants of formfact/patterns/facts/score.py on the first half of each set; --write puts them there.

Every kind of row counts alike, and form as much as facts. Each kind is read twice: as a file of its own, and mixed with
all others. A signal may only speak in the direction that its name says; where the data pulls it the other way, it is 0.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from facts import auroc
from numpy.typing import NDArray
from rows_of_facts import TAUGHT, pairs
from rows_of_form import resembling, sample, written
from table import ROOT, data

from formfact.patterns.facts.file import shape
from formfact.patterns.facts.score import KNOWLEDGE
from formfact.patterns.facts.signals import Signals, read
from formfact.patterns.facts.words import Lexicon
from formfact.types import Row

NAMES = [field.name for field in fields(Signals)]
SPEAK_FOR = {"fresh", "strong", "numbers", "rare", "asks", "hangs", "tells"}
"""Signals that can only raise the belief that a row teaches facts; all others can only lower it."""
SIGNS = np.array([0, *(1 if name in SPEAK_FOR else -1 for name in NAMES)])
HALF_A_VOICE = {"beside a wrong passage", "not what the passage says", "statements left open"}
"""Kinds that are made by swapping and cutting, and so are less like what people write."""
TWO_VOICES = {"persona", "instruction"}
"""The kinds that are hardest to tell from questions and answers."""
FEW, MOST, MIXED = 20, 300, 120
RIDGE = 3e-3

Numbers = NDArray[np.float64]


class Kind(NamedTuple):
    """Rows of one kind, and whether they teach facts."""

    name: str
    teaches: bool
    rows: Sequence[Row]

    @property
    def voice(self) -> float:
        """What the kind counts."""
        if self.name in TWO_VOICES:
            return 2.0
        return 0.5 if len(self.rows) < FEW or self.name in HALF_A_VOICE else 1.0


def kinds(half: int) -> list[Kind]:
    """All kinds of rows of one half."""
    found = []
    for name, couples in pairs(half).items():
        found.append(Kind(f"{name}, with passage", False, [given for given, _ in couples]))
        found.append(Kind(f"{name}, without", True, [closed for _, closed in couples]))
    found += [Kind(name, False, rows) for name, rows in resembling(half, MOST).items()]
    found += [Kind(name, True, sample(list(made(half)), MOST, half)) for name, made in TAUGHT.items()]
    return [*found, Kind("questions and answers", True, written(half)["knowledge"])]


def measured(rows: Sequence[Row]) -> Numbers:
    """The signals of a file's rows, behind a column of ones."""
    lexicon = Lexicon()
    whole = shape(rows, lexicon)
    return np.array([(1.0, *astuple(read(row, lexicon, whole).signals)) for row in rows])


def mixed(found: Sequence[Kind]) -> list[Numbers]:
    """The signals of some rows of each kind, all in one file."""
    some = [sample(kind.rows, MIXED, 0) for kind in found]
    x = measured([row for rows in some for row in rows])
    return np.split(x, np.cumsum([len(rows) for rows in some])[:-1])


def fit(found: Sequence[Kind], files: Sequence[Numbers]) -> Numbers:
    """Bias and weights of a logistic, by Newton's method on the weights that their signs leave free."""
    total = {side: sum(kind.voice for kind in found if kind.teaches == side) for side in (True, False)}
    x = np.vstack(files)
    y = np.concatenate([np.full(len(rows), float(kind.teaches)) for kind, rows in zip(found, files, strict=True)])
    share = np.concatenate(
        [
            np.full(len(rows), kind.voice / total[kind.teaches] / 2 / len(rows))
            for kind, rows in zip(found, files, strict=True)
        ]
    )
    w = np.zeros(x.shape[1])
    pull = RIDGE / len(w) * np.r_[0.0, np.ones(len(w) - 1)]
    for _ in range(200):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (share * (p - y)) + pull * w
        free = np.flatnonzero((w != 0) | (SIGNS == 0) | (np.sign(-slope) == SIGNS))
        curve = (x[:, free] * (share * p * (1 - p))[:, None]).T @ x[:, free] + np.diag(pull[free] + 1e-10)
        after = w.copy()
        after[free] -= np.linalg.solve(curve, slope[free])
        after[(SIGNS != 0) & (np.sign(after) == -SIGNS)] = 0
        moved, w = np.abs(after - w).max(), after
        if moved < 1e-7:
            break
    return w


def beliefs(w: Numbers, x: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-x @ w))


def report(w: Numbers, found: Sequence[Kind], files: Sequence[Numbers]) -> None:
    """What the fit makes of the half that it was fitted on."""
    scores = [beliefs(w, x) for x in files]
    for kind, own in zip(found, scores, strict=True):
        print(
            f"{kind.name:44} {'facts' if kind.teaches else 'form ':5}  called {(own >= KNOWLEDGE).mean():.3f}", end=""
        )
        print(f"  mean {own.mean():.3f}")
    for at, kind in enumerate(found):
        if kind.name.endswith(", with passage"):
            print(f"{kind.name:44} AUROC {auroc(scores[at].tolist(), scores[at + 1].tolist()):.3f}")


def put_into(source: Path, w: Numbers) -> None:
    """Replace the constants in the file."""
    lines = "\n".join(f'    "{name}": {value:.2f},' for name, value in zip(NAMES, w[1:], strict=True))
    text = source.read_text(encoding="utf-8")
    text = re.sub(r"^BIAS = .*$", f"BIAS = {w[0]:.2f}", text, flags=re.MULTILINE)
    text = re.sub(
        r"^(WEIGHTS: Mapping\[str, float\] = \{\n).*?^\}", rf"\g<1>{lines}\n}}", text, flags=re.MULTILINE | re.DOTALL
    )
    source.write_text(text, encoding="utf-8")


def main() -> None:
    """Fit, print, and write where that is asked for."""
    data("questions")
    found = kinds(0)
    own, together = [measured(kind.rows) for kind in found], mixed(found)
    w = fit([*found, *found], [*own, *together])
    report(w, found, own)
    print(dict(zip(["bias", *NAMES], w.round(2).tolist(), strict=True)))
    if "--write" in sys.argv[1:]:
        put_into(ROOT / "formfact" / "patterns" / "facts" / "score.py", w)


if __name__ == "__main__":
    main()
