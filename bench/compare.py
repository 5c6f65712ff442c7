"""Facts in weights and facts by search, on the handbook that ships: what `formfact compare` finds, as tables.

The report as a page, in Markdown and as JSON is left in .bench/compare. `--quick` is the small comparison; `--shown`
writes the tables of the last run again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from table import KEPT, ROOT, markdown, skip, write

from formfact.errors import MissingExtra
from formfact.front.comparisons import compare
from formfact.interfaces import comparison_page, comparison_shown
from formfact.proof.compare.claim import claim
from formfact.proof.comparison import Comparison
from formfact.types import Advance

REPORTS = KEPT / "compare"


def measured() -> Comparison:
    """The comparison, with a line for each step that it takes."""

    def told(at: Advance) -> None:
        print(f"{at.seconds:7.0f} s  {at.done}/{at.total}  {at.what}", file=sys.stderr, flush=True)

    try:
        return compare(quick="--quick" in sys.argv[1:], progress=told)
    except MissingExtra as missing:
        skip(str(missing))


def text(found: Comparison, processor: float) -> str:
    """Both tables and what they come to, as docs/compare.md shows them."""
    parts = [markdown(head, rows) for head, rows in comparison_shown.tables(found)]
    times = f"{processor / 60:.0f} minutes of processor on {found.hardware}"
    parts.append(f"{comparison_shown.about(found)}; {times}.")
    parts.append("\n".join(f"- {sentence}" for sentence in claim(found)))
    return "\n\n".join(parts)


def main() -> None:
    """Measure, keep the reports, print the tables; `--write` puts them into docs/compare.md and the README."""
    kept = REPORTS / "tables.md"
    if "--shown" not in sys.argv[1:]:
        found = measured()
        REPORTS.mkdir(parents=True, exist_ok=True)
        (REPORTS / "report.html").write_text(comparison_page.page(found), encoding="utf-8")
        (REPORTS / "report.md").write_text(comparison_shown.markdown(found), encoding="utf-8")
        (REPORTS / "report.json").write_text(json.dumps(comparison_shown.wire(found)), encoding="utf-8")
        kept.write_text(text(found, time.process_time()), encoding="utf-8")
    told = kept.read_text(encoding="utf-8")
    print(told)
    if "--write" in sys.argv[1:]:
        write("compare", told, ROOT / "docs" / "compare.md")
        first, _, _ = told.partition("\n\n")
        write("compare", first, Path(ROOT / "README.md"))


if __name__ == "__main__":
    main()
