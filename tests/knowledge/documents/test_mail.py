"""Mail as it comes: empty parts, charsets that are missing or wrong, headers that nothing can read."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from tests.knowledge.documents.reading import read_one, shown

FEE = "<p>The mooring fee is 30 euros per night.</p>"


def texts(content: bytes) -> list[str]:
    return [text for _, text in shown(read_one(content, "a.eml"))]


def raw(kind: str, body: bytes, *headers: str) -> bytes:
    lines = ["Subject: Fees", f"Content-Type: {kind}" if kind else "", "Content-Transfer-Encoding: 8bit", *headers]
    return "\r\n".join(line for line in lines if line).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("plain", ["", " \n\n", "\xa0\n"])
def test_an_empty_plain_part_gives_way_to_html(plain: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Fees"
    message.set_content(plain)
    message.add_alternative(FEE, subtype="html")
    assert texts(message.as_bytes()) == ["The mooring fee is 30 euros per night."]
    message.add_attachment(b"x", maintype="image", subtype="png", filename="map.png")
    assert texts(message.as_bytes()) == ["The mooring fee is 30 euros per night."]


def test_two_empty_parts_leave_the_subject() -> None:
    message = EmailMessage()
    message["Subject"] = "Fees"
    message.set_content("")
    message.add_alternative("", subtype="html")
    assert texts(message.as_bytes()) == ["Fees"]


@pytest.mark.parametrize("kind", ["", "text/plain", "text/plain; charset=us-ascii", "text/plain; charset=iso-8859-1"])
def test_text_that_is_utf_8_is_read_as_such(kind: str) -> None:
    assert texts(raw(kind, "Die Prüfung kostet 30 €.".encode())) == ["Die Prüfung kostet 30 €."]


def test_what_outlook_calls_latin_1_is_windows() -> None:
    body = "The harbour’s fee is 30 €."
    assert texts(raw("text/plain; charset=iso-8859-1", body.encode("cp1252"))) == [body]
    assert texts(raw("text/html; charset=iso-8859-1", f"<p>{body}".encode("cp1252"))) == [body]


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "utf-8"), ("windows-1251", "cp1251")])
@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=us-ascii", "text/html; charset=klingon"])
def test_a_page_may_declare_what_the_mail_does_not(kind: str, charset: str, encoding: str) -> None:
    body = f"<meta charset={charset}><p>Стоянка стоит 30 евро.</p>"
    assert texts(raw(kind, body.encode(encoding))) == ["Стоянка стоит 30 евро."]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "utf-7", "hz-gb-2312", "iso-2022-jp"])
def test_charsets_that_bytes_do_not_show(charset: str) -> None:
    word = "漢字" if charset == "iso-2022-jp" else "中文"
    assert texts(raw(f"text/plain; charset={charset}", f"Fee: {word}".encode(charset))) == [f"Fee: {word}"]


def test_a_part_that_is_no_text_costs_no_other() -> None:
    message = EmailMessage()
    message["Subject"] = "Fees"
    message.set_content("The fee is 30 euros.")
    message.add_attachment(bytes(range(1, 32)) * 20, maintype="text", subtype="plain", disposition="inline")
    assert texts(message.as_bytes()) == ["The fee is 30 euros."]
    assert texts(raw("text/plain", b"The fee\0 is 30 euros.")) == ["The fee is 30 euros."]


def test_a_malformed_header_costs_itself_alone() -> None:
    headers = ("To: =?utf-8?q?a=0D=0Ab?= <x@acme.example>", "From: Ada <ada@acme.example>", "Date: nonsense")
    document = read_one(raw("text/plain", b"The fee is 30 euros.", *headers), "a.eml")
    assert (document.title, document.text) == ("Fees", "The fee is 30 euros.")
    assert document.metadata == {"to": "a b <x@acme.example>", "from": "Ada <ada@acme.example>"}


def test_a_mail_inside_a_mail_says_whose_it_is() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "ann@example.org", "Old fees"
    inner.set_content("Twenty euros.")
    message = EmailMessage()
    message["Subject"] = "Fees"
    message.set_content("See below.")
    message.add_attachment(inner)
    assert texts(message.as_bytes()) == ["See below.", "From: ann@example.org\nSubject: Old fees", "Twenty euros."]


def test_an_alternative_in_several_parts_is_read_whole() -> None:
    page = MIMEMultipart("mixed")
    for words in ("The fee is 30 euros.", "Boats over 12 metres pay 45."):
        page.attach(MIMEText(f"<p>{words}</p>", "html"))
        page.attach(MIMEImage(b"x", "png"))
    mail = MIMEMultipart("alternative")
    mail["Subject"] = "Fees"
    mail.attach(MIMEText("", "plain"))
    mail.attach(page)
    assert texts(mail.as_bytes()) == ["The fee is 30 euros.", "Boats over 12 metres pay 45."]
    plain = MIMEMultipart("mixed")
    for words in ("Thirty euros.", "Forty-five for the large ones."):
        plain.attach(MIMEText(words, "plain"))
    mail.attach(plain)
    assert texts(mail.as_bytes()) == ["Thirty euros.", "Forty-five for the large ones."]


def test_plain_text_that_only_points_to_the_page_gives_way_to_it() -> None:
    message = EmailMessage()
    message["Subject"] = "Fees"
    message.set_content("Your program cannot show this message.")
    message.add_alternative(FEE * 10, subtype="html")
    assert texts(message.as_bytes()) == ["The mooring fee is 30 euros per night."] * 10
    message.clear_content()
    message.set_content("The fee is 30 euros.")
    message.add_alternative(FEE, subtype="html")
    assert texts(message.as_bytes()) == ["The fee is 30 euros."]
