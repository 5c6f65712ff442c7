"""What every script here does alike: find the data, print a Markdown table, put it into the README."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
KEPT = ROOT / ".bench"
"""What takes long to make and is the same the next time: vectors, a base of 100,000 passages."""
README = ROOT / "README.md"


def markdown(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; all columns but the first are set to the right."""
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def show(name: str, text: str) -> None:
    """Print a table, and with `--write` put it between its markers in the README."""
    print(f"{text}\n", flush=True)
    if "--write" in sys.argv[1:]:
        write(name, text)


def write(name: str, text: str, file: Path = README) -> None:
    """Replace what stands between `<!-- bench:NAME -->` and the next `<!-- /bench -->`, by rename."""
    marks = re.compile(rf"(<!-- bench:{re.escape(name)} -->\n).*?(<!-- /bench -->)", re.DOTALL)
    old = file.read_text(encoding="utf-8") if file.is_file() else ""
    new, times = marks.subn(lambda match: f"{match[1]}{text}\n{match[2]}", old)
    if not times:
        print(f"{file.name} has no place for it: <!-- bench:{name} --> ... <!-- /bench -->", file=sys.stderr)
        return
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(new, encoding="utf-8")
    draft.replace(file)


def data(*parts: str) -> Path:
    """A folder of the shared data; without it the script ends here, and says so."""
    place = DATA.joinpath(*parts)
    if not place.exists():
        skip(f"there is no {os.path.relpath(place, ROOT)}")
    return place


def skip(reason: str) -> NoReturn:
    """End the script without failing."""
    print(f"skipped: {reason}")
    sys.exit(0)
