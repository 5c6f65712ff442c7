"""The shape of any language by a Lark grammar: one that the user gives, or a shipped subset of Perl or SQL.

Where a parser of the full language is named, it checks, and the grammar is the mask alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import lark

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.patterns.shapes.perl import check_perl
from formfact.patterns.shapes.sql import check_sql
from formfact.types import Problem

SHIPPED = {
    "perl": (
        "everything but one subroutine of common statements: packages, heredocs, local, eval, do, files, nested subs, "
        "calls of subs without an underscore in their names, and blocks nested more than three deep"
    ),
    "sql": "everything but SELECT, INSERT, UPDATE and DELETE with CTEs, joins, unions and simple windows: "
    "recursion, RETURNING, upserts, frames of windows, and schema changes",
}
"""Grammars that ship as data -> what they lack of their language."""
PARSERS: dict[str, Callable[[str], list[Problem]]] = {"perl": check_perl, "sql": check_sql}


@dataclass(frozen=True, slots=True)
class Language:
    """`lark`: a grammar, or the name of a shipped one; `parser`: none, perl or sql."""

    source: str
    parser: str
    lacks: str

    @classmethod
    def make(cls, settings: Settings) -> Self:
        given = settings.text("lark")
        source = Path(__file__).with_name(f"{given}.lark").read_text("utf-8") if given in SHIPPED else given
        parser = settings.text("parser", "none")
        if parser != "none" and parser not in PARSERS:
            raise refuse(settings.where, f"parser = {parser!r}", f"use none, {', '.join(PARSERS)}")
        if parser == "none":
            try:
                _lark(source)
            except lark.exceptions.LarkError as error:
                what = f"lark is no grammar: {str(error).splitlines()[0]}"
                raise refuse(settings.where, what, "a grammar begins with a rule `start: ...`") from error
        return cls(source, parser, SHIPPED.get(given, settings.text("lacks", "")))

    def check(self, text: str) -> list[Problem]:
        if self.parser != "none":
            return PARSERS[self.parser](text)
        try:
            _lark(self.source).parse(text)
        except lark.exceptions.UnexpectedInput as error:
            at = min(max(error.pos_in_stream or 0, 0), len(text))
            return [Problem("grammar", f"not of the grammar: {str(error).splitlines()[0]}", at, min(at + 1, len(text)))]
        return []

    def grammar(self) -> Grammar:
        return Grammar("lark", self.source, lacks=self.lacks)

    def limits(self) -> Limits:
        return Limits()


@cache
def _lark(source: str) -> lark.Lark:
    return lark.Lark(source, parser="earley", lexer="dynamic")
