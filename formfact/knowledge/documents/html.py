"""HTML: what a reader of the page sees of its content, without what surrounds it.

Covered: headings, paragraphs, lists, definitions, preformatted text, tables with their spans, line breaks, entities,
XHTML. Left out: scripts, styles, hidden elements, controls, navigation, forms, the page's own asides, header and
footer (see html_page). Where that would leave out most of a page, forms, headers and footers stay. Not covered:
what only a style sheet hides or a script writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from selectolax.lexbor import LexborHTMLParser

from formfact.knowledge.documents.decode import decode
from formfact.knowledge.documents.formulas import of_page
from formfact.knowledge.documents.html_flow import PERMALINK, Flow, Part, Place
from formfact.knowledge.documents.html_page import EVERYTHING, LENIENT, STRICT, Rule, left_out, lies_in
from formfact.knowledge.documents.html_tables import is_data, table_rows
from formfact.knowledge.documents.html_walk import walk
from formfact.knowledge.documents.layout import Layout
from formfact.types import Document, Scalar, Skipped

DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)""", re.I)
HEAD = 4096
"""Bytes in which a page declares its encoding."""
DEEPEST = 500
"""Open elements beyond which tags are dropped: the parser's time grows with the square of the depth."""
TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*>")
EMPTY_TAG = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)/>")
VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
UNCLOSED = VOID | frozenset(
    [
        "p",
        "li",
        "td",
        "th",
        "tr",
        "dt",
        "dd",
        "option",
        "tbody",
        "thead",
        "tfoot",
        "html",
        "head",
        "body",
        "rt",
        "rp",
        "colgroup",
    ]
)
"""Elements that pages may leave open without nesting."""
LAY_OUT = {"paragraph": Layout.paragraph, "item": Layout.item, "row": Layout.row, "code": Layout.code}
MOST: dict[Place, float] = {"main": 1 / 2, "article": 2 / 3}
"""The share of a page's text from which on such a part is the page."""
TOLD = {"description": "description", "author": "author", "og:site_name": "site"}


def read_html(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """One document. Raises Unreadable: "empty" for a page without text, "not text" for what is none."""
    tree = _parse(file.read())
    layout = Layout()
    _lay_out(tree, layout)
    yield layout.document(name, "html", title=_title(tree), metadata=_metadata(tree))


def lay_out_html(html: str | bytes, layout: Layout, *, framed: bool = True) -> None:
    """Add the content of a page to a layout. Raises Unreadable for bytes that are blank or no text.

    A page that is not `framed`, as in a book, has no header, footer or asides but such as belong to its text.
    """
    _lay_out(_parse(html), layout, framed=framed)


def _parse(html: str | bytes) -> LexborHTMLParser:
    text = html if isinstance(html, str) else decode(html, declared=declared_by(html))
    start = text[:2000]
    if "<?xml" in start or "http://www.w3.org/1999/xhtml" in start:
        # The parser knows HTML alone, to which `<title/>` opens an element that swallows the rest of the page.
        text = EMPTY_TAG.sub(lambda tag: tag[0] if tag[1].lower() in VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>", text)
    return LexborHTMLParser(_flattened(text))


def declared_by(html: bytes) -> str:
    """The encoding that a page declares of itself, "" for none."""
    found = DECLARED.search(html[:HEAD])
    return (found[1] or found[2]).decode("ascii", "replace") if found else ""


def _flattened(text: str) -> str:
    """The page without the tags that nest deeper than DEEPEST."""
    deep = depth = 0
    for closing, name in TAG.findall(text):
        if name.lower() not in UNCLOSED:
            depth = max(depth + (-1 if closing else 1), 0)
            deep = max(deep, depth)
    if deep <= DEEPEST:
        return text
    level = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal level
        if tag[2].lower() in UNCLOSED:
            return tag[0]
        level = max(level + (-1 if tag[1] else 1), 0)
        return "" if level + bool(tag[1]) > DEEPEST else tag[0]

    return TAG.sub(kept, text)


def _lay_out(tree: LexborHTMLParser, layout: Layout, *, framed: bool = True) -> None:
    for part in _content(tree) if framed else _gather(tree, LENIENT).parts:
        if part.kind == "heading":
            layout.heading(part.text, part.level)
        else:
            LAY_OUT[part.kind](layout, part.text)


def _content(tree: LexborHTMLParser) -> list[Part]:
    """What the page says: its main part or only article if that is most of it, else all but what surrounds it."""
    found = _gather(tree, STRICT)
    if found.lost > 2 * _size(found.parts):
        found = _gather(tree, LENIENT)
    if not found.parts:
        found = _gather(tree, EVERYTHING)
    # Several articles are entries or cards of a page, and the words between them belong to it.
    places = MOST if found.articles == 1 else {"main": MOST["main"]}
    for place, share in places.items():
        inner = [part for part in found.parts if place in part.places]
        if _size(inner) >= share * _size(found.parts):
            return [part for part in found.parts if place in part.places or part.level == 1]
    return found.parts


@dataclass(frozen=True, slots=True)
class _Found:
    parts: list[Part]
    lost: int
    """The characters that LENIENT would not have left out."""
    articles: int
    """Those that lie in no other."""


def _size(parts: list[Part]) -> int:
    return sum(len(part.text) for part in parts)


def _gather(tree: LexborHTMLParser, rule: Rule) -> _Found:
    flow = Flow()
    lost = articles = 0
    if tree.body is None:
        return _Found([], 0, 0)
    for event, node in walk(tree.body, whole=lambda node: left_out(node, rule) or is_data(node) or node.tag == "math"):
        if event == "text":
            flow.text(node.text_content or "")
        elif event == "open":
            articles += node.tag == "article" and not lies_in(node, ("article",))
            flow.open(node)
        elif event == "close":
            flow.close(node)
        elif node.tag == "math" and not left_out(node, rule):
            flow.text(of_page(node))
        elif is_data(node) and not left_out(node, rule):
            flow.rows(table_rows(node, rule))
        elif rule is STRICT and not left_out(node, LENIENT):
            lost += len(node.text(deep=True))
    return _Found(flow.parts(), lost, articles)


def _title(tree: LexborHTMLParser) -> str:
    """The page's own title, else its first heading, else what it tells social networks."""
    for selector in ("head title", "body > title", "h1"):  # a drawing's title is not the page's
        node = tree.css_first(selector)
        if node is not None and (text := node.text(deep=True).strip().strip(PERMALINK)):
            return text
    node = tree.css_first('meta[property="og:title"]')
    return (node.attributes.get("content") or "") if node is not None else ""


def _metadata(tree: LexborHTMLParser) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for node in tree.css("meta"):
        told = node.attributes
        key = TOLD.get((told.get("name") or told.get("property") or "").lower())
        text = " ".join((told.get("content") or "").split())
        if key and text:
            found.setdefault(key, text)
    return found
