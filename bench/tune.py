"""What tuning without labels comes to, on sets that had no part in its one constant; `--fit` writes the constant.

Each set is cut and searched as a base would be. Questions are made of its passages, the share of meaning is chosen and
kept or left by them as `formfact tune` does, and people's questions say what that was worth. COPIED of
`formfact/proof/fair.py` is chosen anew for each set from the others.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from audit import covers
from passages import Piece, Searched, cut, gold, read
from remember import Remembering, open_remembering
from retrieval import reciprocal, weighted
from table import KEPT, ROOT, data, markdown, write

from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.knowledge.prepare import embedded_text
from formfact.knowledge.setting import Setting
from formfact.proof import questions
from formfact.proof.audit.ask import flat
from formfact.proof.audit.gather import RUN
from formfact.proof.fair import fair
from formfact.proof.judged import CORPUS, Judged, read_judged
from formfact.proof.makers import RULES
from formfact.proof.metrics import ndcg
from formfact.proof.overlap import weights as by_overlap
from formfact.proof.tune import WEIGHTS
from formfact.proof.tune.choose import best, beyond_chance, pick
from formfact.proof.tune.trials import table, trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET = 256
SAMPLE = 1000
"""Passages of which questions are made."""
ASKED = 500
"""People's questions of a set that are asked at most."""
SEED = 7
COPIED = tuple(at / 4 for at in range(17))
"""The values that are tried for the constant."""
CLOSE = 0.005
RETRIEVAL = ("cranfield", "musique_100", "hotpotqa_100", "cosqa_dev", "scifact_train")
TEXTS = ("chatlogs", "finance", "pubmed", "state_of_the_union", "wikitexts")
PARAGRAPHS = ("squad11_train44", "fairytale_train")
"""Every other paragraph of these."""
CHUNKS = "chunks"
"""The five whole texts in one base; each is then also measured as a base of its own."""
FITTED = (*RETRIEVAL, CHUNKS, *PARAGRAPHS)
AT = {weight: at for at, weight in enumerate(WEIGHTS)}


@dataclass(frozen=True, slots=True)
class Measured:
    """A set: what made questions gain at each weight, and people's nDCG@10 at each and by reciprocal ranks."""

    name: str
    passages: int
    gains: list[list[float]]
    overlaps: list[float]
    groups: list[str]
    people: list[float]
    reciprocal: float

    def counts(self, copied: float) -> NDArray[np.float64]:
        gains = np.array(self.gains)
        return fair(gains[:, 0], gains[:, -1], copied=copied)

    def tuned(self, counts: NDArray[np.float64]) -> float:
        """The weight that tuning leaves the base with."""
        gains = np.array(self.gains)
        picked = pick(gains, gains[:, AT[DENSE_WEIGHT]], counts, self.groups)
        return WEIGHTS[picked.at] if beyond_chance(picked.held_out) else DENSE_WEIGHT

    def at(self, weight: float) -> float:
        return self.people[AT[weight]]

    @property
    def best(self) -> float:
        """The best of words alone, meaning alone, reciprocal ranks and one half."""
        return max(self.at(0.0), self.at(1.0), self.at(0.5), self.reciprocal)


Gains = Callable[[Sequence[Piece]], Iterator[tuple[str, Mapping[str, float]]]]
"""Pieces -> people's questions, each with what is right for it: names of documents, or numbers of pieces."""


def measure(name: str, pieces: Sequence[Piece], embedder: Remembering, people: Gains, *, whole: bool) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        searched = Searched(pieces, embedder, Path(folder))
        gains, overlaps, groups = made(searched)
        rows = [judged(searched, question, right, whole=whole) for question, right in people(pieces)]
    means = np.array(rows).mean(0).tolist()
    return Measured(name, len(pieces), gains, overlaps, groups, means[:-1], means[-1])


