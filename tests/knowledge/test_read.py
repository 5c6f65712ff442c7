"""A document by its name: the one that is meant, whole, or an error that says which there are."""

from __future__ import annotations

from pathlib import Path

import pytest

import formfact as ff
from formfact.errors import NotFound, Refused


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tide.md").write_text(f"# Tides\n\nThe tide of the {name}.\n")
    (tmp_path / "north" / "lamp.txt").write_text("The lamp burns oil.\n")
    return tmp_path / "north", tmp_path / "south"


@pytest.mark.parametrize("place", ["memory:", "kb"])
def test_it_is_the_one_that_is_named(folders: tuple[Path, Path], tmp_path: Path, place: str) -> None:
    address = place if place == "memory:" else str(tmp_path / place)
    with ff.Knowledge(address, embedder="toy:64") as kb:
        kb.add(*folders)
        assert kb.document("lamp.txt").text == "The lamp burns oil.\n"
        south = next(one for one in kb.documents() if "south" in one.source)
        assert "of the south" in kb.document("tide.md", source=south.source).text
        with pytest.raises(Refused, match=r"2 documents are called 'tide.md'") as refused:
            kb.document("tide.md")
        assert south.source in refused.value.hint
        for name, source in (("no.md", ""), ("lamp.txt", south.source)):
            with pytest.raises(NotFound, match="has no document"):
                kb.document(name, source=source)


def test_its_text_is_what_quotes_count_in(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with ff.Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(*folders)
        hit = kb.search("what does the lamp burn?")[0]
        assert kb.document(hit.document, source=hit.source).text[hit.start : hit.end] == hit.text
