"""The rules of the house (docs/architecture.md), each as a test."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import formfact
from formfact import errors, types

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "formfact"
FILES = sorted(HOUSE.rglob("*.py"))
FLOORS = [["types", "errors"], ["plugins"], ["models"], ["knowledge", "patterns"], ["proof"], ["front"], ["interfaces"]]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
HEAVY = {
    "onnxruntime", "tokenizers", "torch", "transformers", "sentence_transformers", "pypdfium2", "docx", "pptx",
    "openpyxl", "lxml", "selectolax", "fastapi", "starlette", "uvicorn", "peft", "llguidance", "gguf", "safetensors",
    "jsonschema", "html5lib", "lark", "mcp", "mcp_types",
}  # fmt: skip
BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "core", "factory", "manager", "misc"}


def module(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(name: str) -> str:
    """The room that a module of ours belongs to; the package itself is the front door."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "formfact"


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def imports(node: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that is imported below a node; `from formfact import x` names formfact.x."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, child) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            if child.module == "formfact":
                yield from ((f"formfact.{alias.name}", child) for alias in child.names)
            else:
                yield child.module, child


# 1. One front door ------------------------------------------------------------------------------------------------


def test_the_front_door_is_what_it_says() -> None:
    assert sorted(formfact.__all__) == formfact.__all__
    assert len(formfact.__all__) <= 20
    for name in formfact.__all__:
        assert getattr(formfact, name) is not None
    with pytest.raises(AttributeError):
        formfact.no_such_name  # noqa: B018


def test_importing_is_light() -> None:
    code = "import sys, formfact; print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & (HEAVY | {"numpy", "tantivy", "sqlite3"})


def test_importing_takes_at_most_a_tenth_of_a_second() -> None:
    # Processor time: what else the machine does is not what is tested.
    code = "import time; s = time.process_time(); import formfact; print(time.process_time() - s)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.1


# 2. Nouns are frozen dataclasses in one file ----------------------------------------------------------------------


def test_nouns_are_frozen() -> None:
    nouns = [noun for _, noun in inspect.getmembers(types, inspect.isclass) if noun.__module__ == "formfact.types"]
    assert len(nouns) > 10
    for noun in nouns:
        assert dataclasses.is_dataclass(noun), noun
        assert noun.__dataclass_params__.frozen, noun
        assert noun.__doc__
        assert not noun.__doc__.startswith(f"{noun.__name__}("), f"{noun} has no docstring of its own"


def test_dataclasses_are_frozen_where_they_cross_rooms() -> None:
    public = [
        (module(file), node.name)
        for file in FILES
        for node in tree(file).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator) and "frozen=True" not in ast.unparse(decorator)
    ]
    mine = {name for _, name in public}
    for file in FILES:
        for imported, node in imports(tree(file)):
            if isinstance(node, ast.ImportFrom) and room(imported) != room(module(file)):
                assert not {alias.name for alias in node.names} & mine, f"{file} takes an unfrozen noun from {imported}"


# 3. A room imports only downwards, never a neighbour --------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=module)
def test_imports_go_down(file: Path) -> None:
    here = room(module(file))
    if here in ("formfact", "__main__"):
        return
    assert here in HEIGHT, f"{here} is no room: see docs/architecture.md"
    for name, _ in imports(tree(file)):
        if name.split(".")[0] != "formfact" or room(name) in (here, "formfact", "__version__"):
            continue
        assert HEIGHT[room(name)] < HEIGHT[here], f"{module(file)} imports {name}"


