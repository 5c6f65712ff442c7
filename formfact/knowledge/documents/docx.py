"""Word documents (.docx, .docm): the text as it stands with all tracked changes accepted, in the order of the page.

Covered: headings by style or outline level, lists, tables (merged cells say their text in each row), tables in
tables (on one line in a cell below a name), text boxes, foot- and endnotes behind the paragraph that refers to them,
equations as their text, code styles.
Left out: headers and footers, comments, hidden text, text in pictures. Not covered: the numbers that Word puts before
headings and items, charts, embedded files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from docx.opc.package import OpcPackage
from lxml import etree

from formfact.errors import Unreadable
from formfact.knowledge.documents.archive import check_archive
from formfact.knowledge.documents.docx_heads import Heads
from formfact.knowledge.documents.docx_styles import PLAIN, Meaning, of_properties, read_styles
from formfact.knowledge.documents.docx_text import child, children, kind, see, value
from formfact.knowledge.documents.layout import Layout, table_rows
from formfact.knowledge.documents.markup import parse_xml
from formfact.types import Document, Scalar

HOLDERS = frozenset(["sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice"])
"""Elements that hold blocks and say nothing themselves."""
CELL_WORDS = 100
"""A table with a larger cell is there for the look of the page: its cells are read one after the other."""
DEPTH = 30
SPACES = re.compile(r"[ \t]+")
TYPEWRITER = re.compile(r"(?i)courier|consolas|.*\bmono\b|menlo|lucida console|source code|monaco")
NO_TITLE = re.compile(r"(?i)(word document|document\d*|untitled|microsoft word - .*|.*\.\w{2,4})?\s*$")


def read_docx(file: BinaryIO, name: str) -> Iterator[Document]:
    """The one document of a Word file.

    Raises Unreadable for a file that is empty, encrypted, damaged, or expands beyond reason.
    """
    check_archive(file)
    package = OpcPackage.open(file)
    parts = _parts(package.rels)
    main = parts.get("officeDocument")
    body = child(_root(main), "body") if main is not None else None
    if main is None or body is None:
        raise Unreadable("damaged: not a Word document")
    word = Word(main)
    word.blocks(body)
    about = package.core_properties
    title = " ".join((about.title or "").split())
    told = {key: " ".join((getattr(about, key) or "").split()) for key in ("author", "subject", "keywords")}
    metadata: dict[str, Scalar] = {key: text for key, text in told.items() if text and text != "python-docx"}
    yield word.layout.document(name, "docx", title=word.title if NO_TITLE.match(title) else title, metadata=metadata)


def _parts(relations: Any) -> dict[str, Any]:
    """The parts that relations lead to, by the last word of the relation's kind, the same in both kinds of file."""
    return {one.reltype.rpartition("/")[2]: one.target_part for one in relations.values() if not one.is_external}


def _root(part: Any) -> Any:
    """The root element of a part; python-docx has parsed those it knows, with a parser that resolves no entities."""
    if part is None:
        return etree.Element("none")
    if hasattr(part, "element"):
        return part.element
    return parse_xml(part.blob)


