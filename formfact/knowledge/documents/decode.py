"""Bytes -> text: marks of Unicode first, then UTF-8, then the most likely of the old encodings."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from formfact.errors import Unreadable
from formfact.knowledge.documents.alphabets import latin_encoding
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
LEAD = 100
"""Bytes before the first one that is not UTF-8 that are looked at with it."""
CONTINUED = bytes(range(0x80, 0xC0))
"""The bytes of UTF-8 that begin no character."""
OTHER_WIDTHS = tuple("utf_7 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le".split())
"""What text without a NUL is not written in, though short pieces of it may be read so."""
RARE = {"mac_cyrillic": "cp1251"}
"""What nearly no file is written in -> the encoding that is taken for it: only capitals and one letter differ."""
MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "gb2312": "gb18030", "euc_kr": "cp949"}
"""What pages declare -> the larger encoding that they are written in."""
UNMARKED = 0.7
"""The share of NULs in every other byte from which on text is of two bytes a letter."""
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
    if wide := unmarked(data[:SAMPLE]):
        return data.decode(wide, "replace")
    if is_binary(data[:SAMPLE]):
        raise Unreadable("not text")
    if declared and ESCAPE in data[:SAMPLE]:
        return data.decode(declared, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # What declares UTF-8 and is none was saved in another encoding by a program that left the declaration alone.
        other = "" if declared == "utf-8" else declared
        return data.decode(other or guess(data, error.start), "replace")


def unmarked(sample: bytes) -> str:
    """The encoding of text in UTF-16 without its mark, "" for anything else: nearly every second byte of it is NUL."""
    sample = sample[: len(sample) // 2 * 2]
    for encoding, letters, nulls in (
        ("utf-16-le", sample[::2], sample[1::2]),
        ("utf-16-be", sample[1::2], sample[::2]),
    ):
        if len(nulls) > 3 and nulls.count(0) > UNMARKED * len(nulls) and not is_binary(letters):
            return encoding
    return ""


def is_binary(sample: bytes) -> bool:
    """Whether bytes without a Unicode mark can be no text: a NUL, or one control character in ten."""
    return b"\0" in sample or len(sample) - len(sample.translate(None, CONTROLS)) > len(sample) / 10


def guess(data: bytes, at: int, *, beside: bool = False) -> str:
    """The likely encoding of bytes that are UTF-8 up to `at` and not from there on.

    A stray byte in UTF-8 text does not make it another encoding; it is such text if other characters beyond ASCII are
    there. `beside` says that there are some before these bytes.
    """
    sample = data[max(0, at - LEAD) :][:SAMPLE]
    if at:  # what is UTF-8 may have been cut within a character
        sample = sample.lstrip(CONTINUED)
    if _is_damaged(sample, beside or not data[:at].isascii()):
        return "utf-8"
    if found := latin_encoding(sample):
        return found
    best = from_bytes(sample, cp_exclusion=list(OTHER_WIDTHS)).best()
    return RARE.get(best.encoding, best.encoding) if best is not None else "cp1252"


def _is_damaged(sample: bytes, beside: bool) -> bool:
    """Whether bytes are UTF-8 but for a few."""
    # The sample may end within a character, which is no damage.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    wrong = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return wrong <= max(1, len(sample) // 10_000) and (beside or right > 0)
