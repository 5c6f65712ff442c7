"""A comparison -> one HTML page with charts: self-contained, no script, no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template

from formfact.interfaces.comparison_shown import LEGEND, about, seconds, tables
from formfact.proof.compare.claim import claim
from formfact.proof.comparison import Arm, Comparison

WIDTH, ROW, LEFT, RIGHT = 640, 34, 158, 80
"""Units of a chart's drawing, which is scaled to the page."""


def page(found: Comparison) -> str:
    """The whole page, as text to be written to a file."""
    here = files("formfact.interfaces") / "comparison"
    style, frame = ((here / name).read_text(encoding="utf-8") for name in ("report.css", "report.html"))
    return Template(frame).substitute(
        style=style,
        style_hash="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        title=f"{found.facts} facts, in weights and by search",
        about=escape(about(found)),
        claims="".join(f"<li>{escape(sentence)}</li>" for sentence in claim(found)),
        accuracy=_shares(found.arms),
        confabulation=_bars(found.arms, lambda arm: arm.confabulation, _percent, "wrong"),
        adding=_logarithmic(found.arms),
        tables="".join(_table(head, rows) for head, rows in tables(found)),
        legend=escape(LEGEND),
        notes="".join(f"<p>{escape(note)}</p>" for note in found.notes),
        arms="".join(f"<dt>{escape(arm.name)}</dt><dd>{escape(arm.what)}</dd>" for arm in found.arms),
    )


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _kind(arm: Arm) -> str:
    return "base" if arm.name == "base" else "search" if arm.name.startswith("search") else "taught"


def _shares(arms: Sequence[Arm]) -> str:
    """Bars from 0 to 1 with their intervals."""

    def whisker(arm: Arm, y: float) -> str:
        low, high = (_x(end) for end in arm.interval)
        return f'<path class="interval" d="M{low:.1f} {y:.1f}H{high:.1f}"/>'

    return _chart(arms, lambda arm: arm.accuracy, lambda arm: _percent(arm.accuracy), lambda arm: _kind(arm), whisker)


def _bars(arms: Sequence[Arm], share: Callable[[Arm], float], word: Callable[[float], str], kind: str) -> str:
    return _chart(arms, share, lambda arm: word(share(arm)), lambda _: kind, lambda *_: "")


def _logarithmic(arms: Sequence[Arm]) -> str:
    """Seconds to add one fact: a thousandth of a second at the left, an hour at the right."""
    changed = [arm for arm in arms if arm.add.seconds]
    ends = math.log10(1e-3), math.log10(3600)

    def share(arm: Arm) -> float:
        return min(1.0, max(0.01, (math.log10(arm.add.seconds) - ends[0]) / (ends[1] - ends[0])))

    return _chart(changed, share, lambda arm: seconds(arm.add.seconds), lambda arm: _kind(arm), lambda *_: "")


def _chart(
    arms: Sequence[Arm],
    share: Callable[[Arm], float],
    word: Callable[[Arm], str],
    kind: Callable[[Arm], str],
    extra: Callable[[Arm, float], str],
) -> str:
    height = ROW * len(arms)
    rows = "".join(_bar(arm, at, share, word, kind, extra) for at, arm in enumerate(arms))
    words = ", ".join(f"{arm.name} {word(arm)}" for arm in arms)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(words)}">{rows}</svg>'


def _bar(
    arm: Arm,
    at: int,
    share: Callable[[Arm], float],
    word: Callable[[Arm], str],
    kind: Callable[[Arm], str],
    extra: Callable[[Arm, float], str],
) -> str:
    top, middle = at * ROW + 6, at * ROW + ROW / 2
    width = max(_x(share(arm)) - LEFT, 1.5)
    return (
        f'<text class="name" x="{LEFT - 10}" y="{middle + 5:.1f}">{escape(arm.name)}</text>'
        f'<rect class="{kind(arm)}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{ROW - 12}" rx="3"/>'
        f'{extra(arm, middle)}<text x="{WIDTH - RIGHT + 10}" y="{middle + 5:.1f}">{escape(word(arm))}</text>'
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
    def each() -> Iterator[str]:
        yield f'<th scope="row">{escape(row[0])}</th>'
        yield from (f"<td>{escape(cell)}</td>" for cell in row[1:])

    return f"<tr>{''.join(each())}</tr>"
