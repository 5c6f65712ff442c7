"""What every store promises; each test runs on all of them, and one compares them with each other."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formfact.errors import NotFound, WrongEmbedder
from formfact.knowledge.stores import KEYS, Batch, Filter, Note, Store, open_store
from tests.knowledge.stores.texts import TOY, made_up, prepare, probe, put, source


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    address = "memory:" if request.param == "memory" else str(tmp_path / "kb")
    opened = open_store(address, embedder=TOY.card, create=True)
    yield opened
    opened.close()


def texts_found(store: Store, question: str, **more: object) -> set[str]:
    with store.snapshot() as view:
        found = view.retrieve(probe(question, **more))
        return {stored.passage.text for stored in view.read([c.passage for c in found])}


def test_a_document_is_found_once_it_is_committed(store: Store) -> None:
    done = store.commit(put("/r/a.md", "a.md", "the pump is reset by the lamp"))
    assert (done.added, done.updated, done.removed) == (1, 0, 0)
    assert texts_found(store, "pump reset") == {"the pump is reset by the lamp"}


def test_the_same_content_again_changes_nothing(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump"))
    done = store.commit(put("/r/a.md", "a.md", "the pump"))
    assert (done.added, done.updated, done.unchanged) == (0, 0, 1)


def test_a_changed_document_is_replaced_whole(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "old pump", "old valve"))
    done = store.commit(put("/r/a.md", "a.md", "new pump"))
    assert done.updated == 1
    assert texts_found(store, "pump valve") == {"new pump"}


def test_a_passage_id_is_never_used_twice(store: Store) -> None:
    seen: set[int] = set()
    for turn in range(5):
        store.commit(put("/r/a.md", "a.md", f"pump {turn}"))
        with store.snapshot() as view:
            ids = {candidate.passage for candidate in view.retrieve(probe("pump"))}
        assert len(ids) == 1
        assert not ids & seen
        seen |= ids


def test_a_dropped_document_is_gone_at_once(store: Store) -> None:
    store.commit(put("/r/a.jsonl", "1", "the pump"))
    store.commit(put("/r/a.jsonl", "2", "the valve"))
    with store.snapshot() as view:
        first = next(entry for entry in view.entries() if entry.record == "1")
    assert store.commit(Batch(drop=(first,))).removed == 1
    assert texts_found(store, "pump valve") == {"the valve"}


def test_entries_are_named_by_source_by_id_and_by_both(store: Store) -> None:
    for address in ("/r/a.jsonl", "/r/b.jsonl"):
        for record in ("1", "2"):
            store.commit(put(address, record, f"the pump {address} {record}"))
    with store.snapshot() as view:
        found = {
            (addresses, records): {(one.address[3], one.record) for one in view.entries(addresses, records)}
            for addresses in (None, ("/r/a.jsonl",))
            for records in (None, ("2", "3"), ())
        }
    assert found[None, None] == {("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")}
    assert found[None, ("2", "3")] == {("a", "2"), ("b", "2")}
    assert found[("/r/a.jsonl",), None] == {("a", "1"), ("a", "2")}
    assert found[("/r/a.jsonl",), ("2", "3")] == {("a", "2")}
    assert found[None, ()] == found[("/r/a.jsonl",), ()] == set()


def test_an_entry_that_changed_meanwhile_is_not_dropped(store: Store) -> None:
    store.commit(put("/r/a.jsonl", "1", "the pump"))
    with store.snapshot() as view:
        (entry,) = view.entries()
    assert store.commit(Batch(drop=(replace(entry, digest="another"),))).removed == 0


def test_a_forgotten_source_takes_its_documents_along(store: Store) -> None:
    store.commit(put("/r/a.jsonl", "1", "the pump"))
    store.commit(put("/r/a.jsonl", "2", "the valve"))
    store.commit(put("/r/b.md", "b.md", "the mast"))
    with store.snapshot() as view:
        (seen,) = view.sources("/r/a.jsonl")
    assert store.commit(Batch(forget=(replace(seen, stamp="newer"),))).removed == 0
    assert store.commit(Batch(forget=(seen,))).removed == 2
    assert texts_found(store, "pump valve mast") == {"the mast"}
    with store.snapshot() as view:
        assert [known.address for known in view.sources()] == ["/r/b.md"]


def test_a_file_reached_through_a_second_root_keeps_its_first(store: Store) -> None:
    store.commit(put("/r/docs/a.md", "a.md", "the pump"))
    store.commit(Batch(sources=(replace(source("/r/docs/a.md"), root="/r", path="docs/a.md"),)))
    with store.snapshot() as view:
        (known,) = view.sources()
    assert (known.root, known.path) == ("/r/docs", "a.md")


def test_sources_below_a_folder(store: Store) -> None:
    for address in ("/r/a.md", "/r/a.md.bak", "/r/sub/b.md", "/r/subtle.md"):
        store.commit(Batch(sources=(source(address),)))
    with store.snapshot() as view:
        assert [s.address for s in view.sources("/r/sub")] == ["/r/sub/b.md"]
        assert [s.address for s in view.sources("/r/a.md")] == ["/r/a.md"]
        assert len(view.sources("/r")) == 4
        assert len(view.sources()) == 4


def test_a_view_does_not_change_while_it_is_open(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "old pump"))
    with store.snapshot() as view:
        before = view.retrieve(probe("pump"))
        store.commit(put("/r/a.md", "a.md", "new pump"))
        (stored,) = view.read([before[0].passage])
        assert stored.passage.text == "old pump"
    assert texts_found(store, "pump") == {"new pump"}


def test_candidates_carry_their_true_scores_in_both_legs(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", *(made_up(i) for i in range(30))))
    with store.snapshot() as view:
        wide = {c.passage: c for c in view.retrieve(probe("harbour lamp storm", depth=100))}
        narrow = view.retrieve(probe("harbour lamp storm", depth=3))
    assert len(narrow) < len(wide)
    for candidate in narrow:
        assert candidate.dense == pytest.approx(wide[candidate.passage].dense, abs=1e-5)
        assert candidate.bm25 == pytest.approx(wide[candidate.passage].bm25, rel=1e-4)


def test_a_question_without_any_known_word_still_has_a_dense_leg(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump"))
    with store.snapshot() as view:
        (candidate,) = view.retrieve(probe("zzz"))
    assert (candidate.bm25, candidate.bm25_rank, candidate.dense_rank) == (0.0, None, 1)


def test_an_empty_store_finds_nothing(store: Store) -> None:
    with store.snapshot() as view:
        assert view.retrieve(probe("pump")) == []
        assert view.rarity(["pump"]) == [pytest.approx(math.log(2))]


def test_filters_act_inside_both_legs(store: Store) -> None:
    for i in range(40):
        store.commit(put(f"/r/many/{i}.md", f"many/{i}.md", f"pump pump pump {i}", metadata={"year": 2020}))
    store.commit(put("/r/one/a.md", "one/a.md", "a valve and one pump", metadata={"year": 2021, "draft": True}))
    only = {"a valve and one pump"}
    for within in (
        Filter(paths=("one",)), Filter(paths=("one/*",)), Filter(paths=("*/a.md",)), Filter(paths=("/r/one",)),
        Filter(metadata={"year": 2021}), Filter(metadata={"draft": True}), Filter(metadata={"year": "2021"}),
    ):  # fmt: skip
        assert texts_found(store, "pump", depth=5, within=within) == only
    assert texts_found(store, "pump", within=Filter(paths=("none",))) == set()
    assert texts_found(store, "pump", within=Filter(paths=("",))) == set()
    assert texts_found(store, "pump", within=Filter(paths=("one",), metadata={"year": 2020})) == set()


def test_vectors_are_known_by_their_hash(store: Store) -> None:
    batch = put("/r/a.md", "a.md", "the pump", "the valve")
    store.commit(batch)
    hashes = batch.put[0].hashes
    with store.snapshot() as view:
        found = view.vectors([*hashes, "unknown"])
    assert set(found) == set(hashes)
    assert float(found[hashes[0]] @ batch.put[0].vectors[0]) == pytest.approx(1, abs=1e-3)


def test_the_listing_counts_passages(store: Store) -> None:
    store.commit(put("/r/b.md", "b.md", "the pump"))
    store.commit(put("/r/a.jsonl", "2", "the valve", "the lamp"))
    with store.snapshot() as view:
        assert [(one.source, one.document, one.passages) for one in view.listing()] == [
            ("/r/a.jsonl", "2", 2),
            ("/r/b.md", "b.md", 1),
        ]


def test_documents_come_back_whole(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump", "a ‘quoted’ 🜂 valve", metadata={"n": 1, "flag": False}))
    with store.snapshot() as view:
        (entry,) = view.entries(["/r/a.md"])
        (document,) = view.documents([entry.key])
        found = view.read([c.passage for c in view.retrieve(probe("valve"))])
    assert document.metadata == {"n": 1, "flag": False}
    assert document.source == "/r/a.md"
    for stored in found:
        assert document.text[stored.passage.start : stored.passage.end] == stored.passage.text
        assert stored.key == entry.key


def test_cards_are_remembered_replaced_and_taken_out(store: Store) -> None:
    store.commit(Batch(cards={"fusion": {"weight": 0.4}, "other": [1, "é"]}))
    with store.snapshot() as before:
        assert before.card("fusion") == {"weight": 0.4}
        assert before.card("other") == [1, "é"]
        assert before.card("nothing") is None
    store.commit(Batch(cards={"fusion": {"weight": 0.8}, "other": None}))
    with store.snapshot() as after:
        assert after.card("fusion") == {"weight": 0.8}
        assert after.card("other") is None


def test_notes_are_kept_by_kind_and_key(store: Store) -> None:
    with store.snapshot() as view:
        assert view.notes("questions") == {}
    store.commit(Batch(notes=(Note("questions", "a", ["Why?"]), Note("questions", "b", 1), Note("other", "a", 2))))
    store.commit(Batch(notes=(Note("questions", "a", ["Who?"]), Note("questions", "b", None))))
    with store.snapshot() as view:
        assert view.notes("questions") == {"a": ["Who?"]}
        assert view.notes("other") == {"a": 2}


def test_all_passages_are_named_by_rising_ids(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump", "the valve"))
    store.commit(put("/r/b.md", "b.md", "the lamp"))
    with store.snapshot() as view:
        ids = view.ids()
        assert ids == sorted(ids)
        assert [stored.passage.text for stored in view.read(ids)] == ["the pump", "the valve", "the lamp"]


def test_opening_with_another_embedder_is_an_error(tmp_path: Path) -> None:
    for address in (str(tmp_path / "kb"), "memory:other"):
        open_store(address, embedder=TOY.card, create=True).close()
        with pytest.raises(WrongEmbedder):
            open_store(address, embedder=replace(TOY.card, digest="another"), create=True)


def test_opening_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none"), "memory:none"):
        with pytest.raises(NotFound):
            open_store(address, embedder=None, create=False)
    assert not (tmp_path / "none").exists()


def test_local_and_memory_agree(tmp_path: Path) -> None:
    """A random history of commits gives the same dense candidates and scores in both stores."""
    chance = random.Random(7)
    local = open_store(str(tmp_path / "kb"), embedder=TOY.card, create=True)
    memory = open_store("memory:", embedder=TOY.card, create=True)
    for turn in range(60):
        record = str(chance.randrange(12))
        texts = [made_up(chance.randrange(1000)) for _ in range(chance.randrange(1, 4))]
        batch = Batch(sources=(source("/r/a.jsonl"),), put=(prepare("/r/a.jsonl", record, *texts),))
        for store in (local, memory):
            store.commit(batch)
        if turn % 7 == 3:
            for store in (local, memory):
                with store.snapshot() as view:
                    gone = [e for e in view.entries() if e.record == record]
                store.commit(Batch(drop=tuple(gone)))
        question = made_up(turn, words=4)
        assert _seen(local, question) == _seen(memory, question)
    local.close()


def _seen(store: Store, question: str) -> list[tuple[object, ...]]:
    with store.snapshot() as view:
        candidates = view.retrieve(probe(question, depth=8))
        texts = {s.id: (s.document.id, s.passage.text) for s in view.read([c.passage for c in candidates])}
    # Deleted passages count in tantivy's statistics until it merges, so the BM25 leg is compared elsewhere.
    return sorted((texts[c.passage], round(c.dense, 4)) for c in candidates if c.dense_rank)


def test_local_and_memory_count_bm25_alike(tmp_path: Path) -> None:
    """Deleted passages aside (tantivy forgets their words only when it merges), the scores are the same figures."""
    batch = put("/r/a.md", "a.md", *(made_up(i, words=5 + i * 3) for i in range(60)))
    scores = []
    for address in (str(tmp_path / "kb"), "memory:"):
        store = open_store(address, embedder=TOY.card, create=True)
        store.commit(batch)
        with store.snapshot() as view:
            found = view.retrieve(probe("harbour harbour lamp number7", depth=60))
            texts = {s.id: s.passage.text for s in view.read([c.passage for c in found])}
        scores.append({texts[c.passage]: c.bm25 for c in found})
        store.close()
    assert scores[0] == pytest.approx(scores[1], rel=1e-5)


def key(text: str, *keys: str) -> Batch:
    """Keys for the passage of that text."""
    (digest,) = prepare("/r/a.md", "a.md", text).hashes
    return Batch(notes=(Note(KEYS, digest, list(keys) or None),))


def test_keys_find_their_passage_and_are_not_shown(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump", "the valve"))
    assert best_by_words(store, "hawser") == []
    store.commit(key("the pump", "where is the hawser?"))
    assert best_by_words(store, "hawser") == ["the pump"]
    assert best_by_words(store, "pump") == ["the pump"]


def test_keys_that_are_taken_back_leave_the_scores_that_were(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", *(made_up(i) for i in range(30))))
    with store.snapshot() as view:
        before = view.retrieve(probe("tide lamp"))
    store.commit(key(made_up(3), "tide tide hawser"))
    with store.snapshot() as view:
        assert view.retrieve(probe("tide lamp")) != before
    store.commit(key(made_up(3)))
    with store.snapshot() as view:
        assert view.retrieve(probe("tide lamp")) == before


def test_keys_go_with_their_passage(store: Store) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump", "the valve"))
    store.commit(key("the pump", "hawser"))
    store.commit(put("/r/a.md", "a.md", "the pump", "the mast"))
    assert best_by_words(store, "hawser") == ["the pump"]
    store.commit(put("/r/a.md", "a.md", "the mast"))
    assert best_by_words(store, "hawser") == []
    with store.snapshot() as view:
        assert view.notes(KEYS) == {}
    store.commit(put("/r/a.md", "a.md", "the pump"))
    assert best_by_words(store, "hawser") == []


def test_keys_of_what_is_not_there_are_harmless(store: Store) -> None:
    store.commit(key("the pump", "hawser"))
    store.commit(put("/r/a.md", "a.md", "the pump"))
    assert best_by_words(store, "hawser") == []


def best_by_words(store: Store, question: str) -> list[str]:
    with store.snapshot() as view:
        found = sorted((c.bm25_rank, c.passage) for c in view.retrieve(probe(question)) if c.bm25_rank)
        return [one.passage.text for one in view.read([passage for _, passage in found])]
