"""Lines that come again on page after page of a PDF: its running heads and feet, and its page numbers.

A line at the edge of a page is one if it stands at the same place on at least two of the pages close by, a page
number in it counted on. Page numbers go; of any other line the first one stays unless a line before it said the same,
for it may say what nothing else does.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from formfact.knowledge.documents.pdf_lines import Run
from formfact.knowledge.documents.pdf_order import Row, rows_of

PAGES = 4
"""A shorter document is left as it is; as many pages on either side are looked at for the same line."""
EDGE_ROWS = 2
AGAIN = 2
LINES = 100_000
LONGEST = 12
"""So many lines of so many words are remembered as said before."""
CHAPTER = re.compile(r"^(chapter|appendix|part|section|kapitel|anhang|chapitre|annexe)\b")
NEAR = 4.0
PAGE = re.compile(r"(?i)\b(?:page|seite|página|pagina)\s+\d+(?:\s*(?:of|von|de|di|/)\s*\d+)?")
NUMBER = re.compile(r"^[-–—|\s]*(\d{1,5})[-–—|\s]*(?=\D|$)|(?<=\D)[-–—|\s]*(\d{1,5})[-–—|\s]*$")
ROMAN = re.compile(r"[ivxlc]+$")

Edge = tuple[str, float, list[Run]]
"""A row at the edge of a page: what it says, page numbers made comparable; its height; its runs."""


def without_heads(pages: Iterable[Sequence[Run]], count: int) -> Iterator[list[Run]]:
    """The pages' runs without running heads. Holds no more than nine pages at once."""
    if count < PAGES:
        yield from map(list, pages)
        return
    shown: set[str] = set()
    for page, edges, near in _with_neighbours(pages, count):
        gone: set[int] = set()
        for says, height, runs in edges:
            again = sum(any(says == other and abs(height - at) < NEAR for other, at, _ in page) for page in near)
            if again >= AGAIN and (not says or _key(says) in shown):
                gone.update(map(id, runs))
        yield [run for run in page if id(run) not in gone]
        if len(shown) < LINES:
            shown.update(_key(run.text) for run in page if len(run.words) <= LONGEST)


def _key(text: str) -> str:
    return "".join(char for char in CHAPTER.sub("", text.lower()) if char.isalpha())


def _with_neighbours(
    pages: Iterable[Sequence[Run]], count: int
) -> Iterator[tuple[Sequence[Run], list[Edge], list[list[Edge]]]]:
    """Each page, its edges, and the edges of the pages before and behind it."""
    source = ((page, _edges(page, number, count)) for number, page in enumerate(pages, 1))
    ahead = deque(islice(source, PAGES + 1))
    behind: deque[list[Edge]] = deque(maxlen=PAGES)
    while ahead:
        page, edges = ahead.popleft()
        yield page, edges, [*behind, *(others for _, others in ahead)]
        behind.append(edges)
        ahead.extend(islice(source, 1))


def _edges(page: Sequence[Run], number: int, count: int) -> list[Edge]:
    rows = rows_of(page)
    outer = rows[:EDGE_ROWS] + rows[max(EDGE_ROWS, len(rows) - EDGE_ROWS) :]
    return [(_says(row, number, count), row[0].middle, row) for row in outer]


def _says(row: Row, page: int, count: int) -> str:
    """The row's text without a page number: a number that would fit this page becomes its distance to it."""
    text = PAGE.sub("", " ".join(run.text for run in row)).strip()
    found = NUMBER.search(text)
    if found is None:
        return "" if ROMAN.match(text) else text
    rest = (text[: found.start()] + text[found.end() :]).strip()
    value = int(found.group(1) or found.group(2))
    if not rest:
        return ""
    return f"{rest} {value - page:+}" if value <= count + 50 else text
