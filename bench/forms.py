"""Every other pattern that ships, written by the untuned base under the mask: is it well formed by other parsers?

What was written is kept under .bench/forms, a file for each part of a pattern, so that a run which was ended goes on.
Names of patterns as arguments make those alone; `--kept` shows what there is, and makes nothing.
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
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
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
INPUTS, TOGETHER = 100, 50
BRIEF, LEAST_OWN, SCHEMAS = 120, 4, 5
"""Characters of an input at the most, so that all can be read in minutes; so many of a pattern's own, however long; and
so many schemas for records, each of which is a batch of its own."""
BUDGET, LONGER = 64, {"chapter": 100, "feedback": 90, "outline": 120, "premise": 110, "scene": 80, "prose": 300}
"""Tokens: so few that many texts must be closed before the model would end them. LONGER: what has no shorter text."""

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


def inputs(name: str) -> list[Example]:
    """Brief inputs of the pattern's own examples, then those of the other patterns in turn."""
    own = sorted(Pattern(name).examples(), key=lambda one: len(one.text))
    brief = [one for one in own if len(one.text) <= BRIEF]
    chosen = brief if len(brief) > LEAST_OWN else own[:LEAST_OWN]
    if chosen[0].schema:
        chosen = chosen[:SCHEMAS]
    others = [sorted(Pattern(other).examples(), key=lambda one: len(one.text)) for other in names() if other != name]
    strange = (one for turn in zip_longest(*others) for one in turn if one and len(one.text) <= BRIEF)
    lent = (Example(one.text, "", schema=chosen[at % len(chosen)].schema) for at, one in enumerate(strange))
    found = list(islice((*chosen, *lent), INPUTS))
    return sorted(found, key=lambda one: json.dumps(one.schema))


def parts(name: str) -> list[Path]:
    """The files of a pattern's texts."""
    return [HERE / f"{name}-{at}.json" for at in range(0, INPUTS, TOGETHER)]


def make(name: str) -> None:
    """Let the base write what is not there yet."""
    HERE.mkdir(parents=True, exist_ok=True)
    for at, file in enumerate(parts(name)):
        if not file.exists():
            some = inputs(name)[at * TOGETHER : (at + 1) * TOGETHER]
            written = [one for group in _groups(some) for one in _write(name, group)]
            draft = file.with_suffix(".part")
            draft.write_text(json.dumps(written), encoding="utf-8")
            draft.replace(file)


def kept(name: str) -> list[dict[str, Any]]:
    """What the base wrote: each text with its input, its tokens, and the schema that it was asked for."""
    return [one for file in parts(name) if file.exists() for one in json.loads(file.read_text(encoding="utf-8"))]


def _groups(some: Sequence[Example]) -> list[list[Example]]:
    """Inputs by their schema, as one contract is written at a time; long ones apart, as short ones would be padded."""
    groups: dict[str, list[Example]] = {}
    for one in some:
        groups.setdefault(json.dumps([one.schema, len(one.text) > BRIEF]), []).append(one)
    return list(groups.values())


_OPEN: list[Any] = []


def _write(name: str, some: Sequence[Example]) -> list[dict[str, Any]]:
    if not _OPEN:
        _OPEN.append(tuned.load("decoder")(tuned.load("network")(), batch=TOGETHER))
    schema, contract = some[0].schema, Pattern(name).contract
    contract = contract if schema is None else contract.with_schema(schema)
    asked = [render(contract, one.text) for one in some]
    done = _OPEN[0].write(asked, contract, limit=LONGER.get(name, BUDGET))
    return [
        {"input": put.text, "text": one.text, "tokens": one.tokens, "schema": schema}
        for put, one in zip(some, done, strict=True)
    ]


def well_formed(name: str, text: str, schema: Schema) -> bool:
    """Whether another parser than ours takes a text; of patterns that have none, whether the contract does."""
    if name not in PARSERS:
        return not Pattern(name).check(text)
    try:
        PARSERS[name][1](text, schema)
    except Exception as error:  # each parser has errors of its own
        print(f"{name}: {error}\n{text}\n", file=sys.stderr)
        return False
    return True


def line(name: str) -> tuple[object, ...]:
    """A pattern's line of the table."""
    texts = kept(name)
    if name == "perl" and not shutil.which("perl"):
        return (name, len(texts), "perl is not here", "", "", "")
    count = max(len(texts), 1)
    good = sum(well_formed(name, one["text"], one["schema"]) for one in texts)
    holds = sum(not Pattern(name).check(one["text"], schema=one["schema"]) for one in texts)
    different = len({one["text"] for one in texts})
    parser = PARSERS[name][0] if name in PARSERS else "the contract itself"
    return (name, len(texts), parser, f"**{good / count:.0%}**", f"{holds / count:.0%}", different)


def main() -> None:
    """Write what is missing, then print the table."""
    warnings.simplefilter("ignore")
    argv = sys.argv[1:]
    chosen = [one for one in argv if one in names()] or [one for one in names() if one != "questions"]
    if "--kept" not in argv:
        for name in chosen:
            print(f"{name} …", file=sys.stderr, flush=True)
            make(name)
    lines = [line(name) for name in chosen if kept(name)]
    heads = ("pattern", "inputs", "parsed by", "well formed (target 100 %)", "keeps its contract", "different texts")
    most = ", ".join(f"{name} {tokens}" for name, tokens in LONGER.items())
    show(
        "forms",
        f"{markdown(heads, lines)}\n\nNothing was tuned and no example shown. Inputs are the pattern's own brief ones, "
        f"then those of other patterns. The budget was {BUDGET} tokens ({most}): most texts are closed by it, not by "
        "the model.",
    )


if __name__ == "__main__":
    main()
