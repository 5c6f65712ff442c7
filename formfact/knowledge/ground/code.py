"""Code -> the names that it imports and calls, and those of them that no retrieved source knows.

Python is read by its own parser; what its standard library has is looked up there. Other languages are read token by
token: imports by the words that begin them (in SQL, the tables), calls by the bracket behind a name. Not seen: whether
the arguments are right, and names that are put together while the code runs.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import sys
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
NEVER_IMPORTED = frozenset(("antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter", "test", "lib2to3"))
"""Modules of the standard library that do something when imported, or need a screen."""
BUILT_IN_TYPES = (str, bytes, bytearray, list, dict, set, frozenset, tuple, int, float, complex, range, object)
METHODS = frozenset(name for kind in BUILT_IN_TYPES for name in dir(kind)) | frozenset(
    "read readline readlines write writelines close flush seek send throw group groups groupdict start end span".split()
)
"""What can be called on a value whose kind is not known: methods of built-in types, of files and of matches."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that is imported or called and stands in no source. `line` counts from 1."""

    name: str
    line: int


def unknown(code: str, sources: Collection[str], *, language: str = "") -> list[Unknown]:
    """The imported and called names that neither the sources nor the language know, each once, in order.

    `language` as a fence or a file's ending says it; without one, what Python's parser takes is Python.
    """
    known = frozenset(name for text in sources for name in IDENTIFIER.findall(text))
    tree = _parsed(code) if language.lower() in ("", "py", "python", "python3", "pycon") else None
    found = _in_python(tree, known) if tree else _in_tokens(code, known, language)
    seen: dict[str, Unknown] = {}
    for one in sorted(found, key=lambda one: one.line):
        seen.setdefault(one.name, one)
    return list(seen.values())


