"""The local store's protocol, sentence by sentence: the truth, its shadows, and what may go wrong with either."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import filelock
import pytest

from formfact.errors import Busy, Damaged, DiskFull, ReadOnly, Refused, StoreError, WrongVersion
from formfact.knowledge.stores import Batch, open_store
from formfact.knowledge.stores.local import READERS, Local, dense, open_local, truth
from tests.knowledge.stores.texts import TOY, made_up, prepare, probe, put, source


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Local]:
    with opened(tmp_path / "kb") as store:
        yield store


def found(store: Local, question: str, depth: int = 10) -> list[str]:
    with store.snapshot() as view:
        candidates = view.retrieve(probe(question, depth=depth))
        return sorted(stored.passage.text for stored in view.read([c.passage for c in candidates]))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at /proc")
def test_many_readers_at_once_leave_few_files_open(store: Local) -> None:
    """SQLite itself keeps a closed reader's file for the next one (else its locks were lost); the log's it closes."""

    def held(name: str) -> int:
        return sum(one.is_symlink() and one.readlink().name == name for one in Path("/proc/self/fd").iterdir())

    def crowd() -> tuple[int, int]:
        with ExitStack() as many:
            views = [many.enter_context(store.snapshot()) for _ in range(40)]
            assert {view.status().documents for view in views} == {0}
            assert held(f"{truth.FILE}-wal") - logs >= 39
        return held(truth.FILE), held(f"{truth.FILE}-wal")

    logs = held(f"{truth.FILE}-wal")
    first = crowd()
    assert first[1] <= logs + READERS
    assert [crowd() for _ in range(3)] == [first] * 3


@contextmanager
def opened(folder: Path) -> Iterator[Local]:
    store = open_local(str(folder), embedder=TOY.card, create=True)
    try:
        yield store
    finally:
        store.close()


def many(count: int, start: int = 0) -> Batch:
    rows = tuple(prepare("/r/many.jsonl", str(i), made_up(i)) for i in range(start, start + count))
    return Batch(sources=(source("/r/many.jsonl"),), put=rows)


def manifest(store: Local, shadow: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((store.folder / "shadows" / shadow / "manifest.json").read_text())
    return loaded


# --- the shadows follow the truth ---------------------------------------------------------------------------------


def test_both_shadows_record_the_generation_and_token_they_were_drawn_from(store: Local) -> None:
    store.commit(put("/r/a.md", "a.md", "the pump"))
    assert found(store, "pump") == ["the pump"]
    with sqlite3.connect(store.folder / truth.FILE) as connection:
        head = connection.execute("SELECT generation, token FROM generations ORDER BY 1 DESC LIMIT 1").fetchone()
    connection.close()
    for shadow in ("dense", "words"):
        record = manifest(store, shadow)
        assert (record["generation"], record["token"]) == head


def test_what_words_are_worth_is_read_from_the_index_that_was_searched(store: Local) -> None:
    """Another search may have brought the shadows ahead of a view that is still open."""
    store.commit(put("/r/a.md", "a.md", "the pump"))
    with store.snapshot() as view:
        view.retrieve(probe("pump"))
        before = view.rarity(["zebra"])
        store.commit(many(5))
        assert found(store, "the") != []
        assert view.rarity(["zebra"]) == before


def test_a_shadow_is_replayed_from_the_log_and_not_redrawn(store: Local) -> None:
    store.commit(many(50))
    found(store, "pump")
    base, index = manifest(store, "dense")["base"], manifest(store, "words")["name"]
    store.commit(put("/r/a.md", "a.md", "the zebra"))
    store.commit(put("/r/a.md", "a.md", "the quagga"))
    assert "the quagga" in found(store, "quagga zebra")
    assert "the zebra" not in found(store, "quagga zebra", depth=100)
    assert (manifest(store, "dense")["base"], manifest(store, "words")["name"]) == (base, index)


@pytest.mark.parametrize("shadow", ["dense", "words"])
def test_a_missing_shadow_is_redrawn(store: Local, shadow: str) -> None:
    store.commit(many(20))
    before = found(store, "pump")
    # Moved, not deleted: tantivy's own threads may still write a file into a folder that is being emptied.
    (store.folder / "shadows" / shadow).rename(store.folder.with_name("away"))
    assert found(store, "pump") == before


@pytest.mark.parametrize("shadow", ["dense", "words"])
def test_a_shadow_of_another_version_is_redrawn(store: Local, shadow: str) -> None:
    store.commit(many(20))
    before = found(store, "pump")
    file = store.folder / "shadows" / shadow / "manifest.json"
    file.write_text(json.dumps({**manifest(store, shadow), "format": 99}))
    assert found(store, "pump") == before
    assert manifest(store, shadow)["format"] == 1


def test_damaged_shadows_are_redrawn(tmp_path: Path) -> None:
    """Each file of each shadow is cut short, emptied or overwritten in turn: the answer stays the same."""
    folder = tmp_path / "kb"
    with opened(folder) as store:
        store.commit(many(30))
        before = found(store, "pump")
    names = [p.relative_to(folder) for p in sorted(folder.glob("shadows/*/**/*")) if p.is_file() and p.stat().st_size]
    assert len(names) > 10
    chance = random.Random(3)
    pristine = tmp_path / "pristine"
    shutil.copytree(folder, pristine)
    for name in names:
        for damage in (b"", b"x", None):
            shutil.rmtree(folder)
            shutil.copytree(pristine, folder)
            data = (folder / name).read_bytes()
            (folder / name).write_bytes(chance.randbytes(len(data)) if damage is None else damage)
            with opened(folder) as store:
                texts = found(store, "pump")
            # Random bytes of the right length in a dense file can only spoil the order of a small base's candidates.
            assert set(texts) <= {made_up(i) for i in range(30)}, name
            if damage is not None:
                assert texts == before, (name, damage)


def test_a_restored_truth_beside_newer_shadows_is_noticed_by_its_token(tmp_path: Path) -> None:
    folder, backup = tmp_path / "kb", tmp_path / "backup.sqlite"
    with opened(folder) as store:
        store.commit(many(10))
        store.close()
    shutil.copy(folder / truth.FILE, backup)
    with opened(folder) as store:
        store.commit(put("/r/a.md", "a.md", "the zebra"))
        assert "the zebra" in found(store, "zebra")
    shutil.copy(backup, folder / truth.FILE)
    with opened(folder) as store:
        store.commit(put("/r/b.md", "b.md", "the quagga"))  # the same generation number, another token
        texts = found(store, "zebra quagga", depth=100)
    assert "the quagga" in texts
    assert "the zebra" not in texts
    assert len(texts) == 11


def test_a_log_that_was_pruned_means_a_redraw(store: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "KEPT_GENERATIONS", 3)
    store.commit(many(5))
    found(store, "pump")
    for turn in range(600):
        store.commit(put("/r/a.md", "a.md", f"the zebra {turn}"))
    assert found(store, "zebra", depth=100).count("the zebra 599") == 1
    assert len(found(store, "zebra", depth=100)) == 6


def test_many_changes_fold_into_a_new_base(store: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "FOLD_ROWS", 8)
    store.commit(many(20))
    found(store, "pump")
    base = manifest(store, "dense")["base"]
    for turn in range(30):
        store.commit(put("/r/a.md", "a.md", f"the zebra {turn}"))
        assert [text for text in found(store, "zebra", depth=100) if "zebra" in text] == [f"the zebra {turn}"]
    assert manifest(store, "dense")["base"] != base
    assert len(found(store, "zebra", depth=100)) == 21
    assert len(list((store.folder / "shadows" / "dense").glob("*.int8"))) <= 2


def test_sign_bits_find_nearly_what_exact_search_finds(store: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    store.commit(many(1500))
    exact = [found(store, made_up(i, words=5)) for i in range(20)]
    monkeypatch.setattr(dense, "EXACT", 10)
    monkeypatch.setattr(dense, "RESCORED", 600)
    signs = [found(store, made_up(i, words=5)) for i in range(20)]
    shared = [len(set(a) & set(b)) / len(a) for a, b in zip(exact, signs, strict=True)]
    assert sum(shared) / len(shared) > 0.9


def test_replaced_passages_leave_the_shadows_themselves(store: Local) -> None:
    """And not only the results: a search that need not look behind the shadows must be able to rely on them."""
    for turn in range(5):
        store.commit(put("/r/a.md", "a.md", f"the pump {turn}"))
        found(store, "pump")
    assert store._shadows._lexical is not None
    assert len(store._shadows._lexical) == 1
    assert len(store._shadows._lexical.best(["pump"], 10)) == 1


# --- others write meanwhile ---------------------------------------------------------------------------------------


def test_who_does_not_get_the_lock_searches_the_log_itself(store: Local) -> None:
    store.commit(many(10))
    store.commit(put("/r/old.md", "old.md", "the zebra"))
    assert "the zebra" in found(store, "zebra")
    generation = manifest(store, "dense")["generation"]
    with filelock.FileLock(store.folder / "shadows" / "lock"):
        with store.snapshot() as view:
            gone = [entry for entry in view.entries() if entry.record == "old.md"]
        store.commit(Batch(drop=tuple(gone)))
        store.commit(put("/r/new.md", "new.md", "a zebra and a quagga"))
        with store.snapshot() as view:
            candidates = view.retrieve(probe("zebra quagga", depth=3))
            texts = {s.id: s.passage.text for s in view.read([c.passage for c in candidates])}
    best = max(candidates, key=lambda candidate: candidate.bm25)
    assert texts[best.passage] == "a zebra and a quagga"
    assert best.dense_rank == 1
    assert "the zebra" not in texts.values()
    assert len([c for c in candidates if c.dense_rank]) == 3
    assert manifest(store, "dense")["generation"] == generation
    assert "the zebra" not in found(store, "zebra")
    assert manifest(store, "dense")["generation"] != generation


def test_a_full_list_is_made_of_the_living(store: Local) -> None:
    """The shadow's best are all gone: deeper looks fill the list while others hold the lock."""
    store.commit(many(40))
    for i in range(30):
        store.commit(put(f"/r/{i}.md", f"{i}.md", f"zebra zebra {i}"))
    found(store, "zebra")
    with filelock.FileLock(store.folder / "shadows" / "lock"):
        with store.snapshot() as view:
            gone = [entry for entry in view.entries() if entry.address != "/r/many.jsonl"]
        store.commit(Batch(drop=tuple(gone)))
        assert len(found(store, "zebra", depth=10)) == 10


