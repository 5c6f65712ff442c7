"""HTML: what a reader of the page sees, block by block, from any encoding and however broken the page is."""

from __future__ import annotations

import time
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.knowledge.documents.chunk import split
from formfact.models.toy import Toy
from formfact.types import Document
from tests.knowledge.documents.reading import read_one, refused, shown


def page(body: str) -> Document:
    return read_one(f"<!doctype html><title>T</title><body>{body}".encode(), "a.html")


def blocks(body: str) -> list[tuple[str, str]]:
    return shown(page(body))


def texts(body: str) -> list[str]:
    return [text for _, text in blocks(body)]


# Blocks -----------------------------------------------------------------------------------------------------------


def test_headings_and_paragraphs() -> None:
    assert blocks("<h1>Pumps</h1><p>One\n  line.</p><h2>Reset</h2>Bare text.<div>A box.</div><h6>End</h6>") == [
        ("heading1", "Pumps"),
        ("paragraph", "One line."),
        ("heading2", "Reset"),
        ("paragraph", "Bare text."),
        ("paragraph", "A box."),
        ("heading6", "End"),
    ]


def test_inline_elements_tear_no_word_and_blocks_join_none() -> None:
    assert texts("<p>un<b>break</b>able <i>x</i>, <a href=y>link</a></p>") == ["unbreakable x, link"]
    assert texts("<div>one<div>two</div>three</div><p>four<p>five") == ["one", "two", "three", "four", "five"]


def test_line_breaks_stay_and_two_of_them_part_paragraphs() -> None:
    assert texts("<p>Ann Ames<br>12 Mill Lane<br/>York<br><br>Tel. 5</p>") == ["Ann Ames\n12 Mill Lane\nYork", "Tel. 5"]
    assert blocks("<h1>One<br>Two</h1><p>x") == [("heading1", "One Two"), ("paragraph", "x")]


def test_lists_nested_and_numbered() -> None:
    assert blocks(
        "<ul><li>a<ul><li>b<ol start=3><li>c</li><li><p>d</p><p>more</p></li></ol></li></ul></li><li>e</li></ul>"
    ) == [("item", "a"), ("item", "b"), ("item", "3. c"), ("item", "4. d"), ("item", "more"), ("item", "e")]


def test_definitions_carry_their_terms() -> None:
    assert blocks("<dl><dt>pump<dd>lifts<dt>lamp<dt>light<dd>shines<dd>burns<dt>mast</dl>") == [
        ("item", "pump: lifts"),
        ("item", "lamp, light: shines"),
        ("item", "burns"),
        ("item", "mast"),
    ]


def test_preformatted_text_keeps_its_white_space() -> None:
    assert blocks("<pre><code>def f():\n    return 1\n\n\nx  y</code></pre>") == [
        ("code", "def f():\n    return 1\n\n\nx  y")
    ]
    assert blocks("<pre><div>a</div><div>  b</div></pre>") == [("code", "a\n  b")]


def test_raised_digits_do_not_become_part_of_the_number() -> None:
    assert texts("<p>10<sup>6</sup> cells, 10<sup>-3</sup> m, 1<sup>st</sup>, 5 m<sup>2</sup>, H<sub>2</sub>O") == [
        "10^6 cells, 10^-3 m, 1st, 5 m2, H2O"
    ]
    assert texts("<p>1<sup>1</sup>/<sub>2</sub> cups since 1990<sup>[3]</sup>") == ["1 1/2 cups since 1990[3]"]
    assert texts("<table><tr><th>n<th>v<tr><td>a<td>10<sup>6</sup></table>") == ["n: a | v: 10^6"]


# Tables -----------------------------------------------------------------------------------------------------------


def test_rows_say_what_their_figures_are() -> None:
    assert blocks(
        "<table><caption>Crew</caption><thead><tr><th>Name<th>Age</thead><tr><td>Ann<td>3<tr><td>Bob<td></table>"
    ) == [("row", "Crew"), ("row", "Name: Ann | Age: 3"), ("row", "Name: Bob")]
    assert blocks("<table><tr><th>Name<td>Ann<tr><th>Age<td>3</table>") == [("row", "Name: Ann"), ("row", "Age: 3")]


