"""The files below a path: each by its own path, nothing silently passed over, nothing taken for vanished."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formfact.errors import NotFound, Refused
from formfact.knowledge.walk import File, Unseen, check_path, walk
from formfact.types import Skipped

NOBODY = 65534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "docs"
    for name in ("b.md", "a.md", "sub/deep/c.md", "sub/d.md", "zz/e.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"about {name}")
    return folder


def files(root: Path, *leave_out: Path) -> list[str]:
    return [found.path for found in walk(root, leave_out=leave_out) if isinstance(found, File)]


def passed_over(root: Path, *leave_out: Path) -> set[tuple[str, str]]:
    skipped = [found for found in walk(root, leave_out=leave_out) if isinstance(found, Skipped)]
    return {(one.path, one.reason) for one in skipped}


def test_every_file_in_a_stable_order(root: Path) -> None:
    assert files(root) == ["a.md", "b.md", "sub/d.md", "sub/deep/c.md", "zz/e.md"]
    assert list(walk(root)) == list(walk(root))


def test_what_is_known_of_a_file(root: Path) -> None:
    found = next(one for one in walk(root) if isinstance(one, File) and one.path == "sub/d.md")
    assert (found.address, found.root) == (f"{root.as_posix()}/sub/d.md", root.as_posix())
    assert found.size == len("about sub/d.md")


def test_a_file_alone_stands_in_its_own_folder(root: Path) -> None:
    (found,) = walk(root / "sub/d.md")
    assert isinstance(found, File)
    assert (found.path, found.root) == ("d.md", (root / "sub").as_posix())


def test_the_stamp_changes_with_times_with_content_and_when_another_file_takes_the_place(root: Path) -> None:
    def stamp() -> str:
        (found,) = walk(root / "a.md")
        assert isinstance(found, File)
        return found.stamp

    seen = [stamp()]
    assert stamp() == seen[0]
    os.utime(root / "a.md", (1, 1))
    seen.append(stamp())
    (root / "a.md").write_text("about something else")
    os.utime(root / "a.md", (1, 1))
    seen.append(stamp())
    (root / "new.md").write_text("about something else")
    os.utime(root / "new.md", (1, 1))
    (root / "new.md").rename(root / "a.md")
    seen.append(stamp())
    assert len(set(seen)) == 4


def test_hidden_and_generated_places_are_said(root: Path) -> None:
    for name in (".git/config", "sub/.secret.md", "node_modules/x/readme.md", "sub/__pycache__/y.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    assert files(root) == ["a.md", "b.md", "sub/d.md", "sub/deep/c.md", "zz/e.md"]
    assert passed_over(root) == {
        (".git/", "a hidden folder"),
        ("sub/.secret.md", "a hidden file"),
        ("node_modules/", "a folder of generated files"),
        ("sub/__pycache__/", "a folder of generated files"),
    }


def test_a_hidden_root_is_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".notes").mkdir()
    (tmp_path / ".notes/a.md").write_text("x")
    assert files(tmp_path.resolve() / ".notes") == ["a.md"]


def test_links_inside_are_followed_and_real_paths_win(root: Path) -> None:
    """A link that sorts before what it leads to must not give it its name."""
    (root / "0-link").symlink_to(root / "zz")
    (root / "0.md").symlink_to(root / "sub/d.md")
    (root / ".hidden").mkdir()
    (root / ".hidden/f.md").write_text("x")
    (root / "shown").symlink_to(root / ".hidden")
    found = [one for one in walk(root) if isinstance(one, File)]
    first = {one.address: one.path for one in reversed(found)}
    assert first[f"{root}/sub/d.md"] == "sub/d.md"
    assert first[f"{root}/zz/e.md"] == "zz/e.md"
    assert first[f"{root}/.hidden/f.md"] == "shown/f.md"
    assert ("0-link/", "a link to a folder that is read already") in passed_over(root)


def test_links_lead_no_further_than_the_root(root: Path, tmp_path: Path) -> None:
    (tmp_path / "docs-secret").mkdir()
    (tmp_path / "docs-secret/s.md").write_text("secret")
    (root / "out").symlink_to(tmp_path / "docs-secret")
    (root / "out.md").symlink_to(tmp_path / "docs-secret/s.md")
    (root / "up").symlink_to("..")
    (root / "dead").symlink_to("nothing")
    (root / "self").symlink_to("self")
    (root / "sub/loop").symlink_to(root)
    assert files(root) == ["a.md", "b.md", "sub/d.md", "sub/deep/c.md", "zz/e.md"]
    assert passed_over(root) == {
        ("out", "a link that leads outside the added folder"),
        ("out.md", "a link that leads outside the added folder"),
        ("up", "a link that leads outside the added folder"),
        ("dead", "a link that leads nowhere"),
        ("self", "a link that leads nowhere"),
        ("sub/loop/", "a link to a folder that is read already"),
    }


def test_the_knowledge_base_is_no_document(root: Path) -> None:
    base = root / "sub/kb"
    (base / "shadows").mkdir(parents=True)
    (base / "shadows/meta.json").write_text("{}")
    (root / "link").symlink_to(base / "shadows")
    assert files(root, base) == ["a.md", "b.md", "sub/d.md", "sub/deep/c.md", "zz/e.md"]
    assert passed_over(root, base) == {
        ("sub/kb/", "the knowledge base itself"),
        ("link/", "the knowledge base itself"),
    }
    for inside in (base, base / "shadows", base / "shadows/meta.json"):
        with pytest.raises(Refused, match="the knowledge base itself"):
            files(inside, base)


def test_what_is_no_file_is_said(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "odd\udcff.md").write_text("x")
    (root / "to-odd.md").symlink_to(root / "odd\udcff.md")
    assert passed_over(root) == {
        ("pipe", "not a regular file"),
        ("odd?.md", "its name is not valid text"),
        ("to-odd.md", "a link to a name that is not valid text"),
    }
    assert passed_over(root / "pipe") == {("pipe", "not a regular file")}


def test_a_tree_deeper_than_recursion_and_than_any_path(tmp_path: Path) -> None:
    top = tmp_path.resolve() / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("ddd", dir_fd=here)
        below = os.open("ddd", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    started = time.perf_counter()
    (found,) = walk(top)
    assert time.perf_counter() - started < 20
    subprocess.run(["rm", "-rf", str(top)], check=True)
    assert isinstance(found, Unseen)
    assert found.skipped.reason == "file name too long"


# Permissions ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that anybody may reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="formfact-") as folder:
        Path(folder).chmod(0o755)
        place = Path(folder).resolve() / "docs"
        for name in ("a.md", "shut/b.md", "listed/c.md"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text("x")
        yield place
        for below in [place, *place.rglob("*")]:
            below.chmod(0o700)


@contextmanager
def without_power() -> Iterator[None]:
    """Nobody instead of root, who may read everything."""
    if os.geteuid() == 0:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if os.getresuid()[2] == 0:
            os.setresuid(0, 0, 0)


def test_what_may_not_be_looked_into_has_not_vanished(shelf: Path) -> None:
    """A folder that may be listed but not entered hides its files as much as one that may not be listed."""
    (shelf / "shut").chmod(0)
    (shelf / "listed").chmod(0o444)
    with without_power():
        found = list(walk(shelf))
    unseen = {(one.address, one.skipped.path, one.skipped.reason) for one in found if isinstance(one, Unseen)}
    assert unseen == {
        (f"{shelf}/shut", "shut/", "no permission to read it"),
        (f"{shelf}/listed/c.md", "listed/c.md", "no permission to read it"),
    }
    assert [one.path for one in found if isinstance(one, File)] == ["a.md"]


def test_a_root_that_may_not_be_read_is_an_error(shelf: Path) -> None:
    shelf.chmod(0)
    with without_power(), pytest.raises(Refused, match="may not be read") as refused:
        list(walk(shelf))
    assert "nothing was removed" in refused.value.hint


# The path itself --------------------------------------------------------------------------------------------------


def test_a_path_is_made_absolute(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(root))
    (root / "link").symlink_to("sub")
    assert check_path("sub/../a.md") == root / "a.md"
    assert check_path("~/a.md") == root / "a.md"
    assert check_path("link") == root / "sub"


@pytest.mark.parametrize("path", ["", "  ", "nothing", "a.md/below", "dead", "x" * 300, "nul\0", "odd\udcff"])
def test_what_is_not_there_is_an_error_with_the_next_step(
    root: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(root)
    (root / "dead").symlink_to("nowhere")
    (root / "odd\udcff").mkdir()
    with pytest.raises(Refused) as refused:
        check_path(path)
    assert refused.value.hint
    assert isinstance(refused.value, NotFound) == (path in ("nothing", "dead"))


def test_a_circle_of_links_is_an_error(root: Path) -> None:
    (root / "self").symlink_to("self")
    with pytest.raises(Refused, match="cannot be opened"):
        check_path(root / "self")
