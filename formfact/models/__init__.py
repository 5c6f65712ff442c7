"""Where numbers and words come from: the protocols Embedder, Writer and Reader, and opening one by its address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from formfact import plugins
from formfact.types import EmbedderCard, Judgement, Message, Reply

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Texts in, unit vectors out. Implementations are safe to call from several threads."""

    @property
    def card(self) -> EmbedderCard:
        """What a knowledge base remembers of this model."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text in the model's own tokenizer, special tokens not counted, nothing cut off."""
        ...

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        """One L2-normalised row per text, shape (len(texts), card.dimensions), float32.

        `question` is for models that read questions and passages differently. Raises Refused for a text
        longer than the window: nothing is cut off unseen.
        """
        ...


class Writer(Protocol):
    """A conversation in, words out. Implementations are safe to call from several threads."""

    @property
    def address(self) -> str:
        """What opens it again; no key is part of it."""
        ...

    def complete(self, messages: Sequence[Message], *, tokens: int, schema: Mapping[str, Any] | None = None) -> Reply:
        """Go on with a conversation by at most so many tokens; `schema` asks for JSON of it. Raises ModelError."""
        ...

    def stream(self, messages: Sequence[Message], *, tokens: int) -> Iterator[str]:
        """The same, piece by piece as it is written. Raises ModelError, also in the middle; close it to stop it."""
        ...


class Reader(Protocol):
    """A question and passages in, a judgement of each out. Implementations are safe to call from several threads."""

    @property
    def address(self) -> str:
        """What opens it again; no key is part of it."""
        ...

    def read(self, question: str, passages: Sequence[str]) -> list[Judgement]:
        """One judgement per passage, in their order; however long a passage is, all of it is read.

        Raises ModelError for a model that cannot be run or reached.
        """
        ...


BUNDLED = "all-MiniLM-L6-v2"

PLACES = {
    "bundled": "formfact.models.bundled:open_bundled",
    "toy": "formfact.models.toy:open_toy",
    "onnx": "formfact.models.onnx:open_onnx",
    "sentence-transformers": "formfact.models.sentence:open_sentence",
    "http": "formfact.models.endpoint:open_endpoint",
}
"""Where a model may live -> the function that opens it, called with the address."""


def open_embedder(address: str = BUNDLED) -> Embedder:
    """Open an embedder by its address.

    `all-MiniLM-L6-v2`            the bundled model: offline, no torch
    `toy:64`                      a deterministic hashing embedder for tests (64 dimensions)
    `./folder` or `onnx:./folder` a local folder with an ONNX model and tokenizer.json
    `onnx:ORG/NAME`               the same from the Hugging Face hub, or its cache on this machine
    `sentence-transformers:NAME`  a local folder or hub name, run by sentence-transformers (an extra)
    `https://host/v1#MODEL`       any OpenAI-compatible /v1/embeddings endpoint; key from FORMFACT_API_KEY

    Raises Refused for an address that is none, ModelError for a model that cannot be had or run, MissingExtra.
    """
    embedder: Embedder = plugins.load(PLACES, place(address), what="embedder")(address)
    return embedder


WRITERS = {"http": "formfact.models.chat:open_chat"}
"""The same for Writers; `formfact.front.writers` adds those that a room above opens."""


def open_writer(address: str) -> Writer:
    """Open a Writer at an endpoint: `https://HOST/v1#MODEL`, any OpenAI-compatible /v1/chat/completions.

    Nothing is sent yet; the key is read from FORMFACT_API_KEY. Raises Refused for what is no such address.
    """
    writer: Writer = plugins.load(WRITERS, "http", what="writer")(address)
    return writer


READERS = {
    "onnx": "formfact.models.reader_onnx:open_reader_onnx",
    "http": "formfact.models.reader_endpoint:open_rerank",
    "toy": "formfact.models.reader_toy:open_reader_toy",
}
"""Where a reader may live -> the function that opens it, called with the address."""


def open_reader(address: str) -> Reader:
    """Open a reader, or a reranker, by its address.

    `./folder` or `onnx:./folder` a local folder with an ONNX model and tokenizer.json: a reader as tools/make_reader.py
                                  makes it, or any cross-encoder that gives one number
    `https://host/v1#MODEL`       any /v1/rerank endpoint as Jina, Cohere, vLLM, llama.cpp and others have it; key from
                                  FORMFACT_API_KEY
    `toy:`                        a deterministic one for tests: words in common
    """
    scheme, colon, _ = address.partition(":")
    kind = "http" if scheme in ("http", "https") else scheme if colon and scheme in READERS else "onnx"
    reader: Reader = plugins.load(READERS, kind, what="reader")(address)
    return reader


def place(address: str) -> str:
    """The kind of place an address names, a key of PLACES."""
    if address in (BUNDLED, f"sentence-transformers/{BUNDLED}"):
        return "bundled"
    scheme, colon, _ = address.partition(":")
    if colon and scheme in ("http", "https"):
        return "http"
    if colon and scheme in PLACES:
        return scheme
    return "onnx"