@pytest.mark.parametrize(
    "rows",
    [
        [["Warranty", "Two years"], ["Shipping", "3 days"], ["Returns", "By post"]],
        [["Monday", "Closed", "Ann"], ["Tuesday", "Open", "Bob"], ["Friday", "Open", "Eve"]],
    ],
)
def test_a_table_of_words_alone_names_no_columns(rows: list[list[str]]) -> None:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    assert texts(f"<table>{body}</table>") == [" | ".join(row) for row in rows]


def test_what_tells_that_the_first_row_names_columns() -> None:
    below = "<tr><td>Ark<td>Ulm<tr><td>Bee<td>Bonn"
    named = ["Ship: Ark | Home: Ulm", "Ship: Bee | Home: Bonn"]
    assert texts(f"<table><thead><tr><td>Ship<td>Home</thead>{below}</table>") == named
    assert texts(f"<table><tr><td><b>Ship</b><td><strong>Home</strong>{below}</table>") == named
    assert texts(f"<table><tr><td><b>Ship</b><td><b>Ho</b>me{below}</table>")[0] == "Ship | Home"
    assert texts("<table><tr><td>Ship<td>Masts<tr><td>Ark<td>3</table>") == ["Ship: Ark | Masts: 3"]


def test_a_blank_corner_beside_the_name_of_one_column() -> None:
    below = "<tr><{0}>Ark<td>3<tr><{0}>Bee<td>4</table>"
    named = ["Ark | Masts: 3", "Bee | Masts: 4"]
    assert texts("<table><tr><th><th>Masts" + below.format("th")) == named
    assert texts("<table><thead><tr><td><td>Masts</thead>" + below.format("td")) == named
    assert texts("<table><tr><td><td><b>Masts</b>" + below.format("td")) == named
    assert texts("<table><tr><th colspan=2>Fleet<tr><th><th>Masts" + below.format("th")) == ["Fleet", *named]
    assert texts("<table><tr><th><th>Fleet<tr><th>Ship<th>Masts<tr><td>Ark<td>3</table>")[0] == "Fleet"
    assert texts("<table><tr><th><th>Fleet<th><tr><td>Ark<td>3<td>4</table>") == ["Fleet", "Ark | 3 | 4"]


def test_spans_are_filled_in() -> None:
    assert texts(
        "<table><tr><th>Ship<th>Mast<tr><td rowspan=3>Ark<td>one<tr><td>two<tr><td>six<tr><td>Bee<td>six</table>"
    ) == [
        "Ship: Ark | Mast: one",
        "Ship: Ark | Mast: two",
        "Ship: Ark | Mast: six",
        "Ship: Bee | Mast: six",
    ]
    assert texts("<table><tr><td colspan=2>wide<td>x<tr><td>1<td>2<td>3</table>") == ["wide | x", "1 | 2 | 3"]


def test_cells_hold_lists_links_and_line_breaks() -> None:
    assert texts("<table><tr><td><ul><li>a<li>b</ul><td>c<br>d <a href=x>e</a></table>") == ["a b | c d e"]


def test_a_table_that_lays_out_a_page_is_none() -> None:
    assert blocks("<table><tr><td><h2>News</h2><p>Text.</p><td>right</table>") == [
        ("heading2", "News"),
        ("paragraph", "Text."),
        ("paragraph", "right"),
    ]
    assert blocks("<table><tr><td>only<tr><td>one column</table>") == [
        ("paragraph", "only"),
        ("paragraph", "one column"),
    ]


@pytest.mark.parametrize("span", ["0", "-1", "x", "99999999999999999999", "²"])
def test_spans_that_make_no_sense(span: str) -> None:
    body = f"<table><tr><td colspan={span} rowspan={span}>1<td>2<tr><td>3<td>4</table>"
    assert texts(body) == ["1 | 2", "3 | 4"]


# What is not content ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>var x = '<p>gone</p>';</script>",
        "<style>p { color: gone }</style>",
        "<noscript><p>gone</p></noscript>",
        "<template><p>gone</p></template>",
        "<!-- <p>gone</p> -->",
        "<svg><title>gone</title><text>gone</text></svg>",
        "<p hidden>gone</p>",
        "<p style='color: red; DISPLAY : None'>gone</p>",
        "<div aria-hidden=true>gone</div>",
        "<select><option>gone</select><button>gone</button><textarea>gone</textarea><input value=gone>",
        "<nav><a href=x>gone</a></nav>",
        "<div role=navigation>gone</div>",
        "<div class='box toc'>gone</div>",
        "<aside>gone</aside>",
        "<footer>gone</footer>",
        "<header>gone</header>",
        "<iframe>gone</iframe>",
        "<img alt=gone src=x>",
    ],
)
def test_what_nobody_reads_is_left_out(unseen: str) -> None:
    assert texts(f"<p>The pump is old.</p>{unseen}<p>It still works.</p>") == ["The pump is old.", "It still works."]


