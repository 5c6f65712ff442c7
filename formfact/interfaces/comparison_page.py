"""A comparison -> one HTML page with charts: self-contained, no script, no request to anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from formfact.interfaces.comparison_shown import LEGEND, about, detail, seconds, tables
from formfact.interfaces.policy import digest
from formfact.proof.compare.claim import claim
from formfact.proof.comparison import Arm, Comparison

WIDTH, ROW, LEFT, RIGHT = 640, 34, 158, 80
"""Units of a chart's drawing, which is scaled to the page."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: `share` of its width (0 to 1), the word behind it, its colour's class, and an interval."""

    name: str
    share: float
    word: str
    kind: str
    interval: tuple[float, float] | None = None


def page(found: Comparison) -> str:
    """The whole page, as text to be written to a file."""
    here = files("formfact.interfaces") / "comparison"
    style, frame = ((here / name).read_text(encoding="utf-8") for name in ("report.css", "report.html"))
    return Template(frame).substitute(
        style=style,
        style_hash=digest(style),
        title=f"{found.facts} facts, in weights and by search",
        about=escape(about(found)),
        claims="".join(f"<li>{escape(sentence)}</li>" for sentence in claim(found)),
        accuracy=_chart(_shares(found.arms)),
        confabulation=_chart(_confabulated(found.arms)),
        adding=_chart(_added(found.arms)),
        tables="".join(_table(head, rows) for head, rows in tables(found)),
        legend=escape(LEGEND),
        notes="".join(f"<p>{escape(note)}</p>" for note in found.notes),
        arms="".join(
            f"<dt>{escape(arm.name)}</dt><dd>{escape(arm.what + detail(arm, found))}</dd>" for arm in found.arms
        ),
    )


def _kind(arm: Arm) -> str:
    return "base" if arm.name == "base" else "search" if arm.name.startswith("search") else "taught"


def _shares(arms: Sequence[Arm]) -> list[Bar]:
    return [Bar(arm.name, arm.accuracy, f"{arm.accuracy:.0%}", _kind(arm), arm.interval) for arm in arms]


def _confabulated(arms: Sequence[Arm]) -> list[Bar]:
    return [Bar(arm.name, arm.confabulation, f"{arm.confabulation:.0%}", "wrong") for arm in arms]


def _added(arms: Sequence[Arm]) -> list[Bar]:
    """Seconds to add one fact: a thousandth of a second at the left, an hour at the right, by their logarithm."""
    first, last = math.log10(1e-3), math.log10(3600)
    bars = []
    for arm in arms:
        if arm.add.seconds:
            share = (math.log10(arm.add.seconds) - first) / (last - first)
            bars.append(Bar(arm.name, min(1.0, max(0.01, share)), seconds(arm.add.seconds), _kind(arm)))
    return bars


def _chart(bars: Sequence[Bar]) -> str:
    rows = "".join(_drawn(bar, at) for at, bar in enumerate(bars))
    words = ", ".join(f"{bar.name} {bar.word}" for bar in bars)
    return f'<svg viewBox="0 0 {WIDTH} {ROW * len(bars)}" role="img" aria-label="{escape(words)}">{rows}</svg>'


def _drawn(bar: Bar, at: int) -> str:
    top, middle = at * ROW + 6, at * ROW + ROW / 2
    width = max(_x(bar.share) - LEFT, 1.5)
    low, high = map(_x, bar.interval or (0.0, 0.0))
    interval = f'<path class="interval" d="M{low:.1f} {middle:.1f}H{high:.1f}"/>' if bar.interval else ""
    return (
        f'<text class="name" x="{LEFT - 10}" y="{middle + 5:.1f}">{escape(bar.name)}</text>'
        f'<rect class="{bar.kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{ROW - 12}" rx="3"/>'
        f'{interval}<text x="{WIDTH - RIGHT + 10}" y="{middle + 5:.1f}">{escape(bar.word)}</text>'
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return (
        '<div class="wide"><table><thead><tr>'
        + "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
        + "</tr></thead><tbody>"
        + "".join(_cells(row) for row in rows)
        + "</tbody></table></div>"
    )


def _cells(row: Sequence[str]) -> str:
    name, *cells = map(escape, row)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
