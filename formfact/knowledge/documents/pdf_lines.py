"""What stands on a PDF page: the runs of words that pdfium finds, with where and how they are set.

A run is what one line holds between two wide gaps: a line of prose is one run, a line of a table one run a cell.
Only the first and last character of each word are asked for their place, so a page costs some milliseconds.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

HYPHEN = "\ufffe"
"""What pdfium writes for a hyphen at the end of a line that goes on in the next one."""
WORD = re.compile(rf"[^\s{HYPHEN}\x02]+[{HYPHEN}\x02\xad]?")
BROKEN = (HYPHEN, "\x02", "\xad")
BOLD = re.compile(r"bold|black|heavy|semib|demi|medi(?!um)|^([A-Z]+\+)?(cmb|sfbx|sftb)", re.I)
DIGITS = re.compile(r"\d{2,}")
SMALLER = 0.9
RAISED = 0.15
"""Raised digits are smaller than the others by this factor, and stand higher by this part of their size."""
FIXED_PITCH = 1
MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|sftt|menlo", re.I)
LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\x02": HYPHEN, "\xad": HYPHEN}
)
GAP = 1.0
"""Words further apart than this many heights of a line belong to different runs."""


@dataclass(slots=True)
class Word:
    """One word, `start` being the index of its first character in pdfium's page. Coordinates as in a run."""

    text: str
    start: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class Run:
    """Words on one line, none far from the next. Coordinates are points as the page is seen; `top` < `bottom`."""

    words: list[Word]
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    mono: bool = False

    @property
    def text(self) -> str:
        """The words with one space between each two."""
        return " ".join(word.text for word in self.words)

    @property
    def middle(self) -> float:
        """The height at which the run stands."""
        return (self.top + self.bottom) / 2

    def with_words(self, words: list[Word]) -> Run:
        """A run of these words, set as this one is."""
        return run_of(words, self.size, bold=self.bold, mono=self.mono)


def run_of(words: list[Word], size: float, *, bold: bool, mono: bool) -> Run:
    """A run around its words."""
    return Run(
        words=words,
        left=min(word.left for word in words),
        top=min(word.top for word in words),
        right=max(word.right for word in words),
        bottom=max(word.bottom for word in words),
        size=size,
        bold=bold,
        mono=mono,
    )


def read_runs(page: Any) -> list[Run]:
    """The runs of a pypdfium2 page, in the order in which the file draws them."""
    textpage = page.get_textpage()
    try:
        handle = textpage.raw
        words = _words(handle, page.get_rotation())
        return [_run(handle, line) for line in _lines(words)]
    finally:
        textpage.close()


def _words(handle: Any, rotation: int) -> list[list[Word]]:
    """The words of each line that pdfium sees."""
    text = _characters(handle)
    lines: list[list[Word]] = [[]]
    end = 0
    for match in WORD.finditer(text):
        new_line = "\n" in text[end : match.start()] and not _is_raised(handle, end - 1, match.start())
        if lines[-1] and (new_line or text[end - 1] in BROKEN):
            lines.append([])
        end = match.end()
        left, top, right, bottom = _place(handle, match.start(), end - 1, rotation)
        text_of = _with_raised(handle, match) if rotation == 0 else match.group()
        lines[-1].append(Word(text_of.translate(LIGATURES), match.start(), left, top, right, bottom))
    return lines


def _with_raised(handle: Any, word: re.Match[str]) -> str:
    """A word with what parts raised digits from those before them, which would else read as one number: 10^6, 1 1/2."""
    text = word.group()
    for digits in reversed(list(DIGITS.finditer(text))):
        for at in range(digits.end() - 1, digits.start(), -1):
            index = word.start() + at
            if _is_raised(handle, index, index - 1):
                between = " " if text[digits.end() : digits.end() + 1] in ("/", "⁄") else "^"
                text = text[:at] + between + text[at:]
    return text


def _is_raised(handle: Any, index: int, other: int) -> bool:
    """Whether a character is smaller than another one and stands a little higher.

    Where text goes on behind such a character, pdfium sees a new line.
    """
    if index < 0:
        return False
    size, large = (pdfium.FPDFText_GetFontSize(handle, at) for at in (index, other))
    if not 0 < size < SMALLER * large:
        return False
    x, low, high = ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(handle, other, x, low)
    pdfium.FPDFText_GetCharOrigin(handle, index, x, high)
    return bool(RAISED * large < high.value - low.value < large)


def _characters(handle: Any) -> str:
    """One Python character for each of pdfium's, so that indices agree; NUL and other control characters are spaces."""
    count = pdfium.FPDFText_CountChars(handle)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    pdfium.FPDFText_GetText(handle, 0, count, buffer)
    text = bytes(buffer).decode("utf-16-le", "replace")[:count]
    if len(text) != count or "\0" in text:
        codes = (pdfium.FPDFText_GetUnicode(handle, index) for index in range(count))
        text = "".join(chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else " " for code in codes)
    return text


def _place(handle: Any, first: int, last: int, rotation: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a word as the reader sees it, the page's own rotation applied."""
    x0, y0, x1, y1 = _box(handle, first)
    if last > first:
        a0, b0, a1, b1 = _box(handle, last)
        x0, y0, x1, y1 = min(x0, a0), min(y0, b0), max(x1, a1), max(y1, b1)
    return seen((x0, y0, x1, y1), rotation)


def seen(box: tuple[float, float, float, float], rotation: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in a page's own coordinates -> left, top, right and bottom as the reader sees it."""
    x0, y0, x1, y1 = box
    if rotation == 90:
        return y0, x0, y1, x1
    if rotation == 180:
        return -x1, y0, -x0, y1
    if rotation == 270:
        return -y1, -x1, -y0, -x0
    return x0, -y1, x1, -y0


def _box(handle: Any, index: int) -> tuple[float, float, float, float]:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(handle, index, rect)
    return rect.left, rect.bottom, rect.right, rect.top


def _lines(lines: list[list[Word]]) -> Iterator[list[Word]]:
    """Lines cut where a gap is too wide to be a space, or where the next word stands elsewhere."""
    for line in lines:
        run: list[Word] = []
        for word in line:
            if run and not -GAP < (word.left - run[-1].right) / max(word.bottom - word.top, 1.0) < GAP:
                yield run
                run = []
            run.append(word)
        if run:
            yield run


def _run(handle: Any, words: list[Word]) -> Run:
    names = [_font(handle, words[at].start) for at in {0, len(words) // 2, len(words) - 1}]
    return run_of(
        words,
        _size(handle, words[len(words) // 2]),
        bold=all(BOLD.search(name) for name, _ in names),
        mono=all(flags & FIXED_PITCH or MONO.search(name) for name, flags in names),
    )


def _size(handle: Any, word: Word) -> float:
    """The size of a word's font in points, what its matrices do to it included."""
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(handle, word.start, matrix):
        return word.bottom - word.top
    size = pdfium.FPDFText_GetFontSize(handle, word.start) * math.hypot(matrix.c, matrix.d)
    return size if size > 0 else word.bottom - word.top


def _font(handle: Any, index: int) -> tuple[str, int]:
    """Name and flags of the font of a character; empty for one that pdfium made up."""
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(handle, index, name, 128, flags)
    return name.value.decode("utf-8", "replace"), flags.value
