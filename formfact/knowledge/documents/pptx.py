"""PowerPoint presentations (.pptx, .pptm): each slide a page, its shapes read from top to bottom and left to right.

Covered: titles, text and its levels, tables, the figures of charts, SmartArt, grouped shapes, speaker's notes; hidden
slides like the others. Left out: slide numbers, dates, headers and footers, comments, text in pictures, embedded files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from formfact.knowledge.documents import apart
from formfact.knowledge.documents.archive import check_archive
from formfact.knowledge.documents.formulas import of_office
from formfact.knowledge.documents.layout import Layout
from formfact.knowledge.documents.markup import parse_xml
from formfact.knowledge.documents.pptx_charts import axis_titles, chart_rows
from formfact.knowledge.documents.sheets import named_rows
from formfact.types import Document, Scalar

LINE = 228_600
"""Shapes whose tops differ by less than this many units (a quarter of an inch) stand beside each other."""
DEPTH = 20
COMPARISON = "twoTxTwoObj"
"""A layout of two sides, each a heading and a text below it; its places are numbered side by side."""
SMALL_PRINT = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER)
LISTS = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY, PP_PLACEHOLDER.VERTICAL_OBJECT)
PUT: dict[str, Callable[[Layout, str], None]] = {
    "paragraph": Layout.paragraph,
    "item": Layout.item,
    "row": Layout.row,
    "notes": lambda layout, text: layout.heading(text, 2),
}
NEWER = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
FORMULA = "{http://schemas.microsoft.com/office/drawing/2010/main}"
Piece = tuple[str, str]
"""How a text is to be put, a key of PUT, and the text."""
NO_TITLE = re.compile(r"(?i)(powerpoint.presentation|presentation\d*|slide \d+|untitled|.*\.\w{2,4})?\s*$")


def read_pptx(file: BinaryIO, name: str) -> Iterator[Document]:
    """The one document of a presentation; page n is slide n. A slide without a title is headed `Slide n`.

    Raises Unreadable for a file that is empty, encrypted, damaged, or expands beyond reason.
    """
    check_archive(file)
    presentation: Any = Presentation(file)
    layout = Layout()
    for number, slide in enumerate(presentation.slides, 1):
        layout.page()
        pieces = [piece for piece in _slide(slide) if piece[1].strip()]
        title = _title(slide) or (f"Slide {number}" if pieces else "")
        layout.heading(title, 1)
        for put, text in pieces:
            PUT[put](layout, text)
    about = presentation.core_properties
    title = " ".join(about.title.split())
    title = next(map(_title, presentation.slides), "") if NO_TITLE.match(title) else title
    metadata: dict[str, Scalar] = {"author": about.author} if about.author.strip() else {}
    yield layout.document(name, "pptx", title=title, metadata=metadata)


def _title(slide: Any) -> str:
    shape = slide.shapes.title
    return _text(shape.text_frame) if shape is not None else ""


def _text(frame: Any) -> str:
    return " ".join(" ".join(map(_line, frame.paragraphs)).split())


def _line(paragraph: Any) -> str:
    """The text of a paragraph; raised digits, and those that stand in the place of struck-out ones, apart."""
    runs = paragraph._p.content_children
    texts: list[str] = []
    for at, run in enumerate(runs):
        before, after = (texts[-1] if texts else ""), (runs[at + 1].text if at + 1 < len(runs) else "")
        last = runs[at - 1] if at else None
        if _is_raised(run) and not _is_raised(last):
            texts.append(apart.before_raised(before, run.text, after))
        elif _is_struck(last) and not _is_struck(run):
            texts.append(apart.behind_struck(before, run.text))
        texts.append(run.text)
    return "".join(texts).replace("\v", "\n")


def _is_raised(run: Any) -> bool:
    height = _told(run, "baseline", "0").removesuffix("%")
    return height.isdecimal() and int(height) > 0


def _is_struck(run: Any) -> bool:
    return _told(run, "strike", "noStrike") != "noStrike"


def _told(run: Any, name: str, otherwise: str) -> str:
    """A property of a run; `otherwise` where it tells none."""
    properties = run.find(qn("a:rPr")) if run is not None else None
    return str(properties.get(name, otherwise)) if properties is not None else otherwise


def _slide(slide: Any) -> Iterator[Piece]:
    _unwrap(slide.element)
    yield from _shapes(_by_sides(slide), slide.shapes.title)
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if frame is not None and frame.text.strip():
        yield "notes", "Notes"
        for paragraph in frame.paragraphs:
            yield "paragraph", _line(paragraph)


def _unwrap(slide: Any) -> None:
    """Put what only newer programs show where old ones look for it, and formulas as text where they stand.

    A text box with a formula is such a thing; the other spelling beside it is a picture.
    """
    for alternative in list(slide.iter(f"{NEWER}AlternateContent")):
        for part in list(next(alternative.iter(f"{NEWER}Choice"), ())):
            alternative.addprevious(part)
        alternative.getparent().remove(alternative)
    for formula in list(slide.iter(f"{FORMULA}m")):
        run = formula.makeelement(qn("a:r"))
        text = formula.makeelement(qn("a:t"))
        text.text = "".join(map(of_office, formula))
        run.append(text)
        formula.addprevious(run)
        formula.getparent().remove(formula)


def _place(shape: Any) -> tuple[int, int]:
    """Where a shape comes in the order of reading."""
    return ((shape.top or 0) // LINE, shape.left or 0)


def _by_sides(slide: Any) -> list[Any]:
    """The shapes of a slide as they are read; where it compares two sides, each has its heading before its text."""
    shapes = sorted(slide.shapes, key=_place)
    sides = [shape for shape in shapes if shape.is_placeholder and shape.placeholder_format.type in LISTS]
    if len(sides) != 4 or slide.slide_layout._element.get("type") != COMPARISON:
        return shapes
    sides.sort(key=lambda shape: shape.placeholder_format.idx)
    at = min(map(shapes.index, sides))
    others = [shape for shape in shapes if shape not in sides]
    return others[:at] + sides + others[at:]


def _shapes(shapes: Any, title: Any = None, depth: int = 0) -> Iterator[Piece]:
    """What shapes say, in their order, but for the slide's title, which is its heading already."""
    for shape in shapes:
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_text_frame", False):
            yield from _text_frame(shape)
        elif getattr(shape, "has_table", False):
            yield from _table(_grid(shape.table))
        elif getattr(shape, "has_chart", False):
            yield from _chart(shape.chart)
        elif hasattr(shape, "shapes") and depth < DEPTH:
            yield from _shapes(sorted(shape.shapes, key=_place), depth=depth + 1)
        else:
            yield from _smart_art(shape)


