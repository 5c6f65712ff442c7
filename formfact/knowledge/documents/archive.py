"""The guard in front of every zip-based format: refuses what would fill memory before anything is parsed.

Covered: too many members, too much declared content, absurd compression ratios, members that inflate past the size
they declare, too much XML for a tree in memory, encryption of zip or Office kind, methods other than stored and
deflated. Not covered: what the XML inside means; its parsers resolve no entities, and their readers say so.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from formfact.errors import Unreadable

MEMBERS = 50_000
EXPANDED = 1 << 30
"""The most bytes that an archive may declare, all members together."""
XML = 256 << 20
"""The most bytes of XML that a format may parse as trees, which take five times as much memory."""
RATIO = 200
RATIO_MATTERS_FROM = 64 << 20
DEFLATE_EXPANDS_AT_MOST = 1032
STEP = 1 << 16
OFFICE_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""An OLE compound file: what Office makes of a document with a password."""


def check_archive(file: BinaryIO, *, streamed: str = "\0") -> None:
    """Raise Unreadable unless `file` is a zip that is safe to expand; leaves it at position 0.

    Members whose name begins with `streamed` are read piece by piece and do not count as XML held in memory.
    """
    file.seek(0)
    start = file.read(len(OFFICE_ENCRYPTED))
    if not start:
        raise Unreadable("empty")
    if start == OFFICE_ENCRYPTED:
        raise Unreadable("encrypted")
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_declared(members, streamed)
            # What cannot expand far, whatever it declares, need not be inflated twice.
            if sum(member.compress_size for member in members) * DEFLATE_EXPANDS_AT_MOST > RATIO_MATTERS_FROM:
                for member in members:
                    if member.compress_type == zipfile.ZIP_DEFLATED:
                        _check_inflated(file, member)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError) as error:
        raise Unreadable(f"damaged: {_reason(error)}") from error
    file.seek(0)


def _reason(error: Exception) -> str:
    return str(error).rstrip(".").replace("File is not a zip file", "not a zip archive")


def _check_declared(members: list[zipfile.ZipInfo], streamed: str) -> None:
    if len(members) > MEMBERS:
        raise Unreadable(f"zip bomb: holds {len(members):,} files")
    if any(member.flag_bits & 0x1 for member in members):
        raise Unreadable("encrypted")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise Unreadable("damaged: compressed in a way that this format does not use")
    expanded = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if expanded > EXPANDED or (expanded > RATIO_MATTERS_FROM and expanded > RATIO * packed):
        raise Unreadable(f"zip bomb: expands to {_size(expanded)}")
    xml = sum(
        member.file_size
        for member in members
        if member.filename.lower().endswith((".xml", ".rels", ".xhtml", ".html", ".htm", ".opf"))
        and not member.filename.startswith(streamed)
    )
    if xml > XML:
        raise Unreadable(f"too large: {_size(xml)} of XML")


def _check_inflated(file: BinaryIO, member: zipfile.ZipInfo) -> None:
    """Inflate a member piece by piece: `zipfile` itself would inflate it whole before cutting it to its size."""
    file.seek(member.header_offset + 26)
    names = file.read(4)
    file.seek(int.from_bytes(names[:2], "little") + int.from_bytes(names[2:], "little"), 1)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left, size = member.compress_size, 0
    while left > 0 and not inflater.eof:
        packed = file.read(min(STEP, left))
        if not packed:
            raise Unreadable("damaged: cut off")
        left -= len(packed)
        size += _inflated(inflater, packed, member.file_size - size)


def _inflated(inflater: zlib._Decompress, packed: bytes, allowed: int) -> int:
    """How many bytes `packed` inflates to, counted in small pieces; Unreadable once they are more than `allowed`."""
    size = 0
    while packed:
        size += len(inflater.decompress(packed, 16 * STEP))
        if size > allowed:
            raise Unreadable("damaged: expands to more than it declares")
        packed = inflater.unconsumed_tail
    return size


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
