"""The pages of an open PDF, one after the other, with a note of those that gave no text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from formfact.errors import Unreadable
from formfact.knowledge.documents.pdf_forms import Filled
from formfact.knowledge.documents.pdf_lines import Run, read_runs
from formfact.types import Skipped

SAMPLE = 32
"""So many pages, spread over the document, tell what is ordinary in it."""
SCANNED = 25
"""Fewer letters and figures a page than this, on pages that hold pictures, are no text layer."""


class Pages:
    """The pages of a pypdfium2 document; `read` is to be run through once, then `check`."""

    def __init__(self, document: Any) -> None:
        self._filled = Filled(document)
        self.count = len(document)
        self._letters = 0
        self._pictures = 0
        self._silent: list[int] = []
        self._broken: list[int] = []

    def sample(self) -> list[list[Run]]:
        """The runs of pages from all over the document."""
        step = max(1, self.count // SAMPLE)
        return [self._runs(index)[0] for index in range(0, self.count, step)]

    def read(self) -> Iterator[list[Run]]:
        """The runs of every page; a page that cannot be read has none and is noted."""
        for index in range(self.count):
            runs, letters, picture = self._runs(index)
            self._letters += letters
            self._pictures += picture
            if letters < 0:
                self._broken.append(index + 1)
            elif picture and not letters:
                self._silent.append(index + 1)
            yield runs

    def _runs(self, index: int) -> tuple[list[Run], int, bool]:
        """A page's runs; how many letters and figures they hold, -1 if it is broken; whether it is mostly a picture."""
        try:
            page, ticks = self._filled.page(index)
        except pypdfium2.PdfiumError:
            return [], -1, False
        try:
            runs = read_runs(page) + ticks
            letters = sum(char.isalnum() for run in runs for word in run.words for char in word.text)
            return runs, letters, letters < SCANNED and _has_picture(page)
        finally:
            page.close()

    def check(self) -> None:
        """Raise Unreadable where the document holds no text to speak of."""
        if self._letters < SCANNED * self.count and 2 * self._pictures > self.count:
            raise Unreadable("scanned: no text layer")
        if not self._letters and len(self._broken) == self.count:
            raise Unreadable("damaged: no page can be read")
        if not self._letters:
            raise Unreadable("empty: no text on any page")

    def skipped(self, name: str) -> list[Skipped]:
        """What the document holds and its text does not, each kind under the number of its first page."""
        kinds = ((self._silent, "a picture without a text layer"), (self._broken, "damaged"))
        return [Skipped(f"{name}:{pages[0]}", _reason(len(pages), what)) for pages, what in kinds if pages]


def _reason(count: int, what: str) -> str:
    return f"page is {what}" if count == 1 else f"{count} pages from this one on: {what}"


def _has_picture(page: Any) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
