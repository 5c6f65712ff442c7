"""PDF files, read by pdfium: page by page, with headings, paragraphs, items, tables and code told by how they are set.

Covered: columns, tables without lines, words broken at the end of a line, sentences broken at the end of a page
(they belong to the page on which they begin), running heads and page numbers in documents of four pages and more,
what was filled into forms, typed or stamped onto a page. Not covered: text in pictures, notes pinned to pages, attached
files, vertical script.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from threading import Lock
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from formfact.errors import Unreadable
from formfact.knowledge.documents.layout import Layout, name_cells
from formfact.knowledge.documents.pdf_blocks import BIGGER, ENDS, NUMBER, Piece, Style, join, read_blocks
from formfact.knowledge.documents.pdf_heads import without_heads
from formfact.knowledge.documents.pdf_lines import HYPHEN, Run
from formfact.knowledge.documents.pdf_order import read_columns
from formfact.knowledge.documents.pdf_pages import Pages
from formfact.types import Document, Scalar, Skipped

ONE_AT_A_TIME = Lock()
"""pdfium is not safe for threads."""
WORDS = 200_000
"""The most words of a document that are remembered, to judge broken ones by."""
NO_TITLE = re.compile(
    r"(?i)\W*(untitled|anonymous|unspecified|title|document|microsoft \w+ ?- .*|.*\.\w{2,4})?[\W\d]*$"
)
"""What programs write where a title should be."""
DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)")


def read_pdf(file: BinaryIO, name: str) -> Iterator[Document | Skipped]:
    """The one document of a PDF, with its pages; then which of them gave no text.

    Raises Unreadable for a file that is empty, encrypted, damaged or has no text layer. Memory holds some pages'
    layout and the text so far.
    """
    with ONE_AT_A_TIME:
        document, skipped = _read(file, name)
    yield document
    yield from skipped


def _read(file: BinaryIO, name: str) -> tuple[Document, list[Skipped]]:
    if not file.read(1):
        raise Unreadable("empty")
    file.seek(0)
    pdf = _open(file)
    try:
        pages = Pages(pdf)
        layout = Layout()
        title = _lay_out(_pieces(pages, _style(pages.sample())), layout)
        pages.check()
        metadata = _metadata(pdf)
    finally:
        pdf.close()
    title = str(metadata.pop("title", title))
    return layout.document(name, "pdf", title=title, metadata=metadata), pages.skipped(name)


def _open(file: BinaryIO) -> Any:
    try:
        return pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unreadable("encrypted") from error
        raise Unreadable("damaged: not a PDF that can be opened") from error


def _style(sample: Iterable[list[Run]]) -> Style:
    """What is ordinary in these pages: counted in characters."""
    sizes: Counter[float] = Counter()
    bold = mono = 0
    for run in (run for runs in sample for run in runs):
        length = len(run.text)
        sizes[round(2 * run.size) / 2] += length
        bold += length * run.bold
        mono += length * run.mono
    if not sizes:
        return Style()
    size = sizes.most_common(1)[0][0]
    headings: list[float] = []
    for bigger in sorted((bigger for bigger in sizes if bigger >= BIGGER * size), reverse=True):
        if not headings or bigger < 0.93 * headings[-1]:
            headings.append(bigger)
    return Style(size, tuple(headings), bold=bold < 0.3 * sizes.total(), mono=mono < 0.6 * sizes.total())


def _pieces(pages: Pages, style: Style) -> Iterator[list[Piece]]:
    """The blocks to be of each page; a paragraph that goes on in the next column is one."""
    words: set[str] = set()
    for runs in without_heads(pages.read(), pages.count):
        if len(words) < WORDS:
            words.update(word.text.strip(".,:;!?()[]\"'“”‘’").lower() for run in runs for word in run.words)
        together: list[Piece] = []
        for column in read_columns(runs):
            pieces = read_blocks(column, style, words)
            if together and pieces and _goes_on(together[-1], pieces[0]):
                together[-1] = _joined(together[-1], pieces.pop(0), words)
            together += pieces
        yield together


def _goes_on(piece: Piece, more: Piece) -> bool:
    """Whether a paragraph breaks off where its column or page ends, and `more` begins in the middle of a sentence."""
    if piece.kind not in ("paragraph", "item") or more.kind != "paragraph" or ENDS.search(piece.text):
        return False
    alike = abs(piece.lines[-1].size - more.lines[0].size) < 0.1 * piece.lines[-1].size
    return alike and more.text[:1].islower() and (piece.full or piece.text.endswith((HYPHEN, "-")))


def _joined(piece: Piece, more: Piece, words: Set[str]) -> Piece:
    return replace(piece, text=join(piece.text, more.text, words), lines=more.lines, full=more.full)


def _lay_out(pages: Iterable[list[Piece]], layout: Layout) -> str:
    """Lay out the pages; the result is the title that the first of them shows, or nothing."""
    title = ""
    turned = 0
    last: Piece | None = None
    for number, pieces in enumerate(pages):
        title = title or (_shown_title(pieces) if number == 0 else "")
        if last and pieces and _goes_on(last, pieces[0]):
            last = _joined(last, pieces.pop(0), frozenset())
        turned += 1
        if not pieces:
            continue
        _put(layout, last)
        turned = _turn(layout, turned)
        for piece in pieces[:-1]:
            _put(layout, piece)
        last = pieces[-1]
    _put(layout, last)
    _turn(layout, turned)
    return title


def _turn(layout: Layout, pages: int) -> int:
    for _ in range(pages):
        layout.page()
    return 0


def _put(layout: Layout, piece: Piece | None) -> None:
    if piece is None:
        return
    text = piece.text.replace(HYPHEN, "-")
    if piece.kind == "heading":
        layout.heading(text, piece.level)
    elif piece.kind == "paragraph":
        layout.paragraph(text)
    elif piece.kind == "item":
        layout.item(text)
    elif piece.kind == "code":
        layout.code(text)
    elif piece.kind == "row":
        layout.row(text)
    else:
        names, *rows = piece.cells
        for row in rows:
            layout.row(
                f"{row[0]} | {name_cells(names[1:], row[1:])}" if not names[0] and row[0] else name_cells(names, row)
            )


def _shown_title(pieces: list[Piece]) -> str:
    """The largest heading near the top of the first page, unless it is a section's."""
    headings = [piece for piece in pieces[:5] if piece.kind == "heading" and not NUMBER.match(piece.text.split()[0])]
    return min(headings, key=lambda piece: piece.level).text if headings else ""


def _metadata(pdf: Any) -> dict[str, Scalar]:
    """What the file says of itself, where it says something."""
    said = {key: " ".join(value.split()) for key, value in pdf.get_metadata_dict(skip_empty=True).items()}
    metadata: dict[str, Scalar] = {
        key.lower(): said[key]
        for key in ("Title", "Author", "Subject", "Keywords")
        if not NO_TITLE.match(said.get(key, ""))
    }
    created = DATE.match(said.get("CreationDate", ""))
    if created:
        metadata["created"] = "-".join(created.groups())
    return metadata
