"""`Knowledge` as a user holds it: it remembers its embedder, finds, filters, copies, and is safe to share."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import formfact as ff
from formfact.errors import FormfactError, NotFound, Refused, WrongEmbedder
from formfact.front import Pattern
from formfact.front.patterns import Patterns
from formfact.models.toy import Toy
from formfact.patterns.write import Drafter, Input
from formfact.types import EmbedderCard, Progress


class Mine(Toy):
    """A user's own embedder, under an address that cannot be opened again."""

    @property
    def card(self) -> EmbedderCard:
        return replace(super().card, address="mine", digest="mine-1")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "old").mkdir(parents=True)
    (folder / "pump.md").write_text("# Pumps\n\n## Reset\n\nHold the green lever of the pump.\n")
    (folder / "lamp.txt").write_text("The lamp burns oil. The pump feeds it.\n")
    (folder / "old" / "pump.md").write_text("The pump had a crank.\n")
    (folder / "rows.jsonl").write_text(
        '{"_id": "r1", "text": "the pump of the storm", "year": 1890}\n{"_id": "r2", "text": "a mast", "year": 1891}\n'
    )
    return folder


@pytest.fixture
def kb(tmp_path: Path, docs: Path) -> Iterator[ff.Knowledge]:
    with ff.Knowledge(tmp_path / "kb", embedder="toy:64") as opened:
        opened.add(docs)
        yield opened


def names(found: list[ff.Hit]) -> set[str]:
    return {hit.document for hit in found}


# The embedder -----------------------------------------------------------------------------------------------------


def test_it_remembers_its_embedder(kb: ff.Knowledge) -> None:
    kb.close()
    with ff.Knowledge(kb.address) as again:
        assert (again.status().embedder, again.status().dimensions) == ("toy:64", 64)
        assert again.search("green lever")[0].document == "pump.md"
        assert again.search("green lever") == kb.search("green lever")


def test_another_embedder_is_an_error_that_says_how_to_re_embed(kb: ff.Knowledge, docs: Path) -> None:
    before = kb.status().generation
    with ff.Knowledge(kb.address, embedder="toy:32") as other:
        for verb in (
            lambda: other.add(docs),
            lambda: other.search("pump"),
            lambda: other.ask("pump?"),
            other.status,
            lambda: other.remove("r1"),
            other.documents,
        ):
            with pytest.raises(WrongEmbedder, match="made with the embedder toy:64, not with toy:32") as wrong:
                verb()
            assert f"formfact --kb {kb.address} re-embed --embedder toy:32" in wrong.value.hint
    assert kb.status().generation == before


def test_the_way_out_works(kb: ff.Knowledge, docs: Path) -> None:
    (docs / "pump.md").unlink()  # no file is read again
    assert kb.re_embed("toy:32").dimensions == 32
    assert kb.search("green lever")[0].document == "pump.md"
    with ff.Knowledge(kb.address, embedder="toy:32") as again:
        assert again.search("green lever")[0].headings == ("Pumps", "Reset")
    assert sorted(path.name for path in Path(kb.address).parent.iterdir()) == ["docs", "kb"]


def test_an_embedder_of_ones_own_must_be_given_again(tmp_path: Path, docs: Path) -> None:
    address = tmp_path / "mine"
    with ff.Knowledge(address, embedder=Mine()) as kb:
        kb.add(docs)
    with ff.Knowledge(address, embedder=Mine()) as kb:
        assert kb.search("green lever")[0].document == "pump.md"
    with ff.Knowledge(address) as kb:
        assert kb.status().documents == 5, "counting needs no embedder"
        with pytest.raises(FormfactError) as wrong:
            kb.search("green lever")
        assert "mine" in wrong.value.message
        assert wrong.value.hint


def test_a_model_that_changed_at_its_address_is_an_error(tmp_path: Path, docs: Path) -> None:
    with ff.Knowledge(tmp_path / "kb", embedder=Toy(64, window=32)) as kb:
        kb.add(docs)
    with ff.Knowledge(tmp_path / "kb") as kb:
        with pytest.raises(WrongEmbedder, match="toy:64 is no longer the one") as wrong:
            kb.search("pump")
        assert "formfact re-embed" in wrong.value.hint
        assert kb.re_embed("toy:64").documents == 5
        assert kb.search("green lever")[0].document == "pump.md"