def test_a_script_inside_a_sentence_leaves_no_gap() -> None:
    assert texts("<p>un<script>x()</script>broken</p>") == ["unbroken"]


def test_the_main_part_is_the_page() -> None:
    body = "<p>Cookies!</p><main><h1>Pump</h1><p>All there is to say of it.</p></main><p>Share</p>"
    assert texts(body) == ["Pump", "All there is to say of it."]
    assert texts("<main><p>x</p></main>" + "<p>Most of this page stands outside.</p>" * 5)[1:] != []


@pytest.mark.parametrize("outer", ["main", "article", "main><article"])
def test_callouts_inside_the_content_stay(outer: str) -> None:
    found = ["Turn the wheel to the left, and wait until it stops.", "Never open the valve above 60 degrees."]
    body = f"<{outer}><p>{found[0]}</p><aside><p>{found[1]}</p></aside></{outer}>"
    assert texts(body) == found
    assert texts(f"<div><aside>Related pages</aside></div>{body}") == found


def test_an_article_is_the_page_only_where_it_is_alone_and_most_of_it() -> None:
    long = "All there is to say of the pump, at some length. " * 4
    assert texts(f"<p>Cookies!</p><article><p>{long}</p><article>A comment.</article></article>") == [
        long.strip(),
        "A comment.",
    ]
    outside = "The yard is closed on Mondays."
    cards = f"<article><p>{long}</p></article><article><p>Another card.</p></article>"
    assert texts(f"<p>{outside}</p>{cards}") == [outside, long.strip(), "Another card."]
    assert texts(f"<p>Cookies!</p><main><p>{outside}</p>{cards}</main>") == [outside, long.strip(), "Another card."]
    assert texts(f"<article><p>{outside}</p></article><p>It opens at eight.") == [outside, "It opens at eight."]
    # Those of an aside are not the page's.
    assert texts(f"<p>Cookies!</p><article><p>{long}</p></article><aside>{cards}</aside>") == [long.strip()]


def test_an_articles_own_header_stays() -> None:
    assert texts("<article><header><h1>Pump</h1><p>by Ann</p></header><p>Text.</p></article>") == [
        "Pump",
        "by Ann",
        "Text.",
    ]


@pytest.mark.parametrize("outer", ["form", "header", "footer", "aside", "nav"])
def test_a_page_that_is_nothing_else_keeps_it(outer: str) -> None:
    assert texts(f"<{outer}><h1>Pump</h1><p>The whole page is in here.</p></{outer}>") == [
        "Pump",
        "The whole page is in here.",
    ]


def test_marks_that_link_a_heading_to_itself_are_no_words() -> None:
    assert blocks("<h2>Reset<a class=headerlink href=#r>¶</a></h2><h3>Stop ¶</h3><p>x") == [
        ("heading2", "Reset"),
        ("heading3", "Stop"),
        ("paragraph", "x"),
    ]


# Title and metadata -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>A &amp; B\n c</title><h1>x</h1>", "A & B c"),
        ("<title> </title><h1>Head <a href=#h>¶</a></h1>", "Head"),
        ("<svg><title>drawing</title></svg><h1>Head</h1><p>x", "Head"),
        ("<p>x</p><title>late</title>", "late"),
        ("<meta property=og:title content=Told><p>x", "Told"),
        ("<p>x", ""),
    ],
)
def test_the_title(html: str, title: str) -> None:
    assert read_one(html.encode(), "a.html").title == title


def test_what_the_page_tells_of_itself() -> None:
    told = "<meta name=Description content=' a\n b '><meta name=author content=Ann><meta name=author content=Ben>"
    document = read_one(f"{told}<meta property=og:site_name content=S><meta name=x content=y><p>x".encode(), "a.htm")
    assert document.metadata == {"description": "a b", "author": "Ann", "site": "S"}
    assert document.format == "html"


# Characters -------------------------------------------------------------------------------------------------------


def test_entities() -> None:
    assert texts("<p>AT&amp;T &lt;b&gt; &copy;&#8364;&#x1F702; a&nbsp;b &hellip; &AMP &nosuch; &quot;") == [
        'AT&T <b> ©€🜂 a b … & &nosuch; "'
    ]
    assert texts("<p>co&shy;operate &#0; &#xD800; &#x110000; &#128;") == ["cooperate � � � €"]