def test_threads_search_and_write_together(store: Local) -> None:
    """Every search sees each document exactly once, in one of its versions."""
    texts = ("pump one", "pump two")
    store.commit(Batch((source("/r/a"),), tuple(prepare("/r/a", str(i), texts[0]) for i in range(8))))
    wrong: list[list[str]] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            with store.snapshot() as view:
                candidates = view.retrieve(probe("pump", depth=50))
                records = sorted(s.document.id for s in view.read([c.passage for c in candidates]))
            if records != [str(i) for i in range(8)]:
                wrong.append(records)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(40):
        rows = tuple(prepare("/r/a", str(i), texts[turn % 2] + f" {turn}") for i in range(8))
        store.commit(Batch(put=rows))
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_stores_on_one_folder_see_each_other(tmp_path: Path) -> None:
    with opened(tmp_path / "kb") as one, opened(tmp_path / "kb") as two:
        one.commit(put("/r/a.md", "a.md", "the pump"))
        assert found(two, "pump") == ["the pump"]
        two.commit(put("/r/a.md", "a.md", "the valve"))
        assert found(one, "pump") == ["the valve"]


# --- one folder ---------------------------------------------------------------------------------------------------


def test_a_closed_base_is_one_folder_that_can_be_copied(tmp_path: Path) -> None:
    with opened(tmp_path / "kb") as store:
        store.commit(many(10))
        before = found(store, "pump")
    assert sorted(path.name for path in (tmp_path / "kb").iterdir()) == ["knowledge.sqlite", "shadows"]
    shutil.copytree(tmp_path / "kb", tmp_path / "elsewhere")
    with opened(tmp_path / "elsewhere") as copy:
        assert found(copy, "pump") == before


