"""EPUB books, zipped on the spot."""

from __future__ import annotations

import io
import time
import zipfile
from contextlib import suppress

import pytest

from formfact.errors import Unreadable
from formfact.types import Document
from tests.knowledge.documents.reading import LAUGHS, changed, read_all, read_one, refused, shown

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile media-type="application/oebps-package+xml" full-path="OEBPS/book.opf"/></rootfiles></container>'
)
XHTML = "application/xhtml+xml"
MANIFEST = (
    f'<item id="b" href="two%20b.xhtml" media-type="{XHTML}"/><item id="a" href="text/one.xhtml" media-type="{XHTML}"/>'
    f'<item id="n" href="nav.xhtml" media-type="{XHTML}" properties="nav"/>'
    '<item id="c" href="c.css" media-type="text/css"/>'
)
SPINE = '<itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/><itemref idref="?"/>'
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>The Water Book</dc:title><dc:title>A subtitle</dc:title><dc:creator>Ann</dc:creator>"
    "<dc:creator>Ben</dc:creator><dc:language>en</dc:language></metadata>"
    f"<manifest>{MANIFEST}</manifest><spine>{SPINE}</spine></package>"
)


def chapter(title: str, text: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
        f"<body><h1>{title}</h1><p>{text}</p></body></html>"
    )


MEMBERS = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/nav.xhtml": chapter("Contents", "Pumps Wells"),
    "OEBPS/two b.xhtml": chapter("Wells", "They go d&#246;wn."),
    "OEBPS/text/one.xhtml": chapter("Pumps", "They lift."),
}


def book(without: str = "") -> bytes:
    """The book, but for one of its members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in MEMBERS.items():
            if name != without:
                archive.writestr(name, text)
    return file.getvalue()


def test_chapters_in_the_order_of_the_spine() -> None:
    document: Document = read_one(book(), "shelf/a.epub")
    assert shown(document) == [
        ("heading1", "Pumps"),
        ("paragraph", "They lift."),
        ("heading1", "Wells"),
        ("paragraph", "They go döwn."),
    ]
    assert (document.title, document.format) == ("The Water Book", "epub")
    assert document.metadata == {"author": "Ann, Ben", "language": "en"}


def test_a_missing_chapter_is_said_and_an_empty_one_is_not() -> None:
    document, skipped = read_all(book("OEBPS/text/one.xhtml"), "a.epub")
    assert shown(document)[0] == ("heading1", "Wells")
    assert [(one.path, one.reason) for one in skipped] == [
        ("a.epub:1", "the chapter 'OEBPS/text/one.xhtml' is missing")
    ]
    blank = changed(book(), {"OEBPS/text/one.xhtml": (MEMBERS["OEBPS/text/one.xhtml"], " ")})
    assert shown(read_one(blank, "a.epub"))[0] == ("heading1", "Wells")


def rights(algorithm: str) -> str:
    method = f'<e:EncryptionMethod Algorithm="{algorithm}"/>'
    data = f'<e:EncryptedData xmlns:e="http://www.w3.org/2001/04/xmlenc#">{method}</e:EncryptedData>'
    return f'<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">{data}</encryption>'


def test_rights_management_is_encryption_and_disguised_fonts_are_not() -> None:
    locked = changed(book(), {}, {"META-INF/encryption.xml": rights("http://www.w3.org/2001/04/xmlenc#aes128-cbc")})
    assert refused(locked, "a.epub") == "encrypted"
    fonts = changed(book(), {}, {"META-INF/encryption.xml": rights("http://www.idpf.org/2008/embedding")})
    assert len(shown(read_one(fonts, "a.epub"))) == 4


@pytest.mark.parametrize(
    ("member", "root"),
    [("OEBPS/book.opf", "<package"), ("META-INF/container.xml", "<container"), ("OEBPS/text/one.xhtml", "<html")],
)
def test_entities_are_not_expanded(member: str, root: str) -> None:
    before = {"<package": "The Water Book", "<container": "<rootfiles>", "<html": "They lift."}[root]
    bomb = changed(changed(book(), {member: (before, f"{before} &i;")}), {member: (root, f"{LAUGHS}]>{root}")})
    start = time.perf_counter()
    with suppress(Unreadable):  # libxml2 refuses the bomb, selectolax knows no entities
        document = read_one(bomb, "a.epub")
        assert len(document.text) + len(document.title) < 5_000
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_cut_off(part: float) -> None:
    content = book()
    assert refused(content[: int(len(content) * part)], "a.epub").startswith("damaged: ")


def test_refused() -> None:
    assert refused(b"", "a.epub") == "empty"
    assert refused(book("META-INF/container.xml"), "a.epub") == "damaged: not an EPUB book"
    assert refused(book("OEBPS/book.opf"), "a.epub") == "damaged: the book's description is missing"
