"""Source code: the text stays as it is; its blocks are definitions.

Python is read by `ast`: functions, methods, the head of a class, and what stands between them. Every other language,
and Python that does not parse, is cut where a line without indentation follows a blank one. Cutting inside a long
definition is left to the passages' splitter.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from itertools import pairwise
from typing import IO

from formfact.errors import Unreadable
from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.lines import Lines
from formfact.types import Document, Skipped

PYTHON = (".py", ".pyi")


def read_code(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document; the title is the first line of a Python module's docstring."""
    text = decode(file.read())
    lines = text.split("\n")
    module = _parse(text) if name.lower().endswith(PYTHON) else None
    starts = _definitions(module, lines) if module else _paragraphs(lines)
    edges = sorted({0, *starts, len(lines)})
    spans = Lines(text)
    blocks = tuple(block for first, end in pairwise(edges) for block in spans.block("code", first, end))
    if not blocks:
        raise Unreadable("empty")
    about = (ast.get_docstring(module) or "") if module else ""
    yield Document(name, "", text, about.strip().split("\n")[0], "code", blocks)


def _parse(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        # What a stranger's code does with backslashes is none of our user's business.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _definitions(module: ast.Module, lines: list[str]) -> Iterator[int]:
    """The first line of every definition and of what follows one, counted from 0."""
    body: list[ast.stmt] = list(module.body)
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield _with_comments(node, lines)
        assert node.end_lineno is not None
        yield node.end_lineno
        if isinstance(node, ast.ClassDef):
            body += node.body


def _with_comments(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lines: list[str]) -> int:
    """Where a definition begins, with its decorators and the comment lines directly above."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first


def _paragraphs(lines: list[str]) -> Iterator[int]:
    """Lines that are not indented and follow a blank one: where a new definition is likely to begin."""
    for i, (before, line) in enumerate(pairwise(lines), 1):
        if not before.strip() and line[:1].strip() and line[0] not in "})]":
            yield i