def test_copy_takes_a_snapshot_of_an_open_base(store: Local, tmp_path: Path) -> None:
    store.commit(many(10))
    store.copy(tmp_path / "copy")
    store.commit(put("/r/a.md", "a.md", "the zebra"))
    with opened(tmp_path / "copy") as copy:
        assert len(found(copy, "zebra pump", depth=50)) == 10
        assert copy.commit(put("/r/b.md", "b.md", "more")).added == 1
    with pytest.raises(Refused):
        store.copy(tmp_path / "copy")


def journal(store: Local) -> str:
    with store.snapshot() as view:
        return view.status().journal


def test_a_copy_has_the_journal_of_the_disk_it_is_opened_on(
    store: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(many(3))
    store.copy(tmp_path / "copy")
    with opened(tmp_path / "copy") as copy:
        assert journal(copy) == journal(store) == "wal"
        copy.commit(many(4))
    monkeypatch.setattr(truth, "on_network_disk", lambda folder: True)
    with opened(tmp_path / "copy") as moved:
        assert journal(moved) == "delete"
        assert len(found(moved, "pump")) == 4
        reader = truth.connect(tmp_path / "copy", writable=True)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM passages").fetchone()
        monkeypatch.undo()
        start = time.perf_counter()
        with opened(tmp_path / "copy") as again:
            assert journal(again) == "delete"  # somebody reads, and is not waited for
        assert time.perf_counter() - start < 5
        reader.close()


def test_a_copy_without_room_names_its_own_folder(store: Local, tmp_path: Path) -> None:
    store.commit(many(200))
    script = NO_ROOM.format(path=sys.path, folder=str(store.folder), to=str(tmp_path / "copy"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{tmp_path / 'copy'} cannot be written"), done.stderr
    assert not (tmp_path / "copy").exists()


NO_ROOM = """
import resource, sys
sys.path[:0] = {path!r}
from pathlib import Path
from formfact.errors import StoreError
from formfact.knowledge.stores.local import open_local
store = open_local({folder!r}, embedder=None, create=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    store.copy(Path({to!r}))
except StoreError as error:
    print(error.message)
"""


def test_a_network_disk_gets_a_rollback_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = f"/dev/a / ext4 rw 0 0\nhost:/x {tmp_path}\\040 nfs4 rw 0 0\nhost:/x {tmp_path}/net nfs4 rw 0 0\n"
    assert truth.on_network_disk(tmp_path / "net" / "kb", table)
    assert not truth.on_network_disk(tmp_path / "network", table)
    assert not truth.on_network_disk(tmp_path, table)
    monkeypatch.setattr(truth, "on_network_disk", lambda folder: True)
    with opened(tmp_path / "kb") as store:
        store.commit(many(3))
        with store.snapshot() as view:
            assert view.status().journal == "delete"
        assert len(found(store, "pump")) == 3


READ_ONLY = """
import os, sys
sys.path[:0] = {path!r}
from formfact.knowledge.stores.local import open_local
from tests.knowledge.stores.texts import TOY, probe, put
from formfact.errors import ReadOnly
from formfact.knowledge.stores.local import open_local
warm = open_local({warm!r}, embedder=TOY.card, create=True)  # what is imported late is imported while it may be
warm.commit(put("/r/a.md", "a.md", "the pump"))
with warm.snapshot() as view:
    view.retrieve(probe("pump"))
warm.close()
os.setgid(65534); os.setuid(65534)
store = open_local({folder!r}, embedder=TOY.card, create=False)
with store.snapshot() as view:
    print(len(view.retrieve(probe("pump"))), view.status().writable, view.status().journal)
try:
    store.commit(put("/r/a.md", "a.md", "x"))
except ReadOnly:
    print("read-only")
store.close()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
@pytest.mark.parametrize("unclean", [False, True], ids=["closed", "with-a-wal"])
@pytest.mark.parametrize("shadows", [True, False], ids=["with-shadows", "without-shadows"])
def test_a_read_only_folder_can_be_searched(unclean: bool, shadows: bool) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        folder = Path(top) / "kb"
        with opened(folder) as store:
            store.commit(many(7))
            found(store, "pump")
            if unclean:
                shutil.copytree(folder, Path(top) / "copy")
                folder = Path(top) / "copy"
        if not shadows:
            shutil.rmtree(folder / "shadows")
        subprocess.run(["chmod", "-R", "a+rX", top], check=True)
        script = READ_ONLY.format(path=sys.path, folder=str(folder), warm=str(Path(top) / "warm"))
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["7", "False", "none", "read-only"], done.stderr


# --- what may be wrong with the truth -----------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / truth.FILE).write_bytes(b"no database at all" * 500)
    with pytest.raises(Damaged) as caught:
        open_local(str(folder), embedder=TOY.card, create=True)
    assert caught.value.hint


def test_another_database_is_not_taken_for_a_knowledge_base(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    with sqlite3.connect(folder / truth.FILE) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(Damaged):
        open_local(str(folder), embedder=TOY.card, create=True)


def test_another_version_is_named(tmp_path: Path) -> None:
    with opened(tmp_path / "kb"):
        pass
    with sqlite3.connect(tmp_path / "kb" / truth.FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(WrongVersion, match="99"):
        open_local(str(tmp_path / "kb"), embedder=None, create=False)


def test_a_damaged_truth_gives_an_error_and_no_crash(tmp_path: Path) -> None:
    with opened(tmp_path / "kb") as store:
        store.commit(many(200))
    file = tmp_path / "kb" / truth.FILE
    data = bytearray(file.read_bytes())
    data[4096 : len(data) // 2] = b"\xff" * (len(data) // 2 - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreError), opened(tmp_path / "kb") as store:
        store.commit(many(200))


def test_a_creation_that_was_cut_off_is_begun_again(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / truth.FILE).touch()
    with opened(folder) as store:
        store.commit(many(2))
    assert (folder / truth.FILE).stat().st_size > 0


def test_a_folder_with_other_things_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear reader")
    with pytest.raises(Refused, match=r"letter\.txt"):
        open_local(str(tmp_path), embedder=TOY.card, create=True)
    with pytest.raises(Refused):
        open_local(str(tmp_path / "letter.txt"), embedder=TOY.card, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_writer_that_does_not_finish_is_busy(store: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "WAIT", 0.1)
    other = sqlite3.connect(store.folder / truth.FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        store.commit(many(1))
    other.execute("ROLLBACK")
    other.close()
    assert store.commit(many(1)).added == 1


FULL = """
import resource, signal, sys
sys.path[:0] = {path!r}
from formfact.knowledge.stores.local import open_local
from tests.knowledge.stores.texts import TOY
from tests.knowledge.stores.test_local import many, found
from formfact.errors import DiskFull, StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_local({folder!r}, embedder=TOY.card, create=False)
size = __import__("pathlib").Path({folder!r}, "knowledge.sqlite").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, size + 40_000))
for turn in range(20):
    try:
        store.commit(many(300, start=1000 + 300 * turn))
    except StoreError as error:
        print(type(error).__name__)
        break
print(len(found(store, "pump", depth=5000)) % 300)
"""


def test_a_disk_without_space_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    """The limit on a file's size stands for the full disk: writing beyond it fails in the same calls."""
    with opened(tmp_path / "kb") as store:
        store.commit(many(50))
        found(store, "pump")
    script = FULL.format(path=sys.path, folder=str(tmp_path / "kb"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split()[0] in ("DiskFull", "StoreError"), done.stderr
    assert done.stdout.split()[1] == "50"
    with opened(tmp_path / "kb") as store:
        assert len(found(store, "pump", depth=5000)) % 300 == 50
        assert store.commit(put("/r/a.md", "a.md", "the zebra")).added == 1


def test_sqlite_says_full_and_we_say_what_to_do(store: Local) -> None:
    store.commit(many(5))
    assert store._writer is not None
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull) as caught:
        store.commit(many(500, start=100))
    assert "goes on" in caught.value.hint
    assert len(found(store, "pump", depth=1000)) == 5
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert store.commit(many(500, start=100)).added == 500


def test_a_read_only_store_refuses_to_commit(tmp_path: Path) -> None:
    with opened(tmp_path / "kb") as store:
        store.commit(many(5))
    reader = Local(tmp_path / "kb", writable=False)
    with pytest.raises(ReadOnly):
        reader.commit(many(1))
    assert len(found(reader, "pump")) == 5
    reader.close()
    reader.close()


def test_any_address_opens_the_same_folder(tmp_path: Path) -> None:
    strange = tmp_path / "a folder? with #marks & ünïcode%20"
    with opened(strange) as store:
        store.commit(many(3))
    again = open_store(str(strange), embedder=None, create=False)
    assert again.embedder == TOY.card
    again.close()
