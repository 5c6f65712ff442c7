"""A number of a spreadsheet or a chart, in the words in which its program shows it."""

from __future__ import annotations

import re

ASIDE = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
"""What a number's format shows as it stands, or does not show."""
DECIMALS = re.compile(r"\.([0#?]+)")
SIGN = re.compile(r"\[\$([€$£])[^\]]*\]|\[[^\]]*\]|([€$£])")
"""A sign of a currency as a number's format may hold it, or what else is in brackets there, such as `[$-409]`."""
NUMBERED = re.compile(r"0+(?:-0+)*")
"""A format of codes, not amounts: as many digits as there are zeros."""
LONGEST = 255
"""The most characters of a format that Excel allows."""
PLAIN_BELOW = 1e21
LARGE = 1e9
"""From here on, all 15 digits that Excel keeps may count; below, the last ones are the noise of sums."""


def figure(value: float, shown: str = "") -> str:
    """All digits that count, without noise; a percentage, a price or a code where its format `shown` makes it one."""
    first = shown[:LONGEST].partition(";")[0]
    form = ASIDE.sub("", first)
    if NUMBERED.fullmatch(form) and len(form) > 1 and 0 <= value < PLAIN_BELOW and value == int(value):
        return _code(str(int(value)), form)
    if "%" in form:
        decimals = DECIMALS.search(form)
        return f"{100 * value:.{len(decimals[1]) if decimals else 0}f}%"
    plain = _plain(value)
    sign = next((found for found in SIGN.finditer(first) if any(found.groups())), None)
    if sign is None or not abs(value) < PLAIN_BELOW:
        return plain
    decimals = DECIMALS.search(form)
    shortened = f"{value:.{len(decimals[1]) if decimals else 0}f}"
    amount = shortened if float(shortened) == float(plain) else plain
    name = next(filter(None, sign.groups()))
    place = re.search("[0#?]", first)
    if place is not None and place.start() < sign.start():
        return f"{amount} {name}"
    return f"-{name}{amount[1:]}" if amount.startswith("-") else f"{name}{amount}"


def _plain(value: float) -> str:
    whole = int(value) if abs(value) < PLAIN_BELOW else value
    return str(whole) if whole == value else f"{value:.{12 if abs(value) < LARGE else 15}g}"


def _code(digits: str, form: str) -> str:
    """The digits at the zeros of a format, more of them before the first one."""
    digits = digits.zfill(form.count("0"))
    behind = len(digits) - form.count("0")
    shown = digits[:behind]
    for sign in form:
        shown += digits[behind] if sign == "0" else sign
        behind += sign == "0"
    return shown
