"""What is left of a small model's words when each sentence is held against its quotes? SmolLM2, 135 million weights.

Whether names and numbers of kept sentences stand in the quotes is looked up here by a rule of its own: every run of
digits and every word with a capital that does not begin a sentence, in capitals or not.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from table import data, markdown, show, skip

from formfact.errors import FormfactError
from formfact.front import Knowledge
from formfact.models import Writer
from formfact.types import Answer, Claim

QUESTIONS = 24
STANDS_OUT = re.compile(r"\d[\d.,]*\d|\d|(?<=[a-z,;] )[A-Z][\w-]+")


def rows_of() -> list[dict[str, Any]]:
    with (data("unanswerable") / "squad2_dev_8.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def drawn(rows: Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Answerable questions, the same number from every article, evenly spread over it."""
    titles = list(dict.fromkeys(row["title"] for row in rows))
    each = max(1, count // len(titles))
    found = []
    for title in titles:
        some = [row for row in rows if row["title"] == title and row["answerable"]]
        found += [some[at * len(some) // each] for at in range(each)]
    return found


def base_of(rows: Sequence[dict[str, Any]], folder: Path) -> Knowledge:
    """A base with each different context as a document."""
    corpus = folder / "corpus.jsonl"
    texts = dict.fromkeys(row["context"] for row in rows)
    lines = (json.dumps({"_id": f"c{at}", "text": text}) for at, text in enumerate(texts))
    corpus.write_text("\n".join(lines), encoding="utf-8")
    kb = Knowledge(folder / "kb")
    kb.add(corpus)
    return kb


def opened() -> Writer:
    """The default base of patterns; without what it needs the script ends here, and says so."""
    from formfact.front.writers import open_writer

    try:
        return open_writer("local:")
    except FormfactError as missing:
        skip(missing.message)


def standing_out(answer: Answer, claim: Claim) -> Iterator[bool]:
    """For each name and number of a sentence whether it stands in the quotes that the sentence cites."""
    quotes = " ".join(answer.quotes[place].text for place in claim.quotes).casefold()
    for match in STANDS_OUT.finditer(re.sub(r"\[\d+\]", "", claim.text)):
        yield match.group().rstrip(".,").casefold() in quotes


def holds(text: str, answers: Sequence[str]) -> bool:
    said = " ".join(text.lower().split())
    return any(" ".join(answer.lower().split()) in said for answer in answers)


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % ({part} of {whole})" if whole else "-"


def main() -> None:
    """Print one table."""
    rows = rows_of()
    asked = drawn(rows, int(sys.argv[sys.argv.index("--questions") + 1]) if "--questions" in sys.argv else QUESTIONS)
    writer = opened()
    answers: list[Answer] = []
    with tempfile.TemporaryDirectory() as folder, base_of(rows, Path(folder)) as kb:
        for row in asked:
            answers.append(kb.ask(row["question"], writer=writer))
            print(f"{len(answers)}/{len(asked)}", file=sys.stderr, flush=True)
    written = [one for one in answers if one.writer]
    kept = [(one, claim) for one in written for claim in one.claims]
    sentences = len(kept) + sum(one.dropped for one in written)
    standing = [there for one, claim in kept for there in standing_out(one, claim)]
    words = [(one, row) for one, row in zip(answers, asked, strict=True) if one.claims]
    fallen = [one for one in written if one.fallback and not one.abstained]
    lines = [
        ("questions that the writer was asked", len(written)),
        ("sentences kept, of those it wrote", share(len(kept), sentences)),
        (
            "names and numbers of kept sentences that stand in their quotes",
            f"**{share(sum(standing), len(standing))}**",
        ),
        ("questions answered in words", share(len(words), len(written))),
        ("... with the gold answer in them", share(sum(holds(a.answer, r["answers"]) for a, r in words), len(words))),
        (
            "... and in the quotes given for the same questions",
            share(sum(holds(" ".join(q.text for q in a.quotes), r["answers"]) for a, r in words), len(words)),
        ),
        ("questions where the quotes are given instead", share(len(fallen), len(written))),
        (
            "questions where nothing was left, and it abstains",
            share(sum(one.abstained for one in written), len(written)),
        ),
    ]
    show("grounded", markdown(("what", "measured"), lines))


if __name__ == "__main__":
    main()