def _text_frame(shape: Any) -> Iterator[Piece]:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind in SMALL_PRINT:
        return
    paragraphs = [one for one in shape.text_frame.paragraphs if one.text.strip()]
    for paragraph in paragraphs:
        listed = paragraph.level or (kind in LISTS and len(paragraphs) > 1)
        yield "item" if listed else "paragraph", _line(paragraph)


def _grid(table: Any) -> list[list[str]]:
    """The texts of a table; cells merged downwards say theirs again."""
    grid: list[list[str]] = []
    for row in table.rows:
        above = grid[-1] if grid else []
        cells = enumerate(row.cells)
        grid.append([above[at] if cell._tc.vMerge and above else _text(cell.text_frame) for at, cell in cells])
    return grid


def _table(rows: list[list[str]]) -> Iterator[Piece]:
    for row in named_rows(rows):
        yield "row", " | ".join(row)


def _chart(chart: Any) -> Iterator[Piece]:
    """The titles of a chart and its axes, and the figures behind it."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield "paragraph", chart.chart_title.text_frame.text
    for title in axis_titles(chart):
        yield "paragraph", title
    for row in chart_rows(chart):
        yield "row", row


def _smart_art(shape: Any) -> Iterator[Piece]:
    """The texts of a SmartArt drawing, which are kept in a part of their own."""
    for link in shape.element.iter("{*}relIds"):
        data = next((value for key, value in link.attrib.items() if key.endswith("}dm")), "")
        if data in shape.part.rels:
            for point in parse_xml(shape.part.related_part(data).blob).iter("{*}pt"):
                yield "item", "".join(text.text or "" for text in point.iter("{*}t"))
