"""Nouns of the patterns wing -> the JSON that every face speaks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from formfact.types import Conformance, Lint, Problem, Row, TunedCard, Writing

if TYPE_CHECKING:
    from formfact.front import Pattern
    from formfact.patterns.card import Export

Json = dict[str, Any]


def pattern(one: Pattern) -> Json:
    """A pattern with what it promises."""
    contract = one.contract
    return {
        "name": contract.name,
        "describes": contract.describes,
        "shape": contract.shape,
        "output": dict(contract.output),
        "tokens": contract.output_tokens,
        "examples": len(one.examples()),
        "children": [child.pattern for child in contract.children],
        "tuned": one.tuned,
        "folder": str(one.folder),
    }


def problem(one: Problem) -> Json:
    """A problem with its place."""
    return {
        "row": one.row,
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "start": one.start,
        "end": one.end,
    }


def conformance(found: Conformance) -> Json:
    """A figure with its interval and all problems."""
    return {
        "checked": found.checked,
        "conforming": found.conforming,
        "rate": round(found.rate, 6),
        "interval": [round(end, 6) for end in found.interval],
        "problems": [problem(one) for one in found.problems],
    }


def lint(found: Lint) -> Json:
    """What is wrong with a training file."""
    return {
        "rows": found.rows,
        "problems": [problem(one) for one in found.problems],
        "tokens": found.tokens,
        "verdict": found.verdict,
        "knowledge": {
            "share": round(found.knowledge.share, 4),
            "rows": [
                {
                    "row": one.row,
                    "verdict": one.verdict,
                    "score": one.score,
                    "novel": list(one.novel),
                    "action": one.action,
                }
                for one in found.knowledge.rows
            ],
            "example": example(found.knowledge.example) if found.knowledge.example else None,
        },
        "cost": asdict(found.cost),
    }


def example(row: Row) -> Json:
    """A row rewritten so that it teaches form."""
    return {"row": row.number, "messages": [asdict(one) for one in row.messages]}


def card(done: TunedCard) -> Json:
    """The card of a tuned pattern."""
    from formfact.patterns.card import card_json

    return card_json(done)


def writing(one: Writing) -> Json:
    """What was written for one input."""
    return {
        "text": one.text,
        "problems": [problem(found) for found in one.problems],
        "tokens": one.tokens,
        "seconds": one.seconds,
    }


def exported(done: Export) -> Json:
    """What was written for other programs, and its figure before and after."""
    from formfact.patterns.card import figure

    return {
        "form": done.form,
        "to": done.to,
        "files": list(done.files),
        "before": figure(done.before),
        "after": figure(done.after),
    }
