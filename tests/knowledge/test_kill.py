"""`add` killed at random moments, and several processes at once: only whole documents, nothing lost, nothing torn."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from formfact.front import Knowledge

ADD = """
import sys
sys.path[:0] = {path!r}
from formfact.front import Knowledge
from formfact.knowledge import sync
sync.BATCH_PASSAGES = 40
kb = Knowledge({kb!r}, embedder="toy:64")
print("ready", flush=True)
for turn in range({turns}):
    report = kb.add(*{paths!r})
kb.close()
print(report.added, flush=True)
"""
PARTS = 3


def start(kb: Path, *paths: Path, turns: int = 1) -> subprocess.Popen[str]:
    script = ADD.format(path=sys.path, kb=str(kb), paths=[str(path) for path in paths], turns=turns)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready", child.stderr and child.stderr.read()
    return child


def write_rows(file: Path, version: int, count: int = 250) -> None:
    """Records of several passages each, all of which say which version they are of."""
    filler = "pump lamp valve signal " * 50
    text = "\n\n".join(f"{filler} part {part} of version {version}" for part in range(PARTS))
    file.write_text("\n".join(json.dumps({"_id": f"{file.stem}{i}", "text": f"{text} row {i}"}) for i in range(count)))


def whole_documents(kb: Knowledge) -> dict[str, set[str]]:
    """Document -> the versions that its passages are of; asserts that each has all its passages."""
    parts: dict[str, list[str]] = {}
    for hit in kb.search("version part", k=5000):
        parts.setdefault(hit.document, []).append(hit.text)
    counts = {document: len(texts) for document, texts in parts.items()}
    assert len(set(counts.values())) <= 1, "a document has other passages than its like"
    return {d: {w.split()[0] for text in texts for w in text.split("version ")[1:]} for d, texts in parts.items()}


def test_killed_twenty_times(tmp_path: Path) -> None:
    chance = random.Random(11)
    file, folder = tmp_path / "rows.jsonl", tmp_path / "kb"
    for version in range(20):
        write_rows(file, version // 4)
        child = start(folder, file)
        time.sleep(chance.uniform(0.0, 0.5))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        if not (folder / "knowledge.sqlite").exists():
            continue
        with Knowledge(folder, embedder="toy:64") as kb:
            for document, versions in whole_documents(kb).items():
                assert len(versions) == 1, f"{document} is torn"
    with Knowledge(folder, embedder="toy:64") as kb:
        report = kb.add(file)
        assert report.added + report.updated + report.unchanged == 250
        assert set(map(frozenset, whole_documents(kb).values())) == {frozenset({"4"})}
        assert kb.add(file).unchanged == 250


def test_two_processes_add_while_others_search(tmp_path: Path) -> None:
    """Both add the same and their own files; whoever looks meanwhile sees whole documents only."""
    folder, shared = tmp_path / "kb", tmp_path / "shared.jsonl"
    mine = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for file in (shared, *mine):
        write_rows(file, 1, count=120)
    children = [start(folder, shared, own, turns=2) for own in mine]
    looks = 0
    while any(child.poll() is None for child in children):
        if (folder / "knowledge.sqlite").exists():
            with Knowledge(folder, embedder="toy:64") as kb:
                whole_documents(kb)
                looks += 1
    for child in children:
        _, stderr = child.communicate()
        assert child.returncode == 0, stderr
    assert looks > 0
    with Knowledge(folder, embedder="toy:64") as kb:
        assert len(whole_documents(kb)) == kb.status().documents == 360
