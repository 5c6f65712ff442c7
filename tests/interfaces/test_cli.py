"""The command line as a user and a script meet it: contract, streams, exit codes, widths, speed."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from formfact.interfaces.cli import main
from formfact.interfaces.progress import Meter, line
from formfact.types import Progress

HIT = {"rank", "score", "document", "source", "title", "headings", "page", "start", "end", "text"}
QUOTE = {"text", "document", "source", "headings", "page", "start", "end"}


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    (folder / "pump.md").write_text(
        "# Pumps\n\n## Reset\n\nHold the green lever for nine seconds to reset the pump. The lamp then turns white.\n"
    )
    (folder / "lamp.txt").write_text("The harbour lamp burns whale oil and is lit at dusk by the keeper.\n")
    (folder / "rows.jsonl").write_text(
        '{"_id": "r1", "title": "Storm", "text": "The storm broke the mast.", "year": 1890}\n'
    )
    (folder / "photo.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture(scope="module")
def kb(docs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base made with the bundled embedder; tests only read it."""
    folder = tmp_path_factory.mktemp("base") / "kb"
    assert main(["--kb", str(folder), "--quiet", "add", str(docs)]) == 0
    return folder


Run = Callable[..., Any]


@pytest.fixture
def run(kb: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: str, code: int = 0, base: Path = kb) -> Any:
        capsys.readouterr()
        assert main(["--kb", str(base), *argv]) == code
        out, err = capsys.readouterr()
        return json.loads(out) if "--json" in argv and code == 0 else (out, err)

    return call


def test_add_reports(run: Run, docs: Path, tmp_path: Path) -> None:
    report = run("add", str(docs), "--json", "--embedder", "toy:64", base=tmp_path / "kb")
    assert set(report) == {"files", "added", "updated", "unchanged", "removed", "skipped", "passages", "seconds"}
    assert report["files"] == {"seen": 4, "read": 3, "skipped": 1}
    assert (report["added"], report["updated"], report["unchanged"], report["removed"]) == (3, 0, 0, 0)
    assert report["skipped"] == [{"path": "photo.png", "reason": "no reader for .png"}]


def test_search(run: Run, docs: Path) -> None:
    found = run("search", "how do I reset the pump?", "-k", "10", "--json")
    assert set(found) == {"question", "hits", "milliseconds"}
    first = found["hits"][0]
    assert set(first) >= HIT
    assert (first["rank"], first["document"], first["source"]) == (1, "pump.md", str(docs / "pump.md"))
    assert first["headings"] == ["Pumps", "Reset"]
    text = (docs / "pump.md").read_text()
    assert text[first["start"] : first["end"]] == first["text"]


def test_search_in_two_rounds_says_through_what(run: Run, tmp_path: Path) -> None:
    docs, base = tmp_path / "docs", tmp_path / "kb"
    docs.mkdir()
    (docs / "team.md").write_text("The firmware team is led by Beata Skjorne.\n")
    (docs / "desks.csv").write_text("".join(f"Person {i},desk,{i}\n" for i in range(40)) + "Beata Skjorne,bay,6\n")
    run("add", str(docs), "--quiet", base=base)
    asked = ("search", "Where does the head of the firmware team sit?", "-k", "3")
    assert {hit["via"] for hit in run(*asked, "--json", base=base)["hits"]} == {""}
    hits = run(*asked, "--hops", "2", "--json", base=base)["hits"]
    assert [hit["via"] for hit in hits if "Beata" in hit["text"] and hit["document"] != "team.md"] == ["Beata Skjorne"]
    assert "through “Beata Skjorne”" in run(*asked, "--hops", "2", base=base)[0]
    assert "error: hops is 3" in run(*asked, "--hops", "3", code=1, base=base)[1]


def test_a_record_is_known_by_its_id(run: Run) -> None:
    (hit,) = run("search", "storm", "--json", "--where", "year=1890")["hits"]
    assert (hit["document"], hit["title"], hit["metadata"]) == ("r1", "Storm", {"year": 1890})


