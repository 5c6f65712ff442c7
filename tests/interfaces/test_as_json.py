"""Whatever is printed as JSON is JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from formfact.interfaces.as_json import as_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def strict(text: str) -> Any:
    def no_number(name: str) -> None:
        raise AssertionError(name)

    return json.loads(text, parse_constant=no_number)


@given(VALUES, st.booleans())
def test_any_value(value: object, ascii_only: bool) -> None:
    found = as_json(value, ascii_only=ascii_only)
    assert "\n" not in found
    assert not ascii_only or found.isascii()
    strict(found)


def test_what_is_no_number_is_null() -> None:
    assert strict(as_json({"a": [1.5, math.nan, (math.inf, "é")]})) == {"a": [1.5, None, [None, "é"]]}
