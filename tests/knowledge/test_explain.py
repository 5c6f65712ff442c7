"""Why a document lost: its figures are those of the search that it lost, and the sentence agrees with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.errors import NotFound, Refused
from formfact.knowledge.explain import explain
from formfact.knowledge.search import search
from formfact.knowledge.setting import DEPTH
from formfact.knowledge.stores import Batch, Store, open_store
from tests.knowledge.stores.texts import TOY, WORDS, prepare, put, source


def filled(**texts: str) -> Store:
    store = open_store("memory:", embedder=TOY.card, create=True)
    for name, text in texts.items():
        store.commit(put(f"/r/{name}", name, text))
    return store


def test_a_document_that_lost_by_its_words() -> None:
    store = filled(a="reset the pump", b="reset the pump lever", c="the harbour at dusk")
    lost = explain(store, TOY, "reset pump", "c", k=2)
    assert (lost.best.document, lost.best.rank, lost.rank) == ("c", 1, 3)
    assert lost.needed == search(store, TOY, "reset pump", k=2)[-1].score > lost.best.score
    assert lost.why.startswith("place 3; meaning: ")
    assert "words: it has none of the question's" in lost.why
    assert lost.why.endswith("the order is 65% meaning and 35% words")


def test_a_document_that_has_the_words_is_told_its_score() -> None:
    store = filled(a="reset the pump", b="reset the pump lever", c="pump harbour dusk tide mast storm crew")
    lost = explain(store, TOY, "reset pump", "c", k=1)
    assert "(rank 3)" in lost.why
    assert f"words: {lost.best.scores.bm25:.3f} against" in lost.why


def test_a_document_that_did_not_lose() -> None:
    lost = explain(filled(a="reset the pump", b="harbour"), TOY, "reset pump", "a", k=1)
    assert (lost.rank, lost.why) == (1, "it did not lose: it is hit 1")


def test_it_is_found_by_path_and_by_a_name_with_brackets() -> None:
    store = filled(a="pump", **{"note [1].md": "harbour"})
    for name in ("note [1].md", "/r/note [1].md", "note*"):
        assert explain(store, TOY, "pump", name).best.document == "note [1].md"


def test_a_row_of_one_of_several_files_is_named_with_its_file() -> None:
    store = open_store("memory:", embedder=TOY.card, create=True)
    for file, text in (("boats.csv", "reset the pump"), ("berths.csv", "harbour dusk")):
        rows = (prepare(f"/r/{file}", "1", text), prepare(f"/r/{file}", "2", "tide"))
        store.commit(Batch(sources=(source(f"/r/{file}"),), put=rows))
    for name in ("berths.csv:1", "/r/berths.csv:1"):
        lost = explain(store, TOY, "reset pump", name, k=1)
        assert (lost.best.source, lost.best.document, lost.best.text) == ("/r/berths.csv", "1", "harbour dusk")
        assert lost.rank != 1
    for name in ("erths.csv:1", "berths.csv:3"):
        with pytest.raises(NotFound):
            explain(store, TOY, "reset pump", name)


def test_its_best_passage_is_shown() -> None:
    store = filled(a="reset the pump")
    store.commit(Batch(sources=(source("/r/b"),), put=(prepare("/r/b", "b", "harbour dusk", "pump dusk", "mast"),)))
    assert explain(store, TOY, "reset pump", "b", k=1).best.text == "pump dusk"


def test_unknown_documents_and_questions_are_named_errors() -> None:
    store = filled(a="pump")
    with pytest.raises(NotFound, match="no document 'x'"):
        explain(store, TOY, "pump", "x")
    with pytest.raises(Refused, match="empty"):
        explain(store, TOY, " ", "a")
    with pytest.raises(NotFound):
        explain(open_store("memory:", embedder=TOY.card, create=True), TOY, "pump", "a")


def towards(question: str, cosine: float) -> np.ndarray:
    """A unit vector at that cosine to the question's."""
    one = TOY.embed([question])[0]
    across = TOY.embed(["across"])[0]
    across -= (across @ one) * one
    across /= np.linalg.norm(across)
    return np.asarray(cosine * one + (1 - cosine**2) ** 0.5 * across, np.float32)[None]


def crowded(*last: tuple[str, float]) -> Store:
    """DEPTH passages near in meaning without a word, DEPTH full of words but far, and a document "late" of `last`."""
    store = open_store("memory:", embedder=TOY.card, create=True)
    near = [replace(prepare("/r/a", f"n{i}", "harbour"), vectors=towards("pump", 0.9)) for i in range(DEPTH)]
    worded = [replace(prepare("/r/a", f"w{i}", "pump pump"), vectors=towards("pump", 0.0)) for i in range(DEPTH)]
    late = prepare("/r/b", "late", *(text for text, _ in last))
    late = replace(late, vectors=np.concatenate([towards("pump", cosine) for _, cosine in last]))
    store.commit(Batch(sources=(source("/r/a"), source("/r/b")), put=(*near, *worded, late)))
    return store


def test_a_document_in_neither_list() -> None:
    """It would stand high by its fused score; that it was in neither leg's list is why it does not."""
    lost = explain(crowded(("pump harbour", 0.85)), TOY, "pump", "late")
    assert (lost.rank, lost.best.scores.dense_rank, lost.best.scores.bm25_rank) == (None, None, None)
    assert lost.why.startswith("in neither list's best; ")
    assert lost.why.count("not in the list") == 2


def test_a_passage_that_is_in_the_race_is_shown_before_one_that_is_not() -> None:
    store = crowded(("pump harbour", 0.85), ("mast", 0.95))
    lost = explain(store, TOY, "pump", "late", k=1)
    hits = search(store, TOY, "pump", k=DEPTH)
    assert lost.best.text == "mast"
    assert [hit.rank for hit in hits if hit.document == "late"] == [lost.rank]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=12),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    st.integers(1, 12),
)
def test_it_agrees_with_the_search(texts: list[str], question: str, k: int) -> None:
    store = filled(**{f"d{i}": text for i, text in enumerate(texts)})
    everything = search(store, TOY, question, k=len(texts))
    for hit in everything:
        lost = explain(store, TOY, question, hit.document, k=k)
        assert (lost.rank, lost.best.passage, lost.best.scores) == (hit.rank, hit.passage, hit.scores)
        assert lost.needed == everything[min(k, len(everything)) - 1].score
        assert lost.why.startswith("it did not lose") == (hit.rank <= k)
