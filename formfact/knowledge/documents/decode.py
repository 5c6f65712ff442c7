"""Bytes -> text: marks of Unicode first, then UTF-8, then the most likely of the old encodings."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from formfact.errors import Unreadable
from formfact.knowledge.documents.layout import clean

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 100_000
"""Bytes looked at to guess an old encoding; the guess costs seconds a megabyte."""
ESCAPE = b"\x1b"
MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "gb2312": "gb18030", "euc_kr": "cp949"}
"""What pages declare -> the larger encoding that they are written in."""
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def decode(data: bytes, *, declared: str = "") -> str:
    """The text of a file, cleaned. Raises Unreadable: "empty" for no bytes, "not text" for anything binary.

    An encoding that the file declares counts where it is not UTF-8, and for seven-bit encodings with escapes.
    """
    if not data.strip():
        raise Unreadable("empty")
    return clean(_decode(data, known(declared)))


def known(declared: str) -> str:
    """The declared encoding as the web reads it, or "" where there is none or it is no larger sister of ASCII."""
    try:
        name = codecs.lookup(declared).name if declared else ""
        return MEANT.get(name, name) if b"a".decode(name or "ascii", "replace") == "a" else ""
    except (LookupError, ValueError):
        return ""


def _decode(data: bytes, declared: str) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if is_binary(data[:SAMPLE]):
        raise Unreadable("not text")
    if declared and ESCAPE in data[:SAMPLE]:
        return data.decode(declared, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(declared or guess(data), "replace")


def is_binary(sample: bytes) -> bool:
    """Whether bytes without a Unicode mark can be no text: a NUL, or one control character in ten."""
    return b"\0" in sample or len(sample) - len(sample.translate(None, CONTROLS)) > len(sample) / 10


def guess(data: bytes) -> str:
    """The likely encoding of text that is not UTF-8. One stray byte in UTF-8 text does not make it another encoding."""
    sample = data[:SAMPLE]
    if sample.decode("utf-8", "replace").count("\ufffd") <= max(1, len(sample) // 10_000):
        return "utf-8"
    best = from_bytes(sample, cp_exclusion=["utf_7", "utf_16", "utf_32"]).best()
    return best.encoding if best is not None else "cp1252"
