"""Does the audit's estimate predict how well people's questions find their passages? Over corpora, cuts and weights.

In each setting the same search is asked twice: by the questions that the maker makes of a sample of passages, and by a
set's own questions, whose gold is known. The rank correlation over settings says whether the audit orders them as the
real questions do. No constant was fitted on these sets: the overlap it is reweighted to and what the rate "as people
ask" counts come from others (`fit_overlap.py`, `fit_expected.py`). That a passage counts by the best of its questions,
not by their mean, was decided with these sets in sight.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from passages import Piece, Searched, Span, cut, gold, read
from remember import Remembering, open_remembering
from table import KEPT, ROOT, data, markdown, write

from formfact.knowledge.fuse import DENSE_WEIGHT, fuse
from formfact.knowledge.prepare import embedded_text
from formfact.knowledge.words import terms
from formfact.proof import questions
from formfact.proof.audit.ask import flat
from formfact.proof.audit.expected import LOSS, NOWHERE, REPEATED, SPREAD, chance, lead
from formfact.proof.judged import CORPUS, read_judged
from formfact.proof.makers import RULES
from formfact.proof.overlap import HUMAN, overlap, reweighted

SETS = ("cranfield", "musique_100", "hotpotqa_100", "cosqa_dev", "scifact_train")
TARGETS = (64, 128, 256)
WEIGHTS = (0.0, 0.3, 0.5, DENSE_WEIGHT, 0.8, 1.0)
CUTS = (1, 5, 10, 20)
BETWEEN = (2, 4, 8)
"""Cuts that only `passage_size.py` looks at."""
LOOKED_AT = sorted({*CUTS, *BETWEEN})
SAMPLE = 200
"""Passages asked for in each corpus and cut."""
ASKED = 300
"""Questions of a set that are asked at most."""
SEED = 7
HALVINGS = 50
ESTIMATES = ("as asked", "reweighted by overlap", "as people ask")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question's rank at every weight, its overlap with what it should find, the passage that it was made of, and at
    every weight by how much that one leads what stands at each of LOOKED_AT (see `formfact.proof.audit.expected`)."""

    ranks: tuple[int | None, ...]
    overlap: float
    of: int = -1
    leads: tuple[tuple[float, ...], ...] = ()

    def hit(self, at: int, cut_: int) -> bool:
        rank = self.ranks[at]
        return rank is not None and rank <= cut_


@dataclass(frozen=True, slots=True)
class Measured:
    """A corpus at one cut: what people's questions found, and made ones."""

    corpus: str
    target: int
    real: list[Outcome]
    made: list[Outcome]

    def rate(self, at: int, cut_: int) -> float:
        """The share of people's questions that find what answers them, at the weight of that number."""
        return fmean(one.hit(at, cut_) for one in self.real)

    def plain(self, at: int, cut_: int) -> float:
        """The mean over passages of the share of their made questions that find them."""
        found = defaultdict(list)
        for one in self.made:
            found[one.of].append(one.hit(at, cut_))
        return fmean(map(fmean, found.values()))

    def expected(self, at: int, cut_: int, loss: float = LOSS, spread: float = SPREAD) -> float:
        """The same as people ask: the mean over passages of what their best question makes likely."""
        best: dict[int, float] = {}
        place = LOOKED_AT.index(cut_)
        for one in self.made:
            best[one.of] = max(best.get(one.of, NOWHERE), one.leads[at][place])
        return fmean(chance(lead, loss, spread) for lead in best.values())

    def reweighted(self, at: int, cut_: int) -> float:
        hits = [float(one.hit(at, cut_)) for one in self.made]
        return reweighted(hits, [one.overlap for one in self.made], HUMAN)

    def estimates(self, at: int, cut_: int) -> dict[str, float]:
        """All three estimates of that rate, by their names."""
        values = self.plain(at, cut_), self.reweighted(at, cut_), self.expected(at, cut_)
        return dict(zip(ESTIMATES, values, strict=True))


@dataclass(frozen=True, slots=True)
class Point:
    """One corpus in one setting: the audit's rates, and that of the set's own questions."""

    corpus: str
    target: int
    weight: float
    cut: int
    estimates: Mapping[str, float]
    real: float


