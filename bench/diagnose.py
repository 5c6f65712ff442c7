"""Is the advice right? Training files of known kinds, halves of two of them, and articles with questions on them.

The rows are those of `facts.py`, the half of each set that the knowledge lint was not written on; the bars of
`formfact/proof/diagnosis.py` were chosen on the other half.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from rows_of_facts import TAUGHT, pairs, records, squad2
from rows_of_form import numbered, resembling, sample
from table import ROOT, data, markdown, write

from formfact.front import Knowledge
from formfact.front.diagnose import diagnose
from formfact.front.seen import see_documents, see_questions
from formfact.patterns.rows import write_chat
from formfact.proof import diagnose as proof
from formfact.proof.interview import Interview
from formfact.types import Row

HALF, ROWS, ASKED = 1, 200, 20
PAGE = ROOT / "docs" / "diagnose.md"


def files() -> Iterator[tuple[str, str, list[Row]]]:
    """The kind of each file, the advice that is right for it, and its rows."""
    form = {name: sample(list(rows), ROWS, HALF) for name, rows in resembling(HALF).items()}
    facts = {name: sample(list(made(HALF)), ROWS, HALF) for name, made in TAUGHT.items()}
    for name, two in pairs(HALF, ROWS).items():
        given, closed = (list(side) for side in zip(*two, strict=True))
        form[f"{name}, with its passage"], facts[f"{name}, without"] = given, closed
    yield from (("rows that teach form", name, "pattern", rows) for name, rows in form.items())
    yield from (("rows that teach facts", name, "search", rows) for name, rows in facts.items())
    chance = random.Random(HALF)
    for name, rows in form.items():
        other = chance.choice(list(facts))
        half = [chance.choice((one, two)) for one, two in zip(rows, facts[other], strict=False)]
        yield "half of each", f"{name} / {other}", "both", half


def by_rows() -> Iterator[tuple[str, str, str, str]]:
    for kind, name, right, rows in files():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.jsonl"
            write_chat(numbered(rows), file)
            yield kind, name, right, diagnose(rows=file).advice


def by_questions() -> Iterator[tuple[str, str, str, str]]:
    """Each article of SQuAD 2 as a folder, asked what it answers, and what another article answers."""
    asked = [one for half in (0, 1) for one in squad2(half)[0]]
    titles = {one["context"]: one["title"] for one in records("unanswerable", "squad2_dev_8.jsonl")}
    names = sorted(set(titles.values()))
    by_title = {name: [one for one in asked if titles[one.passage] == name] for name in names}
    for at, name in enumerate(names):
        with tempfile.TemporaryDirectory() as folder, Knowledge("memory:") as kb:
            for number, text in enumerate(text for text, title in titles.items() if title == name):
                (Path(folder) / f"{number}.txt").write_text(text, encoding="utf-8")
            seen = see_documents([folder])
            kb.add(folder)
            for kind, right, other in (("its own", "search", name), ("another's", "neither", names[at - 1])):
                chosen = random.Random(at).sample(by_title[other], ASKED)
                found = see_questions(kb, [(one.question, (one.answer,)) for one in chosen])
                advice = proof.diagnose(Interview(), documents=seen, questions=found).advice
                yield f"an article and {kind} questions", name, right, advice


def table(name: str, found: Iterable[tuple[str, str, str, str]]) -> None:
    """One line a kind: how often the advice was right."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for kind, file, right, advice in found:
        kinds.setdefault(kind, []).append((right, advice))
        if right != advice:
            print(f"{advice} instead of {right}: {kind}: {file}")
    rows = [(kind, some[0][0], f"**{sum(a == b for a, b in some)}** of {len(some)}") for kind, some in kinds.items()]
    text = markdown(("what is given", "right is", "advised"), rows)
    print(text, flush=True)
    if "--write" in sys.argv[1:]:
        write(name, text, PAGE)


def main() -> None:
    data("questions")
    table("diagnose", by_rows())
    table("diagnose_questions", by_questions())


if __name__ == "__main__":
    main()
