"""Jupyter notebooks: the text of cells, code, and outputs that are text; pictures and tracebacks are dropped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from formfact.errors import Unreadable
from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.html import lay_out_html
from formfact.knowledge.documents.layout import Layout, clean
from formfact.knowledge.documents.markdown import blocks_of
from formfact.types import Document, Skipped

LONGEST_OUTPUT = 2000
"""Characters of one output in plain text that are kept: the rest of a long log says little."""

RAW = {"": "plain", "text/plain": "plain", "text/markdown": "markdown"}
"""What a raw cell says it is -> how it is read; in other languages, such as LaTeX and HTML, it is left out."""


def read_notebook(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document of notebook format 3 or 4; the title is the first heading."""
    notebook = json.loads(decode(file.read()))
    if not isinstance(notebook, dict):
        raise Unreadable("damaged: not a notebook")
    layout, title = Layout(), ""
    for cell in _cells(notebook):
        heading = _cell(cell, layout)
        title = title or heading
    yield layout.document(name, "notebook", title=title)


def _cell(cell: dict[str, Any], layout: Layout) -> str:
    """Put a cell on the layout; returns the first heading of one of Markdown."""
    text, kind = _text(cell.get("source", cell.get("input", ""))), cell.get("cell_type")
    if kind == "raw":
        kind = RAW.get(_mime(cell))
    if kind == "markdown":
        return _lay_out(text, layout)
    if kind == "heading":
        layout.heading(text, int(cell.get("level", 1)))
    elif kind == "plain":
        for paragraph in clean(text).split("\n\n"):
            layout.paragraph(paragraph)
    elif kind == "code":
        layout.code(text)
        for output in cell.get("outputs", []):
            _output(output, layout)
    return ""


def _mime(cell: dict[str, Any]) -> str:
    """What a raw cell says it is; old and new notebooks use different names for that."""
    told = cell.get("metadata")
    return "" if not isinstance(told, dict) else str(told.get("raw_mimetype") or told.get("format") or "").lower()


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sheets = notebook.get("worksheets") or [notebook]
    yield from (cell for sheet in sheets for cell in sheet.get("cells", []))


def _text(source: object) -> str:
    """A multi-line string, which the format may give as a list of lines."""
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _lay_out(text: str, layout: Layout) -> str:
    """Put a cell of Markdown on the layout; returns its first heading."""
    first = ""
    for block in blocks_of(text):
        words = text[block.start : block.end]
        if block.kind == "heading":
            first = first or heading_text(words)
            layout.heading(heading_text(words), block.level)
        else:
            getattr(layout, block.kind)(words)
    return first


NAME_ALONE = re.compile(r"\s*(<IPython\.\S* object>\s*)?$")
"""What stands for an output in plain text where only its HTML says anything."""
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _output(output: dict[str, Any], layout: Layout) -> None:
    """Put on the layout what an output says in Markdown, plain text or else HTML; nothing of errors and pictures."""
    if output.get("output_type") in ("error", "pyerr"):
        return
    data = output.get("data", output)
    if written := _text(data.get("text/markdown") or "").strip():
        # Beside it, the plain text is often only a Python name.
        _lay_out(written, layout)
    elif not any(kind.startswith("image/") for kind in data):
        # A figure's text form is only its Python name.
        found = _text(output.get("text") or data.get("text/plain") or "")
        if NAME_ALONE.match(found) and (page := _text(data.get("text/html") or "")).strip():
            with suppress(Unreadable):
                lay_out_html(page, layout)
            return
        layout.code(ESCAPE.sub("", found)[:LONGEST_OUTPUT])
