"""A JSON Schema as the mask takes it: llguidance refuses what it does not know, also where that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from formfact.patterns.shapes.expression import printed, read
from formfact.patterns.shapes.schemas import FORMATS, LISTS, ONE, TABLES, Schema, resolved

TYPES = frozenset({"array", "boolean", "null", "number", "object", "string"})
IDLE: Mapping[str, tuple[Any, ...]] = {
    "dependentRequired": ({},),
    "dependentSchemas": ({},),
    "not": (False,),
    "propertyNames": (True, {}, {"type": "string"}),
    "unevaluatedItems": (True, {}),
    "unevaluatedProperties": (True, {}),
    "uniqueItems": (False,),
}
"""A keyword -> values with which it asks for nothing."""
BY_OTHERS = {
    "if": ("then", "else"), "then": ("if",), "else": ("if",), "minContains": ("contains",), "maxContains": ("contains",)
}  # fmt: skip
"""A keyword -> others of which it needs one to ask for anything."""


def for_mask(schema: Any, root: Schema) -> Any:
    """A schema with its patterns in the mask's dialect and without what asks for nothing; it takes nothing beside
    what the old one takes. `root` is the whole that references are looked up in.
    """
    if not isinstance(schema, Mapping):
        return schema
    made = {keyword: value for keyword, value in schema.items() if not _idle(schema, keyword, value)}
    for keyword in ONE:
        if keyword in made:
            made[keyword] = for_mask(made[keyword], root)
    for keyword in LISTS:
        if keyword in made:
            made[keyword] = [for_mask(part, root) for part in made[keyword]]
    for keyword in TABLES:
        if keyword in made:
            name: Callable[[str], str] = _pattern if keyword == "patternProperties" else str
            made[keyword] = {name(key): for_mask(part, root) for key, part in made[keyword].items()}
    if "pattern" in made:
        made["pattern"] = _pattern(made["pattern"])
    if "oneOf" in made and "anyOf" not in made and _all_apart(schema["oneOf"], root):
        # The mask follows references in the one and not in the other.
        made["anyOf"] = made.pop("oneOf")
    return made


def _idle(schema: Schema, keyword: str, value: Any) -> bool:
    if keyword == "format":
        return value not in FORMATS
    if keyword in BY_OTHERS:
        return not any(other in schema for other in BY_OTHERS[keyword])
    return any(value is one or (isinstance(value, Mapping) and value == one) for one in IDLE.get(keyword, ()))


def _pattern(pattern: str) -> str:
    return f"^(?:{printed(read(pattern, 'schema', searched=True))})$"


def _all_apart(ways: list[Any], root: Schema) -> bool:
    found = [_followed(way, root) for way in ways]
    return all(_apart(one, other) for one, other in combinations(found, 2))


def _followed(schema: Any, root: Schema) -> Any:
    """What a chain of references names; `check_schema` has refused circles."""
    while isinstance(schema, Mapping) and "$ref" in schema and "type" not in schema:
        schema = resolved(root, schema["$ref"])
    return schema


def _apart(one: Any, other: Any) -> bool:
    """Whether it is plain that no value is of both: by their types, or by a property that tells them apart."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return one is False or other is False
    if not _types(one) & _types(other):
        return True
    if _types(one) != {"object"} or _types(other) != {"object"}:
        return _listed_apart(one, other)
    mine, yours = one.get("properties", {}), other.get("properties", {})
    needed = {*one.get("required", ()), *other.get("required", ())}
    return any(name in needed and _listed_apart(mine[name], yours[name]) for name in mine if name in yours)


def _types(schema: Schema) -> frozenset[str]:
    given = schema.get("type", tuple(TYPES))
    names = [given] if isinstance(given, str) else given
    return frozenset("number" if name == "integer" else name for name in names)


def _listed_apart(one: Any, other: Any) -> bool:
    mine, yours = _values(one), _values(other)
    return mine is not None and yours is not None and not mine & yours


def _values(schema: Any) -> frozenset[str] | None:
    """The texts that `const` or `enum` allow; None where something else is allowed too, or is not told."""
    if not isinstance(schema, Mapping):
        return None
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    if listed is None or not all(isinstance(value, str) for value in listed):
        return None
    return frozenset(listed)