def _parsed(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _in_python(tree: ast.Module, known: Collection[str]) -> Iterator[Unknown]:
    modules = _imported(tree)
    own = _defined(tree) | {name for path in modules.values() for name in _methods(path)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _missing(alias.name, node.lineno, known)
        elif isinstance(node, ast.ImportFrom):
            yield from _missing_from(node, known)
        elif isinstance(node, ast.Call):
            yield from _missing_call(node.func, modules, own, known)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if not isinstance(decorator, ast.Call):
                    yield from _missing_call(decorator, modules, own, known)


def _imported(tree: ast.Module) -> dict[str, str]:
    """The names that imports bind -> what they stand for, dotted."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {
                alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
                for alias in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module or ''}.{alias.name}" for alias in node.names}
    return found


def _defined(tree: ast.Module) -> frozenset[str]:
    """Names that the code itself makes: functions, classes, parameters, variables."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return frozenset(found)


def _missing(module: str, line: int, known: Collection[str]) -> Iterator[Unknown]:
    """The parts of a module's dotted name that nobody knows."""
    top = module.split(".")[0]
    if top in sys.stdlib_module_names:
        if not in_standard_library(module):
            yield Unknown(module, line)
    elif not all(part in known for part in module.split(".")):
        yield Unknown(module, line)


def _missing_from(node: ast.ImportFrom, known: Collection[str]) -> Iterator[Unknown]:
    module = node.module or ""
    if node.level == 0:
        missing = list(_missing(module, node.lineno, known))
        yield from missing
        if missing:
            return
    for alias in node.names:
        standard = node.level == 0 and module.split(".")[0] in sys.stdlib_module_names
        there = in_standard_library(f"{module}.{alias.name}") if standard else alias.name in known
        if alias.name != "*" and not there:
            yield Unknown(f"{module}.{alias.name}".lstrip("."), node.lineno)


def _missing_call(
    called: ast.expr, modules: dict[str, str], own: Collection[str], known: Collection[str]
) -> Iterator[Unknown]:
    if isinstance(called, ast.Name):
        if (
            called.id not in own
            and called.id not in modules
            and called.id not in known
            and not hasattr(builtins, called.id)
        ):
            yield Unknown(called.id, called.lineno)
        return
    if not isinstance(called, ast.Attribute):
        return
    path = _path(called)
    root = path.split(".")[0]
    if root in modules:
        full = f"{modules[root]}{path[len(root) :]}"
        standard = full.split(".")[0] in sys.stdlib_module_names
        if not (in_standard_library(full) if standard else called.attr in known):
            yield Unknown(path, called.lineno)
    elif called.attr not in own and called.attr not in known and called.attr not in METHODS:
        yield Unknown(path or called.attr, called.lineno)


def _path(node: ast.expr) -> str:
    """`a.b.c` as text; the last name alone where something else than names stands before it."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _path(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return ""


def in_standard_library(path: str) -> bool:
    """Whether a dotted path leads to something in Python's standard library. Where it cannot be looked up, it does."""
    parts = path.split(".")
    if parts[0] in NEVER_IMPORTED or any(part.startswith("__") for part in parts):
        return True
    found, rest = _looked_up(parts)
    # What a value of a class can do is not looked for.
    return found is not None and (not rest or not isinstance(found, ModuleType | type))


def _looked_up(parts: Sequence[str]) -> tuple[object, list[str]]:
    """The farthest thing in the standard library that the parts lead to, and the parts that lead no further."""
    for cut in range(len(parts), 0, -1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found: object = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for at in range(cut, len(parts)):
            if not hasattr(found, parts[at]):
                return found, list(parts[at:])
            found = getattr(found, parts[at])
        return found, []
    return None, list(parts)


def _methods(path: str) -> frozenset[str]:
    """What values can be asked that come from an imported part of the standard library: methods of its classes."""
    parts = path.split(".")
    if parts[0] not in sys.stdlib_module_names or parts[0] in NEVER_IMPORTED:
        return frozenset()
    found, rest = _looked_up(parts)
    if rest:
        return frozenset()
    inside = vars(found).values() if isinstance(found, ModuleType) else [found]
    classes = [one for one in inside if isinstance(one, type)]
    return frozenset(name for one in classes for name in dir(one))


STRING = re.compile(
    r"\"\"\".*?\"\"\"|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?://|#(?!include)|--\s).*?$",
    re.DOTALL | re.MULTILINE,
)
QUOTED = re.compile(r"[\"'<]([^\"'<>\n]+)[\"'>]")
IMPORT = re.compile(
    r"^\s*(?:import|from|use|require|include|#include|using|package|extern crate|\@import|load|library|source)\b(.*)$"
    r"|\b(?:require|import)\s*\(([^)]*)\)",
    re.MULTILINE,
)
CALL = re.compile(r"(?<![\w$])([A-Za-z_$][\w$]*)(?:::<[^>]*>)?\s*!?\(")
DEFINED = re.compile(
    r"\b(?:def|func|function|fn|sub|class|struct|interface|trait|enum|type|let|const|var|val|my|our|local|module"
    r"|procedure)\s+(?:\([^)]*\)\s*)?[$@%&]?([A-Za-z_$][\w$]*)|\b([A-Za-z_$][\w$]*)\s*(?:=|:=)\s*(?:async\s*)?(?:\(|function)"
)
TABLE = re.compile(r"\b(?:from|join|into|update)\s+([A-Za-z_]\w*)", re.IGNORECASE)
COMMON_TABLE = re.compile(r"\b([A-Za-z_]\w*)\s+as\s*\(", re.IGNORECASE)
PARAMETERS = re.compile(r"\b(?:def|func|function|fn|sub)\s*[\w$]*\s*\(([^)]*)\)")
WORDS = frozenset(
    # Words that stand before a bracket and are no calls, and what the common languages bring along themselves.
    "if for while switch catch return function with foreach unless until elsif elif match when using and or not"
    " in is new typeof sizeof await yield throw assert print println printf sprintf echo die say push pop shift"
    " unshift splice join split map filter reduce sort reverse keys values each exists delete defined length"
    " substr index uc lc sub func fn def lambda super self this import require include from use select from where"
    " values insert into update set count sum avg min max coalesce cast round abs lower upper trim concat over"
    " partition as table create primary key varchar char int integer decimal numeric date timestamp references"
    " check exists case end having group order by make append len cap copy panic recover string bool byte rune"
    " float64 int64 error parseInt parseFloat isNaN setTimeout setInterval fetch Promise Array Object String"
    " Number Boolean Date Error Map Set JSON Math RegExp Symbol console log warn stringify parse then catch"
    " finally forEach includes indexOf slice toString toFixed some every find vec format write writeln ok err Some"
    " None Ok Err unwrap expect clone iter collect into to_string open close chomp chop lc ucfirst lcfirst ref"
    " bless scalar wantarray local printf scanf malloc free strlen main puts gets"
    # Modules that come with Go, Node, Rust, Java and Perl.
    " fmt os strings strconv errors time math bufio context sync net http io log path filepath encoding json"
    " regexp bytes fs url util events stream crypto process child_process std collections java javax lang List"
    " Util Scalar POSIX Carp Data Dumper strict warnings utf8 File Spec Getopt Long".split()
)


def _in_tokens(code: str, known: Collection[str], language: str) -> Iterator[Unknown]:
    plain = STRING.sub(lambda match: "\n" * match.group().count("\n"), code)
    own = {name for match in DEFINED.finditer(plain) for name in match.groups() if name}
    own |= {name for match in PARAMETERS.finditer(plain) for name in IDENTIFIER.findall(match[1])}
    own |= set(COMMON_TABLE.findall(plain))
    for match in IMPORT.finditer(code):
        for name in _names_of_import(match[1] or match[2] or ""):
            own.add(name.split("/")[-1])
            parts = IDENTIFIER.findall(name)
            if parts and not all(part in known or part in WORDS for part in parts):
                yield Unknown(name, code.count("\n", 0, match.start()) + 1)
    for match in TABLE.finditer(plain) if language.lower() == "sql" else ():
        if match[1] not in own and match[1] not in known:
            yield Unknown(match[1], plain.count("\n", 0, match.start(1)) + 1)
    for match in CALL.finditer(plain):
        name = match[1]
        if name not in own and name not in known and name not in WORDS and name.lower() not in WORDS:
            yield Unknown(name, plain.count("\n", 0, match.start(1)) + 1)


def _names_of_import(rest: str) -> list[str]:
    """What an import names: the quoted paths, or the bare names where nothing is quoted."""
    quoted = QUOTED.findall(rest)
    if quoted:
        bare = rest[: rest.find(quoted[0])]
        return [*quoted, *(n for n in IDENTIFIER.findall(bare) if n not in ("from", "as", "type", "import", "default"))]
    return [
        n
        for n in re.findall(r"[\w$]+(?:(?:::|\.|/)[\w$]+)*", rest)
        if n not in ("as", "from", "strict", "warnings", "std")
    ]
