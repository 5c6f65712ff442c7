"""The contract of a pattern: read from pattern.toml or pattern.yaml, checked, and printed back.

Everything else follows from it: what data is valid, what the model sees, where its loss counts, where it must stop,
which tokens it may write, and what share of its outputs conforms.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w
import yaml
from yaml.constructor import ConstructorError

from formfact.errors import NotFound, Refused
from formfact.patterns.bases import open_counter
from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Shape, open_shape
from formfact.types import Problem

FILES = ("pattern.toml", "pattern.yaml", "pattern.yml")
CHARACTERS = 4
"""Of a token in English, roughly."""
FILLED = ("part", "output", "input", "before", "names", "next")
"""What a child's `input` may hold in braces: the part, all of the parent's output, the parent's own input; and, of its
siblings, how the one before ended, which names came so far, and what the next one is about."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model sees: `{text}` stands for the input, `{schema}` for a JSON Schema that the user gives."""

    user: str = "{text}"
    system: str = ""
    few_shot: int = 3


@dataclass(frozen=True, slots=True)
class Child:
    """A pattern that is fed by this one's output, once by each of its parts.

    `each` says what a part is: the "whole" output, a "line", or what a regular expression matches (its first group
    where it has one). `input` is what the child is given; FILLED lists what may stand in it.
    """

    pattern: str
    each: str = "whole"
    input: str = "{part}"


