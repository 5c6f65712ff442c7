"""Filters on attributes, as the API has them: comparisons, and `and` and `or` of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from formfact.interfaces.openai.refusals import BadRequest
from formfact.knowledge.stores import as_text
from formfact.types import Scalar

DEEPEST = 10
ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
LISTS = ("in", "nin")
Attributes = Mapping[str, Scalar]
Test = Callable[[Attributes], bool]


@dataclass(frozen=True, slots=True)
class Filters:
    """`equal` is what the search itself can hold; `passes` tests all of it, and is None where `equal` is all."""

    equal: Attributes
    passes: Test | None


def read(given: Mapping[str, Any] | None) -> Filters:
    """The API's filters, taken apart. Raises BadRequest for what is no filter."""
    if not given:
        return Filters({}, None)
    passes = _passing(given)
    parts = given["filters"] if given["type"] == "and" else [given]
    equal = {one["key"]: one["value"] for one in parts if one["type"] == "eq"}
    return Filters(equal, None if len(equal) == len(parts) else passes)


def _passing(filters: Mapping[str, Any], depth: int = 0) -> Test:
    """Whether attributes pass, as a function; one that is not there passes no comparison but `ne` and `nin`."""
    kind = filters.get("type")
    if kind in ("and", "or"):
        inner = filters.get("filters")
        if not isinstance(inner, list) or depth == DEEPEST or not all(isinstance(one, Mapping) for one in inner):
            raise _wrong(f"{kind!r} holds no list of filters, or they are nested too deeply")
        parts = [_passing(one, depth + 1) for one in inner]
        every = all if kind == "and" else any
        return lambda found: every(part(found) for part in parts)
    return _comparison(kind, filters.get("key"), filters.get("value"))


def _comparison(kind: Any, key: Any, value: Any) -> Test:
    if not isinstance(kind, str):
        raise _wrong(f"the type {kind!r} is no text")
    if not isinstance(key, str):
        raise _wrong(f"the key {key!r} is no text")
    if kind in LISTS and not isinstance(value, list):
        raise _wrong(f"the value of {key!r} is no list, and {kind!r} wants one")
    if kind in LISTS:
        wanted = {as_text(one) for one in value if isinstance(one, Scalar)}
        return lambda found: (key in found and as_text(found[key]) in wanted) == (kind == "in")
    if not isinstance(value, Scalar):
        raise _wrong(f"the value of {key!r} is of the wrong kind for {kind!r}")
    if kind in ("eq", "ne"):
        return lambda found: (key in found and as_text(found[key]) == as_text(value)) == (kind == "eq")
    if kind not in ORDERS:
        raise _wrong(f"{kind!r} is no comparison")
    return lambda found: key in found and _ordered(ORDERS[kind], found[key], value)


def _ordered(order: Callable[[Any, Any], bool], found: Scalar, value: Scalar) -> bool:
    """Numbers as numbers, also where metadata holds them as text; else texts as texts."""
    left, right = _number(found), _number(value)
    if left is not None and right is not None:
        return order(left, right)
    return isinstance(found, str) and isinstance(value, str) and order(found, value)


def _number(value: Scalar) -> float | None:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _wrong(what: str) -> BadRequest:
    kinds = ", ".join(["eq", "ne", *ORDERS, *LISTS, "and", "or"])
    return BadRequest(f"filters: {what}", hint=f"the types are {kinds}", param="filters")
