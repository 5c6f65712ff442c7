"""The shape of JSON by a JSON Schema (draft 2020-12)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.types import Problem

ANY_OBJECT: Mapping[str, Any] = {"type": "object"}


class Wrong(ValueError):
    """JSON that Python would read and that is none."""


@dataclass(frozen=True, slots=True)
class Record:
    """`schema`: the JSON Schema; without one any object will do. References to other places are not fetched."""

    schema: Mapping[str, Any]

    @classmethod
    def make(cls, settings: Settings) -> Self:
        schema = settings.table("schema") or ANY_OBJECT
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise refuse(settings.where, f"schema is no JSON Schema: {error.message}") from error
        remote = next((one for one in _references(schema) if not one.startswith("#")), None)
        if remote:
            raise refuse(
                settings.where, f"schema refers to {remote!r}", "only references within the schema are followed"
            )
        return cls(schema)

    def check(self, text: str) -> list[Problem]:
        try:
            value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            return [Problem("json", f"no JSON: {error.msg}", error.pos, min(error.pos + 1, len(text)))]
        except (Wrong, RecursionError) as error:
            return [Problem("json", f"no JSON: {error or 'nested too deeply'}", 0, len(text))]
        validator = Draft202012Validator(self.schema, registry=Registry())
        try:
            found = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
        except Unresolvable as error:
            return [Problem("schema", f"the schema refers to what is not there: {error}", 0, len(text))]
        return [self._problem(text, list(error.absolute_path), error.message) for error in found]

    @staticmethod
    def _problem(text: str, path: list[str | int], message: str) -> Problem:
        """A place in JSON is told by its path; in the text it is where the last key of the path first stands."""
        where = "/".join(map(str, path)) or "the whole"
        names = [json.dumps(key, ensure_ascii=False) for key in path if isinstance(key, str)]
        start = 0
        for name in names:
            start = max(text.find(name, start), start)
        end = start + len(names[-1]) if names else len(text)
        return Problem("schema", f"{where}: {message[:200]}", start, end)

    def grammar(self) -> Grammar:
        # Compact: white space that nobody asked for is where small models get lost.
        compact = {**self.schema, "x-guidance": {"whitespace_flexible": False}}
        return Grammar("json_schema", json.dumps(compact))

    def limits(self) -> Limits:
        return Limits()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Wrong("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise Wrong(f"{name} is no JSON")


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _references(value)
