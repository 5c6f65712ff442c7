"""What was filled into a PDF's forms, typed or stamped onto its pages, made part of the pages before they are read."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium

from formfact.knowledge.documents.pdf_lines import Run, Word, run_of, seen

WORDS = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP)
"""What shows words on a page without being drawn by it: fields of a form, typed text, stamps."""
UNSEEN = pdfium.FPDF_ANNOT_FLAG_INVISIBLE | pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
COMB = 1 << 24
"""The bit of a text field that gives each letter a box of its own."""
BOXES = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
TICK = "✔"


class Filled:
    """An open pypdfium2 document of which no page was opened yet; its pages hold what was filled in.

    It is changed in memory, never its file. Notes that are pinned to a page stay outside its text.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self._ticks: dict[int, list[Run]] = {}
        # pdfium draws those fields of which the file tells the values alone. Forms of XFA bring how they look, and
        # pdfium without XFA would only warn.
        if document.get_formtype() == pdfium.FORMTYPE_ACRO_FORM:
            document.init_forms()

    def page(self, index: int) -> tuple[Any, list[Run]]:
        """A page, to be closed, and a tick for each box that is ticked by lines. Raises PdfiumError if it is broken."""
        page = self._document[index]
        if any(pdfium.FPDFAnnot_GetSubtype(one) in WORDS for one in _annotations(page)):
            page = self._with_fields(page, index)
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
            page.close()  # pdfium goes on showing an open page as it was
            page = self._document[index]
        return page, self._ticks.get(index, [])

    def _with_fields(self, page: Any, index: int) -> Any:
        """The page with its ticks noted and its combs drawn as words."""
        form = self._document.formenv
        if not form:
            return page
        rotation = page.get_rotation()
        self._ticks[index] = [_tick(one, rotation) for one in _annotations(page) if _is_ticked_by_lines(form, one)]
        if not sum(_uncombed(form, one) for one in _annotations(page)):
            return page
        page.close()
        return self._document[index]  # opening it draws anew the fields that show nothing now


def _annotations(page: Any) -> Iterator[Any]:
    """The annotations of a page, each good until the next one is asked for."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _is_ticked_by_lines(form: Any, annotation: Any) -> bool:
    """Whether it is a box that is ticked, and that by a drawing and not by a letter."""
    return (
        pdfium.FPDFAnnot_GetFormFieldType(form, annotation) in BOXES
        and not pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN
        and bool(pdfium.FPDFAnnot_IsChecked(form, annotation))
        and not {"Tj", "TJ", "Do"} & set(_drawing(annotation).replace(")", " ").replace("]", " ").split())
    )


def _drawing(annotation: Any) -> str:
    """The operators by which an annotation is drawn."""
    normal = pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL
    size = pdfium.FPDFAnnot_GetAP(annotation, normal, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetAP(annotation, normal, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace")


def _tick(annotation: Any, rotation: int) -> Run:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, rect)
    left, top, right, bottom = seen((rect.left, rect.bottom, rect.right, rect.top), rotation)
    return run_of([Word(TICK, 0, left, top, right, bottom)], abs(bottom - top), bold=False, mono=False)


def _uncombed(form: Any, annotation: Any) -> bool:
    """Whether it was a field with a box for each letter, which would read as so many words; now it is one without."""
    if pdfium.FPDFAnnot_GetFormFieldType(form, annotation) != pdfium.FPDF_FORMFIELD_TEXTFIELD:
        return False
    flags = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation)
    if not flags & COMB:
        return False
    pdfium.FPDFAnnot_SetFormFieldFlags(form, annotation, flags & ~COMB)
    return bool(pdfium.FPDFAnnot_SetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None))