@pytest.mark.parametrize("file", FILES, ids=module)
def test_our_own_modules_are_not_imported_inside_functions(file: Path) -> None:
    functions = [node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [name for function in functions for name, _ in imports(function) if name.startswith("formfact")]
    # The command line imports a command's room when that command runs: that is what keeps it quick to start.
    assert not hidden or room(module(file)) == "interfaces", hidden


def test_each_heavy_package_has_its_wrapper() -> None:
    """A heavy package is imported by files that are reached through `plugins` only."""
    importers = {module(file) for file in FILES for name, _ in imports(tree(file)) if name.split(".")[0] in HEAVY}
    named = set()
    for file in FILES:
        named |= set(re.findall(r'"(formfact\.[\w.]+):\w+"', file.read_text()))
    reached = named.union(*(_parts(one) for one in named))
    assert importers <= reached


def _parts(wrapper: str) -> set[str]:
    """What a wrapper imports of its own room, and what that imports: its parts."""
    seen: set[str] = set()
    todo = [wrapper]
    while todo:
        current = todo.pop()
        file = HOUSE.joinpath(*current.split(".")[1:]).with_suffix(".py")
        if current in seen or not file.exists():
            continue
        seen.add(current)
        todo += [n for n, _ in imports(tree(file)) if n.rpartition(".")[0] == wrapper.rpartition(".")[0]]
    return seen


# 4. A seam is a Protocol of one to three methods ------------------------------------------------------------------

VIEW = "Snapshot"
"""The one wide Protocol: all that can be read of a store at one moment, and so a noun rather than a seam."""


def test_seams_are_narrow() -> None:
    found = 0
    for file in FILES:
        for node in tree(file).body:
            if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases):
                methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
                found += 1
                assert node.name == VIEW or 1 <= len(methods) <= 3, node.name
    assert found >= 3


# 7. and names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=module)
def test_names_say_something(file: Path) -> None:
    assert not set(module(file).split(".")) & BAD_NAMES


def _public_functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    body: list[ast.stmt] = list(tree(file).body)
    for node in list(body):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            body += node.body
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("file", FILES, ids=module)
def test_public_functions_take_no_kwargs(file: Path) -> None:
    for function in _public_functions(file):
        assert function.args.kwarg is None, f"{module(file)}.{function.name}"


@pytest.mark.parametrize("file", FILES, ids=module)
def test_every_module_opens_with_what_it_is_for(file: Path) -> None:
    if file.read_text().strip():
        assert ast.get_docstring(tree(file)), module(file)


@pytest.mark.parametrize("file", FILES, ids=module)
def test_functions_and_files_are_short(file: Path) -> None:
    declares = module(file) == "formfact.types"  # a list of nouns without any logic
    assert len(file.read_text().splitlines()) <= (900 if declares else 350), module(file)
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno <= 50, f"{module(file)}.{node.name}"


def test_the_front_speaks_in_docstrings() -> None:
    from formfact.front import Knowledge

    for name, method in inspect.getmembers(Knowledge, inspect.isfunction):
        if not name.startswith("_"):
            assert method.__doc__, name


# 8. Errors are one tree -------------------------------------------------------------------------------------------


def _tree_of(error: type[BaseException]) -> list[type[BaseException]]:
    return [error, *(deeper for child in error.__subclasses__() for deeper in _tree_of(child))]


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = re.findall(r"([A-Z]\w+)\s+(\d)\s+(\d{3})", errors.__doc__ or "")
    real = [error for error in _tree_of(errors.FormfactError) if error.__module__ == "formfact.errors"][1:]
    assert [name for name, _, _ in drawn] == [error.__name__ for error in real]
    for name, exit_code, status in drawn:
        error = getattr(errors, name)
        assert (error.exit_code, error.status) == (int(exit_code), int(status)), name


def test_errors_raised_say_what_to_do_next() -> None:
    """Every Refused, StoreError and ModelError in the house carries a hint; Unreadable's reason stands in a list."""
    silent = []
    named = {error.__name__ for error in _tree_of(errors.FormfactError)} - {"Unreadable"}
    for file in FILES:
        for node in ast.walk(tree(file)):
            raised = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in named
            if raised and not any(keyword.arg == "hint" for keyword in node.keywords):
                silent.append(f"{module(file)}:{node.lineno} {node.func.id}")
    assert silent == []


# 9. Test the real thing -------------------------------------------------------------------------------------------


def test_nothing_of_ours_is_mocked() -> None:
    for file in sorted((ROOT / "tests").rglob("*.py")):
        if file != Path(__file__).resolve():
            assert "unittest.mock" not in file.read_text(), file


# and what a reader of the repository must never meet --------------------------------------------------------------


def test_no_unfinished_business() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError)\b")
    assert [module(file) for file in FILES if marks.search(file.read_text())] == []
