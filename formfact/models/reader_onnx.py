"""A reader in ONNX form: a folder with the graph and its tokenizer, run on the processor, each passage alone.

Two kinds of graph are known by their outputs. One with `relevance`, `start`, `end` and `answerable` (logits; what
tools/make_reader.py writes) tells all of a Judgement; one with a single number for a pair, as cross-encoders are
exported, tells relevance alone. A passage longer than the model's window is read in overlapping windows, and the
best of them counts; of a question longer than half the window, only its beginning is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Encoding

from formfact.errors import ModelError
from formfact.models.onnx import AGAIN, GRAPHS, cores, open_session
from formfact.models.reading import reading
from formfact.models.tokens import Tokens
from formfact.types import Judgement

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEADS = ("relevance", "start", "end", "answerable")
LONGEST = 30
"""Tokens of an answer."""
FEEDS = ("input_ids", "attention_mask", "token_type_ids")
ADDRESSES = "give a folder as tools/make_reader.py writes it, a cross-encoder's ONNX folder, or https://HOST/v1#MODEL"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a passage beside the question: `passage` is its place in the list, `at` where its text begins."""

    passage: int
    at: int
    text: str


class ReaderOnnx:
    """A graph and its tokenizer; nothing is opened before the first question. Safe to use from several threads."""

    def __init__(self, address: str, graph: Path, tokens: Tokens, window: int) -> None:
        self.address = address
        self._file = graph
        self._tokens = tokens
        self._window = window
        self._opening = Lock()
        self._session: Any = None

    def read(self, question: str, passages: Sequence[str]) -> list[Judgement]:
        """See `formfact.models.Reader`."""
        session = self._open()
        asked, room = self._fitted(question)
        windows = [each for at, passage in enumerate(passages) for each in self._windows(at, passage, room)]
        encoded = self._tokens.pairs(asked, [each.text for each in windows])
        with ThreadPoolExecutor(cores()) as pool:
            judged = list(pool.map(partial(self._judged, session), encoded))
        best: dict[int, Judgement] = {}
        for window, found in zip(windows, judged, strict=True):
            moved = _moved(found, window.at)
            best[window.passage] = _better(best[window.passage], moved) if window.passage in best else moved
        return [best[at] for at in range(len(passages))]

    def _fitted(self, question: str) -> tuple[str, int]:
        """The question, no longer than half the window, and the tokens that it leaves for a passage."""
        spans = self._tokens.spans(question)
        special = len(self._tokens.pairs("", [""])[0].ids)
        half = (self._window - special) // 2
        kept = question[: spans[half - 1][1]] if len(spans) > half else question
        return kept, self._window - special - min(len(spans), half)

    def _windows(self, passage: int, text: str, room: int) -> list[Window]:
        """The whole passage where it fits; windows that overlap by a quarter where it does not."""
        spans = self._tokens.spans(text)
        if len(spans) <= room:
            return [Window(passage, 0, text)]
        step = max(1, room * 3 // 4)
        starts = [at for at in range(0, len(spans), step) if at == 0 or at + room - step < len(spans)]
        cuts = [(spans[at][0], spans[min(at + room, len(spans)) - 1][1]) for at in starts]
        return [Window(passage, start, text[start:end]) for start, end in cuts]

    def _judged(self, session: Any, encoding: Encoding) -> Judgement:
        values = (encoding.ids, encoding.attention_mask, encoding.type_ids)
        known = dict(zip(FEEDS, values, strict=True))
        # A word at a window's edge can be more tokens alone than it was in its text.
        feed = {each.name: np.array([known[each.name][: self._window]], np.int64) for each in session.get_inputs()}
        try:
            names = [each.name for each in session.get_outputs()]
            found = dict(zip(names, session.run(None, feed), strict=True))
        # onnxruntime's errors have no common parent but Exception.
        except Exception as failure:
            raise ModelError(f"{self._file} cannot be run: {failure}", hint=AGAIN) from failure
        if not set(HEADS) <= set(found):
            return Judgement(_share(found[names[0]].reshape(-1)[0]))
        start, end, sure = best_span(encoding, found["start"][0], found["end"][0])
        return Judgement(_share(found["relevance"][0]), _share(found["answerable"][0]), start, end, sure)

    def _open(self) -> Any:
        with self._opening:
            if self._session is None:
                self._session = _session(self._file)
            return self._session


def best_span(
    encoding: Encoding, start: NDArray[np.float32], end: NDArray[np.float32]
) -> tuple[int | None, int | None, float | None]:
    """The likeliest answer in the passage, as offsets of its characters, and how likely it is; logits per token."""
    inside = [at for at, part in enumerate(encoding.sequence_ids[: len(start)]) if part == 1]
    if not inside:
        return None, None, None
    first, last = inside[0], inside[-1] + 1
    both = np.log(_shares(start[first:last]))[:, None] + np.log(_shares(end[first:last]))[None, :]
    # The end stands behind the start, at most LONGEST tokens.
    likely = np.where(np.triu(np.ones_like(both)) - np.triu(np.ones_like(both), LONGEST) > 0, both, -np.inf)
    at, to = np.unravel_index(int(likely.argmax()), likely.shape)
    return encoding.offsets[first + int(at)][0], encoding.offsets[first + int(to)][1], float(np.exp(likely[at, to]))


def _moved(found: Judgement, by: int) -> Judgement:
    if found.start is None or found.end is None:
        return found
    return replace(found, start=found.start + by, end=found.end + by)


def _better(one: Judgement, other: Judgement) -> Judgement:
    """Of two windows of a passage the more answerable one, with the higher relevance of both."""
    best = max(one, other, key=lambda each: (each.answerable or 0.0, each.relevance))
    return replace(best, relevance=max(one.relevance, other.relevance))


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(float(logit), -60, 60))))


def _shares(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(logits.astype(np.float64) - logits.max())
    shares: NDArray[np.float64] = np.maximum(raised / raised.sum(), 1e-30)
    return shares


def _session(path: Path) -> Any:
    session = open_session(path, threads=1)
    unknown = {each.name for each in session.get_inputs()} - set(FEEDS)
    outputs = session.get_outputs()
    one_number = len(outputs) == 1 and (outputs[0].shape[-1] == 1 or len(outputs[0].shape) == 1)
    if unknown or not (one_number or set(HEADS) <= {each.name for each in outputs}):
        gives = ", ".join(each.name for each in outputs)
        problem = f"asks for {', '.join(sorted(unknown))}" if unknown else f"gives {gives}"
        raise ModelError(f"{path} {problem}: it is no reader and no reranker", hint=ADDRESSES)
    return session


def open_reader_onnx(address: str) -> ReaderOnnx:
    """The reader in a local folder, run once, so that one which cannot be used is an error now. Raises ModelError."""
    folder = Path(address.removeprefix("onnx:")).expanduser()
    if not folder.is_dir():
        raise ModelError(f"there is no reader at {address!r}: no such folder", hint=ADDRESSES)
    graph = next((folder / name for name in GRAPHS if (folder / name).is_file()), None)
    tokenizer = folder / "tokenizer.json"
    if graph is None or not tokenizer.is_file():
        lacking = "tokenizer.json" if graph else "model.onnx"
        raise ModelError(f"{folder} is no reader: it has no {lacking}", hint=ADDRESSES)
    opened = ReaderOnnx(str(folder.resolve()), graph, Tokens(tokenizer), reading(folder).window)
    opened.read("?", ["."])
    return opened
