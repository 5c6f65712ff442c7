"""A Reader's second look at the best candidates of a search, and the order that follows from it.

A reranker, which tells relevance alone, was made to order passages: its relevance is half of the score. One that tells
answers leaves the order as it is: bench/reader.py measured that the one which tools/make_reader.py makes spoils it.
Only the first READ are read; those behind count as not relevant, so that the order stays one scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.fuse import Fused
from formfact.knowledge.prepare import embedded_text
from formfact.knowledge.stores import Snapshot
from formfact.models import Reader
from formfact.types import Judgement

READ = 20
"""Candidates that are read: what two cores read in a quarter of a second."""
SHARE = 0.5
"""The share of a reranker's relevance in the score."""


@dataclass(frozen=True, slots=True)
class Reread:
    """Candidates in their new order, and the judgement of each that was read, by its passage's id."""

    order: tuple[Fused, ...]
    judged: Mapping[int, Judgement]


def reread(view: Snapshot, reader: Reader, question: str, fused: Sequence[Fused]) -> Reread:
    """Let a reader judge the first READ candidates of one view; a reranker orders all anew. Raises ModelError."""
    stored = view.read([one.candidate.passage for one in fused[:READ]])
    found = reader.read(question, [embedded_text(one.passage) for one in stored]) if stored else []
    judged = {
        one.id: _in_text(judgement, before=len(embedded_text(one.passage)) - len(one.passage.text))
        for one, judgement in zip(stored, found, strict=True)
    }
    if any(one.answerable is not None for one in judged.values()):
        return Reread(tuple(_shown(one, judged.get(one.candidate.passage)) for one in fused), judged)
    scored = [_scored(one, judged.get(one.candidate.passage)) for one in fused]
    return Reread(tuple(sorted(scored, key=lambda one: (-one.score, one.candidate.passage))), judged)


def _shown(one: Fused, judgement: Judgement | None) -> Fused:
    return replace(one, relevance=judgement.relevance if judgement else None, searched=one.score)


def _scored(one: Fused, judgement: Judgement | None) -> Fused:
    shown = _shown(one, judgement)
    return replace(shown, score=(1 - SHARE) * one.score + SHARE * (shown.relevance or 0.0))


def _in_text(judgement: Judgement, *, before: int) -> Judgement:
    """The span as offsets in the passage's own text; none where it lies in the headings before it."""
    if judgement.start is None or judgement.end is None:
        return judgement
    if judgement.start < before:
        return replace(judgement, start=None, end=None, sure=None)
    return replace(judgement, start=judgement.start - before, end=judgement.end - before)