def outcome(
    searched: Searched, question: str, right: Callable[[int], bool], overlap_: float, *, of: int = -1,
    repeated: float | None = None,
) -> Outcome:  # fmt: skip
    """`right(i)` says whether the i-th piece answers; leads are told where `repeated` is given."""
    found = searched.candidates(question)
    good = {one.passage for one in found if right(one.passage - 1)}
    ranks, leads = [], []
    for weight in WEIGHTS:
        order = (one.candidate.passage for one in fuse(found, weight=weight)[: max(LOOKED_AT)])
        ranks.append(next((rank for rank, passage in enumerate(order, 1) if passage in good), None))
        if repeated is not None:
            leads.append(lead(found, good, weight, repeated=repeated, cuts=LOOKED_AT))
    return Outcome(tuple(ranks), overlap_, of, tuple(leads))


def audited(searched: Searched, *, repeated: float = REPEATED) -> list[Outcome]:
    """The maker's questions for sampled passages."""
    pieces = searched.pieces
    drawn = random.Random(SEED)
    chosen = sorted(drawn.sample(range(len(pieces)), min(SAMPLE, len(pieces))))
    made = questions.ask(RULES, [embedded_text(pieces[at].passage) for at in chosen])
    flats = [flat(piece.passage.text) for piece in pieces]
    found = []
    for at, asked in zip(chosen, made, strict=True):
        for one in asked:
            said = flat(one.evidence)
            right = lambda i, at=at, said=said: i == at or said in flats[i]  # noqa: E731
            found.append(outcome(searched, one.text, right, one.overlap, of=at, repeated=repeated))
    return found


def covers(piece: Piece, span: Span) -> bool:
    """Whether a piece holds half of a gold span, or a gold span half of a piece: cuts are shorter than some spans."""
    shared = min(piece.passage.end, span.end) - max(piece.passage.start, span.start)
    shorter = min(span.end - span.start, piece.passage.end - piece.passage.start)
    return piece.document == span.document and shared * 2 >= shorter


def real_spans(searched: Searched, wanted: Sequence[tuple[str, list[Span]]]) -> list[Outcome]:
    found = []
    for question, spans in wanted:
        right = {i for i, piece in enumerate(searched.pieces) if any(covers(piece, span) for span in spans)}
        found.append(outcome(searched, question, right.__contains__, _overlap(searched, question, right)))
    return found


def real_judged(searched: Searched, folder: Path) -> list[Outcome]:
    judged = list(read_judged(folder))
    random.Random(SEED).shuffle(judged)
    found = []
    for one in judged[:ASKED]:
        good = {document for document, gain in one.gains.items() if gain > 0}
        right = {i for i, piece in enumerate(searched.pieces) if piece.document in good}
        found.append(outcome(searched, one.text, right.__contains__, _overlap(searched, one.text, right)))
    return found


def _overlap(searched: Searched, question: str, right: Collection[int]) -> float:
    shares = [overlap(question, terms(embedded_text(searched.pieces[at].passage))) for at in right]
    return max(shares, default=0.0)


def measured(embedder: Remembering) -> Iterator[Measured]:
    """All corpora and cuts; what was measured with this very maker is kept."""
    wanted = defaultdict(list)
    for question, spans in gold():
        wanted[spans[0].document].append((question, spans))
    for path in sorted((data("chunking") / "corpora").glob("*.md")):
        for target in TARGETS:
            yield _kept(path.stem, target, lambda s, name=path.name: real_spans(s, wanted[name]), embedder, path)
    for name in SETS:
        folder = data("retrieval", name)
        yield _kept(name, max(TARGETS), lambda s, f=folder: real_judged(s, f), embedder, folder / CORPUS)


Real = Callable[[Searched], list[Outcome]]


def _kept(name: str, target: int, real: Real, embedder: Remembering, file: Path) -> Measured:
    """One corpus at one cut: read where it was measured before, measured where not."""
    kept = KEPT / "audit" / f"{name}-{target}-{_version()}.json"
    if not kept.exists():
        pieces = cut(read(file), embedder, target)
        with tempfile.TemporaryDirectory() as place:
            searched = Searched(pieces, embedder, Path(place))
            found = Measured(name, target, real(searched), audited(searched))
        print(name, target, len(pieces), file=sys.stderr, flush=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(found)), encoding="utf-8")
    row = json.loads(kept.read_text(encoding="utf-8"))
    real_, made = ([Outcome(**one) for one in row[kind]] for kind in ("real", "made"))
    return Measured(row["corpus"], row["target"], real_, made)


