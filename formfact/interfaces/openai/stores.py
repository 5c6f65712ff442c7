"""/v1/vector_stores: the knowledge bases, their documents as files, and search in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from formfact.errors import FormfactError, NotFound
from formfact.interfaces.http.routes import Call, Json
from formfact.interfaces.http.schema import Within
from formfact.interfaces.openai import filters
from formfact.interfaces.openai.pages import Paged, page
from formfact.interfaces.openai.refusals import BadRequest, NotThere
from formfact.types import Document, Hit, Listing

PREFIX = "vs_"
DEEP = 1000
"""Passages that are looked at for filters that the search itself cannot hold."""


@dataclass(frozen=True, slots=True)
class Store:
    """A vector store by its id."""

    vector_store_id: str


@dataclass(frozen=True, slots=True)
class Files(Paged):
    """A vector store's files, page by page. `filter` is a state, and all are `completed`."""

    vector_store_id: str = ""
    filter: Literal["in_progress", "completed", "failed", "cancelled"] = "completed"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a vector store."""

    vector_store_id: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Search:
    """A question, or several whose texts are one. Of `ranking_options` the threshold counts; there is one ranker.

    `rewrite_query` is taken and not looked at.
    """

    vector_store_id: str
    query: str | tuple[str, ...]
    filters: Mapping[str, Any] | None = None
    max_num_results: Annotated[int, Within(1, 50)] = 10
    ranking_options: Mapping[str, Any] = field(default_factory=dict)
    rewrite_query: bool = False


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
STORE = {"type": "object", "properties": {"id": TEXT, "name": TEXT, "usage_bytes": WHOLE}, "required": ["id", "name"]}
FOUND = {"type": "object", "properties": {"object": TEXT, "data": {"type": "array"}}, "required": ["object", "data"]}
FILE = {"type": "object", "properties": {"id": TEXT, "vector_store_id": TEXT}, "required": ["id", "vector_store_id"]}


def stores(call: Call, asked: Paged) -> Json:
    return page([_store(call, name) for name in call.desk.names(call.grant)], asked)


def store(call: Call, asked: Store) -> Json:
    return _store(call, _base(call, asked.vector_store_id))


def search(call: Call, asked: Search) -> Json:
    knowledge = call.desk.knowledge(_base(call, asked.vector_store_id))
    query = asked.query if isinstance(asked.query, str) else "\n".join(asked.query)
    least = _threshold(asked.ranking_options)
    wanted = filters.read(asked.filters)
    found = knowledge.search(query, DEEP if wanted.passes else asked.max_num_results, metadata=wanted.equal)
    if wanted.passes:
        found = [one for one in found if wanted.passes(one.metadata)]
    data = [_result(one) for one in found[: asked.max_num_results] if one.score >= least]
    head = {"object": "vector_store.search_results.page", "search_query": [query]}
    return {**head, "data": data, "has_more": False, "next_page": None}


def _threshold(options: Mapping[str, Any]) -> float:
    found = options.get("score_threshold") or 0.0
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 1:
        raise BadRequest(
            "score_threshold is no number from 0 to 1", hint="leave it out", param="ranking_options.score_threshold"
        )
    return float(found)


def files(call: Call, asked: Files) -> Json:
    base = _base(call, asked.vector_store_id)
    listed = call.desk.knowledge(base).documents() if asked.filter == "completed" else []
    return page([_file(base, one.document, one.source) for one in listed], asked)


def file(call: Call, asked: File) -> Json:
    base = _base(call, asked.vector_store_id)
    found = _document(call, base, asked.file_id)
    return _file(base, found.id, found.source, text=found.text, attributes=found.metadata)


def content(call: Call, asked: File) -> Json:
    found = _document(call, _base(call, asked.vector_store_id), asked.file_id)
    part = {"type": "text", "text": found.text}
    return {"object": "vector_store.file_content.page", "data": [part], "has_more": False, "next_page": None}


def file_id(document: str, source: str) -> str:
    """A document's id here: the same for as long as it comes from the same file."""
    named = "\n".join([source, document]).encode("utf-8", "replace")
    return f"file-{hashlib.blake2b(named, digest_size=12).hexdigest()}"


def _base(call: Call, name: str) -> str:
    base = name.removeprefix(PREFIX)
    try:
        call.desk.permit(call.grant, base, write=False)
        call.desk.place(base)
    except NotFound as error:
        listed = ", ".join(PREFIX + one for one in call.desk.names(call.grant))
        raise NotThere(
            f"there is no vector store {name!r}", hint=f"there are: {listed}", param="vector_store_id"
        ) from error
    return base


def _store(call: Call, base: str) -> Json:
    try:
        state = call.desk.knowledge(base).status()
        count, used = state.documents, state.bytes
    except FormfactError:  # nothing is in it yet
        count = used = 0
    place = call.desk.place(base)
    made = int(place.stat().st_ctime) if place.exists() else 0
    counts = {"in_progress": 0, "completed": count, "failed": 0, "cancelled": 0, "total": count}
    return {
        "id": PREFIX + base, "object": "vector_store", "name": base, "created_at": made, "last_active_at": made,
        "status": "completed", "usage_bytes": used, "file_counts": counts, "metadata": {},
        "expires_after": None, "expires_at": None,
    }  # fmt: skip


def _result(hit: Hit) -> Json:
    return {
        "file_id": file_id(hit.document, hit.source),
        "filename": hit.document,
        "score": hit.score,
        "attributes": dict(hit.metadata),
        "content": [{"type": "text", "text": hit.text}],
        "formfact": {"source": hit.source, "start": hit.start, "end": hit.end, "page": hit.page},
    }


def _file(
    base: str, document: str, source: str, *, text: str = "", attributes: Mapping[str, Any] | None = None
) -> Json:
    return {
        "id": file_id(document, source), "object": "vector_store.file", "created_at": 0, "status": "completed",
        "usage_bytes": len(text.encode("utf-8", "replace")), "vector_store_id": PREFIX + base, "last_error": None,
        "attributes": dict(attributes or {}), "filename": document,
    }  # fmt: skip


def _document(call: Call, base: str, wanted: str) -> Document:
    knowledge = call.desk.knowledge(base)
    found: Listing | None = next(
        (one for one in knowledge.documents() if file_id(one.document, one.source) == wanted), None
    )
    if found is None:
        raise NotThere(f"there is no file {wanted!r} in {PREFIX + base!r}", hint="list the files", param="file_id")
    return knowledge.document(found.document, source=found.source)
