"""Does the audit's estimate predict how well people's questions find their passages? Over corpora, cuts and weights.

In each setting the same search is asked twice: by the questions that the maker makes of a sample of passages, and by a
set's own questions, whose gold is known. The rank correlation over settings says whether the audit orders them as the
real questions do. Nothing of the maker was fitted on these sets; the overlap it is reweighted to comes from others.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from passages import Piece, Searched, Span, cut, gold, read
from remember import Remembering, open_remembering
from table import KEPT, ROOT, data, markdown, show

from formfact.knowledge.fuse import DENSE_WEIGHT, fuse
from formfact.knowledge.prepare import embedded_text
from formfact.knowledge.words import terms
from formfact.proof import questions
from formfact.proof.audit.ask import flat
from formfact.proof.judged import CORPUS, read_judged
from formfact.proof.makers import RULES
from formfact.proof.overlap import HUMAN, overlap, reweighted

SETS = ("cranfield", "musique_100", "hotpotqa_100", "cosqa_dev", "scifact_train")
TARGETS = (64, 128, 256)
WEIGHTS = (0.0, 0.3, 0.5, DENSE_WEIGHT, 0.8, 1.0)
CUTS = (1, 5, 10)
SAMPLE = 400
"""Passages asked for in each corpus and cut."""
ASKED = 300
"""Questions of a set that are asked at most."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Point:
    """One corpus in one setting: the audit's rate, the same reweighted, and that of the set's own questions."""

    corpus: str
    target: int
    weight: float
    cut: int
    plain: float
    reweighted: float
    real: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question's rank at every weight, and its overlap with what it should find."""

    ranks: tuple[int | None, ...]
    overlap: float


def outcome(searched: Searched, question: str, right: Sequence[bool], overlap_: float) -> Outcome:
    """`right[i]` says whether the i-th piece answers."""
    found = searched.candidates(question)
    ranks = []
    for weight in WEIGHTS:
        order = (one.candidate.passage - 1 for one in fuse(found, weight=weight)[: max(CUTS)])
        ranks.append(next((rank for rank, at in enumerate(order, 1) if right[at]), None))
    return Outcome(tuple(ranks), overlap_)


def audited(searched: Searched) -> list[list[Outcome]]:
    """The maker's questions: for each sampled passage their outcomes."""
    pieces = searched.pieces
    drawn = random.Random(SEED)
    chosen = sorted(drawn.sample(range(len(pieces)), min(SAMPLE, len(pieces))))
    made = questions.ask(RULES, [embedded_text(pieces[at].passage) for at in chosen])
    flats = [flat(piece.passage.text) for piece in pieces]
    found = []
    for at, asked in zip(chosen, made, strict=True):
        rows = []
        for one in asked:
            said = flat(one.evidence)
            right = [i == at or said in text for i, text in enumerate(flats)]
            rows.append(outcome(searched, one.text, right, one.overlap))
        if rows:
            found.append(rows)
    return found


def covers(piece: Piece, span: Span) -> bool:
    """Whether a piece holds half of a gold span, or a gold span half of a piece: cuts are shorter than some spans."""
    shared = min(piece.passage.end, span.end) - max(piece.passage.start, span.start)
    shorter = min(span.end - span.start, piece.passage.end - piece.passage.start)
    return piece.document == span.document and shared * 2 >= shorter


def real_spans(searched: Searched, wanted: Sequence[tuple[str, list[Span]]]) -> list[Outcome]:
    found = []
    for question, spans in wanted:
        right = [any(covers(piece, span) for span in spans) for piece in searched.pieces]
        found.append(outcome(searched, question, right, _overlap(searched, question, right)))
    return found


def real_judged(searched: Searched, folder: Path) -> list[Outcome]:
    judged = list(read_judged(folder))
    random.Random(SEED).shuffle(judged)
    found = []
    for one in judged[:ASKED]:
        good = {document for document, gain in one.gains.items() if gain > 0}
        right = [piece.document in good for piece in searched.pieces]
        found.append(outcome(searched, one.text, right, _overlap(searched, one.text, right)))
    return found


def _overlap(searched: Searched, question: str, right: Sequence[bool]) -> float:
    shares = [
        overlap(question, terms(embedded_text(piece.passage)))
        for piece, good in zip(searched.pieces, right, strict=True)
        if good
    ]
    return max(shares, default=0.0)


