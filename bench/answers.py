"""Does `ask` quote the answer, and does it abstain where there is none? On articles that no constant was fitted to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from asked import auroc, base_of, put
from remember import Remembering, open_remembering
from table import data, markdown, show

from formfact.knowledge.abstain import THRESHOLD, confidence
from formfact.knowledge.answer import Weighed
from formfact.types import Quote

LEFT_OUT = 3
FALSE_ABSTENTIONS = 0.05

Row = dict[str, Any]


def rows_of() -> list[Row]:
    with (data("unanswerable") / "squad2_dev_8.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def contexts(rows: Sequence[Row]) -> dict[str, str]:
    """Each different context as a document."""
    return {f"c{at}": text for at, text in enumerate(dict.fromkeys(row["context"] for row in rows))}


def holds(quotes: Sequence[Quote], answers: Sequence[str]) -> bool:
    """Whether a quote has a gold answer in it, whatever the case and the white space."""
    said = [" ".join(quote.text.lower().split()) for quote in quotes]
    return any(" ".join(answer.lower().split()) in text for answer in answers for text in said)


def quoted(embedder: Remembering, rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Gold answers inside quotes, before an abstention and after it."""
    real = [row for row in rows if row["answerable"]]
    with base_of(contexts(rows), embedder) as view:
        found = put(view, embedder, [row["question"] for row in real])
    pairs = list(zip(found, real, strict=True))
    first = [holds(one.quotes[:1], row["answers"]) for one, row in pairs]
    three = [holds(one.quotes, row["answers"]) for one, row in pairs]
    shown = [confidence(one.evidence) >= THRESHOLD for one in found]
    words = np.mean([len(quote.text.split()) for one in found for quote in one.quotes])
    after = [f"{100 * np.mean(np.logical_and(kind, shown)):.1f} %" for kind in (first, three)]
    return [
        ("gold answer inside the first quote", f"**{100 * np.mean(first):.1f} %**", after[0], "78 %"),
        ("... inside one of at most three", f"**{100 * np.mean(three):.1f} %**", after[1], "88 %"),
        (
            f"quotes shown, and words of each, over {len(real):,} questions",
            f"{mean_count(found):.2f}",
            f"{words:.0f}",
            "",
        ),
    ]


def mean_count(found: Sequence[Weighed]) -> float:
    return float(np.mean([len(one.quotes) for one in found]))


def abstained(embedder: Remembering, rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Every run of LEFT_OUT neighbouring articles left out once: absent, adversarial and answerable questions."""
    titles = list(dict.fromkeys(row["title"] for row in rows))
    absent, trick = [], []
    kept_rates, false_rates, absent_rates = [], [], []
    for start in range(len(titles)):
        out = {titles[(start + step) % len(titles)] for step in range(LEFT_OUT)}
        kept = [row for row in rows if row["title"] not in out]
        with base_of(contexts(kept), embedder) as view:
            found = put(view, embedder, [row["question"] for row in rows])
        sure = np.array([confidence(one.evidence) for one in found])
        inside = np.array([row["title"] not in out for row in rows])
        answerable = np.array([row["answerable"] for row in rows])
        yes, no = sure[inside & answerable], sure[~inside]
        kept_rates.append(float((no < np.quantile(yes, FALSE_ABSTENTIONS)).mean()))
        false_rates.append(float((yes < THRESHOLD).mean()))
        absent_rates.append(float((no < THRESHOLD).mean()))
        absent.append(auroc(yes.tolist(), no.tolist()))
        trick.append(auroc(yes.tolist(), sure[inside & ~answerable].tolist()))
    return [
        ("article absent: abstains, at 5 % false abstentions", f"**{100 * np.mean(kept_rates):.1f} %**", "", "95 %"),
        ("article absent: abstains, as shipped", "", f"{100 * np.mean(absent_rates):.1f} %", ""),
        ("answerable: abstains all the same, as shipped", "", f"{100 * np.mean(false_rates):.1f} %", ""),
        ("article absent: AUROC of the confidence", f"{np.mean(absent):.3f}", "", ""),
        ("article there, answer not in it: AUROC", f"{np.mean(trick):.3f}", "", ""),
    ]


def main() -> None:
    """Print one table."""
    rows = rows_of()
    embedder = open_remembering()
    lines = quoted(embedder, rows) + abstained(embedder, rows)
    show("answers", markdown(("what", "measured", "after abstentions", "at least"), lines))


if __name__ == "__main__":
    main()
