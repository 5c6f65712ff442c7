"""The guard in front of zip-based formats, tried on archives made to hurt."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest

from formfact.errors import Unreadable
from formfact.knowledge.documents.archive import check_archive


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def refused(file: io.BytesIO, *, streamed: str = "\0") -> str:
    with pytest.raises(Unreadable) as caught:
        check_archive(file, streamed=streamed)
    return caught.value.reason


def declare(file: io.BytesIO, size: int) -> io.BytesIO:
    """The same archive, its single member declaring `size` bytes in the directory and in its own header."""
    raw = bytearray(file.getvalue())
    directory = raw.rindex(b"PK\x01\x02")
    raw[directory + 24 : directory + 28] = struct.pack("<I", size)
    raw[22:26] = struct.pack("<I", size)
    return io.BytesIO(bytes(raw))


def test_a_sound_archive_passes_and_is_left_at_its_start() -> None:
    file = zipped({"word/document.xml": b"<a/>" * 100_000, "image.png": bytes(range(256)) * 1000})
    file.read(10)
    check_archive(file)
    assert file.tell() == 0


def test_nothing_and_no_archive() -> None:
    assert refused(io.BytesIO()) == "empty"
    assert refused(io.BytesIO(b"just words, no archive")) == "damaged: not a zip archive"


def test_office_encryption_is_named() -> None:
    assert refused(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))) == "encrypted"


def test_zip_encryption_is_named() -> None:
    raw = bytearray(zipped({"a.xml": b"secret"}).getvalue())
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    assert refused(io.BytesIO(bytes(raw))) == "encrypted"


def test_a_bomb_by_ratio() -> None:
    assert refused(zipped({"a.xml": bytes(70 << 20)})) == "zip bomb: expands to 73 MB"


def test_a_bomb_by_declared_size() -> None:
    assert refused(declare(zipped({"a.xml": b"x"}), 0xFFFF_0000)) == "zip bomb: expands to 4.3 GB"


def test_a_bomb_by_number_of_members() -> None:
    assert refused(zipped({str(i): b"" for i in range(50_001)}, zipfile.ZIP_STORED)) == "zip bomb: holds 50,001 files"


def test_a_member_that_lies_about_its_size_costs_no_memory() -> None:
    file = declare(zipped({"a.xml": bytes(150 << 20)}), 1000)
    tracemalloc.start()
    try:
        assert refused(file) == "damaged: expands to more than it declares"
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_more_xml_than_fits_a_tree_unless_it_is_streamed() -> None:
    file = declare(zipped({"xl/worksheets/sheet1.xml": b"<a/>"}, zipfile.ZIP_STORED), 300 << 20)
    raw = bytearray(file.getvalue())
    # An honest ratio: as many packed bytes are declared as expanded ones.
    directory = raw.rindex(b"PK\x01\x02")
    raw[directory + 20 : directory + 24] = struct.pack("<I", 300 << 20)
    file = io.BytesIO(bytes(raw))
    assert refused(file) == "too large: 315 MB of XML"
    check_archive(file, streamed="xl/worksheets/")


def test_methods_that_no_office_writes() -> None:
    assert refused(zipped({"a.xml": b"x" * 100}, zipfile.ZIP_LZMA)).startswith("damaged: compressed in a way")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_cut_off(part: float) -> None:
    whole = zipped({"a.xml": bytes(range(256)) * 2000, "b.xml": b"x" * 1000}).getvalue()
    assert refused(io.BytesIO(whole[: int(len(whole) * part)])).startswith("damaged: ")
