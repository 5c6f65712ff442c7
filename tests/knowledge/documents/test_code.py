"""Code, reStructuredText, notebooks and mail: blocks are exact, nothing but markup is lost."""

from __future__ import annotations

import json
from email.message import EmailMessage
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.errors import Unreadable
from formfact.knowledge import documents
from formfact.types import Document


def read(data: bytes | str, name: str) -> Document:
    (found,) = documents.read(BytesIO(data if isinstance(data, bytes) else data.encode()), name)
    assert isinstance(found, Document)
    end = 0
    for block in found.blocks:
        text = found.text[block.start : block.end]
        assert text.strip()
        assert block.start >= end
        end = block.end
    return found


def texts(document: Document, kind: str = "") -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if not kind or b.kind == kind]


PYTHON = '''\
"""Talks to the tide hub."""

import socket

# The hub listens here.
PORT = 4100


# Opens it.
@retry(3)
def open_hub(name):
    """Open."""
    return name


class Hub:
    """A hub."""

    def read(self):
        return 1

    def close(self):
        pass


print("done")
'''


def test_python_is_cut_at_its_definitions() -> None:
    document = read(PYTHON, "hub.py")
    assert document.title == "Talks to the tide hub."
    found = texts(document)
    assert found[1].startswith("# Opens it.\n@retry(3)\ndef open_hub")
    assert found[2].startswith("class Hub:")
    assert [text.split("(")[0] for text in found[3:]] == ["def read", "def close", "print"]


def test_python_that_does_not_parse_is_cut_at_paragraphs() -> None:
    found = texts(read("print 'old'\n\ndef f(:\n    pass\n\n    more\n\nx = 1\n", "old.py"))
    assert found == ["print 'old'", "def f(:\n    pass\n\n    more", "x = 1"]


def test_other_languages() -> None:
    code = "use std::io;\n\nfn main() {\n    let a = 1;\n\n    print(a);\n}\n\nfn two() {}\n"
    assert texts(read(code, "a.rs")) == [
        "use std::io;",
        "fn main() {\n    let a = 1;\n\n    print(a);\n}",
        "fn two() {}",
    ]


@given(
    st.lists(st.sampled_from(["def f():\n    pass\n", "class A:\n    x = 1\n", "x = (\n", "\n", "# c\n", "    y\n"]))
)
def test_no_character_of_code_is_lost(parts: list[str]) -> None:
    code = "".join(parts) + "end"
    assert "".join("".join(text.split()) for text in texts(read(code, "a.py"))) == "".join(code.split())


RST = """\
=====
Guide
=====

Intro text
over lines.

Install
-------

- one
- two
  more

1. first

Example::

    run this

    and that

.. code-block:: python

   x = 1

.. a comment
   that goes on

.. note:: Mind the tide.

Deeper
~~~~~~

===== =====
Model Price
===== =====
Lamp  12
===== =====

Last
-----

End.
"""


def test_restructured_text() -> None:
    document = read(RST, "guide.rst")
    assert document.title == "Guide"
    headings = [block for block in document.blocks if block.kind == "heading"]
    assert [(b.level, document.text[b.start : b.end].strip("=-~\n")) for b in headings] == [
        (1, "Guide"),
        (2, "Install"),
        (3, "Deeper"),
        (2, "Last"),
    ]
    assert texts(document, "item") == ["- one", "- two\n  more", "1. first"]
    assert texts(document, "code") == ["run this\n\n    and that", ".. code-block:: python\n\n   x = 1"]
    assert texts(document, "row") == ["Model Price", "Lamp  12"]
    assert texts(document, "paragraph") == ["Intro text\nover lines.", "Example::", ".. note:: Mind the tide.", "End."]
    assert document.text == RST


@given(st.text(st.sampled_from("ab.-=:*|+ \n\t"), min_size=1).map(lambda text: f"{text}\n\nend"))
def test_any_lines_are_read(text: str) -> None:
    read(text, "a.rst")


