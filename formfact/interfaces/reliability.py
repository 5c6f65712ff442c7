"""A calibration -> one self-contained page: its reliability diagram as SVG, and every figure beside it in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from formfact.interfaces.calibrating import measured, threshold
from formfact.interfaces.policy import digest
from formfact.types import Bin, Calibration

SIDE, EDGE = 320.0, 44.0
"""The plot's side and the room for its axes, in units of the drawing."""
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #8a929b; --line: #d9dde2; --after: #0b6bcb;
  --before: #b4570f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #14171a; --faint: #8e979f; --line: #343a40;
  --after: #6cb2ff; --before: #f0a35e } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 44rem; padding: 1.2rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 .3rem }
p { margin: .5rem 0 } .quiet { color: var(--faint) }
figure { margin: 1.2rem 0 } figcaption { font-size: .9rem; color: var(--faint) }
svg { display: block; width: 100%; height: auto; max-width: 30rem; margin: auto }
svg text { fill: var(--faint); font: 11px system-ui, sans-serif }
.grid { stroke: var(--line); stroke-width: 1; fill: none } .right { stroke: var(--faint); stroke-dasharray: 4 4 }
.before { stroke: var(--before); fill: var(--before) } .after { stroke: var(--after); fill: var(--after) }
polyline { fill: none !important; stroke-width: 1.5 } circle { fill-opacity: .75; stroke: none }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin: 0 .3em 0 .8em }
.key.before { background: var(--before) } .key.after { background: var(--after) }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .4rem; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
"""
POLICY = f"default-src 'none'; style-src '{digest(STYLE)}'; base-uri 'none'; form-action 'none'"


def page(found: Calibration, address: str) -> str:
    """The page; it fetches nothing and fits a phone."""
    told = "".join(f"<p>{escape(line)}</p>" for line in (*measured(found), threshold(found)))
    kept = "kept" if found.kept else "left as shipped"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Reliability of {escape(address)}</title><style>{STYLE}</style></head><body>"
        f"<h1>Is a confidence of 0.8 right eight times in ten?</h1>"
        f'<p class="quiet">{escape(address)}, {escape(found.calibrated[:10])}, {found.passages:,} passages; {kept}:'
        f" {escape(found.why)}.</p><figure>{''.join(drawn(found))}<figcaption>"
        '<span class="key before"></span>as shipped<span class="key after"></span>fitted. Each point is a bin of like'
        " confidence, ten of equal mass; its area is how many questions it holds. On the dashed line a confidence is"
        f" right.</figcaption></figure>{told}{''.join(table(found))}</body></html>\n"
    )


def drawn(found: Calibration) -> Iterator[str]:
    """The diagram: confidence to the right, the share that was answerable upwards."""
    wide = SIDE + EDGE + 12
    yield f'<svg viewBox="0 0 {wide:g} {wide:g}" role="img" aria-label="reliability diagram">'
    for tick in TICKS:
        x, y = _at(tick, 0)[0], _at(0, tick)[1]
        yield f'<path class="grid" d="M{x:g} {12:g}V{12 + SIDE:g}M{EDGE:g} {y:g}H{EDGE + SIDE:g}"/>'
        yield f'<text x="{x:g}" y="{SIDE + 28:g}" text-anchor="middle">{tick:g}</text>'
        yield f'<text x="{EDGE - 6:g}" y="{y + 4:g}" text-anchor="end">{tick:g}</text>'
    (x, y), (right, top) = _at(0, 0), _at(1, 1)
    yield f'<path class="right" d="M{x:g} {y:g}L{right:g} {top:g}"/>'
    yield from _curve("before", found.bins_before)
    yield from _curve("after", found.bins_after)
    middle = EDGE + SIDE / 2
    yield f'<text x="{middle:g}" y="{wide - 4:g}" text-anchor="middle">confidence</text>'
    yield f'<text transform="translate(11 {12 + SIDE / 2:g}) rotate(-90)" text-anchor="middle">answerable</text></svg>'


def _curve(name: str, bins: Sequence[Bin]) -> Iterator[str]:
    most = max((one.mass for one in bins), default=1.0)
    points = [(*_at(one.confidence, one.answerable), one) for one in bins]
    yield f'<polyline class="{name}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)}"/>'
    for x, y, one in points:
        told = f"{one.questions:,} questions: confidence {one.confidence:.2f}, answerable {one.answerable:.2f}"
        yield f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{7 * (one.mass / most) ** 0.5:.1f}">'
        yield f"<title>{told}</title></circle>"


def _at(confidence: float, answerable: float) -> tuple[float, float]:
    return EDGE + SIDE * confidence, 12 + SIDE * (1 - answerable)


def table(found: Calibration) -> Iterator[str]:
    """The bins of what is in use, in figures."""
    yield "<table><tr><th>confidence</th><th>answerable</th><th>questions</th></tr>"
    for one in found.bins_after if found.kept else found.bins_before:
        yield f"<tr><td>{one.confidence:.2f}</td><td>{one.answerable:.2f}</td><td>{one.questions:,}</td></tr>"
    yield "</table>"