def made(searched: Searched) -> tuple[list[list[float]], list[float], list[str]]:
    """Made questions: their gains at all weights, their overlaps, and the parts that their passages stand in."""
    pieces = searched.pieces
    chosen = sorted(random.Random(SEED).sample(range(len(pieces)), min(SAMPLE, len(pieces))))
    asked = questions.ask(RULES, [embedded_text(pieces[at].passage) for at in chosen])
    flats = [flat(piece.passage.text) for piece in pieces]
    counted: Counter[str] = Counter()
    parts = []
    for piece in pieces:
        parts.append(f"{piece.document} {counted[piece.document] // RUN}")
        counted[piece.document] += 1
    trials, overlaps = [], []
    for at, several in zip(chosen, asked, strict=True):
        for one in several:
            found, said = searched.candidates(one.text), flat(one.evidence)
            right = [c.passage - 1 == at or said in flats[c.passage - 1] for c in found]
            trials.append(trial(one.text, found, right, group=parts[at], place=""))
            overlaps.append(one.overlap)
    gains = table(trials, [Setting(weight=weight) for weight in WEIGHTS])
    return gains.round(5).tolist(), overlaps, [one.group for one in trials]


def judged(searched: Searched, question: str, right: Mapping[str, float], *, whole: bool) -> list[float]:
    """nDCG@10 of one question at every weight, then by reciprocal ranks; `whole` ranks documents, not passages."""
    found = searched.candidates(question)
    orders = [*(weighted(found, weight) for weight in WEIGHTS), reciprocal(found)]
    named = ([searched.pieces[p - 1].document if whole else str(p - 1) for p in order] for order in orders)
    return [ndcg(list(dict.fromkeys(names)), right, 10) for names in named]


def of_judged(found: Sequence[Judged]) -> Gains:
    drawn = random.Random(SEED).sample(list(found), min(ASKED, len(found)))
    return lambda _: ((one.text, one.gains) for one in drawn)


def of_spans(names: Sequence[str]) -> Gains:
    def right(pieces: Sequence[Piece]) -> Iterator[tuple[str, Mapping[str, float]]]:
        for question, spans in gold():
            if spans[0].document.removesuffix(".md") in names:
                good = [at for at, piece in enumerate(pieces) if any(covers(piece, span) for span in spans)]
                if good:
                    yield question, {str(at): 1.0 for at in good}

    return right


def sets(embedder: Remembering) -> Iterator[Measured]:
    """All sets; what was measured with this very maker is kept."""
    for name in RETRIEVAL:
        folder = data("retrieval", name)
        yield _kept(name, embedder, [folder / CORPUS], lambda f=folder: of_judged(read_judged(f)), whole=True)
    for name, texts in ((CHUNKS, TEXTS), *((text, (text,)) for text in TEXTS)):
        files = [data("chunking", "corpora", f"{text}.md") for text in texts]
        yield _kept(name, embedder, files, lambda t=texts: of_spans(t), whole=False)
    for name in PARAGRAPHS:
        yield _paragraphs(name, embedder)


