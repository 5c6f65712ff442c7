"""Training a tiny model end to end: the folder, the card, a resumed run, one seed, one adapter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.errors import Refused
from formfact.interfaces.cli import main
from formfact.patterns.recipe import Recipe

QUICK = Recipe(steps=6, look=3, tokens=256, looked_at=2, rank=4, enough=2.0)
PATTERN = """name = "shout"
describes = "A word in, a line of it."
[prompt]
user = "{text} ->"
few_shot = 1
[output]
shape = "lines"
line = '[A-Z]+!'
count = [1, 2]
tokens = 12
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "shout"
    home.mkdir()
    (home / "pattern.toml").write_text(PATTERN)
    words = "apple stone river lamp door cloud paper metal green horse winter road glass salt".split()
    rows = [json.dumps({"text": word, "output": f"{word.upper()}!"}) for word in words]
    (home / "examples.jsonl").write_text("\n".join(rows) + "\n")
    return home


@pytest.mark.filterwarnings("ignore")
class TestTraining:
    def test_it_writes_a_folder_that_is_a_pattern(self, folder: Path, tiny: Path, tmp_path: Path) -> None:
        seen: list[int] = []
        card = ff.Pattern(folder).train(
            out=tmp_path / "out", base=str(tiny), held_out=3, recipe=QUICK, report=lambda at: seen.append(at.step)
        )
        assert seen == [1, 2, 3, 4, 5, 6]
        assert set(card.conformance) == {"before", "few_shot", "after", "after_masked"}
        assert card.conformance["after_masked"].rate == 1.0
        assert (card.data["trained_on"], card.data["held_out"]) == (12, 2)
        written = ff.Pattern(tmp_path / "out")
        assert written.tuned
        assert written.write("table").problems == ()
        assert json.loads((tmp_path / "out" / "card.json").read_text())["data"] == dict(card.data)
        assert not (tmp_path / ".out.training").exists()

    def test_a_killed_run_goes_on_to_the_same_adapter(self, folder: Path, tiny: Path, tmp_path: Path) -> None:
        def killed(at: Any) -> None:
            if at.step == 5:
                raise KeyboardInterrupt

        pattern = ff.Pattern(folder)
        with pytest.raises(KeyboardInterrupt):
            pattern.train(out=tmp_path / "a", base=str(tiny), held_out=3, recipe=QUICK, report=killed)
        seen: list[int] = []
        pattern.train(
            out=tmp_path / "a", base=str(tiny), held_out=3, recipe=QUICK, report=lambda at: seen.append(at.step)
        )
        assert seen == [4, 5, 6]
        pattern.train(out=tmp_path / "b", base=str(tiny), held_out=3, recipe=QUICK)
        one, other = (tmp_path / name / "adapter" / "adapter_model.safetensors" for name in "ab")
        assert one.read_bytes() == other.read_bytes()

    def test_another_seed_is_another_adapter(self, folder: Path, tiny: Path, tmp_path: Path) -> None:
        for name, seed in (("a", 1), ("b", 2)):
            recipe = replace(QUICK, seed=seed, steps=3)
            ff.Pattern(folder).train(out=tmp_path / name, base=str(tiny), held_out=3, recipe=recipe)
        one, other = (tmp_path / name / "adapter" / "adapter_model.safetensors" for name in "ab")
        assert one.read_bytes() != other.read_bytes()

    def test_rows_that_mostly_break_the_contract_are_refused(self, folder: Path, tiny: Path, tmp_path: Path) -> None:
        bad = tmp_path / "bad.jsonl"
        bad.write_text("\n".join(json.dumps({"text": f"w{at}", "output": "no"}) for at in range(20)))
        with pytest.raises(Refused, match="20 of 20 rows break the contract"):
            ff.Pattern(folder).train(bad, tmp_path / "out", base=str(tiny))

    def test_the_mask_is_shown(self, folder: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["pattern", "train", str(folder), "--base", str(tiny), "--show-mask", "2", "--json"]) == 0
        tokens = json.loads(capsys.readouterr().out)
        assert "".join(one["token"] for one in tokens if one["counts"]) == "STONE!<|im_end|>"
        assert sum(one["token"] == "<|im_start|>" for one in tokens) == 2  # no second beginning of sequence

    def test_the_command_line_trains_and_writes(
        self,
        folder: Path,
        tiny: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        out = str(tmp_path / "out")
        arguments = ["--out", out, "--base", str(tiny), "--steps", "2", "--look", "2", "--held-out", "2"]
        assert main(["pattern", "train", str(folder), *arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["conformance"]["after_masked"]["rate"] == 1.0
        monkeypatch.setattr("sys.stdin", __import__("io").StringIO('{"text": "one"}\n\n{"text": "two"}\n'))
        assert main(["pattern", "write", out, "--json"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [set(line) for line in lines] == [{"text", "problems", "tokens", "seconds"}] * 2
