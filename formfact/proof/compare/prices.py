"""What a processor's hour and a million tokens cost, by a dated table that the user can replace."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Unreadable
from formfact.proof.comparison import Prices

TABLE = Path(__file__).with_name("prices.toml")
NAMES = ("core_hour", "training", "embedding")


def read_prices(file: Path | None = None) -> Prices:
    """The table of a file, else the one that ships. Raises NotFound, Unreadable."""
    place = file or TABLE
    hint = f"it has a date and {', '.join(NAMES)}, as {TABLE.name} in the package has"
    try:
        table = tomllib.loads(place.read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {place}", hint=hint) from error
    except OSError as error:
        raise Unreadable(f"{place} cannot be read: {error.strerror}", hint=hint) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unreadable(f"{place} is no TOML: {error}", hint=hint) from error
    values = [table.get(name) for name in NAMES]
    if not all(map(_is_price, values)) or "date" not in table:
        raise Unreadable(f"{place} lacks a figure", hint=hint)
    core_hour, training, embedding = (float(value) for value in values if value is not None)
    return Prices(core_hour, training, embedding, str(table["date"]))


def _is_price(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value < math.inf
