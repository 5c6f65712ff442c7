"""Writes docs/reference.md: what every command says with --help, and the public names with their docstrings."""

from __future__ import annotations

import argparse
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path

os.environ["COLUMNS"] = "90"

import formfact
from formfact.interfaces.cli import make_parser

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference.md"


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser and those of its commands, in their order."""
    yield parser
    for action in parser._actions:  # argparse has no public way to its commands
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from parsers(inner)


def command(parser: argparse.ArgumentParser) -> str:
    return f"### {parser.prog}\n\n```\n{parser.format_help().rstrip()}\n```\n"


def members(thing: type) -> Iterator[str]:
    """The public methods that a class has of its own and of those of ours that it is made of."""
    found = [one for kind in thing.__mro__ if kind.__module__.startswith("formfact") for one in vars(kind).items()]
    for name, member in found:
        if inspect.isfunction(member) and not name.startswith("_"):
            yield f"**`.{name}{signature(member)}`**\n\n{inspect.getdoc(member) or ''}\n"


def signature(thing: object) -> str:
    shown = str(inspect.signature(thing))  # type: ignore[arg-type]
    shown = shown.replace("(self, ", "(").replace("(self)", "()")
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", shown)  # annotations are texts; defaults stay as they are


def name_of(name: str) -> str:
    thing = getattr(formfact, name)
    if not callable(thing):
        return f"### {name}\n\nThe version, as text.\n"
    kind = f"### {name}{signature(thing) if inspect.isfunction(thing) else ''}\n\n{inspect.getdoc(thing) or ''}\n"
    return "\n".join([kind, *(members(thing) if inspect.isclass(thing) else ())])


def reference() -> str:
    """The whole page."""
    commands = "\n".join(command(parser) for parser in parsers(make_parser()))
    names = "\n".join(name_of(name) for name in formfact.__all__)
    return f"# Reference\n\nMade by tools/make_reference.py.\n\n## Commands\n\n{commands}\n## Python\n\n{names}"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
