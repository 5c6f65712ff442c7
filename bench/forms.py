"""Every other pattern that ships, written by the untuned base under the mask: is it well formed by other parsers?

What was written is kept under .bench/forms, so that a run which was ended goes on. Names of patterns as arguments make
those alone.
"""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from itertools import cycle, islice
from typing import Any
from xml.etree import ElementTree

import html5lib
import jsonschema
from table import KEPT, markdown, show

from formfact.front import Pattern
from formfact.patterns import tuned
from formfact.patterns.prompt import render
from formfact.patterns.shelf import names
from formfact.types import Example

HERE = KEPT / "forms"
INPUTS, TOGETHER = 100, 20
BUDGET = 160
"""Tokens: few enough that many texts must be closed before the model would end them."""

Schema = Mapping[str, Any] | None


def as_json(text: str, schema: Schema) -> None:
    jsonschema.Draft202012Validator(schema or True).validate(json.loads(text))


def as_xml(text: str, _: Schema) -> None:
    ElementTree.fromstring(text)


def as_html(text: str, _: Schema) -> None:
    html5lib.HTMLParser(strict=True).parseFragment(text)


def as_python(text: str, _: Schema) -> None:
    ast.parse(text)


def as_perl(text: str, _: Schema) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".pl", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        subprocess.run(["perl", "-c", file.name], check=True, capture_output=True, timeout=20)


def as_sql(text: str, _: Schema) -> None:
    try:
        sqlite3.connect(":memory:").execute(f"EXPLAIN {text}")
    except sqlite3.OperationalError as error:
        if not str(error).startswith(("no such", "ambiguous")):  # what is named need not be there
            raise


PARSERS: dict[str, tuple[str, Callable[[str, Schema], object]]] = {
    "json-record": ("json, jsonschema", as_json),
    "xml": ("xml.etree", as_xml),
    "html": ("html5lib, strict", as_html),
    "python": ("ast", as_python),
    "perl": ("perl -c", as_perl),
    "sql": ("sqlite3", as_sql),
}


def written(name: str) -> list[dict[str, Any]]:
    """What the base wrote for as many inputs, with the schema of each."""
    pattern, found = Pattern(name), []
    examples = pattern.examples()
    shots = examples[: pattern.contract.prompt.few_shot]
    inputs = list(islice(cycle([*examples[len(shots) :], *_blocks(examples[0].schema)]), INPUTS))
    for at in range(0, INPUTS, TOGETHER):
        file = HERE / f"{name}-{at}.json"
        if not file.exists():
            HERE.mkdir(parents=True, exist_ok=True)
            part = [_write(pattern, shots, one) for one in _groups(inputs[at : at + TOGETHER])]
            file.write_text(json.dumps([one for some in part for one in some]), encoding="utf-8")
        found += json.loads(file.read_text(encoding="utf-8"))
    return found


def _blocks(schema: Schema) -> list[Any]:
    """Texts of the flagship's examples, so that no pattern sees its own kind of input alone."""
    return [Example(one.text, "", schema=schema) for one in Pattern("questions").examples()]


def _groups(inputs: list[Any]) -> list[list[Any]]:
    """Inputs by their schema: one contract is written at a time."""
    groups: dict[str, list[Any]] = {}
    for one in inputs:
        groups.setdefault(json.dumps(one.schema), []).append(one)
    return list(groups.values())


_OPEN: list[Any] = []


def _write(pattern: Pattern, shots: Any, inputs: list[Any]) -> list[dict[str, Any]]:
    if not _OPEN:
        _OPEN.append(tuned.load("decoder")(tuned.load("network")()))
    schema = inputs[0].schema
    contract = pattern.contract if schema is None else pattern.contract.with_schema(schema)
    asked = [render(contract, one.text, examples=shots) for one in inputs]
    done = _OPEN[0].write(asked, contract, limit=BUDGET)
    return [{"text": one.text, "tokens": one.tokens, "schema": schema} for one in done]


def well_formed(name: str, text: str, schema: Schema) -> bool:
    """Whether another parser than ours takes a text; of patterns that have none, whether the contract does."""
    if name in PARSERS:
        try:
            PARSERS[name][1](text, schema)
        except Exception as error:  # each parser has errors of its own
            print(f"{name}: {error}\n{text}\n", file=sys.stderr)
            return False
        return True
    return not Pattern(name).check(text)


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    lines = []
    chosen = [one for one in sys.argv[1:] if one in names()] or [one for one in names() if one != "questions"]
    for name in chosen:
        texts = written(name)
        parser = PARSERS[name][0] if name in PARSERS else "the contract itself"
        if name == "perl" and not shutil.which("perl"):
            lines.append((name, len(texts), "perl is not here", "", ""))
            continue
        good = sum(well_formed(name, one["text"], one["schema"]) for one in texts)
        kept = sum(_keeps(name, one) for one in texts)
        most = max(one["tokens"] for one in texts)
        lines.append((name, len(texts), parser, f"**{good / len(texts):.0%}**", f"{kept / len(texts):.0%}", most))
    names_ = ("pattern", "inputs", "parsed by", "well formed (target 100 %)", "keeps its contract", "most tokens")
    show("forms", f"{markdown(names_, lines)}\n\nNothing was tuned; the budget was {BUDGET} tokens.")


def _keeps(name: str, one: Mapping[str, Any]) -> bool:
    return not Pattern(name).check(one["text"], schema=one["schema"])


if __name__ == "__main__":
    main()
