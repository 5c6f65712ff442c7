"""How much do people's questions repeat the text that answers them? Writes HUMAN of `formfact/proof/overlap.py`.

Two sets of questions that people wrote with the paragraph before them, weighed alike: encyclopedia and fairy tales.
Neither is among those that `audit.py` compares the audit with.
"""

from __future__ import annotations

import json
import re
import sys
from statistics import fmean

from table import ROOT, data

from formfact.knowledge.words import terms
from formfact.proof.overlap import overlap, shares

SETS = ("squad11_train44", "fairytale_train")


def overlaps(name: str) -> list[float]:
    """Each question's overlap with its paragraph."""
    found = []
    with (data("questions") / f"{name}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            held = terms(row["text"])
            found += [overlap(question, held) for question in row["questions"]]
    return found


def main() -> None:
    """Print the shares, and write them where that is asked for."""
    found = [shares(overlaps(name)) for name in SETS]
    for name, one in zip(SETS, found, strict=True):
        print(name, [round(share, 3) for share in one])
    mean = [fmean(column) for column in zip(*found, strict=True)]
    line = f"HUMAN = ({', '.join(f'{share:.3f}' for share in mean)})"
    print(line)
    if "--write" in sys.argv[1:]:
        file = ROOT / "formfact" / "proof" / "overlap.py"
        file.write_text(re.sub(r"^HUMAN = .*$", line, file.read_text(encoding="utf-8"), flags=re.MULTILINE))


if __name__ == "__main__":
    main()