class Word:
    """A document being laid out: its styles, its notes, and what was read so far."""

    def __init__(self, main: Any) -> None:
        parts = _parts(main.rels)
        self.layout = Layout()
        self.title = ""
        styles = _root(parts.get("styles"))
        self._styles, self._default = read_styles(styles)
        self._heads = Heads(styles)
        self._notes = {
            (word, value(note, "id")): note
            for word in ("footnote", "endnote")
            for note in children(_root(parts.get(f"{word}s")), word)
        }
        self._code: list[str] = []
        self._held = ""

    def blocks(self, holder: Any, depth: int = 0) -> None:
        """Lay out the paragraphs and tables of an element, whatever holds them."""
        for element in holder:
            word = kind(element)
            if word == "p":
                self._paragraph(element, depth)
            elif word == "tbl" and depth < DEPTH:
                self._flush()
                self._table(element, depth)
            elif word in HOLDERS and depth < DEPTH:
                self.blocks(element, depth + 1)
        if depth == 0:
            self._flush()

    def _flush(self) -> None:
        """What was gathered ends here."""
        self._end_code()
        if self._held:
            self._put(self._release(""), PLAIN)

    def _release(self, text: str) -> str:
        """A text behind the paragraphs whose end is deleted, so that it goes on with them."""
        text, self._held = self._held + text, ""
        return text

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        properties = child(paragraph, "pPr")
        style = child(properties, "pStyle") if properties is not None else None
        below = self._styles.get(value(style) if style is not None else self._default, PLAIN)
        meaning = of_properties(properties, below)
        if meaning.left_out:
            return
        seen = see(paragraph)
        text = self._release(seen.text)
        goes_on = child(properties, "rPr", "del") is not None
        code = meaning.code or (meaning == PLAIN and _is_typed(paragraph))
        if not goes_on and (code or (self._code and not text.strip())):
            self._code.append(text)
        elif not goes_on:
            self._end_code()
            self._put(SPACES.sub(" ", text), meaning)
        for box in seen.boxes if depth < DEPTH else ():
            self._end_code()
            self.blocks(box, depth + 1)
            self._flush()
        self._put_notes(seen.notes, depth)
        if goes_on:
            self._held = text

    def _put(self, text: str, meaning: Meaning) -> None:
        if meaning.title and not self.title:
            self.title = " ".join(text.split())
        if meaning.level:
            self.layout.heading(text, meaning.level)
        elif meaning.item:
            self.layout.item(text)
        else:
            self.layout.paragraph(text)

    def _end_code(self) -> None:
        self.layout.code("\n".join(self._code))
        self._code = []

    def _put_notes(self, notes: list[tuple[str, str]], depth: int) -> None:
        """The notes that were just referred to, each once; a note that refers to itself ends there."""
        for reference in notes:
            note = self._notes.pop(reference, None)
            if note is not None and depth < DEPTH:
                self._end_code()
                self.blocks(note, depth + 1)
                self._flush()

    def _table(self, table: Any, depth: int) -> None:
        read = self._read(table, depth)
        if read.is_for_looks:
            for cell in (cell for row in read.cells for cell in row):
                self.blocks(cell, depth + 1)
                self._flush()
            return
        self.layout.table(read.grid, header=read.header or None)
        self._put_notes(read.notes, depth)

    def _read(self, table: Any, depth: int) -> Table:
        """What is in a table, whatever it is there for."""
        lines = [row for row in _inside(table, "tr") if child(row, "trPr", "del") is None]
        rows = [list(_inside(row, "tc")) for row in lines]
        seen = [[self._cell_text(cell, depth) for cell in row] for row in rows]
        texts = [[text for text, _ in row] for row in seen]
        notes = [note for row in seen for _, notes in row for note in notes]
        grid = _grid(lines, rows, texts)
        # A first row with blank places is a title, or names groups of columns; its corner may be blank.
        header = bool(grid) and len(grid[0]) > 1 and all(grid[0][1:]) and self._heads.name_columns(table, lines, rows)
        return Table(rows, grid, header, _is_for_looks(rows, texts, grid, header), notes)

    def _cell_text(self, cell: Any, depth: int) -> tuple[str, list[tuple[str, str]]]:
        """A cell's paragraphs and tables on one line, its text boxes behind theirs, and the notes they refer to."""
        texts, notes = [], []
        for element in _inside(cell, "p", "tbl"):
            if kind(element) == "tbl":
                inner = self._read(element, depth + 1) if depth < DEPTH else NOTHING
                rows = table_rows(inner.grid, header=inner.header or None)
                texts.append("; ".join(row.replace(" | ", ", ") for row in rows))
                notes += inner.notes
                continue
            seen = see(element)
            boxes = [self._cell_text(box, depth + 1) for box in seen.boxes] if depth < DEPTH else []
            texts += [" ".join(seen.text.split()), *(text for text, _ in boxes)]
            notes += [*seen.notes, *(note for _, noted in boxes for note in noted)]
        return " ".join(text for text in texts if text), notes


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells by rows, their texts with a place for each column, whether the first row names the columns and
    whether it is only there for the look of the page, and the notes it refers to.
    """

    cells: list[list[Any]]
    grid: list[list[str]]
    header: bool
    is_for_looks: bool
    notes: list[tuple[str, str]]


NOTHING = Table([], [], False, False, [])


def _inside(element: Any, *words: str) -> Iterator[Any]:
    """The rows of a table or cells of a row, those in content controls and tracked insertions too."""
    for inner in element:
        if kind(inner) in words:
            yield inner
        elif kind(inner) in HOLDERS:
            yield from _inside(inner, *words)


def _is_for_looks(rows: list[list[Any]], texts: list[list[str]], grid: list[list[str]], header: bool) -> bool:
    """Whether a table holds running text, not data: one column, long cells, tables in cells of which nothing tells
    that they are values.
    """
    if all(len(row) == 1 for row in rows):
        return True
    if any(len(text.split()) > CELL_WORDS for row in texts for text in row):
        return True
    holding = [any(True for cell in row for _ in _inside(cell, "tbl")) for row in rows]
    return any(holding) and (holding[0] or not header or len({len(places) for places in grid}) > 1)


def _grid(lines: list[Any], rows: list[list[Any]], texts: list[list[str]]) -> list[list[str]]:
    """The texts with a place for each column: wide cells and rows that begin further right are padded, cells merged
    downwards say their text again.
    """
    grid: list[list[str]] = []
    for source, row, line in zip(lines, rows, texts, strict=True):
        places = [""] * _width(child(source, "trPr", "gridBefore"), 0)
        for cell, text in zip(row, line, strict=True):
            properties = child(cell, "tcPr")
            merged = child(properties, "vMerge") if properties is not None else None
            if merged is not None and value(merged) != "restart" and grid and len(places) < len(grid[-1]):
                text = grid[-1][len(places)]
            span = child(properties, "gridSpan") if properties is not None else None
            places += [text] + [""] * (_width(span, 1) - 1)
        grid.append(places)
    return grid


def _width(told: Any, otherwise: int) -> int:
    """How many columns an element tells, 64 at most."""
    width = value(told) if told is not None else ""
    return max(min(int(width), 64), otherwise) if width.isdecimal() else otherwise


def _is_typed(paragraph: Any) -> bool:
    """Whether all of a paragraph is set in a typewriter face."""
    runs = [run for run in children(paragraph, "r") if child(run, "t") is not None]
    fonts = [child(run, "rPr", "rFonts") for run in runs]
    return bool(runs) and all(font is not None and TYPEWRITER.match(value(font, "ascii")) for font in fonts)