@dataclass(frozen=True, slots=True)
class Contract:
    """What a pattern promises. `input_tokens` and `output_tokens` are counted by the base model's tokenizer.

    `output` holds the shape's own settings, as written; `marker` is text that must end every output before the end
    of sequence ("" is the end of sequence alone, which is always learnt). `repeat` forbids a repeated run of so many
    tokens while writing (0: nothing is forbidden).
    """

    name: str
    describes: str
    shape: str
    output: Mapping[str, Any] = field(default_factory=dict)
    prompt: Prompt = Prompt()
    what: str = "any block of text"
    input_tokens: int = 1024
    output_tokens: int = 200
    marker: str = ""
    repeat: int = 0
    children: tuple[Child, ...] = ()
    version: int = 1

    def open(self) -> Shape:
        """The output's shape, made from its settings. Raises Refused where they make no sense."""
        return open_shape(self.shape, self.output, where=f"{self.name} [output]")

    def check(self, text: str) -> list[Problem]:
        """How an output breaks the contract; [] if it keeps it."""
        if not self.marker:
            return self.open().check(text)
        if not text.endswith(self.marker):
            end = len(text)
            problem = Problem("end-marker", f"the text does not end with {self.marker!r}", end, end)
            return [problem, *self.open().check(text)]
        return self.open().check(text.removesuffix(self.marker))

    def check_budget(self, limit: int | None = None) -> None:
        """Raise Refused where the shortest text that keeps the contract does not fit `limit`, else its own tokens."""
        budget = limit or self.output_tokens
        short = self.open().grammar().shortest + self.marker
        if len(short.encode()) < budget:
            return  # A token is one byte at least.
        # A short text is no natural one: what it says in many small tokens can be said in fewer.
        tokens = min(open_counter().count([short])[0], -(-len(short) // CHARACTERS)) + 1
        if tokens > budget:
            what = f"the shortest text that keeps {self.name!r} has about {tokens} tokens, the budget {budget}"
            raise Refused(what, hint="raise [output] tokens, or --limit")

    @property
    def lacks_schema(self) -> bool:
        """Whether it writes JSON by a schema of the user's, and has none yet."""
        return self.shape == "json" and "{schema}" in self.prompt.user and "schema" not in self.output

    def with_schema(self, schema: Mapping[str, Any]) -> Contract:
        """The same contract for a JSON Schema of the user's."""
        if self.shape != "json":
            what = f"the pattern {self.name!r} takes no schema: its shape is {self.shape}"
            raise Refused(what, hint="leave the schema out")
        made = replace(self, output={**self.output, "schema": dict(schema)})
        made.open()
        return made


def load_contract(folder: Path) -> Contract:
    """Read the contract of a pattern's folder. Raises NotFound, Refused."""
    for file in (folder / name for name in FILES):
        if file.is_file():
            try:
                return parse_contract(file.read_text("utf-8"), where=str(file))
            except UnicodeDecodeError as error:
                raise refuse(str(file), "is no text in UTF-8", "save it as UTF-8") from error
    raise NotFound(f"{folder} holds no pattern.toml", hint="formfact pattern new NAME writes one to begin with")


def parse_contract(text: str, *, where: str = "pattern.toml") -> Contract:
    """A contract out of TOML or (where the name says so) YAML. Raises Refused, naming what is wrong."""
    try:
        values = yaml.load(text, _Yaml) if where.endswith(("yaml", "yml")) else tomllib.loads(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise refuse(where, f"cannot be read: {' '.join(str(error).split())}", "check its syntax") from error
    if not isinstance(values, dict):
        raise refuse(where, "it holds no table", 'begin it with name = "..."')
    try:
        json.dumps(values, default=str, skipkeys=True)
        _check_keys(values, where)
    except (ValueError, TypeError, RecursionError) as error:
        raise refuse(where, "it holds itself, or is nested too deeply", "write it without & and *") from error
    return _contract(Settings(values, where))


class _Yaml(yaml.SafeLoader):
    """YAML in which a value that is none of its kind, such as a day that no month has, is named with its line."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(None, None, f"no {kind}: {error}", node.start_mark) from error


def _check_keys(value: Any, where: str, path: tuple[str, ...] = ()) -> None:
    """Refuse keys that are no text: YAML takes `no`, `1` and days for values of other kinds."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                place = f" in {'.'.join(path)}" if path else ""
                raise refuse(where, f"the key {key!r}{place} is no text", 'put it in quotes, as in "no": or "1":')
            _check_keys(inner, where, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            _check_keys(inner, where, path)


def _contract(top: Settings) -> Contract:
    tables = {name: Settings(top.table(name), f"{top.where} [{name}]") for name in ("input", "prompt", "output", "end")}
    given, prompt, output, end = tables.values()
    write = Settings(top.table("write"), f"{top.where} [write]")
    children = top.take("children", list, [], what="a list of tables")
    contract = Contract(
        name=top.text("name"),
        describes=top.text("describes"),
        version=top.whole("version", 1, least=1),
        what=given.text("what", "any block of text"),
        input_tokens=given.whole("tokens", 1024, least=1),
        prompt=Prompt(prompt.text("user", "{text}"), prompt.text("system", ""), prompt.whole("few_shot", 3)),
        shape=output.text("shape"),
        output_tokens=output.whole("tokens", 200, least=1),
        output=output.rest(),
        marker=end.text("marker", ""),
        repeat=write.whole("repeat", 0),
        children=tuple(_child(child, f"{top.where} [[children]]") for child in children),
    )
    for table in (top, given, prompt, end, write):
        table.done()
    if "{text}" not in contract.prompt.user:
        raise refuse(f"{top.where} [prompt]", "user has no place for {text}")
    try:
        contract.check_budget()
    except Refused as error:
        # A shape knows the pattern's name; whoever mends it needs the file.
        raise refuse(top.where, error.message, error.hint) from error
    return contract


def _child(table: Any, where: str) -> Child:
    if not isinstance(table, dict):
        raise refuse(where, f"{table!r} is no table", 'write [[children]] and below it pattern = "..."')
    values = Settings(table, where)
    child = Child(values.text("pattern"), values.text("each", "whole"), values.text("input", "{part}"))
    values.done()
    if child.each not in ("whole", "line"):
        try:
            re.compile(child.each)
        except re.error as error:
            what = f"each = {child.each!r} is neither 'whole' nor 'line', and no regular expression: {error}"
            raise refuse(values.where, what) from error
    named = set(re.findall(r"\{(\w+)\}", child.input))
    if unknown := named - set(FILLED):
        known = ", ".join(f"{{{name}}}" for name in FILLED)
        raise refuse(values.where, f"input has {{{min(unknown)}}}, which nothing fills", f"it may hold: {known}")
    if not named & {"part", "output"}:
        raise refuse(values.where, "input has no place for {part} or {output}")
    return child


def print_contract(contract: Contract) -> str:
    """The contract as TOML; reading it gives an equal one."""
    prompt = contract.prompt
    values: dict[str, Any] = {
        "name": contract.name,
        "describes": contract.describes,
        "version": contract.version,
        "input": {"what": contract.what, "tokens": contract.input_tokens},
        "prompt": {"system": prompt.system, "user": prompt.user, "few_shot": prompt.few_shot},
        "output": {"shape": contract.shape, "tokens": contract.output_tokens, **contract.output},
        "end": {"marker": contract.marker},
        "write": {"repeat": contract.repeat},
    }
    if contract.children:
        values["children"] = [asdict(child) for child in contract.children]
    return tomli_w.dumps(values, multiline_strings=False)
