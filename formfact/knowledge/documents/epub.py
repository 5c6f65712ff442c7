"""EPUB books (2 and 3): the chapters of the spine, one after the other.

Covered: whatever HTML holds. Left out: the table of contents, which repeats the headings. Not covered: pictures, page
lists, and books under digital rights management, which are refused as encrypted.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote

from formfact.errors import Unreadable
from formfact.knowledge.documents.archive import check_archive
from formfact.knowledge.documents.html import lay_out_html
from formfact.knowledge.documents.layout import Layout
from formfact.knowledge.documents.markup import parse_xml
from formfact.types import Document, Scalar, Skipped

CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
DISGUISES = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways to make fonts unusable outside the book; they hide no text."""
TOLD = {"creator": "author", "language": "language", "publisher": "publisher", "date": "date"}
"""What a book says of itself -> the name under which it becomes metadata."""


def read_epub(file: BinaryIO, name: str) -> Iterator[Document | Skipped]:
    """The one document of a book; then its chapters that are missing, numbered from 1 along the spine.

    Raises Unreadable for a file that is empty, encrypted, damaged, or expands beyond reason.
    """
    check_archive(file)
    layout = Layout()
    skipped: list[Skipped] = []
    with zipfile.ZipFile(file) as book:
        _check_rights(book)
        path = _package_path(book)
        package = parse_xml(book.read(path), recover=True)
        for number, chapter in enumerate(_spine(package, posixpath.dirname(path)), 1):
            try:
                lay_out_html(book.read(chapter), layout, framed=False)
            except KeyError:
                skipped.append(Skipped(f"{name}:{number}", f"the chapter {chapter!r} is missing"))
            except Unreadable:
                continue  # an empty page between chapters is no loss
    told = _told(package)
    metadata: dict[str, Scalar] = {TOLD[key]: text for key, text in told.items() if key in TOLD}
    yield layout.document(name, "epub", title=told.get("title", ""), metadata=metadata)
    yield from skipped


def _check_rights(book: zipfile.ZipFile) -> None:
    if "META-INF/encryption.xml" not in book.namelist():
        return
    for data in parse_xml(book.read("META-INF/encryption.xml")).iter("{*}EncryptedData"):
        method = next(data.iter("{*}EncryptionMethod"), None)
        if method is None or method.get("Algorithm") not in DISGUISES:
            raise Unreadable("encrypted")


def _package_path(book: zipfile.ZipFile) -> str:
    """Where the book's own description lies in the archive."""
    try:
        container = parse_xml(book.read("META-INF/container.xml"))
    except KeyError as error:
        raise Unreadable("damaged: not an EPUB book") from error
    for root in container.iter("{*}rootfile"):
        path = root.get("full-path", "")
        if path in book.namelist():
            return str(path)
    raise Unreadable("damaged: the book's description is missing")


def _spine(package: Any, folder: str) -> Iterator[str]:
    """The chapters' paths in the archive, in reading order, but for the table of contents."""
    items = {item.get("id"): item for item in package.iterfind("{*}manifest/{*}item")}
    for reference in package.iterfind("{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in item.get("properties", "").split() or item.get("media-type") not in CHAPTERS:
            continue
        yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _told(package: Any) -> dict[str, str]:
    """Dublin Core's elements by name, several of one name with commas between them."""
    told: dict[str, list[str]] = {}
    for element in package.iterfind("{*}metadata//{http://purl.org/dc/elements/1.1/}*"):
        text = " ".join("".join(element.itertext()).split())
        if text:
            told.setdefault(element.tag.rpartition("}")[2], []).append(text)
    return {key: texts[0] if key in ("title", "date") else ", ".join(texts) for key, texts in told.items()}
