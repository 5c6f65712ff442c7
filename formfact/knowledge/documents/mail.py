"""Mail (.eml): subject, who and when as metadata, and the body; attachments are named and not read."""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import suppress
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from typing import IO, Any

from formfact.errors import Unreadable
from formfact.knowledge.documents.decode import decode, known
from formfact.knowledge.documents.html import declared_by, lay_out_html
from formfact.knowledge.documents.layout import Layout, clean
from formfact.types import Document, Scalar, Skipped

OPAQUE = frozenset(("hz", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"))
"""Charsets that bytes do not show: text in them may pass for UTF-8, or for no text at all."""
UNSAID = ("us-ascii", "ascii")
"""What programs write where they do not know the charset."""
STUB = 60
"""Words below which plain text may say no more than that there is a page beside it, ..."""
FULLER = 5
"""... which then says so many times as much."""
Version = list[tuple[EmailMessage, str]]
"""One of several ways in which a mail says the same: its parts, with their texts."""
TOKEN = re.compile(r"[\w/.+-]+", re.ASCII)
_registry = HeaderRegistry()


def _parsed(name: str, value: str) -> Any:
    """A header; where the parser fails at it, its words, so that one malformed header does not cost the mail."""
    try:
        return _registry(name, value)
    except Exception:
        # It raises anything at what it does not expect. A header of MIME must still have its form: its first token.
        token = TOKEN.match(value)
        is_mime = name.lower().startswith("content-")
        return _registry(name, token[0] if token else "") if is_mime else _registry("subject", value)


POLICY = email.policy.default.clone(header_factory=_parsed)


def read_mail(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document; plain text is preferred to HTML where a part comes as both."""
    message = email.message_from_binary_file(file, policy=POLICY)
    if not message.keys():
        raise Unreadable("damaged: not a mail")
    layout = Layout()
    for part, text in _bodies(message):
        _lay_out(part, text, layout)
    subject = _header(message, "subject")
    if not layout:
        layout.paragraph(subject)
    yield layout.document(name, "mail", title=subject, metadata=_metadata(message))


def _bodies(message: EmailMessage) -> Iterator[tuple[EmailMessage, str]]:
    """The parts that are to be read, with their texts; of each alternative the plainest that says what it is about."""
    if message.get_content_type() == "multipart/alternative":
        yield from _plainest([list(_bodies(part)) for part in message.iter_parts()])  # type: ignore[arg-type]
    elif message.is_multipart():
        if message.get_content_type() == "message/rfc822":
            yield message, _heads(message.get_content())
        for part in message.iter_parts():
            yield from _bodies(part)  # type: ignore[arg-type]
    elif message.get_content_maintype() == "text" and not message.is_attachment():
        yield message, _text(message)


def _plainest(versions: list[Version]) -> Version:
    """The first of the plainest versions that says anything, but for a short one that only points to a fuller one."""
    told = sorted((version for version in versions if any(text.strip() for _, text in version)), key=_richness)
    if len(told) > 1:
        words, fuller = (len(_laid_out(version).split()) for version in told[:2])
        if words < STUB and fuller > FULLER * words:
            return told[1]
    return told[0] if told else []


def _richness(version: Version) -> int:
    """0 for plain text, 1 for what holds a page, 2 for what is made for other programs, as a calendar is."""
    kinds = {part.get_content_subtype() for part, _ in version}
    return 0 if kinds <= {"plain", "rfc822"} else 1 if kinds <= {"plain", "rfc822", "html"} else 2


def _laid_out(version: Version) -> str:
    layout = Layout()
    for part, text in version:
        _lay_out(part, text, layout)
    return layout.document("", "").text if layout else ""


def _heads(message: EmailMessage) -> str:
    """Who wrote a mail that lies in another one, when and about what."""
    told = ((name, _header(message, name)) for name in ("From", "To", "Date", "Subject"))
    return "\n".join(f"{name}: {text}" for name, text in told if text)


def _lay_out(part: EmailMessage, text: str, layout: Layout) -> None:
    if part.get_content_subtype() == "html":
        lay_out_html(text, layout)
        return
    for paragraph in text.split("\n\n"):
        layout.paragraph(paragraph)


def _text(part: EmailMessage) -> str:
    """What a part says, in the charset that the mail declares, else the page itself; nothing for what is no text."""
    data: bytes = part.get_payload(decode=True) or b""  # type: ignore[assignment]
    charset = part.get_content_charset("")
    if _codec(charset) in OPAQUE:
        return clean(data.decode(charset, "replace"))
    declared = "" if charset in UNSAID else known(charset)
    if not declared and part.get_content_subtype() == "html":
        declared = declared_by(data)
    for content in (data, data.replace(b"\0", b"")):  # a stray NUL is no reason to lose a mail
        with suppress(Unreadable):
            return decode(content, declared=declared)
    return ""


def _codec(charset: str) -> str:
    try:
        return codecs.lookup(charset).name
    except (LookupError, ValueError):
        return ""


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(clean(str(message.get(name, ""))).split())


def _metadata(message: EmailMessage) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {name: _header(message, name) for name in ("from", "to", "cc") if message.get(name)}
    date = getattr(message.get("date"), "datetime", None)
    if date is not None:
        found["date"] = date.isoformat()
    names = [part.get_filename() for part in message.iter_attachments() if part.get_filename()]
    return {**found, "attachments": ", ".join(map(str, names))} if names else found
