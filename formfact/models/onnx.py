"""Any sentence-embedding model in ONNX form: a folder with the graph, its tokenizer and the files `reading` knows.

Each text is run alone, one thread per core, longest first. A batch would pad to its longest text, and the scales of
a dynamically quantised model are shared by a batch: alone, a text's vector never depends on its neighbours, and on
the processors measured this is as fast as any batch or faster.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

# Set before it is loaded, or onnxruntime sends figures of its use to its maker: nothing here leaves the machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

from formfact import plugins
from formfact.errors import ModelError
from formfact.models.reading import Reading, reading, refuse_longer, text_window
from formfact.models.tokens import SLICE, Tokens
from formfact.types import EmbedderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAPHS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
OUTPUTS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
"""Outputs by preference: the first is pooled by the graph itself, the others are pooled here."""

HUB = {"hub": "formfact.models.hub:download"}
HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")

FEW = 8
"""Up to so many texts, several cores work on one text at a time; above, each core on a text of its own."""
LATELY = 1.0
"""Seconds for which somebody else at work is remembered."""

AGAIN = "copy the model's folder again, or use the bundled model: all-MiniLM-L6-v2"
ADDRESSES = (
    "give all-MiniLM-L6-v2 (the bundled model), a folder that holds model.onnx and tokenizer.json, onnx:ORG/NAME, "
    "sentence-transformers:NAME or https://HOST/v1#MODEL"
)


@dataclass(frozen=True, slots=True)
class Graph:
    """An open session: the inputs it asks for with their types, and the output that is used."""

    session: Any
    inputs: dict[str, type[np.int32] | type[np.int64]]
    output: str


class Encoder:
    """Unit vectors from token ids; the graph is opened by the first of them. Safe to use from several threads."""

    def __init__(self, graph: Path, pooling: str) -> None:
        self._file = graph
        self._pooling = pooling
        self._opening = Lock()
        self._graphs: dict[int, Graph] = {}
        self._working = 0
        self._crowded = -math.inf

    def vectors(self, tokens: Sequence[list[int]]) -> NDArray[np.float32]:
        """One unit vector per list of ids, shape (len(tokens), dimensions); at least one list must be given."""
        if len(tokens) <= FEW:
            with self._few() as graph:
                return np.stack([self._vector(graph, ids) for ids in tokens])
        order = sorted(range(len(tokens)), key=lambda row: -len(tokens[row]))
        with ThreadPoolExecutor(cores()) as pool:
            found = np.stack(list(pool.map(partial(self._vector, self._graph(1)), [tokens[row] for row in order])))
        rows = np.empty_like(found)
        rows[order] = found
        return rows

    @contextmanager
    def _few(self) -> Iterator[Graph]:
        """For a text or two: all cores where nobody else was at work lately, else one.

        Threads of a graph wait by spinning: they are worth it where a core has nothing else to do, and only there.
        """
        with self._opening:
            self._working += 1
            now = time.monotonic()
            if self._working > 1:
                self._crowded = now
            alone = now - self._crowded > LATELY
        try:
            yield self._graph(min(cores(), 4) if alone else 1)
        finally:
            with self._opening:
                self._working -= 1

    def _graph(self, threads: int) -> Graph:
        with self._opening:
            if threads not in self._graphs:
                self._graphs[threads] = open_graph(self._file, threads)
            return self._graphs[threads]

    def _vector(self, graph: Graph, ids: list[int]) -> NDArray[np.float32]:
        # A tokenizer without special tokens gives an empty text no tokens, which no graph accepts.
        tokens = np.array([ids or [0]])
        values = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
            "position_ids": np.arange(tokens.shape[1])[None],
        }
        feed = {name: values[name].astype(kind) for name, kind in graph.inputs.items()}
        try:
            (hidden,) = graph.session.run([graph.output], feed)
        # onnxruntime's errors have no common parent but Exception.
        except Exception as failure:
            raise ModelError(f"{self._file} cannot be run: {_first_line(failure)}", hint=AGAIN) from failure
        vector = pool(np.asarray(hidden[0], np.float32), self._pooling)
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length == 0:
            raise ModelError(f"{self._file} gave a vector of length {length}", hint=AGAIN)
        return vector / np.float32(length)


class Onnx:
    """An embedder: adds the prefixes, refuses what is longer than the window, runs the encoder."""

    def __init__(self, tokens: Tokens, encoder: Encoder, how: Reading, card: EmbedderCard) -> None:
        self._tokens = tokens
        self._encoder = encoder
        self._how = how
        self._card = card

    @property
    def card(self) -> EmbedderCard:
        return self._card

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self._tokens.ids(texts, special=False)]

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        prefix = self._how.question if question else self._how.passage
        rows = np.empty((len(texts), self._card.dimensions), np.float32)
        for start in range(0, len(texts), SLICE):
            tokens = self._tokens.ids([prefix + text for text in texts[start : start + SLICE]])
            refuse_longer(map(len, tokens), self._how.window, self._card.name)
            rows[start : start + len(tokens)] = self._encoder.vectors(tokens)
        return rows


def open_onnx(address: str) -> Onnx:
    """The model in a local folder (`./folder`, `onnx:./folder`) or of a hub name (`onnx:ORG/NAME`).

    It runs once here, so that a folder which cannot be used is an error now. ModelError says what is wrong with it.
    """
    folder, address = _folder(address)
    graph = next((folder / name for name in GRAPHS if (folder / name).is_file()), None)
    tokenizer = folder / "tokenizer.json"
    if graph is None or not tokenizer.is_file():
        lacking = "tokenizer.json" if graph else "model.onnx"
        raise ModelError(f"{folder} is no embedding model: it has no {lacking}", hint=ADDRESSES)
    how = reading(folder)
    tokens, encoder = Tokens(tokenizer), Encoder(graph, how.pooling)
    empty = tokens.ids([""])
    dimensions = encoder.vectors(empty).shape[1]
    prefix = [len(ids) for ids in tokens.ids([text for text in (how.question, how.passage) if text], special=False)]
    weights = [sha256_of(path) for path in sorted(graph.parent.glob(f"{graph.name}*")) if path.is_file()]
    return Onnx(
        tokens,
        encoder,
        how,
        EmbedderCard(
            address=address,
            name=folder.name if address == str(folder) else address.removeprefix("onnx:"),
            dimensions=dimensions,
            window=text_window(how.window, len(empty[0]), prefix),
            digest=fingerprint([*weights, sha256_of(tokenizer)], how),
        ),
    )


def _folder(address: str) -> tuple[Path, str]:
    """The folder that an address means, and the address that opens it from anywhere."""
    name = address.removeprefix("onnx:")
    path = Path(name).expanduser()
    if name and path.is_dir():
        return path.resolve(), str(path.resolve())
    if address.startswith("onnx:") and HUB_NAME.fullmatch(name):
        return plugins.load(HUB, "hub", what="source of models")(name), address
    raise ModelError(f"there is no embedder at {address!r}: no such folder", hint=ADDRESSES)


def fingerprint(files: Sequence[str], how: Reading) -> str:
    """The SHA-256 that a card carries: of the files' own SHA-256 and of how the model is read."""
    return hashlib.sha256("\n".join([*files, repr(astuple(how))]).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes; read once for each size and time of change."""
    state = path.stat()
    return _sha256(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Any graph on the processor, with so many threads for one text; ModelError where it is none."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # An arena keeps what the longest text needed, for each thread that ran one; without it runs are as fast here.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as failure:
        raise ModelError(f"{path} is no ONNX model: {_first_line(failure)}", hint=AGAIN) from failure


def open_graph(path: Path, threads: int) -> Graph:
    """A session with so many threads for one text; ModelError where it is no embedding graph."""
    session = open_session(path, threads)
    inputs = {each.name: np.int32 if each.type == "tensor(int32)" else np.int64 for each in session.get_inputs()}
    unknown = set(inputs) - {"input_ids", "attention_mask", "token_type_ids", "position_ids"}
    names = [each.name for each in session.get_outputs()]
    output = next((name for name in OUTPUTS if name in names), None)
    if unknown or output is None:
        problem = f"asks for {', '.join(sorted(unknown))}" if unknown else f"gives only {', '.join(names)}"
        raise ModelError(f"{path} {problem}: it is no text embedding model", hint=ADDRESSES)
    return Graph(session, inputs, output)


def pool(hidden: NDArray[np.float32], pooling: str) -> NDArray[np.float32]:
    """One vector from the states of all tokens, shape (tokens, dimensions); a vector is left as it is."""
    if hidden.ndim == 1:
        return hidden
    pooled: NDArray[np.float32]
    match pooling:
        case "cls":
            pooled = hidden[0]
        case "lasttoken":
            pooled = hidden[-1]
        case "max":
            pooled = hidden.max(axis=0)
        case _:
            pooled = hidden.mean(axis=0)
    return pooled


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first_line(failure: Exception) -> str:
    return (str(failure).strip().splitlines() or [type(failure).__name__])[0]
