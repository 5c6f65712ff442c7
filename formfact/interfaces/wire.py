"""Nouns -> the JSON that every face speaks: same names, same shapes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from formfact.types import AddReport, Answer, Claim, DialogueListing, Document, Hit, Listing, Loss, Quote, Status, Turn

if TYPE_CHECKING:
    from formfact.interfaces.http.jobs import Job
    from formfact.proof.evaluate import Evaluation

Json = dict[str, Any]


def hit(found: Hit, *, explained: bool = False) -> Json:
    """A hit; with its scores where they were asked for."""
    plain: Json = {
        "rank": found.rank,
        "score": round(found.score, 6),
        "document": found.document,
        "source": found.source,
        "title": found.title,
        "headings": list(found.headings),
        "page": found.page,
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "metadata": dict(found.metadata),
        "via": found.via,
    }
    return {**plain, "scores": asdict(found.scores)} if explained else plain


def hits(question: str, found: list[Hit], milliseconds: float, *, explained: bool = False) -> Json:
    """The result of a search."""
    listed = [hit(one, explained=explained) for one in found]
    return {"question": question, "hits": listed, "milliseconds": round(milliseconds, 3)}


def loss(lost: Loss) -> Json:
    """Why a document is not among the hits."""
    return {"why": lost.why, "rank": lost.rank, "needed": lost.needed, "best": hit(lost.best, explained=True)}


def quote(one: Quote) -> Json:
    """A quote with where it stands."""
    return {**asdict(one), "headings": list(one.headings)}


def claim(one: Claim) -> Json:
    """A sentence with the numbers of the quotes that it rests on."""
    return {**asdict(one), "quotes": list(one.quotes)}


def answer(given: Answer) -> Json:
    """An answer or an abstention."""
    return {
        "question": given.question,
        "answer": given.answer,
        "abstained": given.abstained,
        "confidence": round(given.confidence, 4),
        "quotes": [quote(one) for one in given.quotes],
        "nearest": [hit(one) for one in given.nearest],
        "milliseconds": round(given.milliseconds, 3),
        "claims": [claim(one) for one in given.claims],
        "flags": [asdict(one) for one in given.flags],
        "dropped": given.dropped,
        "verified": given.verified,
        "writer": given.writer,
        "pattern": given.pattern,
        "fallback": given.fallback,
        "carried": list(given.carried),
        "rewritten": given.rewritten,
        "shifted": given.shifted,
        "answerable": None if given.answerable is None else round(given.answerable, 4),
        "short": quote(given.short) if given.short else None,
    }


def dialogue(found: DialogueListing) -> Json:
    """A dialogue as a list shows it."""
    return asdict(found)


def turn(kept: Turn) -> Json:
    """A turn of a dialogue as it was kept."""
    return {**asdict(kept), "quotes": [quote(one) for one in kept.quotes]}


def report(done: AddReport) -> Json:
    """What `add` did."""
    return {**asdict(done), "skipped": [asdict(one) for one in done.skipped]}


def status(state: Status, documents: list[Listing] | None = None) -> Json:
    """The state of a knowledge base, with the list of its documents where that was asked for."""
    plain = asdict(state)
    # `documents` counts; the list has a name of its own.
    return plain if documents is None else {**plain, "listing": [asdict(one) for one in documents]}


def documents(found: list[Listing], *, total: int) -> Json:
    """A part of the list of documents, and how many there are in all."""
    return {"documents": [asdict(one) for one in found], "total": total}


def document(found: Document, start: int = 0, end: int | None = None) -> Json:
    """A document, or what stands between two offsets, with the blocks in it; `length` counts all its characters."""
    end = min(len(found.text) if end is None else end, len(found.text))
    start = min(start, end)
    return {
        "document": found.id,
        "source": found.source,
        "title": found.title,
        "format": found.format,
        "length": len(found.text),
        "start": start,
        "end": end,
        "text": found.text[start:end],
        "blocks": [asdict(one) for one in found.blocks if one.start < end and start < one.end],
        "pages": list(found.pages),
        "metadata": dict(found.metadata),
    }


def job(found: Job) -> Json:
    """A job as it stands."""
    return asdict(found)


def evaluation(found: Evaluation) -> Json:
    """Figures under the names of the field."""
    return {
        "ndcg@10": found.ndcg_10,
        "recall@5": found.recall_5,
        "recall@20": found.recall_20,
        "recall@100": found.recall_100,
        "mrr@10": found.mrr_10,
        "queries": found.queries,
        "documents": found.documents,
        "passages": found.passages,
        "embedder": found.embedder,
        "weight": found.weight,
        "seconds": round(found.seconds, 3),
    }
