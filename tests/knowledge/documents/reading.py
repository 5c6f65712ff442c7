"""Reading a file made on the spot, with what holds for every document checked on the way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from formfact.errors import Unreadable
from formfact.knowledge.documents import read
from formfact.types import Document, Skipped

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha ha ha ha ha ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A document type whose entity &i; is a gigabyte of laughter; to be closed with `]>`."""


def read_all(content: bytes, name: str) -> tuple[Document, list[Skipped]]:
    """The one document of a file and what was skipped; its blocks are exact, in order and hold all of the text."""
    found = list(read(io.BytesIO(content), name))
    (document,) = [one for one in found if isinstance(one, Document)]
    assert document.id == name
    assert document.source == ""
    end = 0
    for block in document.blocks:
        text = document.text[block.start : block.end]
        assert block.start >= end
        assert text.strip()
        assert text == (text.rstrip() if block.kind == "code" else text.strip())
        assert not document.text[end : block.start].strip()
        assert (block.level > 0) == (block.kind == "heading")
        end = block.end
    assert end == len(document.text)
    assert list(document.pages) == sorted(document.pages)
    return document, [one for one in found if isinstance(one, Skipped)]


def read_one(content: bytes, name: str) -> Document:
    document, skipped = read_all(content, name)
    assert not skipped
    return document


def shown(document: Document) -> list[tuple[str, str]]:
    """The blocks of a document: kind, with its level if it is a heading, and text."""
    return [(f"{block.kind}{block.level or ''}", document.text[block.start : block.end]) for block in document.blocks]


def refused(content: bytes, name: str) -> str:
    with pytest.raises(Unreadable) as caught:
        list(read(io.BytesIO(content), name))
    return caught.value.reason


def changed(content: bytes, changes: Mapping[str, tuple[str, str]], more: Mapping[str, str] | None = None) -> bytes:
    """A zip archive with text replaced in some of its members, and members added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            before, after = changes.get(name, ("", ""))
            assert before.encode() in text
            new.writestr(name, text.replace(before.encode(), after.encode()) if before else text)
        for name, xml in (more or {}).items():
            new.writestr(name, xml)
    return file.getvalue()
