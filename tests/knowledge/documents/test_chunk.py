"""Passages: exact offsets, order, coverage, the window, and blocks that are not torn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.documents.chunk import split
from formfact.knowledge.documents.layout import Layout
from formfact.models import open_embedder
from formfact.models.toy import Toy
from formfact.types import Document, Passage

WINDOW = 32
toy = Toy().count


def by_characters(texts: Sequence[str]) -> list[int]:
    """A tokenizer whose parts cost less than their whole: joining adds a token for every ten characters."""
    return [len(text) // 3 + len(text) // 10 for text in texts]


def laid_out(*blocks: tuple[str, str]) -> Document:
    layout = Layout()
    for kind, text in blocks:
        if kind.startswith("h"):
            layout.heading(text, int(kind[1]))
        else:
            getattr(layout, kind)(text)
    return layout.document("d", "test")


def check(document: Document, passages: Sequence[Passage], count=toy, window: int = WINDOW) -> None:
    end = 0
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""
        assert passage.start >= end
        end = passage.end
        embedded = f"{passage.context}\n{passage.text}" if passage.context else passage.text
        assert count([embedded])[0] + 2 <= window or len(passage.text) == 1
    covered = {i for passage in passages for i in range(passage.start, passage.end)}
    for block in document.blocks:
        if block.kind != "heading":
            lost = [i for i in range(block.start, block.end) if i not in covered and not document.text[i].isspace()]
            assert not lost


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300) | st.sampled_from(
    ["x" * 500, "漢字かな交じり文。" * 30, "🜂👩‍👩‍👧‍👦" * 40, "\u200b" * 50, "one two three. " * 40, "a\n\nb\n" * 50]
)
kinds = st.sampled_from(["h1", "h2", "h3", "paragraph", "item", "row", "code"])


@given(st.lists(st.tuples(kinds, texts), min_size=1, max_size=12), st.sampled_from([toy, by_characters]))
def test_every_passage_is_an_exact_span_that_fits(blocks, count) -> None:
    layout = Layout()
    for kind, text in [*blocks, ("paragraph", "end")]:
        if kind.startswith("h"):
            layout.heading(text, int(kind[1]))
        else:
            getattr(layout, kind)(text)
    document = layout.document("d", "test")
    for block in document.blocks:
        assert document.text[block.start : block.end].strip(), "a block without text"
    check(document, split(document, count=count, window=WINDOW), count)


@given(texts.filter(str.strip))
def test_a_document_without_blocks_is_one_paragraph(text: str) -> None:
    document = Document("d", "", text)
    passages = split(document, count=toy, window=WINDOW)
    check(document, passages)
    assert "".join("".join(p.text.split()) for p in passages) == "".join(text.split())


@pytest.mark.parametrize("kind", ["paragraph", "item", "row", "code"])
def test_a_block_that_fits_is_not_torn(kind: str) -> None:
    document = laid_out(*[(kind, f"{i} " + "word " * (5 + i % 9)) for i in range(30)])
    for block in document.blocks:
        assert any(p.start <= block.start and block.end <= p.end for p in split(document, count=toy, window=WINDOW))


def test_headings_are_context_and_not_text() -> None:
    document = laid_out(("h1", "Pumps"), ("paragraph", "They turn."), ("h2", "Reset"), ("paragraph", "Press it."))
    one, two = split(document, count=toy, window=64)
    assert (one.text, one.headings, one.context) == ("They turn.", ("Pumps",), "Pumps")
    assert (two.text, two.headings, two.context) == ("Press it.", ("Pumps", "Reset"), "Pumps > Reset")


def test_a_title_is_context_once() -> None:
    layout = Layout()
    layout.heading("Pumps", 1)
    layout.paragraph("They turn.")
    (passage,) = split(layout.document("d", "test", title="Pumps"), count=toy, window=64)
    assert (passage.context, passage.headings) == ("Pumps", ("Pumps",))


def test_headings_with_nothing_beneath_them_can_be_found() -> None:
    document = laid_out(("h1", "One"), ("h1", "Two"), ("h2", "Three"))
    found = split(document, count=toy, window=64)
    assert [passage.text for passage in found] == ["One", "Three"]
    assert found[1].headings == ("Two",)


def test_a_long_path_of_headings_leaves_room_for_text() -> None:
    document = laid_out(*[(f"h{level}", f"a very long heading of level {level} indeed") for level in range(1, 7)],
                        ("paragraph", "The text."))  # fmt: skip
    passages = split(document, count=toy, window=WINDOW)
    check(document, passages)
    assert passages[-1].text.endswith("The text.")
    for passage in passages:
        assert len(passage.headings) == 6
        assert toy([passage.context])[0] <= WINDOW // 5


def test_a_heading_that_no_context_has_room_for_is_text() -> None:
    clause = "The supplier delivers " + "within thirty days " * 20 + "of the order."
    document = laid_out(("h1", "Terms"), ("h2", clause), ("h3", "Delay"), ("paragraph", "Each day costs."))
    (passage,) = split(document, count=toy, window=256)
    assert passage.text == f"{clause}\n\nDelay\n\nEach day costs."
    assert passage.headings == ("Terms", clause, "Delay")
    levels = [(f"h{level}", f"{name} " * 20 + name) for level, name in enumerate(("quay", "mast", "sail"), 1)]
    (passage,) = split(laid_out(*levels, ("paragraph", "one")), count=toy, window=256)
    assert "mast" not in passage.context
    assert passage.text.startswith("mast")
    more = [("h2", "Oars"), ("paragraph", "two")]
    one, two = split(laid_out(*levels[:2], ("paragraph", "one"), *more), count=toy, window=256)
    assert (one.text, two.text) == ("one", "two")


def test_the_page_is_that_of_the_first_character() -> None:
    layout = Layout()
    for page in range(1, 4):
        layout.page()
        if page != 2:
            layout.heading(f"Page {page}", 1)
            layout.paragraph("word " * 40)
    passages = split(layout.document("d", "test"), count=toy, window=WINDOW)
    assert {(p.headings[0], p.page) for p in passages} == {("Page 1", 1), ("Page 3", 3)}


def test_the_bundled_tokenizer_is_obeyed() -> None:
    embedder = open_embedder()
    words = " ".join(f"supercalifragilistic{i}" for i in range(400))
    document = laid_out(("h1", "Words"), ("paragraph", words), ("code", "x=" * 900))
    passages = split(document, count=embedder.count, window=embedder.card.window)
    check(document, passages, embedder.count, embedder.card.window)
    assert len(passages) > 5
    embedder.embed([f"{p.context}\n{p.text}" for p in passages])
