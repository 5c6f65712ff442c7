"""Where a Reader points at in the hits: the few words inside a quote that are the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.quotes import Span
from formfact.knowledge.search import Found
from formfact.types import Judgement, Quote

CLEAR = 0.25
"""How likely a span is at least that is shown as the short answer: more likely than all but three others."""


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What a Reader adds to an answer: see `Answer.answerable` and `Answer.short`."""

    answerable: float | None = None
    short: Quote | None = None


@dataclass(frozen=True, slots=True)
class Pointed:
    """Where a reader takes an answer to be, in offsets of the document.

    `sure` is how sure it is that an answer is there, `clear` how sure that it is just this span.
    """

    document: int
    start: int
    end: int
    sure: float
    clear: float


def point(found: Sequence[Found], judged: Mapping[int, Judgement]) -> list[Pointed]:
    """The answers that a reader sees in these hits, the surest first."""
    seen = []
    for one in found:
        judgement = judged.get(one.stored.id)
        if judgement is None or judgement.start is None or judgement.end is None:
            continue
        at = one.hit.start
        sure = (judgement.answerable or 0.0) * judgement.relevance
        seen.append(Pointed(one.stored.key, at + judgement.start, at + judgement.end, sure, judgement.sure or 0.0))
    return sorted(seen, key=lambda one: -one.sure)


def shortest(chosen: Sequence[Span], pointed: Sequence[Pointed]) -> Span | None:
    """The surest clear answer inside a quote, the first quote before the others; None where there is none."""
    for quote in chosen:
        for one in pointed:
            if one.clear >= CLEAR and _within(one, quote):
                return replace(quote, start=one.start, end=one.end)
    return None


def answerable(judged: Mapping[int, Judgement]) -> float | None:
    """How sure a reader is that a passage holds the answer, 0 to 1; None where it does not tell."""
    return max((one.answerable for one in judged.values() if one.answerable is not None), default=None)


def _within(one: Pointed, span: Span) -> bool:
    return one.document == span.document and span.start <= one.start and one.end <= span.end
