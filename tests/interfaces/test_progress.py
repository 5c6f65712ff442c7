"""Progress: one line that a terminal keeps up to date, plain lines elsewhere, nothing for a quick run."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.interfaces import progress
from formfact.interfaces.cli import main
from formfact.interfaces.progress import BAR, Meter, line
from formfact.types import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between two lines."""
    monkeypatch.setattr(progress, "EVERY_ON_TERMINAL", 0.0)
    monkeypatch.setattr(progress, "EVERY_ELSEWHERE", 0.0)


def seen(written: str) -> str:
    """What stands on a terminal's line after all that was written to it."""
    shown: list[str] = []
    at = 0
    for character in written:
        if character == "\r":
            at = 0
            continue
        shown[at : at + 1] = character
        at += 1
    return "".join(shown)


# The line ---------------------------------------------------------------------------------------------------------


def test_files_passages_speed_and_time_left() -> None:
    assert line(Progress(25, 100, 5000, 10.0), bar=False) == "25/100 files  5,000 passages  500/s  0:30 left"
    assert line(Progress(25, 100, 5000, 10.0), bar=True).startswith("[######..................] 25/100 files")


def test_an_hour_and_more() -> None:
    assert line(Progress(1, 10, 0, 500.0), bar=False).endswith("1:15:00 left")
    assert line(Progress(1, 2, 0, 3599.6), bar=False).endswith("1:00:00 left")
    assert line(Progress(1, 2, 0, 59.6), bar=False).endswith("1:00 left")


@pytest.mark.parametrize("early", [Progress(1, 1000, 9, 60.0), Progress(5, 10, 9, 0.5), Progress(0, 0, 0, 0.0)])
def test_too_early_to_say_how_long(early: Progress) -> None:
    assert "left" not in line(early, bar=False)


def test_at_the_end_nothing_is_left() -> None:
    assert line(Progress(10, 10, 100, 20.0), bar=True) == f"[{'#' * BAR}] 10/10 files  100 passages  5/s  0:00 left"


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**9), st.floats(0, 1e7))
def test_any_figures(files: int, more: int, passages: int, seconds: float) -> None:
    text = line(Progress(files, files + more, passages, seconds), bar=True)
    bar = re.match(r"\[(#*)(\.*)\] ", text)
    assert bar is not None
    assert len(bar[1]) + len(bar[2]) == BAR


# On a terminal ----------------------------------------------------------------------------------------------------


def test_one_line_is_redrawn_and_taken_away(at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    stream = Terminal()
    meter = Meter(stream)
    meter(Progress(1, 2, 123456, 100.0))
    assert "123,456 passages" in seen(stream.getvalue())
    meter(Progress(1, 2, 3, 1.0))
    assert seen(stream.getvalue()).rstrip() == line(Progress(1, 2, 3, 1.0), bar=True)
    meter(Progress(2, 2, 6, 2.0, done=True))
    assert seen(stream.getvalue()).strip() == ""
    assert "\n" not in stream.getvalue()


def test_it_never_fills_the_last_column(at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (1, 10, 40, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        stream = Terminal()
        meter = Meter(stream)
        meter(Progress(1, 2, 123456, 100.0))
        meter.clear()
        assert {len(part) for part in stream.getvalue().split("\r")} == {0, columns - 1}


def test_a_thousand_reports_are_a_few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY_ON_TERMINAL", 60.0)
    stream = Terminal()
    meter = Meter(stream)
    for i in range(1000):
        meter(Progress(i, 1000, i, i / 1000))
    assert stream.getvalue() == ""
    meter._last -= 61
    for i in range(1000):
        meter(Progress(i, 1000, i, i / 1000))
    assert stream.getvalue().count("\r") == 1


def test_taking_away_what_was_never_drawn_writes_nothing(at_once: None) -> None:
    stream = Terminal()
    meter = Meter(stream)
    meter.clear()
    meter(Progress(2, 2, 6, 2.0, done=True))
    assert stream.getvalue() == ""
    meter(Progress(1, 2, 6, 2.0))
    meter.clear()
    before = stream.getvalue()
    meter.clear()
    assert stream.getvalue() == before


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    """A real terminal of 40 columns as standard error, while standard output goes elsewhere."""
    monkeypatch.delenv("COLUMNS", raising=False)
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    with open(child, "w") as stream:  # noqa: PTH123
        yield stream
    os.close(parent)


def test_the_width_is_that_of_its_own_terminal(at_once: None, narrow: TextIO) -> None:
    """`formfact add docs --json > report.json` in a narrow window: a wider line would scroll at every redrawing."""
    written: list[str] = []

    class Watched(io.TextIOWrapper):
        def write(self, text: str) -> int:
            written.append(text)
            return super().write(text)

    stream = Watched(narrow.buffer, write_through=True)
    Meter(stream)(Progress(1, 2, 123456, 100.0))
    stream.detach()
    assert len(written[0]) == 1 + 39


# Elsewhere --------------------------------------------------------------------------------------------------------


def test_plain_lines_into_a_file(at_once: None) -> None:
    stream = io.StringIO()
    meter = Meter(stream)
    meter(Progress(1, 2, 3, 1.0))
    meter(Progress(2, 2, 6, 2.0))
    meter(Progress(2, 2, 6, 2.0, done=True))
    assert stream.getvalue() == "1/2 files  3 passages  3/s\n2/2 files  6 passages  3/s  0:00 left\n"


def test_no_line_for_a_quick_run() -> None:
    stream = io.StringIO()
    meter = Meter(stream)
    for i in range(1000):
        meter(Progress(i, 1000, i, i / 1000))
    assert stream.getvalue() == ""


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_is_quiet(at_once: None, stream: io.StringIO) -> None:
    meter = Meter(stream, quiet=True)
    meter(Progress(1, 2, 3, 1.0))
    meter(Progress(2, 2, 6, 2.0, done=True))
    meter.clear()
    assert stream.getvalue() == ""


def test_one_large_file_among_many_counts_as_what_it_is() -> None:
    at = Progress(9, 10, 400, 10.0, share=0.25, file="logs/server.log")
    assert line(at, bar=False) == "9/10 files  400 passages  40/s  0:30 left  server.log"
    assert line(at, bar=True).startswith("[######..................] 9/10 files")


# For programs -----------------------------------------------------------------------------------------------------


def test_looks_are_lines_of_json_where_a_program_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY_AS_JSON", 0.0)
    stream = Terminal()
    meter = Meter(stream, as_json=True)
    meter(Progress(1, 2, 3, 0.5))
    meter(Progress(2, 2, 6, 1.0, done=True))
    meter.clear()
    looks = [json.loads(line)["progress"] for line in stream.getvalue().splitlines()]
    assert looks == [
        {"files": 1, "files_total": 2, "passages": 3, "seconds": 0.5, "done": False, "share": None, "file": ""},
        {"files": 2, "files_total": 2, "passages": 6, "seconds": 1.0, "done": True, "share": None, "file": ""},
    ]
    Meter(stream, quiet=True, as_json=True)(Progress(2, 2, 6, 1.0, done=True))
    assert stream.getvalue().count("\n") == 2


def test_errors_are_lines_of_json_where_a_program_watches(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--kb", str(tmp_path / "none"), "status", "--progress", "json"]) == 1
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["type"] == "NotFound"
    assert error["hint"]
