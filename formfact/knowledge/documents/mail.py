"""Mail (.eml): subject, who and when as metadata, and the body; attachments are named and not read."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import IO

from formfact.errors import Unreadable
from formfact.knowledge.documents.html import lay_out_html
from formfact.knowledge.documents.layout import Layout, clean
from formfact.types import Document, Scalar, Skipped


def read_mail(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document; plain text is preferred to HTML where a part comes as both."""
    message = email.message_from_binary_file(file, policy=email.policy.default)
    if not message.keys():
        raise Unreadable("damaged: not a mail")
    layout = Layout()
    for part in _bodies(message):
        _lay_out(part, layout)
    subject = _header(message, "subject")
    if not layout:
        layout.paragraph(subject)
    yield layout.document(name, "mail", title=subject, metadata=_metadata(message))


def _bodies(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that are text to be read, of each alternative the plainest."""
    if message.get_content_type() == "multipart/alternative":
        best = message.get_body(("plain", "html"))
        if best is not None:
            yield best  # type: ignore[misc]
    elif message.is_multipart():
        for part in message.iter_parts():
            yield from _bodies(part)  # type: ignore[arg-type]
    elif message.get_content_maintype() == "text" and not message.is_attachment():
        yield message


def _lay_out(part: EmailMessage, layout: Layout) -> None:
    try:
        text = part.get_content()
    except (LookupError, UnicodeError):
        # A charset that nobody knows: what is ASCII in it can still be read.
        text = (part.get_payload(decode=True) or b"").decode("ascii", "replace")  # type: ignore[union-attr]
    if part.get_content_subtype() == "html":
        lay_out_html(text, layout)
        return
    for paragraph in clean(text).split("\n\n"):
        layout.paragraph(paragraph)


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(clean(str(message.get(name, ""))).split())


def _metadata(message: EmailMessage) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {name: _header(message, name) for name in ("from", "to", "cc") if message.get(name)}
    date = getattr(message.get("date"), "datetime", None)
    if date is not None:
        found["date"] = date.isoformat()
    names = [part.get_filename() for part in message.iter_attachments() if part.get_filename()]
    return {**found, "attachments": ", ".join(map(str, names))} if names else found
