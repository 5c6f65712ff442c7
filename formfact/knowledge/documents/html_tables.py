"""Tables of a page: rows with their columns' names, spans filled in; tables that only lay out a page are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from selectolax.lexbor import LexborNode

from formfact.knowledge.documents.column_names import stands_out
from formfact.knowledge.documents.formulas import of_page
from formfact.knowledge.documents.html_flow import BLOCKS, STRUCK, before_raised, behind_struck
from formfact.knowledge.documents.html_page import Rule, left_out
from formfact.knowledge.documents.html_walk import Event, walk
from formfact.knowledge.documents.layout import join_cells
from formfact.knowledge.documents.layout import table_rows as named_rows

LAID_OUT = "table table, h1, h2, h3, h4, h5, h6, pre, form, nav, article, dl"
"""What stands in tables that lay out a page, and in none of data."""
LONGEST_CELL = 1500
WIDEST = 200
"""Columns over which a cell may span."""
MOST_HEADS = 3
MOST_FILLED = 50_000
"""Cells of one table that spans may add; a page of a few bytes could ask for billions."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's words, whether it is a heading, how far it spans, and whether all of it is bold."""

    text: str
    head: bool
    columns: int = 1
    rows: int = 1
    bold: bool = False


def is_data(node: LexborNode) -> bool:
    """Whether an element is a table of data: nothing that is itself laid out, several columns."""
    return node.tag == "table" and node.css_first(LAID_OUT) is None and _has_columns(node)


def _has_columns(node: LexborNode) -> bool:
    found = node.css_first("td + td, td + th, th + td, th + th")
    return found is not None


def table_rows(node: LexborNode, rule: Rule) -> list[str]:
    """The rows of a table of data as texts, its caption first."""
    caption, rows = _read(node, rule)
    filled = _fill(rows)
    texts = [caption] if caption else []
    while filled and sum(bool(cell.text) for cell in filled[0]) <= 1 and not _names_one(filled):
        texts.append(join_cells([cell.text for cell in filled.pop(0)]))  # a title above the columns' names
    if not filled:
        return texts
    words = [[cell.text for cell in row] for row in filled]
    if _names_one(filled):
        return texts + named_rows(words, header=True)
    if _is_head(filled[0]):
        heads = _heads(filled)
        return texts + named_rows([_names(heads), *words[len(heads) :]], header=True)
    if any(row[0].head for row in filled):
        return texts + [_named_by_first(row) for row in filled]
    marked = all(words[0]) and stands_out([[cell.bold for cell in row if cell.text] for row in filled])
    return texts + named_rows(words, header=marked or None)


def _is_head(row: list[Cell]) -> bool:
    """Whether a row holds names alone, and several: a single one is the title of what is below."""
    names = [cell for cell in row if cell.text]
    return all(cell.head for cell in names) and len(names) > 1


def _names_one(rows: list[list[Cell]]) -> bool:
    """Whether the first row has a blank corner and the name of the one column beside it; a title begins at the left."""
    (corner, *names), *below = rows
    if corner.text or len(names) != 1 or not _is_marked(names[0]) or any(len(row) > 2 for row in below):
        return False
    values = [row[1] for row in below if len(row) == 2 and row[0].text and row[1].text]
    return bool(values) and not any(map(_is_marked, values))


def _is_marked(cell: Cell) -> bool:
    return bool(cell.text) and (cell.head or cell.bold)


