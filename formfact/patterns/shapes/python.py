"""The shape of Python: any program that compiles, with optional rules for its functions; nothing is ever run.

The check is Python's own compiler. No grammar of tokens can say all that it says, so the mask is a subset.
"""

from __future__ import annotations

import ast
import keyword
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from formfact.patterns.settings import Settings
from formfact.patterns.shapes import Grammar, Limits
from formfact.types import Problem

DEEPEST = 3
"""How deep blocks may nest under the mask, the function's own body counted."""
LACKS = (
    "classes, decorators, imports, lambda, f-strings, try, with, match, async, yield, star arguments, nested "
    f"functions, blocks nested more than {DEEPEST} deep, and names with capitals"
)
SHORTEST = 'def f() -> None:\n    """Does nothing."""\n    pass'
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Python:
    """`functions`: how many stand at the top ([0, 0] leaves it open); each `typed`, each with a `docstring`."""

    functions: tuple[int, int]
    typed: bool
    docstring: bool
    only: bool

    @classmethod
    def make(cls, settings: Settings) -> Self:
        wanted = settings.take("functions", (int, list), 0, what="a number of functions")
        counts = (wanted, wanted) if isinstance(wanted, int) else Settings({"functions": wanted}, settings.where).between("functions", (0, 0))  # fmt: skip # noqa: E501
        return cls(counts, settings.yes("typed"), settings.yes("docstring"), settings.yes("only", counts != (0, 0)))

    def check(self, text: str) -> list[Problem]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
                # Finds what the parser lets through, such as two arguments of one name.
                compile(tree, "<text>", "exec", dont_inherit=True)
        except SyntaxError as error:
            at = _offset(text, error.lineno or 1, error.offset or 1)
            return [Problem("python", f"does not compile: {error.msg}", at, min(at + 1, len(text)))]
        except (ValueError, RecursionError, MemoryError) as error:
            return [Problem("python", f"does not compile: {error}", 0, len(text))]
        return list(self._rules(tree, text))

    def _rules(self, tree: ast.Module, text: str) -> Iterator[Problem]:
        found = [node for node in tree.body if isinstance(node, Function)]
        least, most = self.functions
        if most and not least <= len(found) <= most:
            yield Problem("functions", f"{len(found)} functions instead of {least} to {most}", 0, len(text))
        if self.only:
            for node in tree.body:
                if not isinstance(node, Function):
                    yield Problem("only", "something stands beside the functions", *_span(text, node))
        for function in found:
            place = _span(text, function)
            if self.docstring and not ast.get_docstring(function):
                yield Problem("docstring", f"{function.name} has no docstring", *place)
            if self.typed and not _is_typed(function):
                yield Problem("typed", f"{function.name} has arguments or a result without a type", *place)

    def grammar(self) -> Grammar:
        shortest = "\n\n\n".join([SHORTEST] * max(self.functions[0], 1))
        return Grammar("lark", _grammar(self.functions), lacks=LACKS, shortest=shortest)

    def limits(self) -> Limits:
        # Two parameters of one name.
        return Limits(never=r"def \w+\((?:[^()]*, )?(\w+): [^()]*, \1:")


def _is_typed(function: Function) -> bool:
    of = function.args
    given = [*of.posonlyargs, *of.args, *of.kwonlyargs, *filter(None, (of.vararg, of.kwarg))]
    return function.returns is not None and all(one.annotation for one in given if one.arg not in ("self", "cls"))


def _span(text: str, node: ast.stmt) -> tuple[int, int]:
    end = _offset(text, node.end_lineno or node.lineno, 1)
    line_end = text.find("\n", end)
    return _offset(text, node.lineno, node.col_offset + 1), len(text) if line_end < 0 else line_end


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return min(sum(len(one) + 1 for one in lines[: line - 1]) + column - 1, len(text))


