"""How well a knowledge base finds what people judged relevant: a BEIR-shaped folder in, trec_eval's figures out.

What is measured is the real thing: the corpus goes through `add` into a base on disk, and the questions through
search. What is not: other corpora than this one, and the answers' quotes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean

from formfact.errors import NotFound, Refused
from formfact.knowledge import sync
from formfact.knowledge.fuse import DENSE_WEIGHT
from formfact.knowledge.search import make_probe, search_view
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Snapshot, Store, open_store
from formfact.knowledge.walk import check_path
from formfact.models import BUNDLED, Embedder, open_embedder
from formfact.proof.judged import CORPUS, SHAPE, Judged, read_judged
from formfact.proof.metrics import mrr, ndcg, recall
from formfact.types import Progress

DEEPEST = 100
"""Documents that each question's list should have: as many as the deepest figure looks at."""

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions, each between 0 and 1 (see `formfact.proof.metrics`)."""

    ndcg_10: float
    recall_5: float
    recall_20: float
    recall_100: float
    mrr_10: float


@dataclass(frozen=True, slots=True)
class Evaluation(Figures):
    """What `evaluate` found: the figures' means over `queries` questions.

    `embedder` is the model's address, `weight` the share of the dense leg, `seconds` all the time it took.
    """

    queries: int
    documents: int
    passages: int
    embedder: str
    weight: float
    seconds: float


def _place(folder: str | Path) -> Path:
    try:
        return check_path(folder)
    except NotFound as error:
        raise NotFound(error.message, hint=f"name {SHAPE}") from None


def evaluate(
    folder: str | Path,
    *,
    embedder: str | Embedder | None = None,
    weight: float | None = None,
    progress: Report | None = None,
) -> Evaluation:
    """Add a folder's corpus to a temporary base, ask its judged questions, and count what was found.

    A document ranks by its best passage. Questions without any relevant document are left out. `weight` is the share
    of the dense leg, 0 to 1 (None: the default of search). Raises NotFound, Unreadable or Refused for a folder that
    is not as `formfact.proof.judged` says, before anything is embedded.
    """
    started = time.perf_counter()
    share = DENSE_WEIGHT if weight is None else weight
    if not 0 <= share <= 1:
        raise Refused(f"the weight is {share}; it can be 0 (words alone) to 1 (meaning alone)", hint="leave it out")
    judged = read_judged(place := _place(folder))
    model = open_embedder(embedder or BUNDLED) if embedder is None or isinstance(embedder, str) else embedder
    with temporary_base(place / CORPUS, model, progress=progress) as store, store.snapshot() as view:
        ranked = [rank(view, model, question.text, weight=share) for question in judged]
        status = view.status()
    return Evaluation(
        **asdict(count(judged, ranked)),
        queries=len(judged),
        documents=status.documents,
        passages=status.passages,
        embedder=model.card.address,
        weight=share,
        seconds=round(time.perf_counter() - started, 3),
    )


@contextmanager
def temporary_base(corpus: Path, embedder: Embedder, *, progress: Report | None = None) -> Iterator[Store]:
    """A base of a file's documents, which is gone when the block is left, whatever ends it."""
    with tempfile.TemporaryDirectory(prefix="formfact-evaluate-") as folder:
        store = open_store(str(Path(folder) / "kb"), embedder=embedder.card, create=True)
        try:
            # A corpus may be larger than what `add` takes by default: whoever evaluates it means all of it.
            sync.add(store, embedder, [corpus], limit=max(corpus.stat().st_size, 1), progress=progress)
            yield store
        finally:
            store.close()


def rank(view: Snapshot, embedder: Embedder, question: str, *, weight: float = DENSE_WEIGHT) -> list[str]:
    """The ids of the best DEEPEST documents, best first, each at the place of its best passage.

    The first are those of an ordinary search. Where its candidates hold too few documents, deeper looks add to the
    end: normalised over more candidates the order in front would no longer be that which a user sees.
    """
    probe = make_probe(embedder, question, k=DEPTH)
    documents: dict[str, None] = {}
    while True:
        found = search_view(view, probe, k=2 * probe.depth, weight=weight)
        documents |= dict.fromkeys(one.hit.document for one in found)
        # The dense leg gives as many passages as were asked for, unless there are no more.
        if len(documents) >= DEEPEST or len(found) < probe.depth:
            return list(documents)[:DEEPEST]
        probe = replace(probe, depth=4 * probe.depth)


def count(judged: Sequence[Judged], ranked: Sequence[Sequence[str]]) -> Figures:
    """The means of all figures over questions and their ranked ids, in the same order."""
    pairs = [(ids, question.gains) for question, ids in zip(judged, ranked, strict=True)]
    return Figures(
        ndcg_10=fmean(ndcg(ids, gains, 10) for ids, gains in pairs),
        recall_5=fmean(recall(ids, gains, 5) for ids, gains in pairs),
        recall_20=fmean(recall(ids, gains, 20) for ids, gains in pairs),
        recall_100=fmean(recall(ids, gains, 100) for ids, gains in pairs),
        mrr_10=fmean(mrr(ids, gains, 10) for ids, gains in pairs),
    )
