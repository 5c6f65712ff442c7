"""How large a grammar in Lark's notation is, written out: Lark multiplies repeats and alternatives while it reads.

Counted on the trees that Lark reads, so that what is too large is refused before it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lark import Token, Tree
from lark.load_grammar import REPEAT_BREAK_THRESHOLD, Grammar

from formfact.patterns.shapes import LONGEST

FACTORS = 5
"""Repeats that Lark writes into one row where it makes rules of many: its SMALL_FACTOR_THRESHOLD."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The rows that a part of a rule becomes, and the symbols in all of them; neither is counted beyond LONGEST."""

    rows: int = 1
    symbols: int = 1

    def __add__(self, other: Extent) -> Extent:
        return _bounded(self.rows + other.rows, self.symbols + other.symbols)

    def __mul__(self, other: Extent) -> Extent:
        """One part after the other: every row of the one before every row of the other."""
        return _bounded(self.rows * other.rows, self.symbols * other.rows + other.symbols * self.rows)


NOTHING, EMPTY, SYMBOL = Extent(0, 0), Extent(1, 0), Extent()


def _bounded(rows: int, symbols: int) -> Extent:
    return Extent(min(rows, LONGEST + 1), min(symbols, LONGEST + 1))


def too_large(grammar: Grammar) -> str | None:
    """The rule that is more than LONGEST symbols when it is written out; None where none is."""
    for name, _, rule, _ in grammar.rule_defs:
        apart: list[Extent] = []
        if _sum([_extent(rule, apart), *apart]).symbols > LONGEST:
            return str(name)
    return None


def _extent(part: object, apart: list[Extent]) -> Extent:
    """What a part of a rule becomes; what Lark makes rules of their own for is put `apart`."""
    if not isinstance(part, Tree) or part.data in ("template_usage", "value", "literal", "range"):
        return SYMBOL
    if part.data == "expr":
        inner, sign, *numbers = part.children
        return _repeated(_extent(inner, apart), str(sign), [int(str(number)) for number in numbers], apart)
    inner = [_extent(child, apart) for child in part.children if not isinstance(child, Token)]
    if part.data == "maybe":
        return _sum([*inner, EMPTY])
    return _sum(inner) if part.data == "expansions" else _product(inner)


def _repeated(inner: Extent, sign: str, numbers: list[int], apart: list[Extent]) -> Extent:
    if sign == "?":
        return inner + EMPTY
    if sign in ("*", "+"):
        apart += [inner, inner * SYMBOL]
        return SYMBOL + EMPTY
    least, most = numbers[0], numbers[-1]
    if most < REPEAT_BREAK_THRESHOLD:
        return _sum(list(_powers(inner, most))[least:])
    apart += _powers(inner, FACTORS)
    return SYMBOL


def _powers(part: Extent, most: int) -> Iterator[Extent]:
    found = EMPTY
    yield found
    for _ in range(most):
        found = found * part
        yield found


def _sum(parts: Iterable[Extent]) -> Extent:
    found = NOTHING
    for part in parts:
        found = found + part
    return found


def _product(parts: Iterable[Extent]) -> Extent:
    found = EMPTY
    for part in parts:
        found = found * part
    return found
