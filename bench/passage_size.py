"""Can made questions choose how long passages are? The same texts in three cuts, as many tokens read of each.

What was measured for `bench/audit.py` is counted anew: of short passages more are read, so that none gains by length.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from statistics import fmean

from audit import TARGETS, WEIGHTS, Measured, measured
from remember import open_remembering
from table import ROOT, data, markdown, write

from formfact.knowledge.fuse import DENSE_WEIGHT

READ = 512
"""Tokens of passages that are read for a question."""
AT = WEIGHTS.index(DENSE_WEIGHT)


def rates(one: Measured) -> tuple[float, float, float]:
    """What is found within READ tokens by people's questions, by made ones, and by made ones as people ask."""
    first = READ // one.target
    return one.rate(AT, first), one.plain(AT, first), one.expected(AT, first)


def row(name: str, cuts: dict[int, Measured]) -> tuple[object, ...]:
    """A text's line: the rates of every cut, the best of each kind of question marked."""
    found = {target: rates(cuts[target]) for target in TARGETS}
    best = [max(TARGETS, key=lambda target, kind=kind: found[target][kind]) for kind in range(3)]
    cells = [
        f"**{found[target][kind]:.3f}**" if best[kind] == target else f"{found[target][kind]:.3f}"
        for kind in range(3)
        for target in TARGETS
    ]
    return (name, *cells)


def main() -> None:
    """Print the table, with `--write` into docs/tune.md."""
    data("chunking"), data("retrieval")
    texts: dict[str, dict[int, Measured]] = defaultdict(dict)
    for one in measured(open_remembering()):
        texts[one.corpus][one.target] = one
    whole = {name: cuts for name, cuts in texts.items() if len(cuts) == len(TARGETS)}
    kinds = ("people", "made", "made, as people ask")
    names = (f"found in {READ} tokens", *(f"{kind}: {target}" for kind in kinds for target in TARGETS))
    mean = [
        f"{fmean(rates(cuts[target])[kind] for cuts in whole.values()):.3f}" for kind in range(3) for target in TARGETS
    ]
    text = markdown(names, [*(row(name, cuts) for name, cuts in whole.items()), ("mean", *mean)])
    print(text)
    if "--write" in sys.argv[1:]:
        write("passage_size", text, ROOT / "docs" / "tune.md")


if __name__ == "__main__":
    main()
