"""A pattern of one's own, begun on the command line; and what is told of the rows for it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from formfact.errors import Refused
from formfact.interfaces.cli import main
from formfact.patterns.shelf import STARTS, find, start


@pytest.mark.parametrize("name", ['my"p', "my\\p", "it's", "a\nb", "{schema}", "[x]"])
@pytest.mark.parametrize("shape", STARTS)
def test_any_name_of_a_folder_is_a_name(name: str, shape: str, tmp_path: Path) -> None:
    start(name, tmp_path / name, shape=shape)
    contract = find(tmp_path / name).contract
    assert (contract.name, contract.shape) == (name, shape)
    assert contract.prompt.user == f"{{text}}\n\n{name.upper()}:"


@pytest.mark.parametrize("name", ["notes", "sub/notes", "my notes"])
@pytest.mark.parametrize("whole", [True, False])
def test_the_next_step_names_the_folder(
    name: str, whole: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ({"prompt": f"question {at}?", "completion": "yes"} for at in range(9))
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    folder = str(tmp_path / name) if whole else name
    assert main(["pattern", "new", folder, "--from", "rows.jsonl"]) == 0
    named = shlex.split(capsys.readouterr().out.partition("formfact pattern train ")[2])
    assert named == [folder if whole else f"./{folder}"]
    assert find(named[0]).contract.name == Path(name).name


def test_rows_that_cannot_be_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [json.dumps({"prompt": f"question {at}?", "completion": "yes"}) for at in range(9)]
    Path("my rows.jsonl").write_text("\n".join([*rows, "no row"]))
    assert main(["pattern", "new", "notes", "--from", "my rows.jsonl"]) == 0
    told = capsys.readouterr().out
    assert "1 row that cannot be read is left out; formfact pattern lint 'my rows.jsonl' says why" in told
    assert len(Path("notes/examples.jsonl").read_text().splitlines()) == len(rows)


def test_a_row_without_names_to_point_at_is_told_by_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"prompt": "", "completion": "x"}\n')
    assert main(["pattern", "lint", str(file)]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert "    row 1" in lines
    assert not [line for line in lines if line.endswith("prompt:")]


@pytest.mark.parametrize("card", [None, "{", "[]", "{}"])
def test_an_adapter_whose_base_nobody_knows_is_refused(card: str | None, tmp_path: Path) -> None:
    start("half", tmp_path / "half")
    (tmp_path / "half" / "adapter").mkdir()
    if card is not None:
        (tmp_path / "half" / "card.json").write_text(card)
    with pytest.raises(Refused, match="which base"):
        find(tmp_path / "half")
