"""Builds the text of a structured document, and with it the exact offsets of its blocks and pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from formfact.errors import Unreadable
from formfact.knowledge.documents.column_names import figures_below
from formfact.types import Block, BlockKind, Document, Scalar

UNWANTED = re.compile("[\0\ud800-\udfff]")


def clean(text: str) -> str:
    """The text as it is stored: newlines are `\\n`; no BOM, NUL or lone surrogate. Nothing else is touched."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return UNWANTED.sub("", text)


class Layout:
    """Readers of structured formats call these in the order of the document; blank blocks are dropped."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._pages: list[int] = []

    def __bool__(self) -> bool:
        """Whether anything was laid out."""
        return bool(self._blocks)

    def heading(self, text: str, level: int) -> None:
        """A heading of a level from 1 (the highest)."""
        self._append("heading", _one_line(text), max(level, 1))

    def paragraph(self, text: str) -> None:
        """Running text; its own line breaks are kept."""
        self._append("paragraph", text)

    def item(self, text: str) -> None:
        """An entry of a list."""
        self._append("item", text)

    def code(self, text: str) -> None:
        """Code or other text whose white space matters."""
        self._append("code", text)

    def row(self, cells: Sequence[str] | str) -> None:
        """A row of a table: its cells with ` | ` between them."""
        self._append("row", join_cells([cells] if isinstance(cells, str) else cells))

    def table(self, rows: Sequence[Sequence[str]], *, header: bool | None = None) -> None:
        """A whole table. Where the first row names the columns, each other row is `name: cell | name: cell`."""
        for row in table_rows(rows, header=header):
            self.row(row)

    def page(self) -> None:
        """A new page starts here."""
        self._pages.append(self._length)

    def document(
        self, name: str, form: str, *, title: str = "", metadata: Mapping[str, Scalar] | None = None
    ) -> Document:
        """What was laid out, as a document. Raises Unreadable where there is no text."""
        if not self._blocks:
            raise Unreadable("empty")
        return Document(
            name,
            "",
            "".join(self._parts),
            _one_line(title),
            form,
            tuple(self._blocks),
            tuple(self._pages),
            metadata or {},
        )

    def _append(self, kind: BlockKind, text: str, level: int = 0) -> None:
        text = clean(text)
        text = text.strip("\n").rstrip() if kind == "code" else text.strip()
        if not text.strip():
            return
        if self._blocks:
            # Rows and items of one list follow each other closely; all else has a blank line before it.
            close = kind == self._blocks[-1].kind and kind in ("row", "item")
            self._write("\n" if close else "\n\n")
        start = self._length
        self._write(text)
        self._blocks.append(Block(kind, start, self._length, level))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def table_rows(rows: Sequence[Sequence[str]], *, header: bool | None = None) -> list[str]:
    """The rows of a table as texts; `header` tells whether the first names the columns (None: where figures say so)."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if header is None:
        header = figures_below(rows)
    if len(rows) < 2 or not header:
        return [join_cells(row) for row in rows]
    names = [_one_line(name) for name in rows[0]]
    return [name_cells(names, row) for row in rows[1:]]


def join_cells(cells: Sequence[str]) -> str:
    """The cells of a row that are not blank."""
    return " | ".join(cell for cell in map(_one_line, cells) if cell)


def name_cells(names: Sequence[str], row: Sequence[str]) -> str:
    """A row with its columns' names, so that it says by itself what its figures are; empty cells are left out."""
    cells = [_one_line(cell) for cell in row]
    named = [f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=False) if cell]
    return " | ".join([*named, *(cell for cell in cells[len(names) :] if cell)])


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())