# Opening and closing ----------------------------------------------------------------------------------------------


def test_nothing_is_made_before_the_first_add(tmp_path: Path) -> None:
    address = tmp_path / "kb"
    with ff.Knowledge(address, embedder="toy:64") as kb:
        for verb in (lambda: kb.search("x"), lambda: kb.ask("x"), kb.status, kb.documents, lambda: kb.remove("x")):
            with pytest.raises(NotFound, match="no knowledge base at") as missing:
                verb()
            assert "formfact add" in missing.value.hint
        with pytest.raises(NotFound, match="nothing at"):
            kb.add(tmp_path / "nothing")
    assert not address.exists()


def test_the_end_of_the_block_leaves_one_folder_that_can_be_copied(tmp_path: Path, docs: Path) -> None:
    with ff.Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(docs)
        expected = kb.search("pump")
    assert not (tmp_path / "kb" / "knowledge.sqlite-wal").exists()
    shutil.copytree(tmp_path / "kb", tmp_path / "moved")
    shutil.rmtree(tmp_path / "kb")
    with ff.Knowledge(tmp_path / "moved") as moved:
        assert moved.search("pump") == expected


def test_it_closes_when_the_block_fails_too(tmp_path: Path, docs: Path) -> None:
    kb = ff.Knowledge(tmp_path / "kb", embedder="toy:64")
    kb.add(docs)
    with pytest.raises(RuntimeError, match="mine"), kb:
        raise RuntimeError("mine")
    assert not (tmp_path / "kb" / "knowledge.sqlite-wal").exists()


def test_closing_twice_is_harmless_and_a_closed_one_opens_again(kb: ff.Knowledge) -> None:
    kb.close()
    kb.close()
    assert kb.status().documents == 5


def test_memory_ends_with_its_holder(docs: Path) -> None:
    with ff.Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(docs)
        assert kb.search("green lever")[0].document == "pump.md"
        with pytest.raises(Refused, match="cannot be copied") as refused:
            kb.copy(docs / "copy")
        assert refused.value.hint
        with pytest.raises(Refused, match="cannot be embedded anew"):
            kb.re_embed("toy:32")
    with ff.Knowledge("memory:") as other, pytest.raises(NotFound):
        other.search("pump")


def test_dialogues_outlive_another_embedder(kb: ff.Knowledge, docs: Path) -> None:
    kb.add(docs)
    kb.chat("desk").say("Which lever resets the pump?")
    kb.re_embed("toy:32")
    assert [one.name for one in kb.dialogues()] == ["desk"]


def test_what_is_in_the_way_of_another_embedder_is_told_first(kb: ff.Knowledge, docs: Path) -> None:
    kb.add(docs)
    mine = Path(f"{kb.address}.old")
    mine.mkdir()
    (mine / "backup.txt").write_text("mine\n")
    with pytest.raises(Refused, match="in the way"):
        kb.re_embed("toy:32")
    assert not Path(f"{kb.address}.re-embedding").exists()
    assert (mine / "backup.txt").exists()


def test_a_base_that_was_being_exchanged_is_told_of(kb: ff.Knowledge, docs: Path) -> None:
    kb.add(docs)
    kb.close()
    Path(kb.address).rename(f"{kb.address}.old")
    with ff.Knowledge(kb.address) as again, pytest.raises(NotFound, match="but there is") as found:
        again.search("pump")
    assert f"rename {kb.address}.old" in found.value.hint


def test_who_only_reads_dialogues_makes_no_file(kb: ff.Knowledge, docs: Path) -> None:
    kb.add(docs)
    assert kb.dialogues() == []
    with pytest.raises(NotFound):
        kb.forget("desk")
    assert not (Path(kb.address) / "dialogues.sqlite").exists()


