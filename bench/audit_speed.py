"""How long a first audit of 10,000 passages takes, and a second one that knows all that the first has asked.

The base is that of `serve.py`; a copy of it is audited, so that nothing is known of it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from serve import PASSAGES, base
from table import ROOT, data, write

from formfact import Knowledge

TARGET = 10.0
"""Minutes."""


def audited(address: Path) -> tuple[str, float, float]:
    """What an audit did in words, its seconds by the clock, and those of the processor over all threads."""
    started, processor = time.perf_counter(), time.process_time()
    with Knowledge(address) as kb:
        found = kb.audit()
    done = f"{found.passages:,} passages asked for by {found.asked:,} questions"
    return done, time.perf_counter() - started, time.process_time() - processor


def main() -> None:
    """Print the sentence, and write it where that is asked for."""
    data("retrieval")
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "base"
        with Knowledge(base()) as kb:
            kb.copy(copied)
        done, seconds, processor = audited(copied)
        _, again, _ = audited(copied)
    text = (
        f"{done} in **{seconds / 60:.1f} minutes** on two cores (at most {TARGET:.0f} for {PASSAGES:,}; "
        f"{processor / 60:.1f} of the processor), without a model. A second audit, of which all is known, took "
        f"{again:.0f} s."
    )
    print(text)
    if "--write" in sys.argv[1:]:
        write("audit_speed", text, ROOT / "docs" / "audit.md")


if __name__ == "__main__":
    main()