@pytest.mark.parametrize(
    ("declared", "written", "word"),
    [
        ("utf-8", "utf-8", "Zürich 漢字"),
        ("iso-8859-1", "cp1252", "Zürich “€”"),
        ("windows-1251", "cp1251", "Привет"),
        ("koi8-r", "koi8-r", "Привет"),
        ("shift_jis", "cp932", "名前①"),
        ("euc-jp", "euc-jp", "名前"),
        ("iso-2022-jp", "iso-2022-jp", "名前"),
        ("gb2312", "gb18030", "中文鎔"),
        ("big5", "big5", "中文"),
        ("euc-kr", "cp949", "한글똠"),
        ("nonsense", "utf-8", "Zürich 漢字"),
        ("iso-8859-1", "utf-8", "Zürich 漢字"),
        ("utf-16", "utf-8", "Zürich 漢字"),
        ("utf-8", "utf-16", "Zürich 漢字"),
        ("x-user-defined", "utf-8", "Zürich 漢字"),
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="{}">',
        "<meta charset={}>",
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={}">',
        '<?xml version="1.0" encoding="{}"?>',
    ],
)
def test_encodings_that_the_page_declares(declared: str, written: str, word: str, head: str) -> None:
    """As browsers read them: a declared encoding means its larger sister, and UTF-8 is believed before any."""
    html = f"{head.format(declared)}<html><head><title>{word}</title></head><body><p>{word}</p></body></html>"
    document = read_one(html.encode(written), "a.html")
    assert (document.text, document.title) == (word, word)


def test_xhtml_closes_elements_its_own_way() -> None:
    html = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head>'
        '<body><a id="top"/><p>one<br/>two</p><div/><p>three</p></body></html>'
    )
    assert shown(read_one(html.encode(), "a.xhtml")) == [("paragraph", "one\ntwo"), ("paragraph", "three")]


# Broken pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>un<b>bold <i>both</b> it</i><div>next</p></div></div></div>after", ["unbold both it", "next", "after"]),
        ("<td>loose cell</td><li>loose item", ["loose cell", "loose item"]),
        ("<table><p>outside</p><tr><td>a<td>b", ["outside", "a | b"]),
        ("<p>a < b and c > d & e</p", ["a < b and c > d & e"]),
        ("<p>x<", ["x<"]),
        ("<p title='never closed>x</p><p>y</p>", None),
        ("<ul>text<li>a</ul></ul><p>b", ["text", "a", "b"]),
        ("</html><p>after the end", ["after the end"]),
        ("<p>one<p/>two", ["one", "two"]),
        ("<custom-tag>own</custom-tag><p>y", ["own", "y"]),
        ("no tags at all", ["no tags at all"]),
    ],
)  # fmt: skip
def test_malformed(body: str, expected: list[str] | None) -> None:
    if expected is None:
        assert refused(body.encode(), "a.html") == "empty"
    else:
        assert texts(body) == expected


@pytest.mark.parametrize(
    "html", ["", "  \n ", "<html></html>", "<script>x</script>", "<h1></h1><p> &nbsp; </p>", "<!-- x"]
)
def test_a_page_without_text_is_empty(html: str) -> None:
    assert refused(html.encode(), "a.html") == "empty"


def test_binary_is_no_page() -> None:
    assert refused(b"<html>\0\1\2\3<p>x", "a.html") == "not text"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "deep" + "</div>" * 50_000,
        "<b>" * 50_000 + "deep",
        "<ul><li>" * 10_000 + "deep",
        "<table>" * 5_000 + "deep",
        "<font>" * 3_000 + "<p>deep" * 3_000,
        "<table><tr>" + "<td rowspan=60000 colspan=999>deep" * 1_000 + "<tr><td>x" * 1_000,
        "<sup>1" * 10_000 + "deep",
        "deep" + "<a " * 50_000,
        "deep" + "&amp" * 50_000,
        "<header>" * 490 + "<header>x</header>" * 5_000 + "deep",
    ],
    ids=lambda html: html[:12],
)
def test_pages_made_to_hurt_are_read_in_no_time(html: str) -> None:
    started = time.perf_counter()
    assert "deep" in read_one(html.encode(), "a.html").text
    assert time.perf_counter() - started < 3


# Whatever the page ------------------------------------------------------------------------------------------------

