"""What `make demo` shows: the handbook added, searched, and asked three questions, by the commands a user types."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
ROOT = EXAMPLES.parent
KB = ".formfact-demo"
FORMFACT = Path(sys.executable).with_name("formfact")
REMARKS = {
    "one": "One document answers this, in words of its own.",
    "two": "It takes two documents to answer this.",
    "none": "The documents do not answer this. Saying so is a result, not a failure.",
}


def run(*arguments: str) -> None:
    """Show a command, run it, and end the demo where it fails."""
    print(f"\n$ formfact {shlex.join(arguments)}", flush=True)
    ended = subprocess.run([FORMFACT, *arguments], cwd=ROOT, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


def picked() -> list[tuple[str, str]]:
    """Kind and wording of the questions marked for the demo."""
    lines = (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["kind"], row["question"]) for row in rows if row.get("demo")]


def main() -> None:
    """Add, search, ask."""
    started = time.perf_counter()
    run("--kb", KB, "add", "examples/handbook")
    run("--kb", KB, "search", "water got into the instrument", "-k", "3")
    for kind, question in picked():
        print(f"\n# {REMARKS[kind]}")
        run("--kb", KB, "ask", question)
    print(f"\n{time.perf_counter() - started:.0f} seconds. Now your own: .venv/bin/formfact add YOUR_FOLDER")


if __name__ == "__main__":
    main()
