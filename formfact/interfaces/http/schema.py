"""Frozen dataclasses -> JSON Schema, and JSON that was checked by it -> the dataclass: one truth for both.

`Annotated[int, Within(1, 100), "how many"]` limits a number, the length of a text or that of a list; a pattern says
what must be in a text, a text what the field is for. Covered are the kinds of fields that requests and nouns have:
scalars, None, Literal, unions, sequences of one kind, mappings of text, dataclasses, Any.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from jsonschema import Draft202012Validator, ValidationError

from formfact.errors import Refused

Json = dict[str, Any]
Noun = TypeVar("Noun")

SCALARS: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@dataclasses.dataclass(frozen=True, slots=True)
class Within:
    """Limits, both included: of a number, a text's characters, a list's items or a mapping's members."""

    least: int | None = None
    most: int | None = None


KEYWORDS = {
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


NOT_BLANK = r"\S"
LISTED = 12
"""Names that are always listed; more are noise to who has not mistaken a name."""
MEMBER = re.compile(r"(\w+)\[([^\[\]]+)\]")
WHOLE = re.compile(r"-?[0-9]{1,18}")
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?")


def schema_of(kind: Any, *, without: Sequence[str] = ()) -> Json:
    """The JSON Schema of a type. `without` leaves fields of a dataclass out."""
    if kind is Any:
        return {}
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        found = schema_of(inner)
        for mark in marks:
            found |= _keywords(found.get("type", ""), mark)
        return found
    if kind in SCALARS:
        return {"type": SCALARS[kind]}
    if dataclasses.is_dataclass(kind):
        return _object(kind, without)
    return _composed(kind)


def _keywords(kind: str, mark: str | re.Pattern[str] | Within) -> Json:
    if isinstance(mark, str):
        return {"description": mark}
    if isinstance(mark, re.Pattern):
        return {"pattern": mark.pattern}
    return _limits(kind, mark)


def _limits(kind: str, within: Within) -> Json:
    limits = zip(KEYWORDS[kind], (within.least, within.most), strict=True)
    return {name: value for name, value in limits if value is not None}


def _composed(kind: Any) -> Json:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(one) for one in inner]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(inner[1])}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": schema_of(inner[0])}
    raise TypeError(f"{kind} has no JSON Schema here")


def _object(kind: Any, without: Sequence[str]) -> Json:
    hints = get_type_hints(kind, include_extras=True)
    properties: Json = {}
    required = []
    for field in dataclasses.fields(kind):
        if field.name in without:
            continue
        properties[field.name] = schema_of(hints[field.name])
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append(field.name)
        elif isinstance(field.default, str | int | float | bool):
            properties[field.name] = properties[field.name] | {"default": field.default}
    described = {"title": kind.__name__, "description": kind.__doc__ or ""}
    found: Json = {**described, "type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


@cache
def _validator(kind: Any) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, which are compiled from text: too slow for every request."""
    return get_type_hints(kind)


def parse(kind: type[Noun], value: Any) -> Noun:
    """JSON as a dataclass. Raises Refused with the first thing that is wrong and where."""
    hashable: Any = kind
    problem = next(iter(_validator(hashable).iter_errors(value)), None)
    if problem is not None:
        raise _misfit(problem, list(_hints(hashable)))
    hints = _hints(hashable)
    return kind(**{name: _held(hints[name], one) for name, one in value.items()})


def _misfit(problem: ValidationError, names: Sequence[str]) -> Refused:
    """What is wrong and where; of several kinds that a value could be of, by that which it comes nearest to."""
    near = (one for one in problem.context or () if one.relative_path or one.validator != "type")
    problem = next(near, problem)
    place = "".join(f"[{part!r}]" for part in problem.absolute_path)
    message = problem.message if len(problem.message) < 200 else _briefly(problem)
    if problem.validator == "pattern" and problem.validator_value == NOT_BLANK:
        message = "it is blank"
    listed = len(names) <= LISTED or problem.validator in ("additionalProperties", "required")
    takes = f"it takes {', '.join(names) or 'nothing'}; " if listed else ""
    return Refused(f"the request{place}: {message}", hint=f"{takes}see /openapi.json")


def _briefly(problem: ValidationError) -> str:
    """What is wrong with a value that is too long to be shown."""
    if problem.validator in ("maxLength", "maxItems"):
        what = "characters" if problem.validator == "maxLength" else "items"
        value: Any = problem.instance
        return f"it has {len(value):,} {what}; {problem.validator_value:,} are the most"
    return f"it does not keep to the schema's {problem.validator}"


def _held(kind: Any, value: Any) -> Any:
    """A value as the dataclass holds it: a tuple for a list, a whole number for one that was written 1.0."""
    if isinstance(value, list):
        return tuple(value)
    wanted = get_args(kind) or (kind,)
    return int(value) if isinstance(value, float) and int in wanted and float not in wanted else value


def from_text(kind: type, texts: Mapping[str, Sequence[str]]) -> Json:
    """Parameters of an address, each a list of texts, as the JSON that `parse` takes.

    A text that is no number stays a text: `parse` then says what is wrong. A mapping is written NAME=KEY=VALUE, or
    NAME[KEY]=VALUE as most libraries write it.
    """
    hashable: Any = kind
    hints = _hints(hashable)
    found: Json = {}
    for name, values in texts.items():
        member = MEMBER.fullmatch(name)
        if member and _is_mapping(hints.get(member[1])) and isinstance(found.get(member[1], {}), dict):
            found[member[1]] = {**found.get(member[1], {}), member[2]: values[-1]}
        else:
            found[name] = _value(hints.get(name, str), values)
    return found


def _is_mapping(kind: Any) -> bool:
    inner = get_args(kind) if get_origin(kind) in (Union, types.UnionType, Annotated) else ()
    origin = get_origin(kind)
    return (isinstance(origin, type) and issubclass(origin, Mapping)) or any(_is_mapping(one) for one in inner)


def _value(kind: Any, texts: Sequence[str]) -> Any:
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        pairs = [text.partition("=") for text in texts]
        return {key: value for key, _, value in pairs} if all(key and sign for key, sign, _ in pairs) else list(texts)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return list(texts)
    wanted = get_args(kind) if origin in (Union, types.UnionType) else (kind,)
    return _scalar(wanted, texts[-1])


def _scalar(kinds: Sequence[Any], text: str) -> Any:
    if bool in kinds and text in ("true", "false"):
        return text == "true"
    if int in kinds and WHOLE.fullmatch(text):
        return int(text)
    return float(text) if float in kinds and NUMBER.fullmatch(text) else text