def _version() -> str:
    """Changes with the maker, what a lead is, and what is asked of them here."""
    proof = ROOT / "formfact" / "proof"
    files = [*sorted((proof / "makers").glob("*.py")), proof / "overlap.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in files) + inspect.getsource(lead)
    return hashlib.sha256(f"{text}{REPEATED}{SAMPLE}{ASKED}{SEED}{WEIGHTS}{LOOKED_AT}".encode()).hexdigest()[:12]


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


def points(found: Sequence[Measured]) -> list[Point]:
    """All corpora in all settings of search."""
    return [
        Point(one.corpus, one.target, weight, cut_, one.estimates(at, cut_), one.rate(at, cut_))
        for one in found
        for at, weight in enumerate(WEIGHTS)
        for cut_ in CUTS
    ]


def reachable(found: Sequence[Measured], cut_: int) -> float:
    """What a perfect estimate would reach, for people's own rates vary: the root of how far two halves of their
    questions agree on the whole (Spearman and Brown)."""
    agreed = []
    for turn in range(HALVINGS):
        halves: tuple[list[float], list[float]] = [], []
        for one in found:
            order = random.Random(turn).sample(one.real, len(one.real))
            for half, some in zip(halves, (order[::2], order[1::2]), strict=True):
                half += [fmean(each.hit(at, cut_) for each in some) for at in range(len(WEIGHTS))]
        agreed.append(spearman(*halves))
    mean = fmean(agreed)
    return (2 * mean / (1 + mean)) ** 0.5


def main() -> None:
    """Print the correlations, with `--write` into docs/audit.md."""
    data("chunking"), data("retrieval")
    found = list(measured(open_remembering()))
    every = points(found)
    rows = []
    for cut_ in CUTS:
        rows += list(correlations([one for one in every if one.cut == cut_], cut_))
    names = ("rank correlation with people's questions", "points", *ESTIMATES, "target")
    table = markdown(names, rows)
    shown = [one for one in every if one.weight == DENSE_WEIGHT and one.target == max(TARGETS) and one.cut == 10]
    corpora = markdown(
        ("corpus, as search is set, @10", *ESTIMATES, "people's questions"),
        [(one.corpus, *(f"{one.estimates[name]:.3f}" for name in ESTIMATES), f"{one.real:.3f}") for one in shown],
    )
    limits = ", ".join(f"{reachable(found, cut_):.2f} @{cut_}" for cut_ in CUTS)
    note = (
        "What a perfect estimate would reach over all corpora and settings, by how far two halves of people's "
        f"questions agree with each other: {limits}."
    )
    text = f"{table}\n\n{note}\n\n{corpora}"
    print(text)
    if "--write" in sys.argv[1:]:
        write("audit", text, ROOT / "docs" / "audit.md")


def correlations(found: Sequence[Point], cut_: int) -> Iterator[tuple[object, ...]]:
    """All settings together; over settings within one corpus; over corpora as search is set; and the mean error."""
    yield _row(f"found @{cut_}: all corpora and settings", [found], "**.80**" if cut_ == 10 else "")
    corpora = sorted({one.corpus for one in found})
    within = [[one for one in found if one.corpus == name] for name in corpora]
    yield _row(f"found @{cut_}: settings within a corpus, mean", within, "")
    shipped = [one for one in found if one.weight == DENSE_WEIGHT and one.target == max(TARGETS)]
    yield _row(f"found @{cut_}: corpora, as search is set", [shipped], "")
    errors = [f"{fmean(one.estimates[name] - one.real for one in found):+.3f}" for name in ESTIMATES]
    yield (f"found @{cut_}: estimate less people's, mean", len(found), *errors, "")


def _row(name: str, groups: Sequence[Sequence[Point]], target: str) -> tuple[object, ...]:
    cells = []
    for estimate in ESTIMATES:
        values = [spearman([p.estimates[estimate] for p in group], [p.real for p in group]) for group in groups]
        cells.append(f"{np.nanmean(values):.2f}")
    return (name, sum(map(len, groups)), *cells, target)


if __name__ == "__main__":
    main()
