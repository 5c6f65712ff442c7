"""What parts a figure from one that stands raised behind it, or in its place, where both would read as one number."""

from __future__ import annotations

import re

CURRENCIES = tuple("€$£¥")
RAISED = re.compile(r"[-+−–]?\d[\d.,/⁄–-]*")


def before_raised(before: str, raised: str, after: str = "") -> str:
    """What stands between a text that may end in a figure and raised digits: 10^6, 1 1/2; `after` follows them."""
    raised = raised.strip()
    if not before[-1:].isdigit() or not RAISED.fullmatch(raised):
        return ""
    return " " if "/" in raised or "⁄" in raised or after.lstrip().startswith(("/", "⁄")) else "^"


def behind_struck(before: str, after: str) -> str:
    """What stands between a struck-out price or figure and the one right behind it that stands in its place."""
    first = after[:1]
    ends = before[-1:].isdigit() or before[-1:] in CURRENCIES
    return " " if ends and (first.isdigit() or first in CURRENCIES) else ""
