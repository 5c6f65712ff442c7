"""Which reader reads what, how bytes become text, and how everything that goes wrong becomes a reason."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from formfact.errors import Unreadable
from formfact.knowledge import documents
from formfact.knowledge.documents.decode import decode
from formfact.types import Document


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.MD", "markdown"), ("x/b.pdf", "pdf"), ("Makefile", "code"), ("LICENSE", "text"), ("a.jsonl", "jsonl"),
     ("a.tar.unknown", "text"), ("Dockerfile", "code"), ("a.eml", "mail"), ("a.PY", "code")],
)  # fmt: skip
def test_the_name_tells_the_format(name: str, form: str) -> None:
    assert documents.format_of(name) == form


def test_an_ending_that_nothing_reads_is_said_at_once() -> None:
    with pytest.raises(Unreadable, match=r"no reader for \.png"):
        documents.format_of("photo.png")
    with pytest.raises(Unreadable, match=r"no reader for \.rtf: save it as \.docx"):
        documents.format_of("letter.rtf")


@pytest.mark.parametrize("form", documents.READERS)
def test_every_format_has_its_reader_and_survives_nonsense(form: str) -> None:
    """Text, bytes and nothing: documents or a reason, never another exception."""
    ending = next(ending for ending, name in documents.FORMATS.items() if name == form)
    for data in (b"", b"   \n ", b"plain words", b"\0\1\2\3" * 50, b"{[<|\xff\xfe\n" * 20, b"PK\3\4" + b"\0" * 200):
        reason = ""
        try:
            found = list(documents.read(BytesIO(data), f"a{ending}"))
        except Unreadable as error:
            reason, found = error.reason, []
        assert found or reason
        assert "\n" not in reason
        assert all(document.id for document in found if isinstance(document, Document))


def test_size_limits() -> None:
    with pytest.raises(Unreadable, match="empty"):
        documents.check_size("a.md", 0)
    with pytest.raises(Unreadable, match="larger than the limit"):
        documents.check_size("a.md", 2 << 30)
    with pytest.raises(Unreadable, match="at most 1"):
        documents.check_size("a.md", 2 << 20, limit=1 << 20)
    documents.check_size("a.jsonl", 500 << 20)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_of_unicode(encoding: str) -> None:
    assert decode("Zürich\r\n漢字 🜂".encode(encoding)) == "Zürich\n漢字 🜂"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_letter_without_a_mark(encoding: str) -> None:
    assert decode("Die Größe ist 30 € – Zürich\r\n".encode(encoding)) == "Die Größe ist 30 € – Zürich\n"
    for data in (bytes(1000), b"\1\0\2\0\3\0" * 50):
        with pytest.raises(Unreadable, match="not text"):
            decode(data)


def test_old_encodings_are_guessed() -> None:
    german = "Die Prüfung der Pumpe dauert höchstens fünf Minuten; größere Geräte brauchen länger. " * 5
    assert decode(german.encode("cp1252")) == german
    japanese = "名前,年齢,住所\n佐藤太郎,30,東京\n三木英子,25,大阪\n髙橋淳,35,名古屋\n" * 4
    assert decode(japanese.encode("shift_jis", "ignore")).startswith("名前,年齢,住所")


def test_one_stray_byte_does_not_make_another_encoding() -> None:
    text = "Zürich und die Prüfung der Pumpe. " * 50
    assert decode(text.encode() + b"\xff").startswith(text)

    assert decode(b"Z\xc3\xbcrich" + b" and so on" * 20_000 + b"\xff").startswith("Zürich")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Region\nSüd\n"),
        ("cp1252", "Preis: 5 €"),
        ("cp1252", "It’s 20 °C – naïve, “so to speak”."),
        ("cp1252", "Pumpen må ikke køre uden væske. Før brug skal røret være åbent."),
        ("cp1252", "A manutenção não é necessária até às três horas. As ações são avaliadas."),
        ("cp1252", "La qualità è più alta perché la città può già contare su un’attività."),
        ("cp1252", "only in its last word, " * 10_000 + "Köln"),
        ("cp1250", "Zażółć gęślą jaźń"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy"),
        ("cp1251", "Насос не должен работать без жидкости. Перед использованием проверьте, открыт ли клапан. " * 40),
        ("cp932", "名前,値\n田中,5\n"),
        ("gb18030", "中文文本，关于天气。"),
    ],
)
def test_few_letters_beyond_ascii_tell_the_encoding(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_what_is_not_text_is_said() -> None:
    for data in (b"\x7fELF\0\0\0", bytes(range(1, 32)) * 20):
        with pytest.raises(Unreadable, match="not text"):
            decode(data)


def test_importing_one_reader_does_not_import_the_others() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from io import BytesIO; from formfact.knowledge import documents; "
        "list(documents.read(BytesIO(b'hello'), 'a.txt')); "
        "print([m for m in ('docx', 'pptx', 'openpyxl', 'pypdfium2', 'lxml', 'selectolax') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"
