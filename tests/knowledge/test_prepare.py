"""What is embedded, what is embedded again, and what makes a document another one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formfact.knowledge.documents.layout import Layout
from formfact.knowledge.prepare import complete, cut, digest_of, embedded_text, missing
from formfact.models.toy import Toy
from formfact.types import Block, Document, Passage

TOY = Toy(16)


def document(*sections: tuple[str, str], title: str = "") -> Document:
    layout = Layout()
    for heading, text in sections:
        layout.heading(heading, 1)
        layout.paragraph(text)
    return layout.document("a.md", "markdown", title=title)


PLAIN = Document("a", "/r/a", "one two", "Title", "text", (Block("paragraph", 0, 7),), (0,), {"x": 1, "y": "2"})


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, text="one twO"),
        replace(PLAIN, title="title"),
        replace(PLAIN, format="markdown"),
        replace(PLAIN, blocks=(Block("item", 0, 7),)),
        replace(PLAIN, blocks=(Block("paragraph", 0, 3), Block("paragraph", 4, 7))),
        replace(PLAIN, pages=(0, 4)),
        replace(PLAIN, metadata={"x": 1}),
        replace(PLAIN, metadata={"x": "1", "y": "2"}),
        replace(PLAIN, metadata={"x": True, "y": "2"}),
        replace(PLAIN, title="Title one", text=" two"),
    ],
)
def test_whatever_a_reader_gave_makes_another_document(other: Document) -> None:
    assert digest_of(other) != digest_of(PLAIN)


def test_where_a_document_lies_and_the_order_of_its_metadata_do_not() -> None:
    moved = replace(PLAIN, id="b", source="/s/b", metadata={"y": "2", "x": 1})
    assert digest_of(moved) == digest_of(PLAIN)


def test_headings_are_embedded_and_are_no_part_of_the_passage() -> None:
    assert embedded_text(Passage(0, 4, "text", context="Pumps > Reset")) == "Pumps > Reset\ntext"
    assert embedded_text(Passage(0, 4, "text")) == "text"


def test_a_cut_document_has_a_hash_for_each_passage() -> None:
    done = cut("/r/a.md", document(("Pumps", "hold it"), ("Lamps", "hold it")), "d", TOY)
    assert [passage.text for passage in done.passages] == ["hold it", "hold it"]
    assert len(set(done.hashes)) == 2, "the same words under another heading mean something else"
    again = cut("/elsewhere", document(("Pumps", "hold it"), ("Masts", "new")), "e", TOY)
    assert again.hashes[0] == done.hashes[0]
    assert again.hashes[1] not in done.hashes


def test_every_passage_fits_the_window_with_its_context() -> None:
    small = Toy(16, window=20)
    done = cut("/r/a.md", document(("Pumps of the harbour", "word " * 200), title="Handbook"), "d", small)
    assert len(done.passages) > 10
    texts = [embedded_text(passage) for passage in done.passages]
    assert max(small.count(texts)) + 2 <= 20
    assert all(passage.context for passage in done.passages)


def test_only_unknown_texts_are_embedded_and_each_once() -> None:
    one = cut("/r/a", document(("Pumps", "hold it"), ("Lamps", "old")), "d", TOY)
    other = cut("/r/b", document(("Pumps", "hold it"), ("Masts", "new")), "e", TOY)
    vector = np.ones(16, np.float32)
    wanted = missing([one, other], {one.hashes[1]: vector})
    assert wanted == {one.hashes[0]: "Pumps\nhold it", other.hashes[1]: "Masts\nnew"}
    assert missing([], {}) == {}


def test_vectors_stand_in_the_order_of_the_passages() -> None:
    done = cut("/r/a", document(("Pumps", "one"), ("Lamps", "two"), ("Pumps", "one")), "d", TOY)
    texts = missing([done], {})
    assert len(texts) == 2
    vectors = dict(zip(texts, TOY.embed(list(texts.values())), strict=True))
    prepared = complete(done, vectors, 16)
    assert prepared.vectors.dtype == np.float32
    assert prepared.vectors == pytest.approx(TOY.embed([embedded_text(p) for p in done.passages]))
    assert (prepared.address, prepared.digest, prepared.hashes) == ("/r/a", "d", done.hashes)


def test_a_document_without_text_has_no_passages() -> None:
    done = cut("/r/a", Document("a", "", " \n "), "d", TOY)
    assert done.passages == done.hashes == ()
    assert complete(done, {}, 16).vectors.shape == (0, 16)
