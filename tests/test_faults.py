"""Bad input and faults, met by the command line on a real base: a named error or a reason, and the base as it was."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from formfact.interfaces.cli import main

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "How long must the pump be held to reset it?"


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good document, beside a base that holds it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORMFACT_KB", str(tmp_path / "kb"))
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "pump.md").write_text("# Pump\n\nHold the green lever for nine seconds to reset the pump.\n")
    return folder


@pytest.fixture
def base(docs: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    assert main(["add", str(docs), "--json"]) == 0
    capfd.readouterr()
    return docs.parent / "kb"


def refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What standard error says of a command that ends with 1, prints nothing else and shows no traceback."""
    assert main(list(arguments)) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "error: " in err
    assert "next: " in err
    return err


def added(capfd: pytest.CaptureFixture[str], folder: Path) -> dict[str, str]:
    """The reasons of what `add` skipped, by path; everything else of the folder is in."""
    assert main(["add", str(folder), "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    return {skip["path"]: skip["reason"] for skip in report["skipped"]}


def answers(capfd: pytest.CaptureFixture[str]) -> bool:
    assert main(["ask", QUESTION, "--json"]) == 0
    return any("nine seconds" in quote["text"] for quote in json.loads(capfd.readouterr().out)["quotes"])


def finds(capfd: pytest.CaptureFixture[str]) -> bool:
    assert main(["search", QUESTION, "--json"]) == 0
    return any("nine seconds" in hit["text"] for hit in json.loads(capfd.readouterr().out)["hits"])


def test_a_missing_path_makes_no_base(docs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    refused(capfd, "add", str(docs / "gone"))
    assert not (docs.parent / "kb").exists()


def test_a_missing_root_removes_nothing(docs: Path, base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    docs.rename(docs.with_name("away"))
    refused(capfd, "add", str(docs))
    assert answers(capfd)


def test_an_empty_folder_is_no_error(tmp_path: Path, docs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert added(capfd, tmp_path / "empty") == {}


def test_a_huge_file_is_not_read(docs: Path, base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with (docs / "huge.txt").open("wb") as file:
        file.truncate(2 << 30)  # sparse: two gigabytes that take no room
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "larger than the limit" in added(capfd, docs)["huge.txt"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10
    assert answers(capfd)


def test_a_zip_bomb_is_skipped(docs: Path, base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(docs / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        with file.open("word/document.xml", "w", force_zip64=True) as inner:
            for _ in range(600):
                inner.write(bytes(1 << 20))
    assert added(capfd, docs)["bomb.docx"]
    assert answers(capfd)


def test_links_that_turn_in_circles_or_lead_out(tmp_path: Path, docs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (docs / "loop").symlink_to(docs)
    (docs / "self").symlink_to("self")
    (tmp_path / "secret.md").write_text("The word is halcyon.")
    (docs / "out.md").symlink_to(tmp_path / "secret.md")
    added(capfd, docs)
    assert main(["status", "--documents", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert listed["documents"] == 1, listed


def test_bytes_that_are_no_text(docs: Path, base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (docs / "latin.txt").write_bytes("Der Hebel heißt Grünhebel und hält.".encode("latin-1"))
    (docs / "noise.txt").write_bytes(bytes(range(256)) * 40)
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00garbage" * 50)
    (docs / "broken.docx").write_bytes(b"PK\x03\x04 no zip")
    (docs / "empty.md").write_bytes(b"")
    reasons = added(capfd, docs)
    assert set(reasons) == {"noise.txt", "broken.pdf", "broken.docx", "empty.md"}
    assert all(reasons.values())


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["", " \n\t", "x" * 100_000])
def test_no_question_and_an_endless_one(
    base: Path, capfd: pytest.CaptureFixture[str], command: str, question: str
) -> None:
    refused(capfd, command, question)


@pytest.mark.parametrize("k", ["0", "-3"])
def test_k_below_one_is_refused(base: Path, capfd: pytest.CaptureFixture[str], k: str) -> None:
    refused(capfd, "search", QUESTION, "-k", k)


def test_k_of_a_million(base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["search", QUESTION, "-k", "1000000", "--json"])
    out, err = capfd.readouterr()
    assert (code == 0 and len(json.loads(out)["hits"]) == 1) or (code == 1 and "next: " in err)


def test_wrong_usage_is_two() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["search"])
    assert ended.value.code == 2


def test_no_base_is_an_error_that_says_how_to_make_one(docs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "formfact add" in refused(capfd, "ask", QUESTION)


def truth(base: Path) -> Path:
    (file,) = [path for path in base.iterdir() if path.read_bytes()[:15] == b"SQLite format 3"] if base.is_dir() else []
    return file


def test_a_truncated_base_is_named(base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = truth(base)
    file.write_bytes(file.read_bytes()[:5000])
    refused(capfd, "ask", QUESTION)


def test_garbage_in_the_place_of_a_base(base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    truth(base).write_bytes(b"not a database at all" * 999)
    refused(capfd, "ask", QUESTION)


def test_a_base_of_another_version(base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(truth(base))
    connection.execute("PRAGMA user_version = 999")
    connection.commit()
    connection.close()
    refused(capfd, "ask", QUESTION)


def test_shadows_are_drawn_anew(base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    kept = truth(base)
    for path in base.rglob("*"):
        if path.is_file() and path != kept:
            path.write_bytes(b"garbage")
    assert answers(capfd)


def run(*arguments: str, limit: int | None = None, uid: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a limit on the size of files or as another user."""

    def prepare() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if uid is not None:
            os.setuid(uid)

    return subprocess.run(
        [sys.executable, "-m", "formfact", *arguments],
        capture_output=True, text=True, timeout=120, check=False, preexec_fn=prepare, cwd=ROOT,
    )  # fmt: skip


@pytest.mark.parametrize("room", [60_000, 200_000, 400_000])
def test_no_room_left(docs: Path, capfd: pytest.CaptureFixture[str], room: int) -> None:
    """Files that may not grow: what a full disk does to every write, at another moment each."""
    base = docs.parent / "kb"
    assert main(["add", str(docs), "--embedder", "toy:", "--json"]) == 0
    capfd.readouterr()
    for number in range(150):
        (docs / f"{number}.md").write_text(f"# Lamp {number}\n\n" + f"The lamp {number} burns whale oil. " * 40)
    ended = run("--kb", str(base), "add", str(docs), limit=room)
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 1, ended.stderr
    assert "error: " in ended.stderr
    assert finds(capfd)
    assert added(capfd, docs) == {}


def test_no_permission(tmp_path: Path, docs: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (docs / "locked.md").write_text("closed")
    (docs / "locked.md").chmod(0)
    assert "permission" in added(capfd, docs)["locked.md"].lower()


def test_two_add_at_once_and_others_search(docs: Path, base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = docs.with_name("other")
    other.mkdir()
    for number in range(40):
        (docs / f"a{number}.md").write_text(f"# Lamp {number}\n\nThe lamp {number} burns whale oil.")
        (other / f"b{number}.md").write_text(f"# Bell {number}\n\nThe bell {number} rings at dawn.")
    command = [sys.executable, "-m", "formfact", "--kb", str(base), "--json", "add"]
    adding = [
        subprocess.Popen([*command, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for folder in (docs, other)
    ]
    try:
        while any(process.poll() is None for process in adding):
            assert answers(capfd)
    finally:
        ends = [process.communicate(timeout=60) for process in adding]
    assert [process.returncode for process in adding] == [0, 0], ends
    assert main(["status", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["documents"] == 81