def test_ask(run: Run, docs: Path) -> None:
    answer = run("ask", "How long must the lever be held to reset the pump?", "--json")
    assert set(answer) >= {"question", "answer", "abstained", "confidence", "quotes", "nearest", "milliseconds"}
    assert answer["abstained"] is False
    assert 0 <= answer["confidence"] <= 1
    assert "nine seconds" in answer["quotes"][0]["text"]
    assert set(answer["quotes"][0]) == QUOTE


def test_an_abstention_is_a_result(run: Run) -> None:
    answer = run("ask", "Who won the chess championship in Buenos Aires?", "--json")
    assert (answer["abstained"], answer["quotes"]) == (True, [])
    assert set(answer["nearest"][0]) >= HIT
    out, _ = run("ask", "Who won the chess championship in Buenos Aires?")
    assert out.startswith("Not in your documents.")


def test_status(run: Run) -> None:
    status = run("status", "--json")
    assert {"documents", "passages", "generation", "embedder", "bytes"} <= set(status)
    assert (status["documents"], status["embedder"]) == (3, "all-MiniLM-L6-v2")
    assert len(run("status", "--documents", "--json")["listing"]) == 3


def test_options_may_stand_on_either_side(kb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--json", "--kb", str(kb), "status"], ["status", "--kb", str(kb), "--json"]):
        assert main(argv) == 0
        assert json.loads(capsys.readouterr().out)["documents"] == 3


def test_the_environment_names_the_base(
    kb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORMFACT_KB", str(kb))
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["address"] == str(kb)


def test_explaining(run: Run) -> None:
    hits = run("search", "reset the pump", "--explain", "--json")["hits"]
    assert set(hits[0]["scores"]) == {"dense", "bm25", "dense_rank", "bm25_rank", "fused", "relevance"}
    out, _ = run("search", "reset the pump", "--explain")
    assert "fused 1.000 = dense" in out
    lost = run("search", "reset the pump", "-k", "1", "--why", "lamp.txt", "--json")
    assert lost["best"]["document"] == "lamp.txt"
    assert "meaning" in lost["why"]
    assert lost["needed"] > lost["best"]["scores"]["fused"]
    out, _ = run("search", "reset the pump", "--why", "lamp.txt")
    assert "lamp.txt" in out


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["search", ""], 1),
        (["search", "   "], 1),
        (["ask", ""], 1),
        (["search", "x" * 100_000], 1),
        (["search", "pump", "-k", "0"], 1),
        (["search", "pump", "-k", "1000000"], 1),
        (["search", "pump", "--where", "year"], 1),
        (["search", "pump", "--why", "nothing.md"], 1),
        (["remove", "nothing.md"], 1),
        (["add", "nothing"], 1),
        (["evaluate", "nothing"], 1),
    ],
)
def test_refusals_say_what_to_do(run: Run, argv: list[str], code: int) -> None:
    out, err = run(*argv, code=code)
    assert out == ""
    assert err.startswith("error: ")
    assert "\nnext: " in err
    assert "Traceback" not in err


def test_a_base_that_is_not_there(run: Run, tmp_path: Path) -> None:
    for argv in (["search", "x"], ["ask", "x"], ["status"], ["remove", "x"], ["copy", str(tmp_path / "to")]):
        out, err = run(*argv, code=1, base=tmp_path / "none")
        assert (out, "formfact add" in err) == ("", True)
    assert not (tmp_path / "none").exists()


def test_another_embedder_is_refused_with_the_way_out(run: Run, docs: Path, kb: Path) -> None:
    _, err = run("add", str(docs), "--embedder", "toy:64", code=1)
    assert "re-embed --embedder toy:64" in err


