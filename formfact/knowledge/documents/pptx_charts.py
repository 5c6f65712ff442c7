"""The figures behind a chart of a presentation, as rows; read as they were saved with it, whatever kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from formfact.knowledge.documents.figures import figure

AXES = {"x": "xVal", "y": "yVal", "size": "bubbleSize"}
"""What places a point of a scatter or bubble chart -> the element that holds it."""
NUMBERS = ("}numCache", "}numLit")


def chart_rows(chart: Any) -> Iterator[str]:
    """A row for each category; where the points of a series have an x and a y of their own, one for each point."""
    for area in chart.element.iter("{*}plotArea"):
        for plot in area:
            series = plot.findall("{*}ser")
            scattered = [one for one in series if one.find("{*}yVal") is not None]
            yield from _categories([one for one in series if one not in scattered])
            for one in scattered:
                yield from _scattered(one)


def axis_titles(chart: Any) -> Iterator[str]:
    """What the axes are called, which is where a chart tells its units."""
    for title in chart.element.iterfind("{*}chart/{*}plotArea/*/{*}title"):
        yield "".join(
            text.text or "" for text in title.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t")
        )


def _categories(series: Sequence[Any]) -> Iterator[str]:
    columns = [(_name(one), _points(one, "val")) for one in series]
    labels: dict[int, str] = {}
    for one in series:
        labels = labels or _points(one, "cat")
    for at in sorted({*labels, *(at for _, values in columns for at in values)}):
        named = [_named(name, values[at]) for name, values in columns if at in values]
        yield " | ".join(cell for cell in (labels.get(at, ""), *named) if cell)


def _scattered(series: Any) -> Iterator[str]:
    name = _name(series)
    axes = {axis: _points(series, tag) for axis, tag in AXES.items()}
    for at in sorted(axes["y"]):
        placed = [_named(axis, values[at]) for axis, values in axes.items() if at in values]
        yield " | ".join(cell for cell in (name, *placed) if cell)


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if name else value


def _name(series: Any) -> str:
    told = series.find("{*}tx")
    return " ".join(value.text or "" for value in told.iter("{*}v")) if told is not None else ""


def _points(series: Any, tag: str) -> dict[int, str]:
    """What a series holds of a kind, by the point's number; those that are missing were empty cells."""
    place = series.find(f"{{*}}{tag}")
    if place is None:
        return {}
    # Of categories in several levels, the first is the one that stands at the points.
    level = next(place.iter("{*}lvl"), place)
    shown = next((code.text or "" for code in place.iter("{*}formatCode")), "")
    return {int(point.get("idx")): _value(point, shown) for point in level.iter("{*}pt")}


def _value(point: Any, shown: str) -> str:
    text = "".join(value.text or "" for value in point.iter("{*}v")).strip()
    try:
        return figure(float(text), shown) if point.getparent().tag.endswith(NUMBERS) else text
    except ValueError:  # an error such as #N/A
        return text