def test_a_notebook() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "\n", "Some *text*.\n", "- item"]},
        {
            "cell_type": "code", "source": "print(1)",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[31m1\x1b[0m\n"]},
                {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": "<Figure>"}},
                {"output_type": "execute_result", "data": {"text/plain": "42"}},
                {"output_type": "error", "ename": "E", "traceback": ["boom"]},
            ],
        },
    ]  # fmt: skip
    document = read(json.dumps({"nbformat": 4, "cells": cells}), "a.ipynb")
    assert document.title == "Tides"
    assert texts(document) == ["Tides", "Some *text*.", "- item", "print(1)", "1", "42"]


def test_what_a_notebook_shows_in_markdown_is_read() -> None:
    shows = {"text/markdown": ["## Result\n", "\n", "The tide is *high*."], "text/plain": "<Markdown object>"}
    outputs = [{"output_type": "display_data", "data": shows}, {"output_type": "error", "data": shows}]
    cells = [{"cell_type": "code", "source": "show()", "outputs": outputs}]
    document = read(json.dumps({"nbformat": 4, "cells": cells}), "a.ipynb")
    assert (document.title, texts(document)) == ("", ["show()", "Result", "The tide is *high*."])


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        ({}, ["# Plain", "words."]),
        ({"raw_mimetype": "text/plain"}, ["# Plain", "words."]),
        ({"format": "text/markdown"}, ["Plain", "words."]),
        ({"format": "text/latex"}, []),
        ({"raw_mimetype": "text/html"}, []),
        ([], ["# Plain", "words."]),
    ],
)
def test_raw_cells_are_plain_text_unless_they_say_other(metadata: object, found: list[str]) -> None:
    cells = [
        {"cell_type": "raw", "metadata": metadata, "source": ["# Plain\n", "\n", "words."]},
        {"cell_type": "code", "source": "x = 1"},
    ]
    assert texts(read(json.dumps({"nbformat": 4, "cells": cells}), "a.ipynb")) == [*found, "x = 1"]


def test_a_notebook_of_format_three() -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Old"},
        {"cell_type": "code", "input": "x = 1", "outputs": []},
    ]
    assert texts(read(json.dumps({"worksheets": [{"cells": cells}]}), "a.ipynb")) == ["Old", "x = 1"]


@pytest.mark.parametrize("data", ["[]", "{}", '{"cells": []}', "{", '{"cells": [{"cell_type": "code", "source": ""}]}'])
def test_no_notebook(data: str) -> None:
    with pytest.raises(Unreadable):
        list(documents.read(BytesIO(data.encode()), "a.ipynb"))


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {"Subject": "The pump", "From": "Ada <ada@example.org>", **headers}.items():
        message[name.replace("_", "-")] = value
    return message


def test_a_mail_prefers_plain_text_and_names_attachments() -> None:
    message = mail(To="bob@example.org", Date="Tue, 05 Mar 2024 10:00:00 +0100")
    message.set_content("Dear Bob,\n\nthe pump stands still.\n")
    message.add_alternative("<p>Dear <b>Bob</b></p>", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="pump.png")
    document = read(message.as_bytes(), "a.eml")
    assert (document.title, texts(document)) == ("The pump", ["Dear Bob,", "the pump stands still."])
    assert document.metadata == {
        "from": "Ada <ada@example.org>", "to": "bob@example.org", "date": "2024-03-05T10:00:00+01:00",
        "attachments": "pump.png",
    }  # fmt: skip


def test_a_mail_of_html_and_one_of_a_subject_alone() -> None:
    message = mail()
    message.set_content("<p>The <i>valve</i> is shut.</p>", subtype="html")
    assert texts(read(message.as_bytes(), "a.eml")) == ["The valve is shut."]
    assert texts(read(mail().as_bytes(), "a.eml")) == ["The pump"]


def test_a_mail_in_a_charset_that_nobody_knows() -> None:
    data = b"Subject: x\nContent-Type: text/plain; charset=klingon\n\nThe pump \xff stands.\n"
    assert "The pump" in read(data, "a.eml").text


def test_an_output_that_only_its_html_tells() -> None:
    told = {"text/html": ["<table><tr><td>tide<td>high</table>"], "text/plain": "<IPython.core.display.HTML object>"}
    outputs = [
        {"output_type": "display_data", "data": told},
        {"output_type": "display_data", "data": {"text/html": " "}},
    ]
    cells = [{"cell_type": "code", "source": "show()", "outputs": outputs}]
    assert texts(read(json.dumps({"nbformat": 4, "cells": cells}), "a.ipynb")) == ["show()", "tide | high"]


def test_an_empty_comment_takes_no_text_with_it() -> None:
    document = read("Before.\n\n..\n\n   A quotation.\n\n..\n   A comment.\n\nAfter.\n", "a.rst")
    assert texts(document) == ["Before.", "A quotation.", "After."]


@pytest.mark.parametrize("title", ["Hi\n==", "==\nC#\n==", "R\n-", "Intro\n%%%%%"])
def test_rst_titles_however_short(title: str) -> None:
    document = read(f"{title}\n\nText.\n", "a.rst")
    assert texts(document, "heading") == [title]
    assert document.title == next(word for word in title.split() if word[0].isalpha())


@pytest.mark.parametrize(
    "text", ["Hello\n--\n\nText.", "ab\n::\n\n  code", "==  ==\na   b\n==  ==\n1   2\n==  ==", "a\n\n--"]
)
def test_rst_short_marks_that_are_no_titles(text: str) -> None:
    assert texts(read(text, "a.rst"), "heading") == []
