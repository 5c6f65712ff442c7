"""Embedding models run by sentence-transformers, from a local folder or by hub name: an extra for what has no ONNX.

Code that comes with a model is never run (`trust_remote_code` is off): such a model is an error.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from formfact.errors import MissingExtra, ModelError
from formfact.models.reading import WINDOW, prefixes, refuse_longer, text_window
from formfact.models.tokens import valid
from formfact.types import EmbedderCard

try:
    import torch
    from sentence_transformers import SentenceTransformer
except ModuleNotFoundError as missing:
    raise MissingExtra(
        f"sentence-transformers:NAME needs the package {missing.name!r}, which is not installed",
        hint="install torch first, its CPU build if there is no GPU (the default one brings gigabytes of GPU "
        "libraries), then pip install 'formfact[sentence-transformers]'",
    ) from missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEME = "sentence-transformers:"
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


class Sentence:
    """An embedder over a SentenceTransformer; one call at a time, because its tokenizer keeps state."""

    def __init__(self, model: Any, address: str, name: str) -> None:
        self._model = model
        self._running = Lock()
        self._limit = int(model.max_seq_length or WINDOW)
        self._question, self._passage = prefixes(model.prompts or {})
        (special,) = self._count([""], special=True)
        given = [prefix for prefix in (self._question, self._passage) if prefix]
        self._card = EmbedderCard(
            address=address,
            name=name,
            dimensions=int(model.encode_document([""], show_progress_bar=False).shape[1]),
            window=text_window(self._limit, special, self._count(given, special=False)),
            digest=fingerprint(model, (self._limit, self._question, self._passage)),
        )

    @property
    def card(self) -> EmbedderCard:
        return self._card

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._count(texts, special=False)

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self._card.dimensions), np.float32)
        prefix = self._question if question else self._passage
        refuse_longer(self._count([prefix + text for text in texts], special=True), self._limit, self._card.name)
        encode = self._model.encode_query if question else self._model.encode_document
        with self._running:
            rows = encode(
                [valid(text) for text in texts],
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(rows, np.float32)

    def _count(self, texts: Sequence[str], *, special: bool) -> list[int]:
        if not texts:
            return []
        with self._running:
            found = self._model.tokenizer(
                [valid(text) for text in texts],
                add_special_tokens=special,
                truncation=False,
                padding=False,
                verbose=False,
            )
        return [len(ids) for ids in found["input_ids"]]


def open_sentence(address: str) -> Sentence:
    """The model in a local folder or of a hub name; ModelError where it cannot be opened."""
    name = address.removeprefix(SCHEME)
    path = Path(name).expanduser()
    if not path.is_dir() and not HUB_NAME.fullmatch(name):
        raise ModelError(f"there is no embedder at {address!r}: no such folder", hint="give a folder or a hub name")
    where = str(path.resolve()) if path.is_dir() else name
    try:
        model = SentenceTransformer(where, trust_remote_code=False)
    # It raises its own, transformers', the hub client's and the system's errors.
    except Exception as failure:
        reason = (str(failure).strip().splitlines() or [type(failure).__name__])[0]
        raise ModelError(
            f"sentence-transformers cannot open {name!r}: {reason}",
            hint="give a local folder saved by sentence-transformers, or use the bundled model: all-MiniLM-L6-v2",
        ) from failure
    return Sentence(model, f"{SCHEME}{where}", path.name if path.is_dir() else name)


def fingerprint(model: Any, settings: tuple[int, str, str]) -> str:
    """SHA-256 over every weight, the kinds of modules and how the model is read."""
    digest = hashlib.sha256(repr(settings).encode())
    for module in model:
        digest.update(f"{type(module).__name__} {getattr(module, 'pooling_mode', '')}".encode())
    for name, weights in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