EXPRESSIONS = r"""
expr: either (" if " either " else " either)?
either: both (" or " both)*
both: negated (" and " negated)*
negated: "not " negated | compared
compared: sum ((" == " | " != " | " < " | " > " | " <= " | " >= " | " in " | " not in ") sum)? | sum " is None" | sum " is not None"
sum: product ((" + " | " - ") product)*
product: signed ((" * " | " / " | " // " | " % ") signed)*
signed: "-"? (NUMBER | reached)
reached: atom trailer*
trailer: "." NAME | "(" arguments? ")" | "[" (expr | expr? ":" expr?) "]"
arguments: expr (", " expr)* (", " NAME "=" expr)? | NAME "=" expr | expr loop
loop: " for " NAME (", " NAME)? " in " either (" if " either)?
atom: NAME | STRING | "True" | "False" | "None" | "(" expr ")" | "(" expr ", " expr ")" | "[" (expr (", " expr)*)? "]" | "[" expr loop "]" | "{" (expr ": " expr (", " expr ": " expr)*)? "}" | "{" expr ": " expr loop "}"
call: NAME trailer* "(" arguments? ")"
target: NAME | NAME ", " NAME | NAME "[" expr "]"
type: "int" | "float" | "str" | "bool" | "None" | "list[" type "]" | "set[" type "]" | "dict[" type ", " type "]" | "tuple[" type (", " type)* "]" | type " | None"
plain: NAME ": " type
default: NAME ": " type " = " ("None" | "True" | "False" | STRING | "-"? NUMBER)
NUMBER: /(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?/
STRING: /"[^"\\\x00-\x1f\x7f]{0,80}"/
DOC: /[A-Z][^".\\\x00-\x1f\x7f]{4,140}\./
"""  # noqa: E501


def _grammar(functions: tuple[int, int]) -> str:
    least, most = (max(functions[0], 1), functions[1]) if functions[1] else (1, 1)
    words = "|".join(sorted({*keyword.kwlist, *("int", "float", "str", "bool", "list", "set", "dict", "tuple")} - {"None", "True", "False"}))  # fmt: skip # noqa: E501
    more = f' ("\\n\\n\\n" def){{{least - 1},{most - 1}}}' if most > 1 else ""
    lines = [
        f"start: def{more}",
        'def: "def " DEFINED "(" ((plain (", " plain)* (", " default)*) | (default (", " default)*))? ") -> " type '
        '":\\n    \\"\\"\\"" DOC "\\"\\"\\"\\n" body_1',
        EXPRESSIONS.strip(),
        f"DEFINED: /[a-z][a-z0-9_]{{0,40}}/ & ~/{words}/",
        f"NAME: /[a-z][a-z0-9_]{{0,30}}/ & ~/{'|'.join(sorted(keyword.kwlist))}/",
    ]
    for depth in range(1, DEEPEST + 1):
        for inside in ("", "_loop"):
            lines += _blocks(depth, inside)
    return "\n".join(lines) + "\n"


def _blocks(depth: int, inside: str) -> list[str]:
    """The rules of one depth of indentation; `inside` a loop `break` and `continue` may stand."""
    space, me = '"' + "    " * depth + '"', f"{depth}{inside}"
    simple = 'target " = " expr | NAME (" += " | " -= " | " *= ") expr | call | "return " expr | '
    simple += '"raise ValueError(" STRING ")"' + (' | "break" | "continue"' if inside else ' | "pass"')
    lines = [f'body_{me}: {space} line_{me} ("\\n" {space} line_{me})*']
    if depth == DEEPEST:
        return [*lines, f"line_{me}: {simple}"]
    deeper, loop = f"body_{depth + 1}{inside}", f"body_{depth + 1}_loop"
    blocks = (
        f'"if " expr ":\\n" {deeper} ("\\n" {space} "elif " expr ":\\n" {deeper})* ("\\n" {space} "else:\\n" {deeper})?'
        f' | "for " NAME (", " NAME)? " in " expr ":\\n" {loop} | "while " expr ":\\n" {loop}'
    )
    return [*lines, f"line_{me}: {simple} | {blocks}"]
