"""Markdown and plain text: the text stays, its blocks are exact."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.errors import Unreadable
from formfact.knowledge.documents.headings import heading_text
from formfact.knowledge.documents.markdown import read_markdown
from formfact.knowledge.documents.plain import read_plain
from formfact.types import Document

GUIDE = """\
---
title: "The guide"
author: Ada
tags: [a, b]
---
# Pumps `x`

Some *text*
over two lines.

- one
- two
  more of two
    - three

1. first

> quoted

| Name | Price |
|------|-------|
| Lamp | 12    |

```python
def f():

    return 1
```

<a id="anchor"></a>
<!-- a comment -->

Under
-----

Last [link](http://x) line.
"""


def read(text: str) -> Document:
    (document,) = read_markdown(BytesIO(text.encode()), "a.md")
    assert isinstance(document, Document)
    return document


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_every_block_of_a_guide() -> None:
    document = read(GUIDE)
    assert blocks(document) == [
        ("heading", "# Pumps `x`"),
        ("paragraph", "Some *text*\nover two lines."),
        ("item", "- one"),
        ("item", "- two\n  more of two"),
        ("item", "- three"),
        ("item", "1. first"),
        ("paragraph", "> quoted"),
        ("row", "| Name | Price |"),
        ("row", "| Lamp | 12    |"),
        ("code", "```python\ndef f():\n\n    return 1\n```"),
        ("heading", "Under\n-----"),
        ("paragraph", "Last [link](http://x) line."),
    ]
    assert document.title == "The guide"
    assert document.metadata == {"author": "Ada", "tags": "[a, b]"}
    assert document.text == GUIDE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("---\n\nThe crane lifts twelve tonnes.\n\n---\n\n# Bells", ["The crane lifts twelve tonnes.", "# Bells"]),
        ("---\nThe crane lifts twelve tonnes.\n\n---\nBells", ["The crane lifts twelve tonnes.", "Bells"]),
        ("---\nThe crane: it lifts.\n\n---\n\nBells", ["The crane: it lifts.", "Bells"]),
        ("---\n---\nCranes\n\n---\n\nBells", ["Cranes", "Bells"]),
        ("---\ntags:\n- a\n---\nBells", ["Bells"]),
        ("--- \ntitle: x\n--- \nBells", ["Bells"]),
        ("---\ntitle: x\n\nnever closed", None),
    ],
)
def test_a_thematic_break_opens_no_front_matter(text: str, found: list[str] | None) -> None:
    document = read(text)
    if found is None:
        assert "never closed" in "".join(words for _, words in blocks(document))
    else:
        assert [words for _, words in blocks(document)] == found


def test_front_matter_is_yaml() -> None:
    block = "Title: >-\n  The\n  guide\ndescription: |\n  Two\n  lines\nversion: 1.10\nopen: yes\nnone:\nseo:\n  a: b\n"
    document = read(f"---\n{block}date: 2024-05-01 # today\n---\nBells")
    assert document.title == "The guide"
    assert document.metadata == {
        "description": "Two lines", "version": "1.10", "open": "yes", "date": "2024-05-01",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["a: b: c", "\tx", "a: [", f"deep: {'[' * 5000}", "a: *nobody", "- one"])
def test_front_matter_that_is_no_yaml_has_its_simple_lines(wrong: str) -> None:
    document = read(f"---\nauthor: 'Ada'\n{wrong}\n---\nBells")
    assert document.metadata["author"] == "Ada"
    assert blocks(document) == [("paragraph", "Bells")]


def test_addresses_alone_in_a_paragraph_are_words() -> None:
    text = "<help@acme.example>\n\n<https://acme.example/x>\n\n- <mailto:a@b.example>\n\n<a id='x'></a>\n\n<!--a@b.c-->"
    assert [words for _, words in blocks(read(text))] == [
        "<help@acme.example>",
        "<https://acme.example/x>",
        "- <mailto:a@b.example>",
    ]


def test_the_title_is_the_first_heading_where_none_is_given() -> None:
    assert read("# Pumps *and* `valves`\n\ntext").title == "Pumps and valves"
    assert read("just text").title == ""


@pytest.mark.parametrize(
    ("raw", "words"),
    [("## The `x` of [y](z) ##", "The x of y"), ("Name\n====", "Name"), ("****\nTop\n****", "Top"),
     ("C# and F#", "C# and F#"), ("#hashtag", "#hashtag"), ("Title {#anchor}", "Title"),
     ("a <b>bold</b> one", "a bold one"), ("> ### Quoted", "Quoted"), ("> > Under", "Under")],
)  # fmt: skip
def test_the_words_of_a_heading(raw: str, words: str) -> None:
    assert heading_text(raw) == words


def test_a_line_of_marks_in_a_heading_is_looked_at_once() -> None:
    start = time.perf_counter()
    assert heading_text(f"Tides\n{'>' * 20_000}x").startswith("Tides")
    assert time.perf_counter() - start < 2


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("#-*`>|\n\n \t1.)"), min_size=1))
def test_blocks_are_exact_ordered_and_apart(text: str) -> None:
    for reader in (read_markdown, read_plain):
        try:
            (document,) = reader(BytesIO(text.encode()), "a")
        except Unreadable:
            continue
        assert isinstance(document, Document)
        end = 0
        for block in document.blocks:
            found = document.text[block.start : block.end]
            assert found.strip() == found != ""
            assert block.start >= end
            end = block.end


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.just("\n"), min_size=1).filter(str.strip))
def test_plain_text_loses_no_word(text: str) -> None:
    (document,) = read_plain(BytesIO(text.encode()), "a.txt")
    assert isinstance(document, Document)
    assert "".join("".join(found.split()) for _, found in blocks(document)) == "".join(text.split())


def test_plain_text_has_paragraphs_items_and_underlined_headings() -> None:
    text = "NOTES\n=====\nfirst line\nsecond line\n\nTo do:\n- one\n  goes on\n- two\n\n1) three\n"
    (document,) = read_plain(BytesIO(text.encode()), "a.txt")
    assert isinstance(document, Document)
    assert blocks(document) == [
        ("heading", "NOTES\n====="),
        ("paragraph", "first line\nsecond line"),
        ("paragraph", "To do:"),
        ("item", "- one\n  goes on"),
        ("item", "- two"),
        ("item", "1) three"),
    ]
    assert document.title == "NOTES"


def test_a_footnote_of_one_word_is_text() -> None:
    text = "Seen[^1].\n\n[^1]: https://example.org\n\n> [^2]: Word\n\n[a]: https://example.org\n"
    (document,) = read_markdown(BytesIO(text.encode()), "a.md")
    assert isinstance(document, Document)
    assert [text[block.start : block.end] for block in document.blocks] == [
        "Seen[^1].",
        "[^1]: https://example.org",
        "> [^2]: Word",
    ]


@pytest.mark.parametrize("text", ["Tides\n=\n\nText.", "Tides\n--\n\nText.", "> Tides\n> =====\n> Text."])
def test_the_line_under_a_title_is_none_of_its_words(text: str) -> None:
    assert read(text).title == "Tides"


def test_front_matter_in_toml() -> None:
    told = '+++\ntitle = "Tides"\ndate = 2024-05-01\nweight = 3\ntags = ["a"]\n[params]\nx = 1\n+++\n'
    document = read(f"{told}\nText.\n")
    assert (document.title, document.metadata) == ("Tides", {"date": "2024-05-01", "weight": "3"})
    assert blocks(document) == [("paragraph", "Text.")]
    assert blocks(read("+++\nno = = toml\n+++\n\nText.\n"))[-1] == ("paragraph", "Text.")
    assert read("+++\nno = = toml\n+++\n\nText.\n").metadata == {}


@pytest.mark.parametrize("number", ["1" * 5000, "0x" + "f" * 5000])
def test_front_matter_with_a_number_that_python_refuses_is_text(number: str) -> None:
    document = read(f"+++\na = {number}\n+++\n\nText.\n")
    assert (blocks(document)[-1], document.metadata) == (("paragraph", "Text."), {})
