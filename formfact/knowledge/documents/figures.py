"""A number of a spreadsheet or a chart, in the words in which its program shows it."""

from __future__ import annotations

import re

ASIDE = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
"""What a number's format shows as it stands, or does not show."""
DECIMALS = re.compile(r"\.([0#?]+)")
PLAIN_BELOW = 1e21
LARGE = 1e9
"""From here on, all 15 digits that Excel keeps may count; below, the last ones are the noise of sums."""


def figure(value: float, shown: str = "") -> str:
    """All digits that count, without noise; a percentage where the number's format `shown` makes it one."""
    form = ASIDE.sub("", shown).partition(";")[0]
    if "%" in form:
        decimals = DECIMALS.search(form)
        return f"{100 * value:.{len(decimals[1]) if decimals else 0}f}%"
    whole = int(value) if abs(value) < PLAIN_BELOW else value
    return str(whole) if whole == value else f"{value:.{12 if abs(value) < LARGE else 15}g}"
