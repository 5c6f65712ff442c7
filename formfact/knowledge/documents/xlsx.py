"""Excel workbooks (.xlsx, .xlsm): each sheet a heading, each row a row that names its columns.

Values are those that Excel last saved, not formulas; dates are ISO, percentages, euros, dollars, pounds and codes with
leading zeros as shown, other numbers plain. Cells merged downwards say their text in each row. Hidden rows and sheets
are read like the others. Left out: empty rows and columns, errors such as #N/A, comments, charts, pictures, text boxes.
Limits: COLUMNS columns; ROWS rows a sheet, and a Skipped says so; a sheet ends where GAP empty rows follow each other.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO

import openpyxl

from formfact.errors import Unreadable
from formfact.knowledge.documents.archive import check_archive
from formfact.knowledge.documents.figures import figure
from formfact.knowledge.documents.layout import Layout
from formfact.knowledge.documents.merged import fill_down, merged_downwards
from formfact.knowledge.documents.sheets import named_rows
from formfact.knowledge.documents.uncounted import uncounted_formulas
from formfact.types import Document, Scalar, Skipped

ROWS = 200_000
COLUMNS = 1_000
GAP = 10_000
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a workbook writes characters that XML has no room for, most often the end of a line."""


def read_xlsx(file: BinaryIO, name: str) -> Iterator[Document | Skipped]:
    """The one document of a workbook; then a note of the sheets that are too long, or not calculated, to be read whole.

    Raises Unreadable for a file that is empty, encrypted, damaged, or expands beyond reason.
    """
    check_archive(file, streamed="xl/worksheets/")
    layout = Layout()
    skipped: list[Skipped] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of every feature that it would lose when it saves
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            if not workbook.sheetnames:
                raise Unreadable("no sheet that can be read: save it as a workbook that is not Strict Open XML")
            for sheet in workbook.worksheets:
                if not _read_sheet(sheet, layout):
                    reason = f"only the first {ROWS:,} rows of the sheet {sheet.title!r}"
                    skipped.append(Skipped(f"{name}:{ROWS + 1}", reason))
                count, row = uncounted_formulas(sheet)
                if count:
                    skipped.append(Skipped(f"{name}:{row}", _uncounted(count, sheet.title)))
            about = workbook.properties
        finally:
            workbook.close()
    metadata: dict[str, Scalar] = {"author": about.creator} if about.creator not in (None, "", "openpyxl") else {}
    yield layout.document(name, "xlsx", title=about.title or "", metadata=metadata)
    yield from skipped


def _uncounted(count: int, sheet: str) -> str:
    what = "a formula" if count == 1 else f"{count:,} formulas"
    return f"{what} without a saved value in the sheet {sheet!r}: open it in Excel and save it"


def _read_sheet(sheet: Any, layout: Layout) -> bool:
    """Lay out a sheet, nothing for an empty one; false if it goes on after ROWS rows."""
    sheet.reset_dimensions()  # what a sheet says of its size may be wrong either way
    rows = named_rows(fill_down(_texts(sheet), merged_downwards(sheet)))
    first = next(rows, None)
    if first is None:
        return True
    layout.heading(sheet.title, 1)
    layout.row(first)
    for row in islice(rows, ROWS - 1):
        layout.row(row)
    return next(rows, None) is None


def _texts(sheet: Any) -> Iterator[list[str]]:
    """The rows' cells in words, up to the last that holds any."""
    empty = 0
    for cells in sheet.iter_rows():
        texts = [_text(cell) for cell in cells[:COLUMNS]]
        while texts and not texts[-1]:
            texts.pop()
        empty = 0 if texts else empty + 1
        if empty > GAP:
            return
        yield texts


def _text(cell: Any) -> str:
    """A value in words, roughly as Excel shows it."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, str):
        return " ".join(ESCAPE.sub(lambda found: chr(int(found[1], 16)), value).split())
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return figure(value, cell.number_format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    return str(value) if isinstance(value, timedelta) else str(value.isoformat())
