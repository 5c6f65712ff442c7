"""Embedding models behind an OpenAI-compatible `/v1/embeddings` endpoint, hosted or on the user's own machine.

The address is `https://HOST/v1#MODEL`, with options after the model: `&window=8192` (tokens read at once, 512 where
not given), `&dimensions=1024` (asked of the endpoint), `&tokenizer=/path/tokenizer.json` (counts exactly; without it
`estimate` counts). The key is read from FORMFACT_API_KEY, or from OPENAI_API_KEY for openai.com and no other host. It
is part of no address, card or message.

Not covered: prefixes for questions and passages. An empty text is sent as one space, because endpoints refuse it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from formfact.errors import ModelError, Refused
from formfact.models.post import PATIENCE, Patience, Post, key_for, parts_of
from formfact.models.reading import SPECIAL, WINDOW, refuse_longer
from formfact.models.tokens import Tokens, valid
from formfact.types import EmbedderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH_TEXTS = 64
BATCH_TOKENS = 100_000
"""A request holds no more than this, well under what hosted endpoints take."""

REQUESTS = 4
"""Requests in flight at once."""

MARK = re.compile(r"[!-@\[-`{-~\n]")
OPTIONS = ("window", "dimensions", "tokenizer")
EXAMPLE = "https://HOST/v1#MODEL, with options such as #MODEL&window=8192&dimensions=1024"


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart; `url` is what is posted to."""

    address: str
    url: str
    model: str
    window: int = WINDOW
    dimensions: int | None = None
    tokenizer: Path | None = None


class Endpoint:
    """An embedder over HTTP; its card costs one request, unless the address gives the dimensions."""

    def __init__(self, place: Place, key: str = "", patience: Patience = PATIENCE) -> None:
        self._place = place
        self._post = Post(place.url, key, patience)
        self._tokens = Tokens(place.tokenizer) if place.tokenizer else None
        self._probing = Lock()
        self._card: EmbedderCard | None = None

    @property
    def card(self) -> EmbedderCard:
        with self._probing:
            if self._card is None:
                self._card = card(self._place, self._place.dimensions or self._request(["probe"]).shape[1])
            return self._card

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens by the tokenizer that the address names, otherwise by `estimate`."""
        if self._tokens:
            return [len(ids) for ids in self._tokens.ids(texts, special=False)]
        return [estimate(text) for text in texts]

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        counts = self.count(texts)
        refuse_longer((count + SPECIAL for count in counts), self._place.window, self._place.model)
        rows = np.empty((len(texts), self.card.dimensions), np.float32)
        spans = list(batches(counts))
        with ThreadPoolExecutor(REQUESTS) as pool:
            for span, found in zip(spans, pool.map(self._request, [texts[span] for span in spans]), strict=True):
                if found.shape[1] != rows.shape[1]:
                    raise self._malformed(f"vectors of {found.shape[1]} dimensions instead of {rows.shape[1]}")
                rows[span] = found
        return rows

    def _request(self, texts: Sequence[str]) -> NDArray[np.float32]:
        asked: dict[str, Any] = {
            "model": self._place.model,
            "input": [valid(text) or " " for text in texts],
            "encoding_format": "float",
        }
        if self._place.dimensions:
            asked["dimensions"] = self._place.dimensions
        body = self._post(json.dumps(asked).encode())
        try:
            return parse(body, len(texts))
        except ValueError as wrong:
            raise self._malformed(str(wrong)) from wrong

    def _malformed(self, what: str) -> ModelError:
        return ModelError(
            f"{self._place.url} gave no usable vectors: {self._post.hidden(what)}",
            hint="check that the address is the base URL of an OpenAI-compatible API and that the model embeds",
        )


def open_endpoint(address: str) -> Endpoint:
    """The endpoint at an address; nothing is sent yet. Raises Refused for an address that is none."""
    place = parse_address(address)
    return Endpoint(place, key_for(place.url))


def parse_address(address: str) -> Place:
    """The parts of an address; Refused where it names no host or model, holds a password, or an option is unknown."""
    parts = parts_of(address, example=EXAMPLE)
    model, *rest = parts.fragment.split("&")
    options = dict(option.partition("=")[::2] for option in rest)
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise Refused(f"{address!r} has an unknown option {unknown[0]!r}", hint=f"options are {', '.join(OPTIONS)}")
    return Place(
        address=address,
        url=parts._replace(path=f"{parts.path.rstrip('/')}/embeddings", fragment="").geturl(),
        model=unquote(model),
        window=_number(options, "window") or WINDOW,
        dimensions=_number(options, "dimensions"),
        tokenizer=Path(unquote(options["tokenizer"])).expanduser() if "tokenizer" in options else None,
    )


def _number(options: dict[str, str], name: str) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise Refused(f"{name}={text} in the address is no number above 0", hint=f"write {EXAMPLE}")
    return int(text)


def card(place: Place, dimensions: int) -> EmbedderCard:
    """Two endpoints are the same model when host, path, model and dimensions are."""
    digest = hashlib.sha256("\n".join([place.url, place.model, str(dimensions)]).encode()).hexdigest()
    return EmbedderCard(place.address, place.model, dimensions, place.window, digest)


def estimate(text: str) -> int:
    """Tokens of a text where the tokenizer is unknown, high on purpose.

    One for each ASCII digit, punctuation mark and line break, and one for every two further bytes of UTF-8, white
    space left out. For English prose that is nearly twice the true number. It is no bound: a tokenizer can need
    more for a script that it hardly knows.
    """
    marks = len(MARK.findall(text))
    others = len("".join(text.split()).encode("utf-8", "replace")) - (marks - text.count("\n"))
    return marks + math.ceil(others / 2)


def batches(counts: Sequence[int]) -> Iterator[slice]:
    """Spans of texts that go into one request each, in order, given the tokens of every text."""
    start = tokens = 0
    for end, count in enumerate(counts):
        if end > start and (end - start == BATCH_TEXTS or tokens + count > BATCH_TOKENS):
            yield slice(start, end)
            start, tokens = end, 0
        tokens += count
    if start < len(counts):
        yield slice(start, len(counts))


def parse(body: bytes, count: int) -> NDArray[np.float32]:
    """The unit vectors in a reply to `count` texts, in the texts' order, shape (count, dimensions).

    Vectors may be lists of numbers or base64 of little-endian float32. Raises ValueError that says what is wrong.
    """
    try:
        data = json.loads(body)["data"]
        found = {int(each.get("index", place)): _numbers(each["embedding"]) for place, each in enumerate(data)}
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as wrong:
        shown = body[:200].decode(errors="replace")
        raise ValueError(f"{shown!r} ({type(wrong).__name__}: {wrong})") from wrong
    if len(data) != count or sorted(found) != list(range(count)):
        raise ValueError(f"{len(data)} vectors for {count} texts, with index {sorted(found)[:4]} and so on")
    sizes = sorted({vector.size for vector in found.values()})
    if len(sizes) > 1 or sizes[0] == 0:
        raise ValueError(f"vectors of {' and '.join(map(str, sizes))} dimensions in one reply")
    rows = np.stack([found[place] for place in range(count)])
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("a vector that is zero or holds a number that is not finite")
    unit: NDArray[np.float32] = (rows / lengths).astype(np.float32)
    return unit


def _numbers(embedding: Any) -> NDArray[np.float64]:
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4").astype(np.float64)
    numbers = np.array(embedding, np.float64)
    if numbers.ndim != 1:
        raise TypeError(f"an embedding with {numbers.ndim} axes")
    return numbers