def _paragraphs(name: str, embedder: Remembering) -> Measured:
    lines = data("questions", f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[::2]
    rows = [json.loads(line) for line in lines]
    asked = [Judged("", text, {str(at): 1.0}) for at, row in enumerate(rows) for text in row["questions"]]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / CORPUS
        texts = (json.dumps({"_id": str(at), "text": row["text"]}) for at, row in enumerate(rows))
        corpus.write_text("\n".join(texts), encoding="utf-8")
        return _kept(name, embedder, [corpus], lambda: of_judged(asked), whole=True)


def _kept(
    name: str, embedder: Remembering, files: Sequence[Path], people: Callable[[], Gains], *, whole: bool
) -> Measured:
    file = KEPT / "tune" / f"{name}-{_version()}.json"
    if not file.exists():
        found = measure(name, cut(read(*files), embedder, TARGET), embedder, people(), whole=whole)
        print(name, found.passages, file=sys.stderr, flush=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return Measured(**json.loads(file.read_text(encoding="utf-8")))


def _version() -> str:
    """Changes with the maker and with what is asked of it here."""
    files = sorted((ROOT / "formfact" / "proof" / "makers").glob("*.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    return hashlib.sha256(f"{text}{SAMPLE}{ASKED}{SEED}{WEIGHTS}{TARGET}".encode()).hexdigest()[:12]


def worth(one: Measured) -> list[float]:
    """People's nDCG@10 at the weight that made questions choose, for each value of the constant."""
    gains = np.array(one.gains)
    return [one.people[best(gains, fair(gains[:, 0], gains[:, -1], copied=copied))] for copied in COPIED]


def fitted(worths: Sequence[Sequence[float]]) -> float:
    """The constant whose choices people's questions like best in the mean over sets."""
    return COPIED[int(np.array(worths).mean(0).argmax())]


def left_out(found: Sequence[Measured]) -> dict[str, float]:
    """For each set the constant from those that share no text with it."""
    worths = {one.name: worth(one) for one in found if one.name in FITTED}
    chosen = {}
    for one in found:
        kin = (CHUNKS, *TEXTS) if one.name in (CHUNKS, *TEXTS) else (one.name,)
        chosen[one.name] = fitted([values for name, values in worths.items() if name not in kin])
    return chosen


def row(one: Measured, copied: float) -> tuple[object, ...]:
    weight = one.tuned(one.counts(copied))
    return (
        one.name, *(f"{value:.3f}" for value in (one.at(0.0), one.at(1.0), one.reciprocal, one.at(0.5))),
        f"{one.at(DENSE_WEIGHT):.3f}", f"**{one.at(weight):.3f}**", f"{weight:g}",
        f"{one.at(weight) - one.best:+.3f}", f"{copied:g}",
    )  # fmt: skip


def ways(found: Sequence[Measured], copied: Mapping[str, float]) -> Iterator[tuple[object, ...]]:
    """Means over sets of what several ways of counting made questions come to."""
    chosen: dict[str, list[float]] = {
        "one half for all": [0.5] * len(found),
        f"{DENSE_WEIGHT} for all, the default": [DENSE_WEIGHT] * len(found),
        "tuned, made questions as they are": [one.tuned(np.ones(len(one.gains))) for one in found],
        "tuned, reweighted by overlap alone": [one.tuned(np.array(by_overlap(one.overlaps))) for one in found],
        "tuned, as `formfact tune` counts": [one.tuned(one.counts(copied[one.name])) for one in found],
        "best weight of each set, by its labels": [max(WEIGHTS, key=one.at) for one in found],
    }
    for name, weights in chosen.items():
        gaps = [one.at(weight) - one.best for one, weight in zip(found, weights, strict=True)]
        mean = fmean(one.at(weight) for one, weight in zip(found, weights, strict=True))
        yield name, f"{mean:.4f}", f"{fmean(gaps):+.4f}", f"{min(gaps):+.3f}", sum(gap >= -CLOSE for gap in gaps)


def main() -> None:
    """Print both tables, with `--write` into docs/tune.md; with `--fit` write the constant."""
    data("chunking"), data("retrieval")
    every = list(sets(open_remembering()))
    if "--fit" in sys.argv[1:]:
        line = f"COPIED = {fitted([worth(one) for one in every if one.name in FITTED]):g}"
        file = ROOT / "formfact" / "proof" / "fair.py"
        file.write_text(re.sub(r"^COPIED = .*$", line, file.read_text(encoding="utf-8"), flags=re.MULTILINE))
        print(line)
    names = ("nDCG@10", "BM25", "meaning", "RRF", "0.5", "default", "**tuned**", "weight", "to the best", "constant")
    copied = left_out(every)
    rows = [row(one, copied[one.name]) for one in every]
    wide = [one for one in every if one.name not in TEXTS]
    kinds = (f"mean over the {len(wide)} larger sets", "nDCG@10", "to the best of four", "at worst", f"within {CLOSE}")
    text = f"{markdown(names, rows)}\n\n{markdown(kinds, list(ways(wide, copied)))}"
    print(text)
    if "--write" in sys.argv[1:]:
        write("tune", text, ROOT / "docs" / "tune.md")


if __name__ == "__main__":
    main()
