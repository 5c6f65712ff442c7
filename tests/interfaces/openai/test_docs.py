"""docs/openai.md is run: its blocks against a real server with the handbook, those that train with a tiny base."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from formfact import Knowledge
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.openai.messages import REFUSED, Complete
from tests.interfaces.http.serving import serving
from tests.interfaces.openai.test_tuning import YES_NO

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "openai.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
PORT = "127.0.0.1:8000"


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handbook") / "kb"
    with Knowledge(folder) as kb:
        kb.add(ROOT / "examples" / "handbook" / "products")
    return folder


@pytest.fixture
def run(handbook: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The names that blocks make, run one after the other."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_bytes(YES_NO)
    names: dict[str, object] = {}
    with serving(Settings(handbook, base=str(tiny))) as server:
        names["run"] = lambda block: exec(
            compile(block.replace(PORT, f"127.0.0.1:{server.port}"), "docs/openai.md", "exec"), names
        )
        yield names
        names["client"].close()  # type: ignore[attr-defined]


def test_the_page_is_run(run: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert len(BLOCKS) == 5
    for block in BLOCKS[:4]:
        run["run"](block)  # type: ignore[operator]
    shown = capsys.readouterr().out
    assert "20 seconds" in shown
    assert "CompletionUsage" in shown
    assert "['gannet-manual.pdf'" in shown


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore")
def test_the_move_in_ten_lines_trains(run: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    run["run"](BLOCKS[0])  # type: ignore[operator]
    run["client"].close()  # type: ignore[attr-defined]
    run["run"](BLOCKS[4])  # type: ignore[operator]
    assert run["job"].status == "succeeded"  # type: ignore[attr-defined]
    assert run["answer"].choices[0].message.content in ("yes", "no")  # type: ignore[attr-defined]
    assert "The job has successfully completed" in capsys.readouterr().out


def test_what_is_refused_is_in_the_table() -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| chat |")]
    honoured, taken, refused = row.split("|")[2:5]
    names = {name for name in REFUSED if name not in ("top_logprobs", "moderation")}
    assert all(f"`{name}`" in refused for name in names)
    for name in ("temperature", "top_p", "seed", "user", "metadata", "store", "service_tier", "verbosity"):
        assert f"`{name}`" in taken
        assert name in Complete.__dataclass_fields__
    assert "`stop`" in honoured