WORDS = st.text(st.sampled_from("abcxyzÄé漢🜂<>&\"'.,-1"), min_size=1, max_size=12)
LINE = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
WRITTEN = {
    "heading1": "<h1>{}</h1>",
    "heading3": "<h3>{}</h3>",
    "paragraph": "<p>{}</p>",
    "item": "<ul><li>{}</li></ul>",
    "code": "<pre>{}</pre>",
}


@given(st.lists(st.tuples(st.sampled_from(sorted(WRITTEN)), LINE), min_size=1, max_size=8))
def test_what_was_written_is_read(written: list[tuple[str, str]]) -> None:
    document = page("\n".join(WRITTEN[kind].format(escape(text)) for kind, text in written))
    assert shown(document) == written


@given(
    st.lists(st.lists(WORDS, min_size=2, max_size=4), min_size=1, max_size=6).filter(lambda t: len({*map(len, t)}) == 1)
)
def test_every_cell_of_a_table_is_read_in_order(table: list[list[str]]) -> None:
    html = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table)
    found = "\n".join(texts(f"<table>{html}</table>"))
    for row in table:
        at = 0
        for cell in row:
            at = found.index(cell, at) + len(cell)


TAGS = "p div h1 h2 ul ol li dl dt dd table tr td th caption pre b i a br sup span section blockquote".split()
SOUP = st.lists(
    st.one_of(
        st.sampled_from(TAGS).map("<{}>".format),
        st.sampled_from(TAGS).map("</{}>".format),
        st.from_regex(r"w[0-9]{3}", fullmatch=True).map(" {} ".format),
        st.sampled_from(["<td colspan=3>", "<td rowspan=2>", "<ol start=7>", "<!--", "-->", "&nbsp;", "\n\n", "&"]),
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(SOUP.filter(lambda soup: "<!--" not in soup))
def test_no_word_of_a_soup_of_tags_is_lost(soup: str) -> None:
    """`read_one` checks that blocks are exact and in order."""
    document = page(soup + "<p>wend")
    words = [word for word in soup.replace("<", " <").replace(">", "> ").replace("&", " ").split() if word[0] == "w"]
    found = document.text
    assert all(word in found for word in words)


@settings(deadline=None, max_examples=100)
@given(SOUP)
def test_passages_of_any_page_are_exact(soup: str) -> None:
    document = page(soup + "--><p>end")
    for passage in split(document, count=Toy().count, window=32):
        assert document.text[passage.start : passage.end] == passage.text


def test_a_page_that_wrongly_declares_utf_8() -> None:
    page = '<meta charset="utf-8"><p>Die Prüfung kostet 30 €.</p>'
    assert read_one(page.encode("cp1252"), "a.html").text == "Die Prüfung kostet 30 €."
    damaged = page.encode().replace(b".<", b"\xff.<")
    assert read_one(damaged, "a.html").text == "Die Prüfung kostet 30 €\ufffd."


def test_names_of_groups_stand_before_those_of_their_columns() -> None:
    heads = "<tr><th rowspan=2>Model<th colspan=2>Price<tr><th>Net<th>Gross"
    assert texts(f"<table>{heads}<tr><td>A<td>1<td>2</table>") == ["Model: A | Price Net: 1 | Price Gross: 2"]
    years = "<tr><th><th colspan=2>2019<th colspan=2>2020<tr><th><th>Q1<th>Q2<th>Q1<th>Q2"
    assert texts(f"<table>{years}<tr><th>North<td>1<td>2<td>3<td>4</table>") == [
        "North | 2019 Q1: 1 | 2019 Q2: 2 | 2020 Q1: 3 | 2020 Q2: 4"
    ]
    assert texts("<table><tr><th>A<th>B<tr><th>x<th>y<tr><td>1<td>2</table>") == ["A: x | B: y", "A: 1 | B: 2"]
    assert texts("<table><tr><th>A<th colspan=2>B<tr><th>x<th>y<th>z</table>") == ["A: x | B: y | B: z"]


@pytest.mark.parametrize("told", ['role="doc-noteref"', 'epub:type="noteref"'])
def test_the_number_of_a_note_is_no_part_of_the_word_before_it(told: str) -> None:
    assert texts(f"<p>First<a {told}>1</a> in 1998<sup><a {told}>2</a></sup>, then<a {told}>[3]</a>.") == [
        "First[1] in 1998[2], then[3]."
    ]