def _heads(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows of names above a table: several where names of groups, told by their spans, stand above the others."""
    heads = list(takewhile(_is_head, rows[: MOST_HEADS + 1]))
    grouped = all(any(cell.columns > 1 or cell.rows > 1 for cell in row) for row in heads[:-1])
    return heads if grouped and len(heads) <= MOST_HEADS and len(heads) < len(rows) else heads[:1]


def _names(heads: Sequence[list[Cell]]) -> list[str]:
    """The columns' names by rows of heads: that of a group goes before those of its columns."""
    spread = [_spread(row) for row in heads]
    return [" ".join(dict.fromkeys(filter(None, column))) for column in zip_longest(*spread, fillvalue="")]


def _spread(row: list[Cell]) -> list[str]:
    """The texts of a row, those of wide cells at each of their columns."""
    texts: list[str] = []
    for at, cell in enumerate(row):
        if at >= len(texts):  # else it is a blank that a wide cell left behind it
            texts += [cell.text] * cell.columns
    return texts[: len(row)]


def _named_by_first(row: list[Cell]) -> str:
    """A row whose first cell names what stands beside it."""
    rest = join_cells([cell.text for cell in row[1:]])
    return f"{row[0].text}: {rest}" if row[0].head and row[0].text and rest else join_cells([c.text for c in row])


def _read(node: LexborNode, rule: Rule) -> tuple[str, list[list[Cell]]]:
    rows: list[list[Cell]] = []
    caption: list[str] = []
    words: list[str] = caption
    for event, inner in walk(node, whole=lambda inner: left_out(inner, rule) or inner.tag == "math"):
        tag = inner.tag
        if event == "text":
            words.append(inner.text_content or "")
        elif tag == "tr" and event == "open":
            rows.append([])
        elif tag in ("td", "th") and event == "open":
            words = []
        elif tag in ("td", "th") and event == "close":
            if rows:
                rows[-1].append(_cell(inner, words))
            words = []
        elif tag != "math" or not left_out(inner, rule):
            words.append(_said(event, inner, words))
    return " ".join("".join(caption).split()), [row for row in rows if row]


def _said(event: Event, node: LexborNode, words: Sequence[str]) -> str:
    """What an element inside a cell adds to the words before it."""
    tag = node.tag or ""
    if tag in BLOCKS or tag == "br":
        return " "
    if tag == "math":
        return of_page(node)
    if tag == "sup" and event == "open":
        return before_raised(node, words)
    return behind_struck(node, words) if tag in STRUCK and event == "close" else ""


def _cell(node: LexborNode, words: list[str]) -> Cell:
    text = " ".join("".join(words).replace("\u00ad", "").split())
    told = node.attributes
    head = node.tag == "th" or _is_in_head(node)
    return Cell(text, head, _span(told.get("colspan")), _span(told.get("rowspan")), _is_bold(node, text))


def _is_in_head(cell: LexborNode) -> bool:
    row = cell.parent
    return row is not None and row.parent is not None and row.parent.tag == "thead"


def _is_bold(cell: LexborNode, text: str) -> bool:
    found = cell.css_first("b, strong")
    return bool(text) and found is not None and " ".join(found.text(deep=True).split()) == text


def _span(told: str | None) -> int:
    return min(int(told), WIDEST) if told and told.isascii() and told.isdigit() and len(told) < 9 and int(told) else 1


def _fill(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows as a grid: what spans rows is repeated in each, what spans columns leaves blanks behind it."""
    filled: list[list[Cell]] = []
    hanging: dict[int, tuple[Cell, int]] = {}
    left = MOST_FILLED
    for row in rows:
        grid: list[Cell] = []
        for cell in row:
            grid += _hung(hanging, len(grid))
            columns = cell.columns if left > 0 else 1
            if cell.rows > 1 and left > 0:
                hanging[len(grid)] = (cell, cell.rows - 1)
            left -= columns + cell.rows - 2
            grid += [cell, *[Cell("", cell.head)] * (columns - 1)]
        grid += _hung(hanging, len(grid))
        filled.append(grid)
    return filled


def _hung(hanging: dict[int, tuple[Cell, int]], column: int) -> Iterator[Cell]:
    """The cells of rows above that reach into this one from a column on, without a gap."""
    while column in hanging:
        cell, rows = hanging.pop(column)
        yield cell
        if rows > 1:
            hanging[column] = (cell, rows - 1)
        column += 1
