"""The shape of any language by a Lark grammar: one that the user gives, or a shipped subset of Perl or SQL.

Where a parser of the full language is named, it checks, and the grammar is the mask alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits, earley
from formfact.patterns.shapes.earley import Recogniser, read_grammar, shortest_text
from formfact.patterns.shapes.perl import check_perl
from formfact.patterns.shapes.sql import check_sql
from formfact.types import Problem


@dataclass(frozen=True, slots=True)
class Shipped:
    """A grammar that ships as data, `NAME.lark`: what it lacks of its language, and a short text of it."""

    lacks: str
    shortest: str


SHIPPED = {
    "perl": Shipped(
        "more than one subroutine, packages, heredocs, local, eval, do, files, nested subs, calls of subs without an "
        "underscore in their names, and blocks nested more than three deep",
        "sub nothing {\n    return;\n}",
    ),
    "sql": Shipped(
        "changes of the schema, recursion, RETURNING, upserts, frames of windows, and names with capitals",
        "SELECT *\nFROM t;",
    ),
}
PARSERS: dict[str, Callable[[str], list[Problem]]] = {"perl": check_perl, "sql": check_sql}


@dataclass(frozen=True, slots=True)
class Language:
    """`lark`: a grammar, or the name of a shipped one; `parser`: none, perl or sql."""

    source: str
    parser: str
    lacks: str
    shortest: str

    @classmethod
    def make(cls, settings: Settings) -> Self:
        given = settings.text("lark")
        shipped = SHIPPED.get(given)
        source = Path(__file__).with_name(f"{given}.lark").read_text("utf-8") if shipped else given
        parser = settings.text("parser", "none")
        lacks = settings.text("lacks", shipped.lacks if shipped else "")
        if parser != "none" and parser not in PARSERS:
            raise refuse(settings.where, f"parser = {parser!r}", f"use none, {', '.join(PARSERS)}")
        if shipped and parser != given:
            raise refuse(settings.where, f"lark = {given!r} goes with its own parser", f"write parser = {given!r}")
        if parser != "none":
            return cls(source, parser, lacks, shipped.shortest if shipped else "")
        short = shortest_text(_read(source, settings.where), settings.where)
        if not short:
            what = "every way through the grammar leads on for ever" if short is None else "lark matches the empty text"
            raise refuse(settings.where, what, "give `start` a way to an end, and something that must be there")
        return cls(source, parser, lacks, short)

    def check(self, text: str) -> list[Problem]:
        if self.parser != "none":
            return PARSERS[self.parser](text)
        stop = Recogniser(_read(self.source, "lark"), text).stop()
        return [Problem("grammar", f"the text {stop.why}", stop.at, min(stop.at + 1, len(text)))] if stop else []

    def grammar(self) -> Grammar:
        return Grammar("lark", self.source, lacks=self.lacks, shortest=self.shortest)

    def limits(self) -> Limits:
        return Limits()


@lru_cache(maxsize=32)
def _read(source: str, where: str) -> earley.Language:
    return read_grammar(source, where)
