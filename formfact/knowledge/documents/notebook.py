"""Jupyter notebooks: the text of cells, code, and outputs that are text; pictures and tracebacks are dropped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from formfact.errors import Unreadable
from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.layout import Layout
from formfact.knowledge.documents.markdown import blocks_of
from formfact.types import Document, Skipped

LONGEST_OUTPUT = 2000
"""Characters of one output that are kept: the rest of a long log says little."""


def read_notebook(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document of notebook format 3 or 4; the title is the first heading."""
    notebook = json.loads(decode(file.read()))
    if not isinstance(notebook, dict):
        raise Unreadable("damaged: not a notebook")
    layout, title = Layout(), ""
    for cell in _cells(notebook):
        text = _text(cell.get("source", cell.get("input", "")))
        if cell.get("cell_type") == "markdown":
            title = title or _lay_out(text, layout)
        elif cell.get("cell_type") == "heading":
            layout.heading(text, int(cell.get("level", 1)))
        elif cell.get("cell_type") == "code":
            layout.code(text)
            for output in cell.get("outputs", []):
                layout.code(_output(output))
    yield layout.document(name, "notebook", title=title)


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


ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _output(output: dict[str, Any]) -> str:
    """What an output says in plain text; nothing for errors and pictures."""
    if output.get("output_type") == "error" or output.get("output_type") == "pyerr":
        return ""
    data = output.get("data", output)
    found = _text(output.get("text") or data.get("text/plain") or "")
    # A figure's text form is only its Python name.
    if any(kind.startswith("image/") for kind in data):
        return ""
    return ESCAPE.sub("", found)[:LONGEST_OUTPUT]
