"""Search over real stores: both legs' union in one order, filters, bounds, and questions of every length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.errors import Refused
from formfact.knowledge.fuse import fuse
from formfact.knowledge.search import LONGEST_QUESTION, MOST_HITS, embed_question, make_probe, search, to_hits
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Batch, Filter, Source, Store, open_store
from formfact.models.toy import Toy
from formfact.types import Hit, Scalar
from tests.knowledge.stores.texts import TOY, WORDS, made_up, prepare, put, source


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    address = "memory:" if request.param == "memory" else str(tmp_path / "kb")
    opened = open_store(address, embedder=TOY.card, create=True)
    yield opened
    opened.close()


def filled(*texts: str) -> Store:
    """A store in memory with a document for each text, called 0, 1, 2, ..."""
    store = open_store("memory:", embedder=TOY.card, create=True)
    documents = tuple(prepare("/r/a.jsonl", str(i), text) for i, text in enumerate(texts))
    store.commit(Batch(sources=(source("/r/a.jsonl"),), put=documents))
    return store


def names(found: Sequence[Hit]) -> list[str]:
    return [hit.document for hit in found]


# What comes out ---------------------------------------------------------------------------------------------------


def test_a_hit_says_where_it_stands(store: Store) -> None:
    prepared = prepare("/r/a.md", "a.md", "the storm broke the mast", "the pump is reset", metadata={"year": 1890})
    passages = (prepared.passages[0], replace(prepared.passages[1], page=3))
    document = replace(prepared.document, title="Handbook", pages=(0, 10, 20))
    batch = Batch(sources=(source("/r/a.md"),), put=(replace(prepared, passages=passages, document=document),))
    store.commit(batch)
    first, second = search(store, TOY, "reset of a pump")
    assert (first.rank, first.document, first.source, first.title) == (1, "a.md", "/r/a.md", "Handbook")
    assert (first.headings, first.page, first.metadata) == (("Part",), 3, {"year": 1890})
    assert (first.text, document.text[first.start : first.end]) == ("the pump is reset", "the pump is reset")
    assert first.scores.fused == first.score == 1.0
    assert (first.scores.dense_rank, first.scores.bm25_rank) == (1, 1)
    assert (second.rank, second.page, second.scores.bm25, second.scores.bm25_rank) == (2, None, 0.0, None)


def test_the_union_of_both_lists_is_fused() -> None:
    """More passages than a leg gives: one that only its words find and one that only its meaning does are in."""
    store = filled(*(f"pump {made_up(i)}" for i in range(DEPTH + 50)))
    worded = replace(prepare("/r/b.md", "words", "xylophone"), vectors=-TOY.embed(["pump"]))
    meant = replace(prepare("/r/b.md", "meaning", "unrelated letters"), vectors=TOY.embed(["pump xylophone"]))
    store.commit(Batch(sources=(source("/r/b.md"),), put=(worded, meant)))
    with store.snapshot() as view:
        best = fuse(view.retrieve(make_probe(TOY, "pump xylophone", k=10)))
        found = {
            one.hit.document: one.hit.scores for one in to_hits(best, view.read([f.candidate.passage for f in best]))
        }
    assert (found["words"].dense_rank, found["words"].bm25_rank) == (None, 1)
    assert found["words"].dense < 0, "its true score, though its list does not hold it"
    assert (found["meaning"].dense_rank, found["meaning"].bm25_rank) == (1, None)
    assert found["meaning"].bm25 == 0
    assert names(search(store, TOY, "pump xylophone", k=1)) == ["meaning"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), max_size=20),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    st.integers(1, 25),
)
def test_the_k_best_of_all_in_the_order_of_fusion(texts: list[str], question: str, k: int) -> None:
    store = filled(*texts)
    found = search(store, TOY, question, k=k)
    with store.snapshot() as view:
        best = fuse(view.retrieve(make_probe(TOY, question, k=k)))
    assert [(hit.passage, hit.score) for hit in found] == [(f.candidate.passage, f.score) for f in best[:k]]
    assert [hit.rank for hit in found] == list(range(1, min(k, len(texts)) + 1))
    assert all(texts[int(hit.document)] == hit.text for hit in found)


def test_more_hits_than_a_leg_usually_gives() -> None:
    store = filled(*(made_up(i) for i in range(DEPTH + 80)))
    found = search(store, TOY, "pump", k=DEPTH + 70)
    assert len(found) == len(set(names(found))) == DEPTH + 70


def test_an_empty_base_has_no_hits(store: Store) -> None:
    assert search(store, TOY, "pump") == []


def test_what_the_view_no_longer_has_is_left_out_and_ranks_close_up() -> None:
    store = filled("pump one", "pump two", "pump three")
    with store.snapshot() as view:
        best = fuse(view.retrieve(make_probe(TOY, "pump two", k=3)))
        stored = view.read([fused.candidate.passage for fused in best])
    found = [one.hit for one in to_hits(best, [stored[2], stored[0]])]
    assert [(hit.rank, hit.passage) for hit in found] == [(1, stored[0].id), (2, stored[2].id)]


# Filters ----------------------------------------------------------------------------------------------------------


def rooted(store: Store) -> None:
    for root, path in [("/r", "a.md"), ("/r", "sub/b.md"), ("/r", "note [1].md"), ("/r", "note 1.md"), ("/s", "c.txt")]:
        address = f"{root}/{path}"
        prepared = prepare(address, path, f"pump {path}", metadata={"letters": len(path)})
        store.commit(Batch(sources=(Source(address, root, path, "1", "d"),), put=(prepared,)))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.md", {"a.md"}),
        ("*.md", {"a.md", "sub/b.md", "note [1].md", "note 1.md"}),
        ("sub", {"sub/b.md"}),
        ("sub/", {"sub/b.md"}),
        ("/r", {"a.md", "sub/b.md", "note [1].md", "note 1.md"}),
        ("/s/c.txt", {"c.txt"}),
        ("note [1].md", {"note [1].md", "note 1.md"}),
        ("note [!2].md", {"note 1.md"}),
        ("[!a].*", {"c.txt"}),
        ("?.md", {"a.md"}),
        ("A.md", set()),
        ("none", set()),
    ],
)
def test_paths(store: Store, path: str, expected: set[str]) -> None:
    rooted(store)
    assert set(names(search(store, TOY, "pump", within=Filter(paths=(path,))))) == expected


def test_one_of_several_paths_is_enough_and_all_metadata_must_hold(store: Store) -> None:
    rooted(store)
    both = Filter(paths=("a.md", "sub"))
    assert set(names(search(store, TOY, "pump", within=both))) == {"a.md", "sub/b.md"}
    assert names(search(store, TOY, "pump", within=replace(both, metadata={"letters": 4}))) == ["a.md"]
    assert names(search(store, TOY, "pump", within=replace(both, metadata={"letters": 4, "x": 1}))) == []


@pytest.mark.parametrize(("value", "count"), [(7, 1), ("7", 1), (7.0, 0), (True, 0), ("", 0)])
def test_metadata_is_compared_as_text(store: Store, value: Scalar, count: int) -> None:
    store.commit(put("/r/a.md", "a", "pump", metadata={"n": 7}))
    assert len(search(store, TOY, "pump", within=Filter(metadata={"n": value}))) == count


def test_a_filter_leaves_k_hits_where_the_base_has_them(store: Store) -> None:
    """Filters act inside both legs: what is filtered out takes no place from what is not."""
    documents = tuple(prepare("/r/a.jsonl", f"x{i}", "pump " + made_up(i)) for i in range(DEPTH + 20))
    rare = tuple(prepare("/r/a.jsonl", f"y{i}", made_up(1000 + i), metadata={"rare": True}) for i in range(5))
    store.commit(Batch(sources=(source("/r/a.jsonl"),), put=documents + rare))
    found = search(store, TOY, "pump", k=5, within=Filter(metadata={"rare": True}))
    assert sorted(names(found)) == ["y0", "y1", "y2", "y3", "y4"]


# Questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "k", "named"),
    [
        ("", 10, "empty"),
        (" \n\t", 10, "empty"),
        ("x" * (LONGEST_QUESTION + 1), 10, "20,001 characters"),
        ("pump", 0, "k is 0"),
        ("pump", -1, "k is -1"),
        ("pump", MOST_HITS + 1, "k is 10,001"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_next_step(question: str, k: int, named: str) -> None:
    with pytest.raises(Refused, match=named) as refused:
        search(filled("pump"), TOY, question, k=k)
    assert refused.value.hint


def test_the_longest_question_and_the_most_hits_are_allowed() -> None:
    store = filled("pump", "lamp")
    assert names(search(store, TOY, "lamp " * (LONGEST_QUESTION // 5), k=MOST_HITS)) == ["1", "0"]


@pytest.mark.parametrize("question", ["\udcff pump", "pump\0", "?", "AND OR NOT (", '"pump', "pump:^2~*", "🜂", "漢字"])
def test_odd_questions_are_questions(store: Store, question: str) -> None:
    store.commit(put("/r/a.md", "a", "the pump"))
    assert names(search(store, TOY, question)) == ["a"]


def test_both_legs_look_as_deep_as_hits_are_wanted() -> None:
    assert make_probe(TOY, " pump ", k=3).depth == DEPTH
    assert make_probe(TOY, " pump ", k=DEPTH + 7).depth == DEPTH + 7
    assert make_probe(TOY, " pump ", k=3).question == "pump"


def test_a_question_longer_than_the_window_is_read_whole() -> None:
    small = Toy(64, window=16)
    question = "pump " * 100 + "lamp " * 100
    vector = embed_question(small, question)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    pump, lamp = small.embed(["pump", "lamp"])
    assert float(vector @ pump) > 0.5
    assert float(vector @ lamp) > 0.5


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400))
def test_any_question_has_a_unit_vector(question: str) -> None:
    """Also without any space to cut at: the toy refuses what does not fit its window."""
    vector = embed_question(Toy(64, window=8), question)
    assert vector.shape == (64,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_question_that_fits_is_embedded_as_it_is() -> None:
    assert embed_question(TOY, "reset the pump") == pytest.approx(TOY.embed(["reset the pump"], question=True)[0])
