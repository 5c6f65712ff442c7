"""Do two rounds find all of what a question needs? Questions over several documents, and what it costs the others.

A question counts where all of its judged documents are among the first ten. The settings of
`formfact/knowledge/hops.py` were chosen on musique_100 and hotpotqa_100, first on their even questions, then in sight
of all: the odd half is less of a judge than it looks.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from remember import Remembering, open_remembering
from table import data, markdown, show

from formfact.knowledge.answer import weigh
from formfact.knowledge.fuse import Fused
from formfact.knowledge.hops import FROM, PLACES, PROBES
from formfact.knowledge.search import first_round, make_probe, search, second_round
from formfact.knowledge.stores import Snapshot, Store
from formfact.models import Embedder, open_embedder
from formfact.proof.evaluate import temporary_base
from formfact.proof.judged import CORPUS, Judged, read_judged
from formfact.proof.metrics import ndcg
from formfact.proof.paired import paired

SEVERAL = ("musique_100", "hotpotqa_100")
ONE = ("cranfield", "cosqa_dev", "scifact_train")
SHOWN = 10
TIMED = 60
"""Questions of a set that are timed, with nothing remembered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question in both ways: whether all its documents are among the first SHOWN, nDCG@10, and, where `ask` was
    asked too, whether all are quoted and by how many quotes.
    """

    whole: tuple[bool, bool]
    ndcg: tuple[float, float]
    quoted: tuple[bool, bool] = (False, False)
    quotes: tuple[int, int] = (0, 0)


def ask(view: Snapshot, embedder: Remembering, question: Judged, *, quoting: bool) -> Asked:
    """One question in both ways, over one view."""
    probe = make_probe(embedder, question.text, k=SHOWN)
    first = first_round(view, probe)
    both = (first.again.order, second_round(view, embedder, probe, first).order)
    ways = [documents(view, order) for order in both]
    needed = {name for name, gain in question.gains.items() if gain > 0}
    whole = (needed <= set(ways[0][:SHOWN]), needed <= set(ways[1][:SHOWN]))
    gains = (ndcg(ways[0], question.gains, 10), ndcg(ways[1], question.gains, 10))
    if not quoting:
        return Asked(whole, gains)
    one, two = (weigh(view, embedder, probe, hops=hops).quotes for hops in (1, 2))
    quoted = (needed <= {quote.document for quote in one}, needed <= {quote.document for quote in two})
    return Asked(whole, gains, quoted, (len(one), len(two)))


def documents(view: Snapshot, order: Sequence[Fused]) -> list[str]:
    """The documents in the order of their best passages."""
    found = view.read([one.candidate.passage for one in order[: 10 * SHOWN]])
    return list(dict.fromkeys(one.document.id for one in found))


def milliseconds(store: Store, embedder: Embedder, questions: Sequence[Judged], hops: int) -> float:
    """The processor's median time for a search, embedding included."""
    spent = []
    for question in questions[:TIMED]:
        started = time.process_time()
        search(store, embedder, question.text, hops=hops)
        spent.append(1000 * (time.process_time() - started))
    return median(spent)


def measured(name: str, embedder: Remembering, model: Embedder) -> tuple[list[Asked], float, float]:
    """All questions of a set in both ways, and what both take."""
    folder = data("retrieval", name)
    judged = read_judged(folder)
    with temporary_base(folder / CORPUS, embedder) as store:
        with store.snapshot() as view:
            found = [ask(view, embedder, question, quoting=name in SEVERAL) for question in judged]
        milliseconds(store, model, judged[:5], 2)  # the first ones read files for the first time
        return found, milliseconds(store, model, judged, 1), milliseconds(store, model, judged, 2)


def gained(differences: Sequence[float], *, digits: int) -> str:
    """The mean difference with its interval."""
    found = paired(differences, [1.0] * len(differences), [str(at) for at in range(len(differences))])
    low, high = found.interval
    return f"{found.gain:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def row_of_several(name: str, found: Sequence[Asked], one: float, two: float) -> tuple[object, ...]:
    """A set of questions that need several documents."""
    shares = [100 * fmean(asked.whole[way] for asked in found) for way in (0, 1)]
    odd = [100.0 * (asked.whole[1] - asked.whole[0]) for asked in found[1::2]]
    gain = gained([100.0 * (asked.whole[1] - asked.whole[0]) for asked in found], digits=1)
    times = f"{one:.1f} / {two:.1f}"
    return name, len(found), f"{shares[0]:.1f} %", f"**{shares[1]:.1f} %**", gain, gained(odd, digits=1), "+8", times


def row_of_quotes(name: str, found: Sequence[Asked]) -> tuple[object, ...]:
    """The same set, asked for an answer; abstentions are another table's matter."""
    shares = [100 * fmean(asked.quoted[way] for asked in found) for way in (0, 1)]
    counts = [fmean(asked.quotes[way] for asked in found) for way in (0, 1)]
    gain = gained([100.0 * (asked.quoted[1] - asked.quoted[0]) for asked in found], digits=1)
    return name, f"{shares[0]:.1f} %", f"**{shares[1]:.1f} %**", gain, f"{counts[0]:.2f} / {counts[1]:.2f}"


def row_of_one(name: str, found: Sequence[Asked], one: float, two: float) -> tuple[object, ...]:
    """A set of questions that one document answers, in nDCG@10."""
    means = [fmean(asked.ndcg[way] for asked in found) for way in (0, 1)]
    gain = gained([asked.ndcg[1] - asked.ndcg[0] for asked in found], digits=4)
    return name, len(found), f"{means[0]:.4f}", f"**{means[1]:.4f}**", gain, f"{one:.1f} / {two:.1f}"


def main() -> None:
    """Print all three tables."""
    data("retrieval")
    embedder, model = open_remembering(), open_embedder()
    several = {name: measured(name, embedder, model) for name in SEVERAL}
    alone = {name: measured(name, embedder, model) for name in ONE}
    what = "all documents in the first ten"
    names: tuple[str, ...] = (what, "questions", "one round", "two rounds", "difference", "odd half", "target")
    table = markdown((*names, "ms, one / two"), [row_of_several(name, *found) for name, found in several.items()])
    names = ("all documents quoted", "one round", "two rounds", "difference", "quotes, one / two")
    quotes = markdown(names, [row_of_quotes(name, found) for name, (found, *_) in several.items()])
    names = ("nDCG@10", "questions", "one round", "two rounds", "difference", "ms, one / two")
    other = markdown(names, [row_of_one(name, *found) for name, found in (alone | several).items()])
    said = f"At most {PROBES} bridges of the best {FROM} passages; the best they find stand no lower than {PLACES}."
    show("hops", "\n\n".join((table, quotes, other, said)))


if __name__ == "__main__":
    main()
