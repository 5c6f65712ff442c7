"""HTML and books: words and figures that a page shows and that were lost or ran together."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.knowledge.documents.reading import read_one
from tests.knowledge.documents.test_epub import book, chapter
from tests.knowledge.documents.test_html import blocks, texts


def test_a_heading_that_folds_its_section_is_a_button() -> None:
    assert blocks("<h3><button>What does it cost?</button></h3><p>Nothing.</p><button>Send</button>") == [
        ("heading3", "What does it cost?"),
        ("paragraph", "Nothing."),
    ]
    assert texts("<h3>Costs <button>copy link</button></h3><p>None.</p>") == ["Costs", "None."]


def test_what_opens_when_it_is_found_is_text() -> None:
    assert texts("<p>Seen.</p><div hidden=until-found>Folded.</div><div hidden>Never.</div>") == ["Seen.", "Folded."]


def test_items_say_their_own_numbers() -> None:
    assert texts("<ol><li value=5>a<li>b</ol><ol reversed><li>c<li>d</ol><ol reversed start=9><li>e</ol>") == [
        "5. a",
        "6. b",
        "2. c",
        "1. d",
        "9. e",
    ]


def test_a_term_without_a_definition_ends_with_its_list() -> None:
    assert texts("<dl><dt>Lone</dl><ul><li>item</ul>") == ["Lone", "item"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<del>10</del>8", "10 8"),
        ("<s>10 €</s><b>8 €</b>", "10 € 8 €"),
        ("<del>10</del> 8", "10 8"),
        ("colo<del>u</del>r", "colour"),
        ("5<sup>1/2</sup> inches", "5 1/2 inches"),
        ("in 2020<sup>1,2</sup>", "in 2020^1,2"),
    ],
)
def test_figures_beside_each_other_stay_apart(body: str, text: str) -> None:
    assert texts(f"<p>{body}</p>") == [text]
    assert texts(f"<table><tr><td>a<td>{body}</table>") == [f"a | {text}"]


def test_a_book_has_no_frame_around_its_pages() -> None:
    inner = (
        "<header><h1>One</h1></header><p>Long enough to be most of the page, as it stands here.</p>"
        '<aside epub:type="footnote"><p>A note.</p></aside><footer>Its end.</footer><nav>1 2 3</nav>'
    )
    file = io.BytesIO(book(without="OEBPS/text/one.xhtml"))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("OEBPS/text/one.xhtml", chapter("", "").replace("<h1></h1><p></p>", inner))
    text = read_one(file.getvalue(), "a.epub").text
    for words in ("One", "A note.", "Its end."):
        assert text.count(words) == 1
    assert "1 2 3" not in text
