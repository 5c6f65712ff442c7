"""How well follow-up questions find their passages in the context of a dialogue, and what abstention makes of it.

The constants of `formfact/knowledge/dialogue.py` were chosen with the figures of both halves of these conversations in
sight: neither half is held out. *Fitted on the other half* chooses them anew from GRID, for each half by the other one
alone, and says by how much the figures are optimistic. *Another's history*
puts an unrelated conversation before each follow-up: what carrying context costs where it does not belong.
"""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from remember import open_remembering
from table import data, markdown, show

from formfact.knowledge import dialogue, sync
from formfact.knowledge.abstain import THRESHOLD, confidence
from formfact.knowledge.answer import weigh
from formfact.knowledge.dialogue import is_courtesy, replay, understand
from formfact.knowledge.search import embed_question, search_view
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Probe, Snapshot, open_store
from formfact.models import Embedder, open_embedder
from formfact.proof.metrics import ndcg

Task = Mapping[str, Any]
Way = Callable[[Task], Probe]

CHAT = "formfact chat"
GRID = {"LENT": (0.25, 0.5, 0.75), "FADES": (0.4, 0.6, 0.8), "APART": (0.1, 0.15, 0.2), "WORDS_LENT": (4, 8, 12)}


def said(task: Task, *speakers: str) -> list[str]:
    """What was said before the last turn, by these speakers or by all."""
    return [turn["text"] for turn in task["turns"] if not speakers or turn["speaker"] in speakers]


def ways(view: Snapshot, embedder: Embedder) -> dict[str, Way]:
    """How a follow-up may be searched for."""

    def plain(text: str) -> Probe:
        return Probe(text, embed_question(embedder, text), DEPTH)

    def in_context(task: Task) -> Probe:
        asked = [one for one in said(task, "user") if not is_courtesy(one)]
        context = replay([(one, embed_question(embedder, one)) for one in asked])
        rarity = dict(zip(context.words, view.rarity(list(context.words)), strict=True))
        last = task["last_turn"]
        read = understand(last, embed_question(embedder, last), context, rarity=rarity)
        return Probe(last, read.vector, DEPTH, words=read.words)

    return {
        "last turn alone": lambda task: plain(task["last_turn"]),
        "whole conversation": lambda task: plain("\n".join([*said(task), task["last_turn"]])),
        "all of the user's turns": lambda task: plain("\n".join([*said(task, "user"), task["last_turn"]])),
        CHAT: in_context,
    }


def found(view: Snapshot, probe: Probe) -> list[str]:
    """The documents' ids, best first, each once."""
    return list(dict.fromkeys(one.hit.document for one in search_view(view, probe, k=DEPTH)))


def figures(view: Snapshot, way: Way, tasks: Sequence[Task]) -> list[float]:
    """nDCG@10 of each."""
    return [ndcg(found(view, way(task)), dict.fromkeys(task["relevant"], 1.0), 10) for task in tasks]


def strangers(tasks: Sequence[Task]) -> list[Task]:
    """Each follow-up behind the history of the next conversation of another domain."""
    return [
        {**task, "turns": next(o["turns"] for o in [*tasks[at:], *tasks[:at]] if o["domain"] != task["domain"])}
        for at, task in enumerate(tasks)
    ]


def fitted_apart(view: Snapshot, way: Way, tasks: Sequence[Task]) -> tuple[float, float]:
    """nDCG@10 of every other follow-up and of the rest, each by the constants that are best for the other half."""
    shipped = {name: getattr(dialogue, name) for name in GRID}
    found = []
    try:
        for values in itertools.product(*GRID.values()):
            for name, value in zip(GRID, values, strict=True):
                setattr(dialogue, name, value)
            each = figures(view, way, tasks)
            found.append((fmean(each[::2]), fmean(each[1::2])))
    finally:
        for name, value in shipped.items():
            setattr(dialogue, name, value)
    return max(found, key=lambda one: one[1])[0], max(found, key=lambda one: one[0])[1]


def auroc(low: Sequence[float], high: Sequence[float]) -> float:
    """The probability that one of the second list lies above one of the first; ties count half."""
    return fmean((b > a) + (b == a) / 2 for a in low for b in high)


def abstention(view: Snapshot, embedder: Embedder, way: Way, tasks: Sequence[Task]) -> tuple[float, float, float]:
    """AUROC of the confidence, and the shares of answerable and unanswerable turns on which it abstains."""
    sure: dict[str, list[float]] = {"ANSWERABLE": [], "UNANSWERABLE": []}
    for task in tasks:
        if task["answerability"] in sure:
            sure[task["answerability"]].append(confidence(weigh(view, embedder, way(task)).evidence))
    answerable, not_answerable = sure.values()
    return (
        auroc(not_answerable, answerable),
        fmean(one < THRESHOLD for one in answerable),
        fmean(one < THRESHOLD for one in not_answerable),
    )


def main() -> None:
    """Print the table."""
    place = data("dialogue")
    with (place / "tasks.jsonl").open(encoding="utf-8") as file:
        tasks = [task for task in map(json.loads, file) if task["turns"]]
    judged = [task for task in tasks if task["relevant"]]
    embedder = open_remembering()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "kb"), embedder=embedder.card, create=True)
        sync.add(store, embedder, [place / "corpus.jsonl"])
        with store.snapshot() as view:
            rows = []
            for name, way in ways(view, embedder).items():
                all_of_them = figures(view, way, judged)
                apart, gives_up, rightly = abstention(view, embedder, way, tasks)
                foreign = fmean(figures(view, way, strangers(judged)))
                first, second = fmean(all_of_them[::2]), fmean(all_of_them[1::2])
                rows.append(
                    (
                        name, f"{first:.3f}", f"**{second:.3f}**", f"{foreign:.3f}", f"{apart:.3f}", f"{gives_up:.0%}",
                        f"{rightly:.0%}",
                    )
                )  # fmt: skip
            first, second = fitted_apart(view, ways(view, embedder)[CHAT], judged)
            rows.append((f"{CHAT}, fitted on the other half", f"{first:.3f}", f"**{second:.3f}**", *[""] * 4))
            real = open_embedder()  # one that remembers would not tell what a question costs
            begun = [replay([(one, embed_question(real, one)) for one in said(task, "user")]) for task in judged[:20]]
            started = time.perf_counter()
            for task, context in zip(judged[:20], begun, strict=True):
                understand(task["last_turn"], embed_question(real, task["last_turn"]), context, rarity={})
            milliseconds = (time.perf_counter() - started) / 20 * 1000
        store.close()
    heads = (
        "a follow-up searched for by", "nDCG@10, every other one", "the rest", "another's history",
        "AUROC", "abstains: answerable", "unanswerable",
    )  # fmt: skip
    count = f"{len(judged)} judged follow-ups, {len(tasks)} in all; a turn is understood in {milliseconds:.1f} ms."
    show("dialogue", f"{markdown(heads, rows)}\n\n{count}")


if __name__ == "__main__":
    main()
