"""A JSON value as rows of `path: value`, so that data without running text can be searched and quoted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from formfact.knowledge.documents.layout import name_cells

OUTLINES = ("LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
ROW_WORDS = 60
"""An object in a list is one row up to so many words, and a row for each of its values beyond."""


def flatten(value: Any) -> Iterator[tuple[str, str]]:
    """Path and text of every value below, in order: `address.city`, `members[0].name`. Nulls and outlines are left out.

    Lists of plain values are one text. Uses no recursion, so that depth costs nothing.
    """
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, inner = stack.pop()
        if is_plain(inner):
            text = as_text(inner)
            if text.strip():
                yield path, text
        elif isinstance(inner, dict):
            inner = _without_outline(inner)
            row = _as_row(inner) if path.endswith("]") else ""
            if row:
                yield path, row
            else:
                stack += [(f"{path}.{key}" if path else str(key), inner[key]) for key in reversed(inner)]
        else:
            stack += [(f"{path}[{at}]", inner[at]) for at in range(len(inner) - 1, -1, -1)]


def _without_outline(record: dict[str, Any]) -> dict[str, Any]:
    """A place of GeoJSON without the thousands of corners of its outline, which say nothing in words; a point stays."""
    corners = record.get("coordinates")
    if record.get("type") in OUTLINES and isinstance(corners, list) and not is_plain(corners):
        return {key: value for key, value in record.items() if key != "coordinates"}
    return record


def is_plain(value: Any) -> bool:
    """A scalar, null, or a list of those: what fits in one cell."""
    return not isinstance(value, dict | list) or (
        isinstance(value, list) and not any(isinstance(inner, dict | list) for inner in value)
    )


def as_text(value: Any) -> str:
    """A plain value in words: strings as they are, numbers with all zeros, truth values as JSON writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(text for text in map(as_text, value) if text)
    if isinstance(value, float) and (value == 0 or 1e-12 < abs(value) < 1e21):
        return format(Decimal(repr(value)), "f")
    return "" if value is None else json.dumps(value)


def _as_row(record: Mapping[str, Any]) -> str:
    """A small object of plain values as one row; nothing if it is larger."""
    if not all(map(is_plain, record.values())):
        return ""
    row = name_cells(list(record), [as_text(value) for value in record.values()])
    return row if len(row.split()) <= ROW_WORDS else ""
