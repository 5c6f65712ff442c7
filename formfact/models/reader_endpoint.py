"""Rerankers behind a `/rerank` endpoint as Jina has it, and after it Cohere, vLLM, llama.cpp, LocalAI and others.

The address is `https://HOST/v1#MODEL`, and `https://HOST/v1/rerank` is what is posted to. The key is read from
FORMFACT_API_KEY; it is part of no address and no message. Such a model tells relevance alone: no answers' spans, and
not whether there is one. Scores are taken as they are where all of a reply lie between 0 and 1, and as logits
otherwise. Not covered: endpoints that want `texts` instead of `documents`, as text-embeddings-inference does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from formfact.errors import ModelError
from formfact.models.post import PATIENCE, Patience, Post, key_for, parts_of
from formfact.models.tokens import valid
from formfact.types import Judgement

EXAMPLE = "https://HOST/v1#MODEL"


class Rerank:
    """A reranker over HTTP; nothing is sent before the first question."""

    def __init__(self, address: str, url: str, model: str, key: str = "", patience: Patience = PATIENCE) -> None:
        self.address = address
        self._model = model
        self._post = Post(url, key, patience)

    def read(self, question: str, passages: Sequence[str]) -> list[Judgement]:
        """See `formfact.models.Reader`."""
        if not passages:
            return []
        asked = {
            "model": self._model,
            "query": valid(question),
            "documents": [valid(passage) or " " for passage in passages],
            "top_n": len(passages),
        }
        body = self._post(json.dumps(asked).encode())
        try:
            return parse(body, len(passages))
        except ValueError as wrong:
            raise ModelError(
                f"{self._post.url} gave no usable scores: {self._post.hidden(str(wrong))}",
                hint="check that the address is the base URL of a rerank API and that the model reranks",
            ) from wrong


def open_rerank(address: str) -> Rerank:
    """The endpoint at an address; nothing is sent yet. Raises Refused for an address that is none."""
    parts = parts_of(address, example=EXAMPLE)
    url = parts._replace(path=f"{parts.path.rstrip('/').removesuffix('/rerank')}/rerank", fragment="").geturl()
    return Rerank(address, url, unquote(parts.fragment), key_for(url))


def parse(body: bytes, count: int) -> list[Judgement]:
    """The judgements in a reply to `count` documents, in their order. Raises ValueError that says what is wrong."""
    try:
        results: list[dict[str, Any]] = json.loads(body)["results"]
        found = {int(each["index"]): float(each["relevance_score"]) for each in results}
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as wrong:
        shown = body[:200].decode(errors="replace")
        raise ValueError(f"{shown!r} ({type(wrong).__name__}: {wrong})") from wrong
    if sorted(found) != list(range(count)) or not all(map(math.isfinite, found.values())):
        raise ValueError(f"{len(results)} scores for {count} documents, with index {sorted(found)[:4]} and so on")
    scores = [found[at] for at in range(count)]
    if not all(0 <= score <= 1 for score in scores):
        scores = [1 / (1 + math.exp(-max(-60.0, min(60.0, score)))) for score in scores]
    return [Judgement(score) for score in scores]