def points(name: str, target: int, made: list[list[Outcome]], real: list[Outcome]) -> Iterator[Point]:
    for at, weight in enumerate(WEIGHTS):
        for cut_ in CUTS:
            hits = [[(_hit(one, at, cut_), one.overlap) for one in rows] for rows in made]
            plain = fmean(fmean(hit for hit, _ in rows) for rows in hits)
            flat_ = [pair for rows in hits for pair in rows]
            yield Point(
                name, target, weight, cut_, plain,
                reweighted([hit for hit, _ in flat_], [share for _, share in flat_], HUMAN),
                fmean(_hit(one, at, cut_) for one in real),
            )  # fmt: skip


def _hit(one: Outcome, at: int, cut_: int) -> bool:
    rank = one.ranks[at]
    return rank is not None and rank <= cut_


def measured(embedder: Remembering) -> Iterator[Point]:
    """All settings of all corpora; what was measured with this very maker is kept."""
    wanted = defaultdict(list)
    for question, spans in gold():
        wanted[spans[0].document].append((question, spans))
    for path in sorted((data("chunking") / "corpora").glob("*.md")):
        for target in TARGETS:
            yield from _kept(path.stem, target, lambda s, name=path.name: real_spans(s, wanted[name]), embedder, path)
    for name in SETS:
        folder = data("retrieval", name)
        yield from _kept(name, max(TARGETS), lambda s, f=folder: real_judged(s, f), embedder, folder / CORPUS)


Real = Callable[[Searched], list[Outcome]]


def _kept(name: str, target: int, real: Real, embedder: Remembering, file: Path) -> list[Point]:
    """One corpus at one cut: read where it was measured before, measured where not."""
    kept = KEPT / "audit" / f"{name}-{target}-{_version()}.json"
    if not kept.exists():
        pieces = cut(read(file), embedder, target)
        with tempfile.TemporaryDirectory() as place:
            searched = Searched(pieces, embedder, Path(place))
            found = list(points(name, target, audited(searched), real(searched)))
        print(name, target, len(pieces), file=sys.stderr, flush=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
    return [Point(**one) for one in json.loads(kept.read_text(encoding="utf-8"))]


def _version() -> str:
    """Changes with the maker, the overlap, and what is asked of them here."""
    files = [*sorted((ROOT / "formfact" / "proof" / "makers").glob("*.py")), ROOT / "formfact" / "proof" / "overlap.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    return hashlib.sha256(f"{text}{SAMPLE}{ASKED}{SEED}{WEIGHTS}{CUTS}".encode()).hexdigest()[:12]


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """The rank correlation, ties at their mean rank; nan where one side never changes."""
    a, b = (np.array(_ranks(values)) for values in (one, other))
    if a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: Sequence[float]) -> list[float]:
    order = np.argsort(values, kind="stable")
    ranks = [0.0] * len(values)
    ordered = [values[i] for i in order]
    for i in order:
        same = [at for at, value in enumerate(ordered) if value == values[i]]
        ranks[i] = fmean(same)
    return ranks


def main() -> None:
    """Print the correlations."""
    data("chunking"), data("retrieval")
    found = list(measured(open_remembering()))
    rows = []
    for cut_ in CUTS:
        at = [one for one in found if one.cut == cut_]
        rows += list(correlations(at, cut_))
    names = ("rank correlation with people's questions", "points", "as asked", "reweighted by overlap", "target")
    table = markdown(names, rows)
    shown = [one for one in found if one.weight == DENSE_WEIGHT and one.target == max(TARGETS) and one.cut == 10]
    corpora = markdown(
        ("corpus, as search is set, @10", "audit", "reweighted", "people's questions"),
        [(one.corpus, f"{one.plain:.3f}", f"{one.reweighted:.3f}", f"{one.real:.3f}") for one in shown],
    )
    show("audit", f"{table}\n\n{corpora}")


def correlations(found: Sequence[Point], cut_: int) -> Iterator[tuple[object, ...]]:
    """All settings together; over settings within one corpus; over corpora as search is set."""
    yield _row(f"found @{cut_}: all corpora and settings", [found], "**.80**" if cut_ == 10 else "")
    corpora = sorted({one.corpus for one in found})
    within = [[one for one in found if one.corpus == name] for name in corpora]
    yield _row(f"found @{cut_}: settings within a corpus, mean", within, "")
    shipped = [one for one in found if one.weight == DENSE_WEIGHT and one.target == max(TARGETS)]
    yield _row(f"found @{cut_}: corpora, as search is set", [shipped], "")


def _row(name: str, groups: Sequence[Sequence[Point]], target: str) -> tuple[object, ...]:
    cells = []
    for estimate in ("plain", "reweighted"):
        values = [spearman([getattr(p, estimate) for p in group], [p.real for p in group]) for group in groups]
        cells.append(f"{np.nanmean(values):.2f}")
    return (name, sum(map(len, groups)), *cells, target)


if __name__ == "__main__":
    main()
