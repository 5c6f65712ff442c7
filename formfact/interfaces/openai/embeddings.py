"""POST /v1/embeddings: texts to unit vectors by an embedder on this machine; nothing is cut off unseen."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from formfact.errors import TooSlow
from formfact.interfaces.http.routes import Call, Json
from formfact.interfaces.http.schema import Within
from formfact.interfaces.http.waiting import nobody_waits
from formfact.interfaces.openai.models import embedder_of
from formfact.interfaces.openai.refusals import BadRequest
from formfact.models import Embedder
from formfact.models.reading import SPECIAL

PART = 32
"""Texts after which it is looked whether the client is still there."""
MOST = 2048
"""Texts in one request, as the API has it."""


@dataclass(frozen=True, slots=True)
class Embed:
    """Texts, and how their vectors are to be sent. `user` is taken and not looked at."""

    input: Any
    model: Annotated[str, Within(1, 200)]
    dimensions: Annotated[int, Within(1)] | None = None
    encoding_format: Literal["float", "base64"] = "float"
    user: str | None = None


EMBEDDINGS = {
    "type": "object",
    "properties": {
        "object": {"type": "string"},
        "model": {"type": "string"},
        "data": {"type": "array", "items": {"type": "object"}},
        "usage": {"type": "object"},
    },
    "required": ["object", "model", "data", "usage"],
}


def embed(call: Call, asked: Embed) -> Json:
    texts = _texts(asked.input)
    embedder = embedder_of(call, asked.model)
    if asked.dimensions not in (None, embedder.card.dimensions):
        raise BadRequest(
            f"{asked.model} gives {embedder.card.dimensions} dimensions, not {asked.dimensions}",
            hint="leave `dimensions` out: a part of its vectors means less than a smaller model's",
            param="dimensions",
        )
    counts = _counted(embedder, texts)
    rows = [row for start in range(0, len(texts), PART) for row in _part(embedder, texts[start : start + PART])]
    data = [
        {"object": "embedding", "index": at, "embedding": _sent(row, asked.encoding_format)}
        for at, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": sum(counts), "total_tokens": sum(counts)}
    return {"object": "list", "model": asked.model, "data": data, "usage": usage}


def _part(embedder: Embedder, texts: Sequence[str]) -> Any:
    """The vectors of some texts, while somebody waits for them."""
    if nobody_waits():
        raise TooSlow("nobody waits for the vectors any more", hint="send fewer texts at once")
    return embedder.embed(texts)


def _texts(given: Any) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    listed = isinstance(texts, list | tuple) and bool(texts)
    if listed and all(isinstance(one, str) and one for one in texts) and len(texts) <= MOST:
        return list(texts)
    if listed and isinstance(texts[0], int | list):
        raise BadRequest(
            "input holds token ids, and they mean nothing to this model's tokenizer",
            hint="send the texts themselves; LangChain does with check_embedding_ctx_length=False",
            param="input",
        )
    if listed and len(texts) > MOST:
        raise BadRequest(f"input holds {len(texts):,} texts", hint=f"send {MOST:,} at the most", param="input")
    raise BadRequest("input is no text and no list of texts, or one of them is empty", hint="send text", param="input")


def _counted(embedder: Embedder, texts: Sequence[str]) -> list[int]:
    """The tokens of each text, special ones included. Raises BadRequest for one that the model does not read whole."""
    counts = [count + SPECIAL for count in embedder.count(texts)]
    window = embedder.card.window
    for at, count in enumerate(counts):
        if count > window:
            raise BadRequest(
                f"input {at} has {count:,} tokens; {embedder.card.name} reads {window:,}; nothing is cut unseen",
                hint="cut it into parts, or add it to a knowledge base, which does",
                param="input", code="context_length_exceeded",
            )  # fmt: skip
    return counts


def _sent(row: Any, form: str) -> Any:
    return row.tolist() if form == "float" else base64.b64encode(row.astype("<f4").tobytes()).decode()
