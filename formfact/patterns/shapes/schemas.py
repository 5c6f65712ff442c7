"""JSON Schemas as data: their parts, what they refer to, and a short instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from formfact.patterns.settings import refuse
from formfact.patterns.shapes import LONGEST
from formfact.patterns.shapes.expression import read, shortest

Schema = Mapping[str, Any]
ONE = ("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties")  # fmt: skip # noqa: E501
"""Keywords that hold a schema."""
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
TABLES = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")
SAME_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas")
"""Keywords whose schemas look at the very value that the schema looks at."""
REFERENCES = ("$ref", "$dynamicRef")
FORMATS = {
    "date": "2000-01-01", "time": "00:00:00Z", "date-time": "2000-01-01T00:00:00Z", "duration": "P1D",
    "email": "a@a.aa", "hostname": "a", "ipv4": "1.1.1.1", "ipv6": "::1", "uri": "a:a",
    "uuid": "00000000-0000-0000-0000-000000000000",
}  # fmt: skip
"""Formats that the mask knows, with a short text of each; every other one is a remark to it too."""
LARGE = 1e300
"""Numbers beyond it are none that can be reckoned with."""
MINIMA = ("minLength", "minItems", "minProperties", "minContains")
BOUNDS = (*MINIMA, "maxLength", "maxItems", "maxProperties", "maxContains", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")  # fmt: skip # noqa: E501
DEEPEST = 12
"""References and parts within each other that a short instance is looked for in."""


def check_schema(schema: Schema, where: str) -> None:
    """Refuse references to elsewhere, to nothing, and in circles, patterns that no mask can hold, and sheer size."""
    parts = [schema, *subschemas(schema)]
    for part in parts:
        _check_values(part, where)
        for pattern in (part.get("pattern"), *part.get("patternProperties", {})):
            if pattern is not None:
                read(pattern, where, searched=True)
        if "unevaluatedProperties" in part and any("patternProperties" in one for one in parts):
            hint = "use additionalProperties"
            raise refuse(where, "schema has both patternProperties and unevaluatedProperties", hint)
        for keyword in REFERENCES:
            _check_reference(schema, part.get(keyword, "#"), where)
    for part in parts:
        if _comes_back(schema, part, ()):
            raise refuse(where, "schema refers to itself without end", "put a property or an item between the two")
    try:
        short_instance(schema)
    except _TooLarge as error:
        what = f"the shortest record of schema has more than {LONGEST:,} characters and items"
        raise refuse(where, what, "ask for less") from error


def _check_values(part: Schema, where: str) -> None:
    if part.get("enum") == []:
        raise refuse(where, "schema has an enum = [], which no value is of", "list the values that it may have")
    for keyword in BOUNDS:
        value = part.get(keyword, 0)
        if keyword in MINIMA and value > LONGEST:
            raise refuse(
                where, f"schema asks for a {keyword} of more than {LONGEST:,}", "no budget holds so much: ask for less"
            )
        if abs(value) > LARGE:
            raise refuse(where, f"schema has a number at {keyword} that is too large", "leave the bound out")


def _check_reference(schema: Schema, reference: str, where: str) -> None:
    if not reference.startswith("#"):
        hint = "only references within the schema are followed: put it into $defs"
        raise refuse(where, f"schema refers to {reference!r}", hint)
    if resolved(schema, reference) is None:
        raise refuse(where, f"schema refers to {reference!r}, which is not there", "put it into $defs")


def resolved(schema: Schema, reference: str) -> Any:
    """What a reference names; None where it names nothing."""
    resource = DRAFT202012.create_resource(schema)
    name = resource.id() or ""
    registry: Registry[Any] = Registry().with_resource(name, resource)
    try:
        return registry.resolver(name).lookup(reference).contents
    except Unresolvable:
        return None


def _comes_back(root: Schema, schema: Any, above: tuple[int, ...]) -> bool:
    """Whether a schema comes back to itself while it still looks at one and the same value."""
    if not isinstance(schema, Mapping):
        return False
    if id(schema) in above:
        return True
    inner = [resolved(root, schema[keyword]) for keyword in REFERENCES if keyword in schema]
    inner += [part for keyword in SAME_PLACE for part in _parts(schema, keyword)]
    return any(_comes_back(root, one, (*above, id(schema))) for one in inner)


def _parts(schema: Schema, keyword: str) -> list[Any]:
    value = schema.get(keyword)
    if keyword in ONE:
        return [value]
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def subschemas(schema: Any) -> Iterator[Schema]:
    """Every schema within a schema; what stands in `const` and `enum` is none."""
    for keyword in (*ONE, *LISTS, *TABLES) if isinstance(schema, Mapping) else ():
        for part in _parts(schema, keyword):
            if isinstance(part, Mapping):
                yield part
                yield from subschemas(part)


class _NoneFound(Exception):
    """No short instance was found."""


class _TooLarge(Exception):
    """The short instance is larger than any budget."""


def short_instance(schema: Schema) -> Any:
    """An instance with little more than what a schema requires; None where none is found by simple means."""
    try:
        return _Instances(schema).of(schema, DEEPEST)
    except _NoneFound:
        return None


class _Instances:
    """Makes instances of one schema's parts, as long as they are not too large together."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._room = LONGEST

    def of(self, schema: Any, left: int) -> Any:
        self._take(1)
        if not isinstance(schema, Mapping) or not left:
            if schema is True:
                return None
            raise _NoneFound
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return min(schema["enum"], key=lambda value: len(str(value)))
        if "$ref" in schema:
            return self.of(resolved(self._root, schema["$ref"]), left - 1)
        for keyword in ("anyOf", "oneOf"):
            for way in schema.get(keyword, ()):
                try:
                    return self.of(way, left - 1)
                except _NoneFound:
                    continue
        types = schema.get("type", "object" if "properties" in schema else "null")
        return self._of_type(schema, types if isinstance(types, str) else types[-1], left)

    def _take(self, room: int) -> None:
        self._room -= room
        if self._room < 0:
            raise _TooLarge

    def _of_type(self, schema: Schema, kind: str, left: int) -> Any:
        if kind == "object":
            needed = schema.get("required", ())
            inner = {**dict.fromkeys(needed, True), **schema.get("properties", {})}
            return {name: self.of(part, left - 1) for name, part in inner.items() if name in needed}
        if kind == "array":
            first = list(schema.get("prefixItems", ()))
            wanted = int(schema.get("minItems", 0))
            parts = (first + [schema.get("items", True)] * wanted)[:wanted]
            return [self.of(part, left - 1) for part in parts]
        if kind == "string":
            return self._string(schema)
        if kind in ("integer", "number"):
            return _number(schema)
        return False if kind == "boolean" else None

    def _string(self, schema: Schema) -> str:
        if "pattern" in schema:
            found = shortest(read(schema["pattern"], "schema", searched=True))
        else:
            found = FORMATS.get(schema.get("format", ""), "")
        if found is None:
            raise _NoneFound
        least = int(schema.get("minLength", 0))
        self._take(max(least, len(found)))
        return found.ljust(least, "a")


def _number(schema: Schema) -> Any:
    """The first of some likely numbers that is within the bounds."""
    low, high = schema.get("minimum", -LARGE), schema.get("maximum", LARGE)
    above, below = schema.get("exclusiveMinimum", -LARGE), schema.get("exclusiveMaximum", LARGE)
    step = schema.get("multipleOf", 1)
    near = [bound // step * step + more * step for bound in (low, high, above, below) for more in (0, 1, -1)]
    middle = [] if schema.get("type") == "integer" else [(max(low, above) + min(high, below)) / 2]
    for number in (0, *near, *middle):
        if low <= number <= high and above < number < below:
            return number
    raise _NoneFound
