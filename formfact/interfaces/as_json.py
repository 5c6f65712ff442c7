"""Results as JSON that every program reads: it knows no NaN and no infinity, which Python would write all the same."""

from __future__ import annotations

import json
import math
from typing import Any


def put_json(value: object) -> None:
    """Print a value as one line of JSON."""
    print(as_json(value), flush=True)


def as_json(value: object, *, ascii_only: bool = False) -> str:
    """One line of JSON; a figure that is no number is null."""
    try:
        return json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=ascii_only, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value
