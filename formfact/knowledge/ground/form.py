"""A text in a pattern's form -> what its parts rest on, and what in them no quote holds.

The form's own words (a record's keys, a speaker's name, tags) are no part of what is looked at; the wording is not
either, since a form may well be a question or a summary: names, numbers, dates, quoted strings and links are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formfact.knowledge.abstain import stop_terms
from formfact.knowledge.ground.claims import HELD, Evidence, unheld
from formfact.knowledge.ground.fence import disarmed
from formfact.knowledge.words import terms
from formfact.types import Claim, Flag, Quote


@dataclass(frozen=True, slots=True)
class Part:
    """What a text says at `start` to `end`; `text` is that without the form's way of writing it down."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rested:
    """The parts as claims, in order, and the flags, whose `claim` is the part's place."""

    claims: tuple[Claim, ...]
    flags: tuple[Flag, ...]

    @property
    def flagged(self) -> set[int]:
        """The places of the parts that say what no quote holds."""
        return {flag.claim for flag in self.flags if flag.claim is not None}


def rest(text: str, parts: Sequence[Part], quotes: Sequence[Quote], *, question: str = "") -> Rested:
    """Each part beside the quotes that hold it."""
    headings = [disarmed(heading) for quote in quotes for heading in quote.headings]
    evidence = Evidence.of([disarmed(quote.text) for quote in quotes], headings=headings, question=question)
    held = [frozenset(terms(f"{quote.text}\n{' '.join(quote.headings)}")) for quote in quotes]
    claims: list[Claim] = []
    flags: list[Flag] = []
    for part in parts:
        flags += [Flag(one.kind, one.text, len(claims)) for one in unheld(part.text, evidence, facts_only=True)]
        resting = _resting(frozenset(terms(part.text)) - stop_terms(), held)
        claims.append(Claim(text[part.start : part.end], resting, part.start, part.end))
    return Rested(tuple(claims), tuple(flags))


def _resting(said: frozenset[str], held: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """The quotes that hold enough of a part's terms, or the one that holds most of them; none where none has any."""
    shares = [len(said & one) for one in held]
    enough = tuple(at for at, share in enumerate(shares) if said and share >= HELD * len(said))
    if enough or not any(shares):
        return enough
    return (shares.index(max(shares)),)
