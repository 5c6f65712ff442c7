"""An audit -> the JSON that every face speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from formfact.proof.findings import Audit, Clash, Lost, Own, Rate, Slice, Statement

Json = dict[str, Any]


def audit(found: Audit) -> Json:
    """The whole report; single passages are listed where they are lost."""
    return {
        "passages": found.passages,
        "asked": found.asked,
        "kept": found.kept,
        "questions": found.questions,
        "sampled": found.sampled,
        "maker": found.maker,
        "embedder": found.embedder,
        "findability": findability(found.findability),
        "expected": {str(cut): round(share, 6) for cut, share in found.expected.items()},
        "by": {name: [part(one) for one in slices] for name, slices in found.by.items()},
        "lost": [lost(one) for one in found.lost],
        "silent": found.silent,
        "twins": [
            {"places": [asdict(one) for one in group.places], "likeness": group.likeness} for group in found.twins
        ],
        "clashes": [clash(one) for one in found.clashes],
        "own": own(found.own) if found.own else None,
        "seconds": found.seconds,
    }


def findability(rates: Mapping[int, Rate]) -> Json:
    """Each cut as text, as JSON wants its keys."""
    return {str(cut): {"rate": round(one.rate, 6), "interval": list(one.interval)} for cut, one in rates.items()}


def part(one: Slice) -> Json:
    """A slice with its rates."""
    return {"name": one.name, "passages": one.passages, "findability": findability(one.findability)}


def lost(one: Lost) -> Json:
    """A lost passage: where it stands, why, and what would help."""
    plain = asdict(one)
    place = plain.pop("place")
    return {**place, **plain, "headings": list(one.headings), "above": list(one.above)}


def clash(one: Clash) -> Json:
    """Two statements and what they disagree about."""
    return {
        "about": one.about,
        "likeness": one.likeness,
        "one": statement(one.one),
        "other": statement(one.other),
    }


def statement(one: Statement) -> Json:
    """A statement with where it stands."""
    return {**asdict(one.place), "text": one.text, "value": one.value}


def own(found: Own) -> Json:
    """The user's own questions, each with the rank of what it wants."""
    return {
        "asked": found.asked,
        "unjudged": found.unjudged,
        "findability": findability(found.findability),
        "questions": [asdict(one) for one in found.questions],
    }
