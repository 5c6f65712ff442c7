"""Which quotes an answer takes from several documents: pure functions of values.

A question that compares is answered by a quote of each thing that it names, one that asks for all there is by a quote
of each document, and one that a second round answered by both ends of the bridge: the sentence that names it, and what
stands behind it. English questions only, by their wording; any other question has the quotes that it always had.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from formfact.knowledge.quotes import Span
from formfact.knowledge.weigh import Scored

MOST = 8
"""Quotes of an answer that gathers."""
MOST_BRIDGED = 4
"""Quotes of an answer over a bridge: those of the question itself, and both ends of at most two bridges."""
FAR = 0.9
"""What a quote behind a bridge is worth at least to its own question, as a part of the best quote's worth."""
NEAR = 0.7
"""What a gathered document's quote is worth at least, as a part of the best one's."""
GATHERS = re.compile(
    r"\b(?:which|what) (?:\w+ )?(?:document|file|page|passage|paper|article|note|record|ticket|function)s?\b"
    r"|\b(?:list|name|find|show|give)(?: me)? (?:all|every|each)\b|\ball (?:of )?(?:the|our|those|documents|files)\b"
    r"|\bevery(?:thing| \w+) (?:that|which|who|about|with)\b",
    re.IGNORECASE,
)
FRAME = re.compile(
    r"^\W*(?:(?:which|what)|(?:please )?(?:list|name|find|show|give)(?: me)? (?:all|every|each)(?: of)?(?: the| our)?)"
    r" (?:\w+ )?(?:document|file|page|passage|paper|article|note|record)s?(?: (?:that|which))?"
    r" (?:mention|say|speak|talk|discuss|contain|hold|deal|are|is)s?(?: (?:about|of|with|something about))?\b",
    re.IGNORECASE,
)
"""How a question for documents begins, before what they should be about."""


@dataclass(frozen=True, slots=True)
class Far:
    """The best span behind a bridge, scored by the bridge's question; `near` is its document's key on this side, and
    `terms` those of the bridge's name.
    """

    scored: Scored
    near: int
    terms: frozenset[str]


def gathers(question: str) -> bool:
    """Whether a question asks for all that there is."""
    return bool(GATHERS.search(question))


def about(question: str) -> str:
    """What is looked for: a question for documents without its frame, any other as it is."""
    rest = FRAME.sub("", question).strip(" ?.!:")
    return rest if rest and rest != question.strip(" ?.!:") else question


def of_documents(scored: Iterable[Scored]) -> list[Span]:
    """The best span of each document, the best first, as long as they are near the best of all."""
    best: dict[int, Scored] = {}
    for one in _ranked(scored):
        best.setdefault(one.clue.span.document, one)
    found = _ranked(best.values())
    return [one.clue.span for one in found if one.score >= NEAR * found[0].score][:MOST]


def of_things(scored: Iterable[Scored], holding: Sequence[frozenset[Span]]) -> list[Span]:
    """The best span of each thing, in the things' order, given the spans that hold each; a span is taken once."""
    ranked = _ranked(scored)
    found: list[Span] = []
    for held in holding:
        spans = [one.clue.span for one in ranked if one.clue.span in held]
        found += [span for span in spans if not _touches(span, found)][:1]
    return found


def over_bridges(chosen: Sequence[Span], scored: Sequence[Scored], far: Sequence[Far]) -> list[Span]:
    """The chosen quotes' best, and for each bridge that leads to a good one the sentence that names it and that one."""
    worth = max((one.score for one in scored), default=0.0)
    found = list(chosen[:1])
    for one in far:
        if one.scored.score < FAR * worth:
            continue
        naming = [
            each.clue.span
            for each in _ranked(scored)
            if each.clue.span.document == one.near and one.terms <= each.clue.terms
        ]
        ends = [*naming[:1], one.scored.clue.span]
        new = [span for span in ends if not _touches(span, found)]
        if len(found) + len(new) <= MOST_BRIDGED:
            found += new
    rest = [span for span in chosen[1:] if not _touches(span, found)]
    return [*found, *rest][: max(MOST_BRIDGED, len(chosen))]


def _ranked(scored: Iterable[Scored]) -> list[Scored]:
    return sorted(scored, key=lambda one: (-one.score, one.clue.span.document, one.clue.span.start))


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(span.document == one.document and span.start < one.end and one.start < span.end for one in others)
