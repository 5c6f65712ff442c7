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
from formfact.patterns.shapes import Grammar, Limits, amount
from formfact.patterns.shapes.places import Places
from formfact.types import Problem

DEEPEST = 4
"""How deep blocks may nest under the mask, the function's own body counted."""
LACKS = (
    "classes, decorators, imports, nested functions, match, async, yield, walrus, keyword-only parameters, lambdas of "
    "more than one argument, calls within f-strings, types of other modules, statements of more than one line, and "
    f"blocks nested more than {DEEPEST} deep"
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
            at = Places(text).offset(error.lineno or 1, error.offset or 1)
            return [Problem("python", f"does not compile: {error.msg}", at, min(at + 1, len(text)))]
        except (RecursionError, MemoryError):
            return [Problem("python", "does not compile: it is nested too deeply", 0, len(text))]
        except ValueError as error:
            return [Problem("python", f"does not compile: {error}", 0, len(text))]
        if not tree.body:
            return [Problem("python", "there is nothing in it", 0, len(text))]
        return list(self._rules(tree, text, Places(text)))

    def _rules(self, tree: ast.Module, text: str, places: Places) -> Iterator[Problem]:
        found = [node for node in tree.body if isinstance(node, Function)]
        least, most = self.functions
        if most and not least <= len(found) <= most:
            yield Problem("functions", f"{len(found)} functions instead of {amount(self.functions)}", 0, len(text))
        if self.only:
            for node in tree.body:
                if not isinstance(node, Function):
                    yield Problem("only", "something stands beside the functions", *_span(places, node))
        for function in found:
            place = _span(places, function)
            if self.docstring and not ast.get_docstring(function):
                yield Problem("docstring", f"{function.name} has no docstring", *place)
            if self.typed and not _is_typed(function):
                yield Problem("typed", f"{function.name} has arguments or a result without a type", *place)

    def grammar(self) -> Grammar:
        shortest = "\n\n\n".join([SHORTEST] * max(self.functions[0], 1))
        return Grammar("lark", _grammar(self.functions), lacks=LACKS, shortest=shortest)

    def limits(self) -> Limits:
        # Two parameters of one name. As long as a NAME can be, it is one before its colon: nothing else could follow.
        return Limits(never=r"def \w+\((?:.*, )?(?:(\w+): .*, \*?\1:|(_?[A-Za-z]\w{30}): .*, \*?\2)")


def _is_typed(function: Function) -> bool:
    of = function.args
    given = [*of.posonlyargs, *of.args, *of.kwonlyargs, *filter(None, (of.vararg, of.kwarg))]
    return function.returns is not None and all(one.annotation for one in given if one.arg not in ("self", "cls"))


def _span(places: Places, node: ast.stmt) -> tuple[int, int]:
    """The whole lines of a statement."""
    return places.offset(node.lineno, 1), places.end(node.end_lineno or node.lineno)


EXPRESSIONS = r"""
expr: either (" if " either " else " expr)?
either: both (" or " both)*
both: negated (" and " negated)*
negated: "not " negated | compared
compared: sum ((" == " | " != " | " < " | " > " | " <= " | " >= " | " in " | " not in ") sum)* | sum (" is None" | " is not None")
sum: product ((" + " | " - " | " | " | " & ") product)*
product: signed ((" * " | " / " | " // " | " % " | " ** ") signed)*
signed: "-"? (NUMBER | reached)
reached: atom trailer*
trailer: "." NAME | "(" arguments? ")" | "[" (expr | expr? ":" expr? (":" "-"? WHOLE)?) "]"
arguments: (expr | "*" NAME) (", " (expr | "*" NAME))* (", " named)? | named | expr loop
named: "key=" (expr | lambda) (", reverse=True")? | NAME "=" expr
lambda: "lambda " NAME ": " expr
loop: " for " names " in " either (" if " either)? loop?
names: NAME (", " NAME)* | NAME ", (" NAME ", " NAME ")"
atom: NAME | STRING | fstring | "True" | "False" | "None" | tuple | list | dict
tuple: "()" | "(" expr ")" | "(" expr (", " expr)+ ")" | "(" expr ",)"
list: "[" (expr (", " expr)*)? "]" | "[" expr loop "]"
dict: "{" (expr ": " expr (", " expr ": " expr)*)? "}" | "{" expr ": " expr loop "}" | "{" expr (", " expr)* "}" | "{" expr loop "}"
fstring: "f\"" (LETTERS | "{" NAME ("." NAME | "[" (NAME | WHOLE) "]")* (":" FORMAT)? "}")* "\""
place: NAME ("[" expr "]" | "." NAME)*
call: place "(" arguments? ")" trailer*
several: expr (", " expr)*
simple: (names | place) " = " several | NAME ": " type " = " expr | place (" += " | " -= " | " *= " | " /= " | " //= " | " %= " | " |= ") expr | call | "return" (" " several)? | "raise " NAME ("(" (STRING | fstring)? ")")? (" from " NAME)? | "assert " expr | "del " NAME "[" expr "]" | "pass"
type: single (" | " single)*
single: "int" | "float" | "str" | "bool" | "bytes" | "object" | "None" | "list[" type "]" | "set[" type "]" | "dict[" type ", " type "]" | "tuple[" type (", " type)* ("]" | ", ...]")
parameters: plain (", " plain)* (", " default)* (", *" plain)? | default (", " default)* (", *" plain)? | "*" plain
plain: NAME ": " type
default: NAME ": " type " = " ("None" | "True" | "False" | "()" | STRING | "-"? NUMBER)
NUMBER: /(0|[1-9][0-9]{0,2}(_[0-9]{3}){1,3}|[1-9][0-9]{0,8})(\.[0-9]{1,6})?/
WHOLE: /0|[1-9][0-9]{0,3}/
STRING: /"([^"\\\x00-\x1f\x7f]|\\[nt"\\]){0,80}"/
LETTERS: /[^"{}\\\x00-\x1f\x7f]{1,60}/
FORMAT: /,|[<>^]?[0-9]{1,2}|0[0-9]d|,?\.[0-9]f|\.[0-9]%/
DOC: /[A-Z][^"\\\x00-\x1f\x7f]{4,140}\./
MORE: /[^ "\\\x00-\x1f\x7f][^"\\\x00-\x1f\x7f]{0,99}/
COMMENT: /[^ \x00-\x1f\x7f][^\x00-\x1f\x7f]{0,99}/
NAME: /_?[A-Za-z][A-Za-z0-9_]{0,30}/ & ~/KEYWORDS/
DEFINED: /[a-z][a-z0-9_]{0,40}/ & ~/KEYWORDS|int|float|str|bool|bytes|object|list|set|dict|tuple/
"""  # noqa: E501


def _grammar(functions: tuple[int, int]) -> str:
    least, most = (max(functions[0], 1), functions[1]) if functions[1] else (1, 1)
    more = f' ("\\n\\n\\n" def){{{least - 1},{most - 1}}}' if most > 1 else ""
    lines = [
        f"start: def{more}",
        'def: "def " DEFINED "(" parameters? ") -> " type ":\\n    \\"\\"\\"" doc "\\"\\"\\"\\n" body_1',
        'doc: DOC ("\\n\\n    " MORE ("\\n    " MORE)* "\\n    ")?',
        EXPRESSIONS.strip().replace("KEYWORDS", "|".join(keyword.kwlist)),
    ]
    for depth in range(1, DEEPEST + 1):
        for inside in ("", "_loop"):
            lines += _blocks(depth, inside)
    return "\n".join(lines) + "\n"


def _blocks(depth: int, inside: str) -> list[str]:
    """The rules of one depth of indentation; `inside` a loop `break` and `continue` may stand."""
    space, me = '"' + "    " * depth + '"', f"{depth}{inside}"
    simple = 'simple | "break" | "continue"' if inside else "simple"
    lines = [
        f'body_{me}: {space} line_{me} ("\\n" {space} line_{me})*',
        f'line_{me}: ("# " COMMENT "\\n" {space})* ({simple}{"" if depth == DEEPEST else f" | block_{me}"})',
    ]
    if depth == DEEPEST:
        return lines
    deeper, loop = f"body_{depth + 1}{inside}", f"body_{depth + 1}_loop"
    block = (
        f'"if " expr ":\\n" {deeper} ("\\n" {space} "elif " expr ":\\n" {deeper})* ("\\n" {space} "else:\\n" {deeper})?'
        f' | "for " names " in " expr ":\\n" {loop} | "while " expr ":\\n" {loop}'
        f' | "try:\\n" {deeper} ("\\n" {space} "except " NAME (" as " NAME)? ":\\n" {deeper})+'
        f' | "with " call " as " NAME ":\\n" {deeper}'
    )
    return [*lines, f"block_{me}: {block}"]