@pytest.mark.parametrize("argv", [[], ["search"], ["fly"], ["search", "x", "-k", "many"], ["--what"]])
def test_wrong_usage_is_exit_code_two(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2


def test_copy_remove_and_embedding_anew(run: Run, docs: Path, tmp_path: Path) -> None:
    base = tmp_path / "kb"
    run("add", str(docs), "--embedder", "toy:64", base=base)
    assert run("copy", str(tmp_path / "copy"), "--json", base=base)["copy"]
    assert run("remove", "r1", "--json", base=base) == {"removed": 1}
    assert run("status", "--json", base=tmp_path / "copy")["documents"] == 3
    assert run("re-embed", "--embedder", "toy:32", "--json", base=base)["dimensions"] == 32


def test_evaluate(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        "".join(
            json.dumps({"_id": str(i), "text": text}) + "\n"
            for i, text in enumerate(["the pump", "the lamp", "the mast"])
        )
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "pump"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\t0\t1\n")
    figures = run("evaluate", str(tmp_path), "--embedder", "toy:64", "--json")
    assert {"ndcg@10", "recall@5", "recall@20", "recall@100", "mrr@10", "queries", "seconds"} <= set(figures)
    assert (figures["ndcg@10"], figures["queries"]) == (1.0, 1)


# --- as a process -------------------------------------------------------------------------------------------------


def process(*argv: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "formfact", *argv], capture_output=True, text=True, check=False, **more
    )


def test_the_question_from_standard_input(kb: Path) -> None:
    done = process("--kb", str(kb), "search", "-", "--json", input="reset the pump\n")
    assert json.loads(done.stdout)["hits"][0]["document"] == "pump.md"


def test_a_reader_who_leaves_early(kb: Path) -> None:
    shell = f"{sys.executable} -m formfact --kb '{kb}' search pump | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_old_terminal_without_unicode(kb: Path) -> None:
    done = process(
        "--kb",
        str(kb),
        "ask",
        "how is the pump reset?",
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "nine seconds" in done.stdout


def test_it_starts_quickly(kb: Path) -> None:
    """Generous bounds for a noisy machine; bench/search_speed.py prints the figures."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        assert process("--kb", str(kb), "search", "pump").returncode == 0
        times.append(time.perf_counter() - started)
    assert min(times) < 1.2


def on_a_terminal(argv: list[str], columns: int = 80) -> str:
    """What a command writes to a terminal of that width."""
    parent, child = pty.openpty()
    env = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    running = subprocess.Popen([sys.executable, "-m", "formfact", *argv], stdout=child, stderr=child, env=env)
    os.close(child)
    data = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:
            break
        if not part:
            break
        data += part
    running.wait()
    os.close(parent)
    return data.decode()


def test_nothing_is_wider_than_the_terminal(kb: Path) -> None:
    for argv in (
        ["search", "reset the pump", "--explain"],
        ["ask", "how is the pump reset?"],
        ["ask", "who is Zeus?"],
        ["status", "--documents"],
    ):
        seen = on_a_terminal(["--kb", str(kb), *argv])
        assert "\033[" in seen or argv[0] == "status"
        plain = re.sub(r"\033\[[0-9;]*m", "", seen)
        assert max(len(row) for row in plain.splitlines()) <= 80


def test_a_document_cannot_command_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text("The pump \033]0;owned\007 and \033[31mred\033[0m text.")
    seen = on_a_terminal(["--kb", str(tmp_path / "kb"), "add", str(tmp_path / "evil.txt"), "--embedder", "toy:64"])
    seen += on_a_terminal(["--kb", str(tmp_path / "kb"), "search", "pump"])
    assert "\033]0" not in seen
    assert "\033[31m" not in seen


# --- progress -----------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_says_files_speed_and_time_left() -> None:
    text = line(Progress(25, 100, 500, 10.0), bar=True)
    assert text == "[######..................] 25/100 files  500 passages  50/s  0:30 left"
    assert "left" not in line(Progress(0, 0, 0, 0.0), bar=False)


def test_progress_redraws_one_line_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    meter = Meter(stream)
    meter._last = -100
    meter(Progress(1, 2, 3, 1.0))
    meter(Progress(2, 2, 6, 2.0, done=True))
    written = stream.getvalue()
    assert written.count("\r") == 3
    assert "\n" not in written
    assert written.endswith(" " * 59 + "\r")


def test_no_progress_for_a_quick_run_into_a_file() -> None:
    stream = io.StringIO()
    meter = Meter(stream)
    for i in range(100):
        meter(Progress(i, 100, i, 0.01 * i))
    meter(Progress(100, 100, 100, 1.0, done=True))
    assert stream.getvalue() == ""