def test_an_address_in_the_home_folder(tmp_path: Path, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with ff.Knowledge("~/docs/kb", embedder="toy:64") as kb:
        kb.add(docs)
        report = kb.add(docs)
        assert (report.unchanged, [(one.path, one.reason) for one in report.skipped]) == (
            5,
            [("kb/", "the knowledge base itself")],
        )
        assert kb.re_embed("toy:32").dimensions == 32
    assert (docs / "kb" / "knowledge.sqlite").exists()


def test_a_place_that_cannot_be_a_base_is_refused(docs: Path) -> None:
    for address in (docs, docs / "pump.md"):
        with ff.Knowledge(address, embedder="toy:64") as kb, pytest.raises(Refused) as refused:
            kb.add(docs / "lamp.txt")
        assert "--kb" in refused.value.hint
    assert len(list(docs.iterdir())) == 4


# The verbs --------------------------------------------------------------------------------------------------------


def test_search_gives_k_and_ten_if_nothing_is_said(kb: ff.Knowledge, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for i in range(15):
        (tmp_path / "many" / f"{i}.txt").write_text(f"pump number {i}")
    kb.add(tmp_path / "many")
    assert len(kb.search("pump")) == 10
    assert [hit.rank for hit in kb.search("pump", 3)] == [1, 2, 3]
    assert kb.search("pump", k=3) == kb.search("pump")[:3]
    assert len(kb.search("pump", k=1000)) == 20


def test_filters(kb: ff.Knowledge, docs: Path) -> None:
    everything = {"pump.md", "lamp.txt", "old/pump.md", "r1", "r2"}
    assert names(kb.search("pump")) == everything
    assert names(kb.search("pump", paths=("*.md",))) == {"pump.md", "old/pump.md"}
    assert names(kb.search("pump", paths=["old", "lamp.txt"])) == {"old/pump.md", "lamp.txt"}
    assert names(kb.search("pump", paths="*.txt")) == {"lamp.txt"}, "one path alone is not its letters"
    assert names(kb.search("pump", paths=(str(docs / "rows.jsonl"),))) == {"r1", "r2"}
    assert names(kb.search("pump", metadata={"year": 1890})) == {"r1"}
    assert names(kb.search("pump", paths=("*.md",), metadata={"year": 1890})) == set()
    assert names(kb.search("pump", paths=(), metadata={})) == everything


def test_filters_hold_for_answers_too(kb: ff.Knowledge) -> None:
    given = kb.ask("What did the pump have?", paths="old")
    assert {quote.document for quote in given.quotes} | names(list(given.nearest)) == {"old/pump.md"}


def test_a_record_is_known_by_its_id(kb: ff.Knowledge, docs: Path) -> None:
    hit = kb.search("storm")[0]
    assert (hit.document, hit.source, hit.metadata) == ("r1", str(docs / "rows.jsonl"), {"year": 1890})
    assert kb.remove("r1") == 1
    assert "r1" not in names(kb.search("storm"))
    with pytest.raises(NotFound, match="no document 'r1'"):
        kb.remove("r1")


def test_removing_a_file_and_a_folder(kb: ff.Knowledge, docs: Path) -> None:
    assert kb.remove(docs / "rows.jsonl") == 2
    assert kb.remove(str(docs / "old")) == 1
    assert names(kb.search("pump")) == {"pump.md", "lamp.txt"}


def test_hits_can_be_found_again_in_the_file(kb: ff.Knowledge, docs: Path) -> None:
    for hit in kb.search("pump", paths=("*.md", "*.txt")):
        assert Path(hit.source).read_text()[hit.start : hit.end] == hit.text


def test_documents_and_status(kb: ff.Knowledge, docs: Path) -> None:
    listed = kb.documents()
    assert [(one.document, one.passages) for one in listed] == [
        ("lamp.txt", 1),
        ("old/pump.md", 1),
        ("pump.md", 1),
        ("r1", 1),
        ("r2", 1),
    ]
    assert {one.source for one in listed} == {str(path) for path in docs.rglob("*.*")}
    state = kb.status()
    assert (state.address, state.documents, state.sources, state.passages) == (kb.address, 5, 4, 5)
    assert state.writable
    assert state.bytes > 0


def test_a_copy_of_an_open_base_stands_for_itself(kb: ff.Knowledge, docs: Path, tmp_path: Path) -> None:
    kb.copy(tmp_path / "copy")
    kb.remove(docs / "old")
    (docs / "new.md").write_text("A new pump.")
    kb.add(docs / "new.md")
    with ff.Knowledge(tmp_path / "copy") as copy:
        assert names(copy.search("pump")) == {"pump.md", "lamp.txt", "old/pump.md", "r1", "r2"}
        copy.remove("r1")
    assert names(kb.search("pump")) == {"pump.md", "lamp.txt", "new.md", "r1", "r2"}
    with pytest.raises(Refused, match="is there already"):
        kb.copy(tmp_path / "copy")


def test_explaining_a_loss(kb: ff.Knowledge) -> None:
    lost = kb.explain("green lever", "r2", k=1)
    assert lost.best.document == "r2"
    assert lost.needed == kb.search("green lever", k=1)[-1].score
    with pytest.raises(NotFound):
        kb.explain("green lever", "none.md")


def test_progress_ends_done(tmp_path: Path, docs: Path) -> None:
    seen: list[Progress] = []
    with ff.Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(docs, progress=seen.append)
    assert [one.done for one in seen[-2:]] == [False, True]
    assert (seen[-1].files, seen[-1].files_total, seen[-1].passages) == (4, 4, 5)


def test_large_files_can_be_left_out(tmp_path: Path, docs: Path) -> None:
    (docs / "long.txt").write_text("pump " * 1000)
    with ff.Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        report = kb.add(docs, limit=1000)
    assert [one.path for one in report.skipped] == ["long.txt"]
    assert "larger than the limit" in report.skipped[0].reason


# Threads ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_share_one_store(kb: ff.Knowledge, restless: None) -> None:
    kb.close()
    barrier = threading.Barrier(8)

    def opened() -> object:
        barrier.wait()
        return kb._open_store()

    with ThreadPoolExecutor(8) as pool:
        stores = [future.result() for future in [pool.submit(opened) for _ in range(8)]]
    assert all(store is stores[0] for store in stores)


def test_threads_search_while_one_adds(kb: ff.Knowledge, docs: Path) -> None:
    stop = threading.Event()

    def look() -> int:
        turns = 0
        while not stop.is_set() or not turns:
            assert "pump.md" in names(kb.search("green lever of the pump", k=100))
            assert kb.status().documents >= 5
            turns += 1
        return turns

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look) for _ in range(3)]
        try:
            for i in range(5):
                (docs / f"new{i}.md").write_text(f"The pump number {i}.")
                kb.add(docs)
        finally:
            stop.set()
        assert all(future.result() > 0 for future in looking)
    assert kb.status().documents == 10


