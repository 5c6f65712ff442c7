"""How fast, exact and small a base of 100,000 passages is. Each figure comes from a process of its own.

The base is made once, under .bench, by the real `add` (with an embedder that remembers its vectors between runs);
`--fresh` makes it again.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, median, quantiles

import numpy as np
from passages import cut, read
from remember import open_remembering
from table import KEPT, ROOT, data, markdown, show
from texts import PASSAGES, corpus, questions

from formfact import Knowledge
from formfact.knowledge.documents import chunk
from formfact.knowledge.search import embed_question
from formfact.knowledge.stores.local import dense
from formfact.knowledge.stores.vectors import quantise
from formfact.models import open_embedder
from formfact.proof.judged import CORPUS

BASE = KEPT / "base-100k"
MADE = KEPT / "base-100k.json"
ASKED, WARM = 500, 50
TURNS = 7
FILES = 1000
PAGE = "The {word} valve is opened by turning the brass wheel to the left until the pointer stands at seven.\n\n" * 15


def add() -> Mapping[str, float]:
    """Make the base; the memory is that of this process at its highest."""
    embedder = open_remembering()
    longest = ["word " * 250] * 64
    open_embedder().embed(longest)  # vectors that are remembered must not hide what the model needs
    shutil.rmtree(BASE, ignore_errors=True)
    file = corpus()
    started = time.perf_counter()
    with Knowledge(BASE, embedder=embedder) as kb:
        kb.add(file)
        seconds = time.perf_counter() - started
        kb.search("what is it?")
    size = sum(path.stat().st_size for path in BASE.rglob("*") if path.is_file())
    return {"add_mb": peak(), "add_s": seconds, "embedded": embedder.embedded, "base_mb": size / 1e6}


def search() -> Mapping[str, float]:
    """Ask real questions, embedding included."""
    asked = questions()[: ASKED + WARM]
    embedder = open_embedder()
    with Knowledge(BASE, embedder=embedder) as kb:
        times = [timed(lambda one=one: kb.search(one)) for one in asked][WARM:]
        embedding = [timed(lambda one=one: embedder.embed([one], question=True)) for one in asked][WARM:]
    return {
        "p50": median(times) * 1000,
        "p95": quantiles(times, n=20)[-1] * 1000,
        "embedding": median(embedding) * 1000,
        "search_mb": peak(),
    }


def recall() -> Mapping[str, float]:
    """The dense leg against exact float search: the base itself, and the judged sets' own passages."""
    embedder = open_remembering()
    with Knowledge(BASE) as kb:
        kb.search("what is it?")  # which brings the shadow up to date
    truth = sqlite3.connect(BASE / "knowledge.sqlite")
    rows = truth.execute("SELECT id, context, text FROM passages ORDER BY id").fetchall()
    truth.close()
    texts = [f"{context}\n{text}" if context else text for _, context, text in rows]
    opened = dense.open_dense(BASE / "shadows" / "dense")
    assert opened is not None
    large = against_exact(opened, np.array([row[0] for row in rows]), embedder.embed(texts))
    del texts
    found = [one for folder in sorted(data("retrieval").iterdir()) for one in read(folder / CORPUS)]
    pieces = [piece.passage for piece in cut(found, embedder, chunk.TARGET)]
    vectors = embedder.embed([f"{one.context}\n{one.text}" if one.context else one.text for one in pieces])
    ids = np.arange(1, len(vectors) + 1)
    with tempfile.TemporaryDirectory() as folder:
        dense.redraw(Path(folder), (1, ""), embedder.card.dimensions, [dense.Rows(ids, *quantise(vectors))])
        opened = dense.open_dense(Path(folder))
        assert opened is not None
        small = against_exact(opened, ids, vectors)
    return {
        "at_10": large[10], "at_50": large[50], "small_at_10": small[10], "small_at_50": small[50],
        "small": len(vectors),
    }  # fmt: skip


def against_exact(opened: dense.Dense, ids: np.ndarray, vectors: np.ndarray) -> dict[int, float]:
    """Recall of the nearest 10 and 50. A passage as near as the last of the exact list counts as found."""
    embedder = open_remembering()
    found: dict[int, list[float]] = {10: [], 50: []}
    for question in questions()[:ASKED]:
        vector = embed_question(embedder, question)
        exact = vectors @ vector
        for k, shares in found.items():
            last = np.partition(exact, -k)[-k]
            near, _ = opened.nearest(vector, k, None)
            shares.append(float((exact[np.searchsorted(ids, near)] >= last - 1e-6).mean()))
    return {k: fmean(shares) for k, shares in found.items()}


