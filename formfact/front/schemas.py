"""Where `ask` gives JSON of the caller's schema: a Writer writes it from the quotes, or quotes alone fill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formfact.errors import Refused
from formfact.front.asking import in_form
from formfact.front.filling import NEEDS_WRITER, fill, tells_abstention
from formfact.front.parts import parts
from formfact.front.pattern import Pattern
from formfact.knowledge.answer import Gathered
from formfact.knowledge.ground.check import Holds
from formfact.knowledge.ground.form import rest
from formfact.models import Writer
from formfact.types import Answer

RECORD = "json-record"
"""The pattern whose form JSON by a schema is."""
TOKENS = 1000
"""What may be written; an answer with its quotes is longer than a record."""


def by_schema(
    gathered: Gathered, writer: Writer | None, holds: Holds, *, schema: Mapping[str, Any], strict: bool = True
) -> Answer:
    """An Answer whose `answer` is JSON of the schema and whose `pattern` says so; else a plain one, which says why in
    `abstained` or `fallback`.

    What a Writer writes is checked against the quotes; where that fails, quotes alone fill what they can. Raises
    Refused for what is no JSON Schema and, without a Writer, for one that quotes do not fill.
    """
    pattern = Pattern(RECORD, writer=writer)
    pattern.contract.with_schema(schema)
    extractive = gathered.answer
    if writer is None:
        filled = _filled(extractive, pattern, schema)
        return extractive if extractive.abstained and not tells_abstention(schema) else filled
    made = in_form(gathered, pattern, holds, strict=strict, schema=schema, limit=TOKENS)
    if made.pattern and not made.fallback and not made.abstained:
        return replace(made, writer=writer.address)
    plain = replace(made, pattern="", writer=writer.address)
    if made.abstained and not tells_abstention(schema):
        return plain
    try:
        return replace(_filled(plain, pattern, schema), fallback=made.fallback)
    except Refused:
        return plain


def _filled(given: Answer, pattern: Pattern, schema: Mapping[str, Any]) -> Answer:
    text = fill(given, schema)
    problems = pattern.check(text, schema=schema)
    if problems and not given.abstained:
        raise Refused(f"quotes alone do not fill the schema: {problems[0].message}", hint=NEEDS_WRITER)
    if problems:
        return given
    found = rest(text, parts(pattern.contract, text), given.quotes, question=given.question)
    return replace(given, answer=text, claims=found.claims, pattern=RECORD)
