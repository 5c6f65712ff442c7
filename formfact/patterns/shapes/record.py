"""The shape of JSON by a JSON Schema (draft 2020-12).

`format` is a remark and is not checked, as the standard has it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.patterns.shapes.automaton import automaton
from formfact.patterns.shapes.expression import read
from formfact.patterns.shapes.schema_mask import for_mask
from formfact.patterns.shapes.schemas import check_schema, short_instance
from formfact.types import Problem

ANY_OBJECT: Mapping[str, Any] = {"type": "object"}
SHOWN = 100
"""Problems that are told of one text."""
DIGITS = 1000
"""Of a whole number that are read."""
REFERENCES = 10_000
"""References that are followed for one text; a schema can ask for more than there are atoms."""
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
Errors = Iterator[ValidationError]


class Wrong(ValueError):
    """JSON that Python would read and that is none, or a schema that asks for too much."""


_followed: ContextVar[list[int]] = ContextVar("references followed for this text")


@dataclass(frozen=True, slots=True)
class Record:
    """`schema`: the JSON Schema; without one any object will do. References to other places are not fetched."""

    schema: Mapping[str, Any]

    @classmethod
    def make(cls, settings: Settings) -> Self:
        schema = settings.table("schema") or ANY_OBJECT
        hint = "check it against JSON Schema, draft 2020-12"
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise refuse(settings.where, f"schema is no JSON Schema: {error.message[:200]}", hint) from error
        except RecursionError as error:
            raise refuse(settings.where, "schema is nested too deeply", hint) from error
        try:
            json.dumps(schema, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise refuse(settings.where, f"schema holds what JSON does not know: {error}", hint) from error
        check_schema(schema, f"{settings.where} schema")
        return cls(schema)

    def check(self, text: str) -> list[Problem]:
        try:
            value = json.loads(
                text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_whole, parse_float=_finite
            )
        except json.JSONDecodeError as error:
            return [Problem("json", f"no JSON: {error.msg}", error.pos, min(error.pos + 1, len(text)))]
        except Wrong as error:
            return [Problem("json", f"no JSON: {error}", 0, len(text))]
        except RecursionError:
            return [Problem("json", "no JSON: nested too deeply", 0, len(text))]
        _followed.set([0])
        try:
            found = list(islice(Validator(self.schema, registry=Registry()).iter_errors(value), SHOWN))
        except Wrong as error:
            return [Problem("schema", str(error), 0, len(text))]
        except OverflowError:
            return [Problem("schema", "a number is too large for the schema", 0, len(text))]
        except RecursionError:
            return [Problem("schema", "nested too deeply for the schema", 0, len(text))]
        found.sort(key=lambda error: list(map(str, error.absolute_path)))
        return [_problem(text, list(error.absolute_path), error.message) for error in found]

    def grammar(self) -> Grammar:
        # Compact: white space that nobody asked for is where small models get lost.
        compact = {**for_mask(self.schema, self.schema), "x-guidance": {"whitespace_flexible": False}}
        short = json.dumps(short_instance(self.schema), ensure_ascii=False, separators=(",", ":"))
        return Grammar("json_schema", json.dumps(compact), shortest="" if self.check(short) else short)

    def limits(self) -> Limits:
        return Limits()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Wrong("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise Wrong(f"{name} is no JSON")


def _whole(digits: str) -> int:
    """A number of any length, which the standard allows; Python reads some thousand digits."""
    return int(digits[:DIGITS])


def _finite(digits: str) -> float:
    return max(-sys.float_info.max, min(float(digits), sys.float_info.max))


def _problem(text: str, path: list[str | int], message: str) -> Problem:
    where = "/".join(map(str, path)) or "the whole"
    return Problem("schema", f"{where}: {message[:200]}", *_span(text, path))


def _span(text: str, path: list[str | int]) -> tuple[int, int]:
    """Where the value of a path stands in a text of JSON, with its key where it has one."""
    start = at = _skip(text, 0)
    for step in path:
        at = _skip(text, at + 1)
        number = 0
        while True:
            start = at
            key: str | int = number
            if isinstance(step, str):
                key, at = DECODER.raw_decode(text, at)
                at = _skip(text, _skip(text, at) + 1)
            if key == step:
                break
            at = _skip(text, DECODER.raw_decode(text, at)[1])
            at = _skip(text, at + 1)
            number += 1
    return start, DECODER.raw_decode(text, at)[1]


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _matches(pattern: str, text: str) -> bool:
    return automaton(read(pattern, "schema", searched=True)).stop(text) is None


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Errors:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any) -> Errors:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for key, value in instance.items():
                if _matches(pattern, key):
                    yield from validator.descend(value, inner, path=key, schema_path=pattern)


def _additional_properties(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    patterns = schema.get("patternProperties", {})
    for key, value in instance.items() if isinstance(instance, dict) else ():
        if key in schema.get("properties", {}) or any(_matches(pattern, key) for pattern in patterns):
            continue
        if inner is False:
            yield ValidationError(f"{key!r} is none of its properties")
        else:
            yield from validator.descend(value, inner, path=key)


def _multiple_of(validator: Any, step: Any, instance: Any, _: Any) -> Errors:
    """As the numbers are written: 19.99 is a multiple of 0.01, and not so in binary."""
    if validator.is_type(instance, "number") and Fraction(str(instance)) % Fraction(str(step)):
        yield ValidationError(f"{instance!r} is not a multiple of {step!r}")


def _unique_items(_: Any, wanted: bool, instance: Any, __: Any) -> Errors:
    if wanted and isinstance(instance, list):
        seen = {json.dumps(_plain(one), sort_keys=True) for one in instance}
        if len(seen) < len(instance):
            yield ValidationError("an item stands twice in it")


def _plain(value: Any) -> Any:
    """A value in which 1.0 is 1, as JSON Schema has it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _counted(follow: Any) -> Any:
    def counted(validator: Any, reference: str, instance: Any, schema: Any) -> Errors:
        count = _followed.get()
        count[0] += 1
        if count[0] > REFERENCES:
            raise Wrong("the schema asks for too many comparisons with this text")
        yield from follow(validator, reference, instance, schema) or ()

    return counted


Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
        "uniqueItems": _unique_items,
        "$ref": _counted(Draft202012Validator.VALIDATORS["$ref"]),
        "$dynamicRef": _counted(Draft202012Validator.VALIDATORS["$dynamicRef"]),
    },
)
"""The standard's own, but for what takes for ever on some texts, or reckons in binary."""