def change() -> Mapping[str, float]:
    """Add a new page to an open base, and find it."""
    embedder = open_embedder()
    times = []
    with tempfile.TemporaryDirectory() as folder, Knowledge(BASE, embedder=embedder) as kb:
        kb.search("what is it?")
        for turn, word in enumerate(("amber", "cobalt", "crimson", "indigo", "ochre", "teal", "umber")[:TURNS]):
            page = Path(folder) / f"page-{turn}.md"
            page.write_text(f"# The {word} valve\n\n{PAGE.format(word=word)}")
            started = time.perf_counter()
            kb.add(page)
            hits = kb.search(f"how do I open the {word} valve?")
            times.append(time.perf_counter() - started)
            assert hits[0].document == page.name, hits[0]
        for page in Path(folder).iterdir():
            kb.remove(page)
        kb.search("what is it?")
    return {"change": median(times), "change_worst": max(times)}


def unchanged() -> Mapping[str, float]:
    """Add a folder of files in which nothing has changed."""
    with tempfile.TemporaryDirectory() as folder:
        docs = Path(folder) / "docs"
        docs.mkdir()
        with corpus().open(encoding="utf-8") as file:
            for number, line in zip(range(FILES), file, strict=False):
                (docs / f"{number}.md").write_text(json.loads(line)["text"])
        with Knowledge(Path(folder) / "kb", embedder=open_remembering()) as kb:
            kb.add(docs)
            times = [timed(lambda: kb.add(docs)) for _ in range(TURNS)]
            assert kb.add(docs).unchanged == FILES
    return {"unchanged": median(times)}


def process() -> Mapping[str, float]:
    """Whole processes: the command line, and the import alone."""
    asked = questions()[:TURNS]
    base = [sys.executable, "-m", "formfact", "--kb", str(BASE), "search"]
    whole = [timed(lambda one=one: run([*base, one])) for one in asked]
    code = "import time; s = time.perf_counter(); import formfact; print(time.perf_counter() - s)"
    imports = [float(run([sys.executable, "-c", code])) for _ in range(TURNS)]
    return {"process": median(whole), "import": median(imports) * 1000}


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def run(command: list[str]) -> str:
    """What a process prints. The repository stands first on its path."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths})
    if done.returncode:
        raise SystemExit(f"{' '.join(command[1:3])} failed:\n{done.stderr}")
    return done.stdout


def peak() -> float:
    """The highest resident memory of this process, in MB, mapped files included."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS


PARTS = {one.__name__: one for one in (add, search, recall, change, unchanged, process)}


def part(name: str) -> dict[str, float]:
    """The figures of one part, from a process of its own."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    found: dict[str, float] = json.loads(run([sys.executable, __file__, "part", name]).splitlines()[-1])
    return found


def main() -> None:
    """Print the table."""
    data("retrieval")
    if "--fresh" in sys.argv or not MADE.exists() or not (BASE / "knowledge.sqlite").exists():
        MADE.write_text(json.dumps(part("add")))
    found = json.loads(MADE.read_text())
    for name in list(PARTS)[1:]:
        found |= part(name)
    rows = [
        ("search, embedding included, p50", f"{found['p50']:.1f} ms", "5 ms"),
        ("search, embedding included, p95", f"{found['p95']:.1f} ms", "10 ms"),
        ("of which embedding the question, p50", f"{found['embedding']:.1f} ms", "2 ms"),
        ("dense recall@10 to exact float search", f"{found['at_10']:.3f}", ".99"),
        ("dense recall@50 to exact float search", f"{found['at_50']:.3f}", ""),
        (f"the same on the {found['small']:,} passages of the judged sets, @10", f"{found['small_at_10']:.3f}", ".99"),
        (f"the same on the {found['small']:,} passages of the judged sets, @50", f"{found['small_at_50']:.3f}", ""),
        (f"memory while adding {PASSAGES:,} passages", f"{found['add_mb']:,.0f} MB", "1,000 MB"),
        ("memory while searching them", f"{found['search_mb']:,.0f} MB", "400 MB"),
        ("size on disk", f"{found['base_mb']:,.0f} MB", ""),
        ("a new page of one file added and found", f"{found['change']:.2f} s", "0.2 s"),
        (f"add {FILES:,} unchanged files", f"{found['unchanged']:.2f} s", "2 s"),
        ("formfact search, whole process", f"{found['process']:.2f} s", "0.6 s"),
        ("import formfact", f"{found['import']:.0f} ms", "100 ms"),
    ]
    note = (
        f"{PASSAGES:,} passages of 50-90 words, {ASKED} questions. The texts are real, neighbours overlap by three "
        "fifths because there is no more real text; every vector is the bundled model's own."
    )
    show("search_speed", f"{markdown(('a base of 100,000 passages', 'measured', 'target'), rows)}\n\n{note}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["part"]:
        print(json.dumps(PARTS[sys.argv[2]]()))
    else:
        main()