def test_a_path_from_here_names_its_file(
    kb: ff.Knowledge, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = {hit.source for hit in kb.search("pump", paths="docs/old/pump.md")}
    assert {Path(source).relative_to(docs.resolve()).as_posix() for source in found} == {"old/pump.md"}


def test_removing_a_file_by_its_path_below_the_root(kb: ff.Knowledge, docs: Path) -> None:
    assert kb.remove("rows.jsonl") == 2
    assert {listed.document for listed in kb.documents()} == {"pump.md", "lamp.txt", "old/pump.md"}


def test_a_filter_of_broken_bytes_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("The zebra sleeps.")
    with ff.Knowledge(tmp_path / "kb", embedder="toy:") as kb:
        kb.add(tmp_path / "a.md")
        assert kb.search("zebra", paths="\udcff*") == []
        assert kb.search("zebra", metadata={"\udcff": "\udcff"}) == []


def test_the_nouns_say_what_they_are(kb: ff.Knowledge) -> None:
    assert repr(kb) == f"Knowledge({kb.address!r})"
    assert repr(ff.Pattern("questions")) == "Pattern('questions')"


def test_a_missing_schema_is_told_before_a_model_is_opened() -> None:
    def opens(_: Pattern) -> Drafter:
        raise AssertionError("a model was opened")

    with pytest.raises(Refused, match="by a schema of yours"):
        Patterns(opens=opens).write_all("json-record", [Input("seven kegs")])
