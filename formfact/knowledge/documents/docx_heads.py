"""What in a Word table says that its first row names the columns: a repeated row, the table's style, bold, a colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from formfact.knowledge.documents.column_names import stands_out
from formfact.knowledge.documents.docx_text import child, children, see, value

OFF = ("0", "false", "off")
NO_COLOUR = ("", "auto", "ffffff")
FIRST_ROW = 0x20
"""The bit of a table's look that turns its style's first row on."""


class Heads:
    """The styles of a document that mark a first row, and with them which tables have one."""

    def __init__(self, styles: Any) -> None:
        found = {value(style, "styleId"): style for style in children(styles, "style")}
        self._bold = {name for name in found if _has(name, found, _is_bold)}
        self._first = {name for name in found if _has(name, found, _marks_first)}

    def name_columns(self, table: Any, rows: Sequence[Any], cells: Sequence[Sequence[Any]]) -> bool:
        """Whether a table is marked so that the first of its rows names the columns."""
        if not rows:
            return False
        repeated = child(rows[0], "trPr", "tblHeader")
        if repeated is not None and value(repeated) not in OFF:
            return len(rows) > 1
        return self._by_style(table) or stands_out(
            [[self._is_marked(cell) for cell in row if _has_words(cell)] for row in cells]
        )

    def _by_style(self, table: Any) -> bool:
        style, look = child(table, "tblPr", "tblStyle"), child(table, "tblPr", "tblLook")
        if style is None or look is None or value(style) not in self._first:
            return False
        told = value(look, "firstRow")
        try:
            return told not in OFF if told else bool(int(value(look) or "0", 16) & FIRST_ROW)
        except ValueError:
            return False

    def _is_marked(self, cell: Any) -> bool:
        if _is_coloured(child(cell, "tcPr", "shd")):
            return True
        return all(self._is_bold(paragraph) for paragraph in children(cell, "p") if see(paragraph).text.strip())

    def _is_bold(self, paragraph: Any) -> bool:
        style = child(paragraph, "pPr", "pStyle")
        whole = style is not None and value(style) in self._bold
        runs = [run for run in children(paragraph, "r") if child(run, "t") is not None]
        return bool(runs) and all(self._is_bold_run(run, whole) for run in runs)

    def _is_bold_run(self, run: Any, whole: bool) -> bool:
        own, style = child(run, "rPr", "b"), child(run, "rPr", "rStyle")
        if own is not None:
            return value(own) not in OFF
        return whole or (style is not None and value(style) in self._bold)


def _has(name: str, styles: dict[str, Any], told: Callable[[Any], bool | None]) -> bool:
    """What a style, or else one that it is based on, says; false where none says anything."""
    met: set[str] = set()
    while name in styles and name not in met:
        met.add(name)
        said = told(styles[name])
        if said is not None:
            return said
        based = child(styles[name], "basedOn")
        name = value(based) if based is not None else ""
    return False


def _is_bold(style: Any) -> bool | None:
    bold = child(style, "rPr", "b")
    return None if bold is None else value(bold) not in OFF


def _marks_first(style: Any) -> bool | None:
    first = next((part for part in children(style, "tblStylePr") if value(part, "type") == "firstRow"), None)
    if first is None:
        return None
    return bool(_is_bold(first)) or _is_coloured(child(first, "tcPr", "shd"))


def _is_coloured(shade: Any) -> bool:
    return shade is not None and value(shade, "fill").lower() not in NO_COLOUR


def _has_words(cell: Any) -> bool:
    return any(see(paragraph).text.strip() for paragraph in children(cell, "p"))
