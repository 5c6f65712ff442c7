"""Does `ask` quote the answer, and does it abstain where there is none?

What was fitted to articles (`ANSWERS`) is fitted anew without those that are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from articles import Articles, contexts
from asked import auroc, base_of, put
from remember import Remembering, open_remembering
from table import markdown, show

from formfact.knowledge.abstain import THRESHOLD, confidence
from formfact.knowledge.answer import Weighed
from formfact.types import Quote

LEFT_OUT = 3
FALSE_ABSTENTIONS = 0.05


def holds(quotes: Sequence[Quote], answers: Sequence[str]) -> bool:
    """Whether a quote has a gold answer in it, whatever the case and the white space."""
    said = [" ".join(quote.text.lower().split()) for quote in quotes]
    return any(" ".join(answer.lower().split()) in text for answer in answers for text in said)


def quoted(embedder: Remembering, articles: Articles) -> list[tuple[object, ...]]:
    """Gold answers inside quotes, before an abstention and after it."""
    real = [row for row in articles.rows if row["answerable"]]
    with base_of(contexts(articles.rows), embedder) as view:
        found = put(view, embedder, [row["question"] for row in real])
    pairs = list(zip(found, real, strict=True))
    first = [holds(one.quotes[:1], row["answers"]) for one, row in pairs]
    three = [holds(one.quotes, row["answers"]) for one, row in pairs]
    fitted = [articles.without(frozenset((row["title"],))) for row in real]
    shown = [confidence(one.evidence, answers=answers) >= THRESHOLD for one, answers in zip(found, fitted, strict=True)]
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


def abstained(embedder: Remembering, articles: Articles) -> list[tuple[object, ...]]:
    """Every run of LEFT_OUT neighbouring articles left out once: absent, adversarial and answerable questions."""
    rows, titles = articles.rows, articles.titles
    absent, trick = [], []
    kept_rates, false_rates, absent_rates = [], [], []
    for start in range(len(titles)):
        out = {titles[(start + step) % len(titles)] for step in range(LEFT_OUT)}
        kept = [row for row in rows if row["title"] not in out]
        with base_of(contexts(kept), embedder) as view:
            found = put(view, embedder, [row["question"] for row in rows])
        answers = articles.without(frozenset(titles) - out)
        sure = np.array([confidence(one.evidence, answers=answers) for one in found])
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
    embedder = open_remembering()
    articles = Articles(embedder)
    lines = quoted(embedder, articles) + abstained(embedder, articles)
    show("answers", markdown(("what", "measured", "after abstentions", "at least"), lines))


if __name__ == "__main__":
    main()
