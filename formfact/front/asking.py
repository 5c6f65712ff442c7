"""Where the wings meet in `ask`: facts by search; words by a Writer, or form by a pattern."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from formfact.errors import MissingExtra, ModelError
from formfact.front.parts import code_of, parts
from formfact.front.pattern import Pattern
from formfact.knowledge.answer import Gathered
from formfact.knowledge.ground.check import Holds
from formfact.knowledge.ground.code import unknown
from formfact.knowledge.ground.fence import disarmed, seen
from formfact.knowledge.ground.form import rest
from formfact.types import Answer, Flag, Quote


def in_form(
    gathered: Gathered,
    pattern: Pattern,
    holds: Holds,
    *,
    strict: bool = True,
    schema: Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> Answer:
    """The quotes put into a pattern's form, and checked; the form is kept, or the extractive answer given.

    Code is given with its flags. `limit` is the budget in tokens, where it is not the pattern's own. Raises Refused for
    a pattern that needs a schema, MissingExtra.
    """
    extractive = gathered.answer
    if extractive.abstained:
        return extractive
    started = time.perf_counter()
    given = _formed(gathered, pattern, holds, strict=strict, schema=schema, limit=limit)
    spent = (time.perf_counter() - started) * 1000
    return replace(given, pattern=pattern.contract.name, milliseconds=extractive.milliseconds + spent)


def _formed(
    gathered: Gathered, pattern: Pattern, holds: Holds, *, strict: bool, schema: Mapping[str, Any] | None,
    limit: int | None,
) -> Answer:  # fmt: skip
    question, quotes = gathered.answer.question, [quote for quote in gathered.quotes if holds(quote)]
    language = code_of(pattern.contract)
    try:
        # A schema of the caller's is there to answer a question; a pattern's own form may be about the quotes alone.
        asked = bool(language or schema)
        written = pattern.write(_input(question, quotes, asked=asked, code=bool(language)), schema=schema, limit=limit)
    except MissingExtra:
        raise
    except ModelError as failure:
        return _fallen_back(gathered.answer, failure.message)
    if written.problems:
        return _fallen_back(gathered.answer, f"the form was not kept: {written.problems[0].message}")
    made = replace(gathered.answer, answer=written.text, quotes=tuple(quotes))
    if language:
        flags = tuple(Flag("code", one.name) for one in unknown(written.text, gathered.sources, language=language))
        return replace(made, flags=flags, verified=not flags)
    return _checked(gathered.answer, made, pattern, strict=strict, schema=schema)


def _checked(
    extractive: Answer, made: Answer, pattern: Pattern, *, strict: bool, schema: Mapping[str, Any] | None
) -> Answer:
    found = rest(made.answer, parts(pattern.contract, made.answer), made.quotes, question=made.question)
    if not found.flags or not strict:
        return replace(made, claims=found.claims, flags=found.flags, verified=not found.flags)
    lines = made.answer.split("\n")
    whole = [claim.text for at, claim in enumerate(found.claims) if at not in found.flagged]
    kept = "\n".join(line for line in lines if line in whole)
    dropped = len(found.flagged)
    flags = tuple(Flag(kind, "") for kind in dict.fromkeys(flag.kind for flag in found.flags))
    if pattern.contract.shape == "lines" and kept and not pattern.check(kept, schema=schema):
        again = rest(kept, parts(pattern.contract, kept), made.quotes, question=made.question)
        return replace(made, answer=kept, claims=again.claims, flags=flags, dropped=dropped)
    kinds = " and ".join(sorted({f"a {flag.kind}" for flag in flags}))
    return replace(
        _fallen_back(extractive, f"the pattern wrote {kinds} that no quote holds"), flags=flags, dropped=dropped
    )


def _input(question: str, quotes: Sequence[Quote], *, asked: bool, code: bool) -> str:
    """What the pattern is given: the quotes, behind the question where one is `asked`."""
    shown = [seen(quote.text, code=True).strip() if code else disarmed(quote.text) for quote in quotes]
    return "\n\n".join([question, *shown] if asked else shown)


def _fallen_back(extractive: Answer, reason: str) -> Answer:
    return replace(extractive, fallback=f"{reason}; this is the answer without it")
