"""A number of a spreadsheet or a chart, in the words in which its program shows it."""

from __future__ import annotations


def figure(value: float, shown: str = "") -> str:
    """All digits that count, without noise; a percentage where the number's format `shown` ends in a percent sign."""
    if shown.endswith("%"):
        return f"{100 * value:.{len(shown.partition('.')[2].rstrip('%'))}f}%"
    whole = int(value) if abs(value) < 1e15 else value
    return str(whole) if whole == value else f"{value:.12g}"
