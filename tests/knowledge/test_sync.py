"""`add` makes the base agree with a path: new, changed, renamed, vanished and unreadable files."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from formfact.errors import NotFound, Refused
from formfact.front import Knowledge
from formfact.knowledge import sync
from formfact.models.toy import Toy
from formfact.types import AddReport, Progress, Skipped


class Counting(Toy):
    """The toy model, which remembers what it was given to embed as passages."""

    def __init__(self) -> None:
        super().__init__(64)
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        if not question:
            self.embedded += texts
        return super().embed(texts, question=question)


@pytest.fixture
def model() -> Counting:
    return Counting()


@pytest.fixture
def kb(tmp_path: Path, model: Counting) -> Iterator[Knowledge]:
    with Knowledge(tmp_path / "kb", embedder=model) as opened:
        yield opened


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.md").write_text("# Pumps\n\nThe pump has a reset lever.\n")
    (folder / "sub" / "b.md").write_text("# Lamps\n\nThe lamp is yellow.\n")
    return folder


def counts(report: AddReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed


def documents(kb: Knowledge, question: str = "pump lamp") -> list[str]:
    return sorted({hit.document for hit in kb.search(question, k=100)})


def test_new_files_are_found(kb: Knowledge, docs: Path) -> None:
    report = kb.add(docs)
    assert counts(report) == (2, 0, 0, 0)
    assert (report.files.seen, report.files.read, report.files.skipped, report.passages) == (2, 2, 0, 2)
    (hit, _) = kb.search("reset lever of the pump")
    assert (hit.document, hit.source, hit.headings) == ("a.md", str(docs / "a.md"), ("Pumps",))


def test_a_second_add_does_nothing(kb: Knowledge, docs: Path, model: Counting) -> None:
    kb.add(docs)
    model.embedded.clear()
    generation = kb.status().generation
    assert counts(kb.add(docs)) == (0, 0, 2, 0)
    assert model.embedded == []
    assert kb.status().generation == generation


def test_touching_a_file_is_no_change(kb: Knowledge, docs: Path, model: Counting) -> None:
    kb.add(docs)
    model.embedded.clear()
    os.utime(docs / "a.md", (1, 1))
    assert counts(kb.add(docs)) == (0, 0, 2, 0)
    assert model.embedded == []


def test_a_changed_file_is_replaced(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    (docs / "a.md").write_text("# Valves\n\nThe valve is green.\n")
    assert counts(kb.add(docs)) == (0, 1, 1, 0)
    assert all("lever" not in hit.text for hit in kb.search("lever"))
    assert kb.search("green valve")[0].text == "The valve is green."


def test_a_change_of_equal_size_and_time_is_seen(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    before = (docs / "a.md").stat()
    (docs / "a.md").write_text("# Pumps\n\nThe pump has a reset button"[:-1] + ".\n")
    os.truncate(docs / "a.md", before.st_size)
    os.utime(docs / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(kb.add(docs))[1] == 1


def test_one_changed_paragraph_embeds_one_passage(kb: Knowledge, docs: Path, model: Counting) -> None:
    sections = [f"## Part {i}\n\nThe pump number {i} stands in hall {i}.\n" for i in range(20)]
    (docs / "a.md").write_text("# Pumps\n\n" + "\n".join(sections))
    kb.add(docs)
    model.embedded.clear()
    sections[7] = "## Part 7\n\nThe pump number seven was sold.\n"
    (docs / "a.md").write_text("# Pumps\n\n" + "\n".join(sections))
    kb.add(docs)
    assert len(model.embedded) == 1
    assert "was sold" in model.embedded[0]


def test_a_renamed_file_is_not_embedded_again(kb: Knowledge, docs: Path, model: Counting) -> None:
    kb.add(docs)
    model.embedded.clear()
    (docs / "a.md").rename(docs / "sub" / "renamed.md")
    assert counts(kb.add(docs)) == (1, 0, 1, 1)
    assert model.embedded == []
    assert documents(kb) == ["sub/b.md", "sub/renamed.md"]


def test_vanished_files_are_removed(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    (docs / "a.md").unlink()
    assert counts(kb.add(docs)) == (0, 0, 1, 1)
    assert documents(kb) == ["sub/b.md"]


def test_only_what_lies_under_the_path_can_vanish(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    (docs / "a.md").unlink()
    assert counts(kb.add(docs / "sub")) == (0, 0, 1, 0)
    assert documents(kb) == ["a.md", "sub/b.md"]


def test_a_missing_root_removes_nothing(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    shutil.move(docs, docs.with_name("moved"))
    with pytest.raises(NotFound):
        kb.add(docs)
    with pytest.raises(NotFound):
        kb.add(docs.with_name("moved"), docs)
    assert documents(kb) == ["a.md", "sub/b.md"]


def test_a_file_reached_through_two_roots_is_one_document(kb: Knowledge, docs: Path) -> None:
    kb.add(docs / "sub")
    kb.add(docs)
    kb.add(docs / "sub" / "b.md")
    assert documents(kb) == ["a.md", "b.md"]
    assert kb.status().documents == 2
    (docs / "sub" / "b.md").unlink()
    assert counts(kb.add(docs)) == (0, 0, 1, 1)


def test_the_same_name_under_two_roots_is_two_documents(kb: Knowledge, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"The pump of root {name}.")
    kb.add(tmp_path / "one", tmp_path / "two")
    hits = kb.search("pump")
    assert [hit.document for hit in hits] == ["a.md", "a.md"]
    assert len({hit.source for hit in hits}) == 2


def test_what_was_too_large_is_read_where_more_is_allowed(kb: Knowledge, docs: Path) -> None:
    (docs / "big.txt").write_text("The pump is blue. " * 300)
    assert "5.3 KB of at most 1.0 KB" in kb.add(docs, limit=1024).skipped[0].reason
    assert kb.add(docs, limit=1024).skipped
    assert kb.add(docs).skipped == ()
    assert "big.txt" in documents(kb)


def test_a_row_is_removed_by_its_file_and_id(kb: Knowledge, tmp_path: Path) -> None:
    for name in ("berths", "boats"):
        (tmp_path / f"{name}.csv").write_text("Name,Fee\nOtter,30\nHeron,40\n")
        kb.add(tmp_path / f"{name}.csv")
    assert kb.remove("boats.csv:2") == 1
    assert sorted((Path(one.source).name, one.document) for one in kb.documents()) == [
        ("berths.csv", "2"), ("berths.csv", "3"), ("boats.csv", "3"),
    ]  # fmt: skip


def test_what_is_removed_is_one_thing(kb: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "boats.csv").write_text("Name,Fee\nOtter,30\nHeron,40\n")
        (tmp_path / name / "notes.md").write_text(f"The {name} quay is dry at low water.\n")
        kb.add(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for nothing in ("", " "):
        with pytest.raises(Refused, match="nothing was named"):
            kb.remove(nothing)
    for several in ("2", "boats.csv:2", "notes.md", "boats.csv"):
        with pytest.raises(Refused, match=r"^2 documents are called") as refused:
            kb.remove(several)
        assert f"{(tmp_path / 'north').as_posix()}/" in refused.value.hint
    assert len(kb.documents()) == 6
    assert kb.remove(f"{(tmp_path / 'south' / 'boats.csv').as_posix()}:2") == 1
    assert kb.remove("2") == 1
    assert kb.remove("north/notes.md") == 1
    assert sorted(one.document for one in kb.documents()) == ["3", "3", "notes.md"]
    for nowhere in ("/boats.csv:3", "orth/boats.csv:3", ":3"):
        with pytest.raises(NotFound):
            kb.remove(nowhere)
    assert kb.remove("north/boats.csv:3") == 1
    monkeypatch.chdir(tmp_path / "north")
    assert kb.remove("../south/boats.csv:3") == 1


def test_how_far_it_has_come_goes_by_bytes(kb: Knowledge, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(9):
        (folder / f"a{number}.md").write_text("The pump is dry.\n")
    rows = [json.dumps({"_id": f"r{number}", "text": "The mast is wet. " * 20}) for number in range(400)]
    (folder / "b.jsonl").write_text("\n".join(rows))
    seen: list[Progress] = []
    kb.add(folder, progress=seen.append)
    shares = [one.share for one in seen if one.share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    inside = [one for one in seen if one.file == "b.jsonl"]
    assert inside[0].files == 9
    assert inside[0].share is not None
    assert inside[0].share < 0.01
    assert any(one.share is not None and 0.1 < one.share < 0.95 for one in inside)


def test_records_are_documents(kb: Knowledge, tmp_path: Path) -> None:
    rows = [
        {"_id": f"t{i}", "title": f"Ticket {i}", "text": f"The pump fails, case {i}.", "year": 2000 + i}
        for i in range(5)
    ]
    file = tmp_path / "tickets.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    assert counts(kb.add(file)) == (5, 0, 0, 0)
    (hit,) = kb.search("pump", metadata={"year": 2003})
    assert (hit.document, hit.title, hit.source) == ("t3", "Ticket 3", str(file))
    rows[1]["text"] = "The pump works again."
    del rows[0]
    file.write_text("\n".join(json.dumps(row) for row in rows))
    assert counts(kb.add(file)) == (0, 1, 3, 1)


def test_a_second_row_with_an_id_is_skipped_and_said(kb: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"_id": "a", "text": "first pump"}\n{"_id": "a", "text": "second pump"}\nnot json\n')
    report = kb.add(file)
    assert report.added == 1
    assert len(report.skipped) == 2
    assert all(skipped.path.startswith("rows.jsonl:") for skipped in report.skipped)
    assert report.files.skipped == 0


def test_files_that_cannot_be_read_are_listed_and_stop_nothing(kb: Knowledge, docs: Path) -> None:
    (docs / "empty.md").write_text("")
    (docs / "blank.txt").write_text(" \n\n ")
    (docs / "photo.png").write_bytes(b"\x89PNG")
    (docs / "binary").write_bytes(b"\0\1\2" * 99)
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (docs / ".hidden").write_text("secret")
    (docs / ".git").mkdir()
    (docs / ".git" / "config").write_text("pump")
    report = kb.add(docs)
    assert counts(report) == (2, 0, 0, 0)
    reasons = {skipped.path: skipped.reason for skipped in report.skipped}
    assert reasons.pop("broken.pdf").startswith("damaged")
    assert reasons == {
        "empty.md": "empty", "blank.txt": "empty", "photo.png": "no reader for .png", "binary": "not text",
        ".hidden": "a hidden file", ".git/": "a hidden folder",
    }  # fmt: skip
    assert (report.files.seen, report.files.read, report.files.skipped) == (8, 2, 6)
    again = kb.add(docs)
    assert sorted(again.skipped, key=str) == sorted(report.skipped, key=str)
    assert again.files == report.files


def test_a_file_that_becomes_unreadable_loses_its_documents(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    (docs / "a.md").write_bytes(b"\0\1" * 50)
    report = kb.add(docs)
    assert counts(report) == (0, 0, 1, 1)
    assert report.skipped == (Skipped("a.md", "not text"),)
    (docs / "a.md").write_text("The pump is back.")
    assert counts(kb.add(docs)) == (1, 0, 1, 0)


def test_the_size_limit(kb: Knowledge, docs: Path) -> None:
    report = kb.add(docs, limit=10)
    assert report.added == 0
    assert {skipped.reason.split(" (")[0] for skipped in report.skipped} == {"larger than the limit"}


def test_a_file_of_two_gigabytes_is_not_opened(kb: Knowledge, docs: Path) -> None:
    with (docs / "huge.log").open("wb") as file:
        file.truncate(2 << 30)  # a sparse file takes no space
    report = kb.add(docs)
    assert report.added == 2
    assert report.skipped[0].reason.startswith("larger than the limit (2,048.0 MB")
    assert report.seconds < 5


def test_links(kb: Knowledge, docs: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("the secret pump")
    (docs / "out.md").symlink_to(tmp_path / "secret.md")
    (docs / "outside").symlink_to(tmp_path)
    (docs / "loop").symlink_to(docs)
    (docs / "sub" / "up").symlink_to(docs)
    (docs / "dead.md").symlink_to(docs / "nothing.md")
    (docs / "self").symlink_to(docs / "self")
    (docs / "twice.md").symlink_to(docs / "a.md")
    report = kb.add(docs)
    assert counts(report) == (2, 0, 0, 0)
    assert {(skipped.path, skipped.reason) for skipped in report.skipped} == {
        ("out.md", "a link that leads outside the added folder"),
        ("outside", "a link that leads outside the added folder"),
        ("loop/", "a link to a folder that is read already"),
        ("sub/up/", "a link to a folder that is read already"),
        ("dead.md", "a link that leads nowhere"),
        ("self", "a link that leads nowhere"),
    }


def test_strange_files(kb: Knowledge, docs: Path) -> None:
    os.mkfifo(docs / "pipe")
    (docs / "na\udcffme.md").write_text("The pump with an odd name.")
    report = kb.add(docs)
    assert ("pipe", "not a regular file") in [(s.path, s.reason) for s in report.skipped]
    assert ("na?me.md", "its name is not valid text") in [(s.path, s.reason) for s in report.skipped]
    assert report.added == 2


def test_a_folder_that_holds_its_own_knowledge_base(docs: Path) -> None:
    with Knowledge(docs / "kb", embedder=Toy()) as kb:
        assert counts(kb.add(docs)) == (2, 0, 0, 0)
        report = kb.add(docs)
    assert counts(report) == (0, 0, 2, 0)
    assert report.skipped == (Skipped("kb/", "the knowledge base itself"),)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_lets_nothing_in_is_refused(kb: Knowledge, docs: Path, limit: int) -> None:
    with pytest.raises(Refused, match="lets no file in"):
        kb.add(docs, limit=limit)


def test_nothing_given_is_refused(kb: Knowledge) -> None:
    with pytest.raises(Refused):
        kb.add()


def test_an_empty_folder_is_no_error(kb: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = kb.add(tmp_path / "empty")
    assert (report.files.seen, report.passages) == (0, 0)
    assert kb.search("anything") == []


def test_removing(kb: Knowledge, docs: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"_id": "x1", "text": "pump one"}\n{"_id": "x2", "text": "pump two"}\n')
    kb.add(docs, file)
    assert kb.remove("x1") == 1
    assert kb.remove(docs / "sub") == 1
    assert kb.remove(docs) == 1
    with pytest.raises(NotFound):
        kb.remove("x1")
    assert documents(kb) == ["x2"]
    assert kb.remove(file) == 1
    assert kb.status().passages == 0


def test_small_documents_share_a_transaction_and_large_ones_are_whole(
    kb: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "BATCH_PASSAGES", 10)
    file = tmp_path / "rows.jsonl"
    rows = [{"_id": str(i), "text": f"pump {i}"} for i in range(95)]
    rows.append({"_id": "long", "text": "\n\n".join(f"{'pump ' * 100} {i}" for i in range(50))})
    file.write_text("\n".join(json.dumps(row) for row in rows))
    kb.add(file)
    made, batches, source_note = 1, 10, 1
    assert kb.status().generation == made + batches + source_note
    assert len({hit.text for hit in kb.search("pump", k=1000) if hit.document == "long"}) == 25


def test_files_that_are_skipped_share_a_transaction(kb: Knowledge, docs: Path) -> None:
    for number in range(30):
        (docs / f"{number}.txt").touch()
    assert counts(kb.add(docs)) == (2, 0, 0, 0)
    assert kb.status().generation == 2  # the one in which the base was made, and one for all files


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    tmp_path: Path, model: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "BATCH_PASSAGES", 10)
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps({"_id": str(i), "text": f"pump {i}"}) for i in range(100)))

    def stop(progress: Progress) -> None:
        if progress.passages >= 50:
            raise KeyboardInterrupt

    with Knowledge(tmp_path / "kb", embedder=model) as kb:
        with pytest.raises(KeyboardInterrupt):
            kb.add(file, progress=stop)
        done = kb.status().documents
        assert 0 < done < 100
        model.embedded.clear()
        report = kb.add(file)
        assert counts(report) == (100 - done, 0, done, 0)
        assert len(model.embedded) == 100 - done


def test_progress_is_reported(kb: Knowledge, docs: Path) -> None:
    seen: list[Progress] = []
    kb.add(docs, progress=seen.append)
    assert (seen[-1].files, seen[-1].files_total, seen[-1].passages, seen[-1].done) == (2, 2, 2, True)
    assert [p.files for p in seen] == sorted(p.files for p in seen)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission_stay_known(kb: Knowledge, docs: Path) -> None:
    kb.add(docs)
    (docs / "a.md").chmod(0)
    (docs / "sub").chmod(0)
    report = kb.add(docs)
    (docs / "a.md").chmod(0o600)
    (docs / "sub").chmod(0o700)
    assert counts(report) == (0, 0, 1, 0)
    assert {s.path for s in report.skipped} >= {"sub/"}
    assert documents(kb) == ["a.md", "sub/b.md"]


def test_what_lies_below_an_unreadable_folder_has_not_vanished(
    kb: Knowledge, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb.add(docs)
    real = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = kb.add(docs)
    assert counts(report) == (0, 0, 1, 0)
    assert report.skipped == (Skipped("sub/", "no permission to read it"),)
    assert documents(kb) == ["a.md", "sub/b.md"]


def test_a_random_history_of_a_folder_ends_in_agreement(kb: Knowledge, docs: Path) -> None:
    """Whatever happened to the files, after `add` the base holds just what a new base of the folder would."""
    chance = random.Random(5)
    for turn in range(25):
        for _ in range(chance.randrange(4)):
            path = docs / f"{chance.randrange(6)}.md"
            action = chance.choice(["write", "write", "delete", "rename"])
            if action == "write":
                path.write_text("\n\n".join(f"pump {chance.randrange(99)} lamp" for _ in range(chance.randrange(1, 5))))
            elif path.exists():
                path.unlink() if action == "delete" else path.rename(docs / f"renamed{turn}.md")
        kb.add(docs)
    with Knowledge("memory:", embedder=Toy()) as fresh:
        fresh.add(docs)
        expected = sorted((hit.document, hit.text) for hit in fresh.search("pump lamp", k=1000))
    assert sorted((hit.document, hit.text) for hit in kb.search("pump lamp", k=1000)) == expected


def test_embedding_anew(tmp_path: Path, docs: Path) -> None:
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(docs)
        before = [hit.text for hit in kb.search("pump")]
        status = kb.re_embed("toy:128")
        assert (status.embedder, status.dimensions, status.documents) == ("toy:128", 128, 2)
        assert [hit.text for hit in kb.search("pump")] == before
        assert counts(kb.add(docs)) == (0, 0, 2, 0)
    with Knowledge(tmp_path / "kb") as kb:
        assert kb.search("pump")[0].document == "a.md"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "kb"]


def test_embedding_anew_goes_on_where_it_stopped(tmp_path: Path, docs: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.files == 1:
            raise KeyboardInterrupt

    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(docs)
        with pytest.raises(KeyboardInterrupt):
            kb.re_embed("toy:128", progress=stop)
        assert kb.status().dimensions == 64
        seen: list[Progress] = []
        assert kb.re_embed("toy:128", progress=seen.append).documents == 2
        assert seen[-1].files == 2


class Slow(Counting):
    """An embedder that takes a hundredth of a second for each passage."""

    def embed(self, texts: Sequence[str], *, question: bool = False) -> NDArray[np.float32]:
        time.sleep(0 if question else 0.01 * len(texts))
        return super().embed(texts, question=question)


def test_the_slower_the_embedder_the_smaller_the_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "BATCH_SECONDS", 0.4)
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps({"_id": str(i), "text": f"pump {i}"}) for i in range(140)))
    kept: list[int] = []
    with Knowledge(tmp_path / "kb", embedder=Slow()) as kb:
        kb.add(file, progress=lambda progress: kept.append(kb.status().documents))
    steps = [after - before for before, after in itertools.pairwise(kept) if after > before]
    assert (steps[0], max(steps)) == (sync.FEWEST_PASSAGES, steps[1])
    assert steps[1] <= 40
