"""docs/tutorial.md is followed from its first block to its last in an empty folder; what is printed is compared."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"(?P<left><!-- not run: [^\n]+ -->\n)?^```(?P<kind>sh|console|python)\n(?P<text>.*?)^```", re.M | re.S
)
STEP = re.compile(r"^\$ (?P<command>[^\n]+)\n(?P<shown>(?:(?!\$ )[^\n]*\n)*)", re.M)
FIGURE = re.compile(r"\d+\.\d+")
"""Seconds and confidences depend on the processor; what they stand in does not."""
PORTS = ("8000", "8001")


class Reader:
    """Somebody who does what the page says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {written: str(_free_port()) for written in PORTS}
        self._running: list[subprocess.Popen[bytes]] = []
        places = [str(Path(sys.executable).parent), os.environ["PATH"]]
        self._environment = {
            **os.environ, "PATH": os.pathsep.join(places), "PYTHONPATH": str(ROOT), "FORMFACT": str(ROOT),
            "COLUMNS": "80",
        }  # fmt: skip
        self._environment.pop("FORMFACT_KB", None)

    def saves(self, text: str) -> None:
        """Write a file; its name stands in its first line."""
        (self._folder / text.partition("\n")[0].removeprefix("# ")).write_text(self._here(text), encoding="utf-8")

    def types(self, command: str) -> str:
        """What a command prints; one that ends in & goes on beside, and is waited for until it listens."""
        command = self._here(command)
        if command.endswith("&"):
            words = shlex.split(command.removesuffix("&"))
            beside = subprocess.Popen(words, cwd=self._folder, env=self._environment, stderr=subprocess.DEVNULL)
            self._running.append(beside)
            _wait_for(int(words[words.index("--port") + 1]))
            return ""
        done = subprocess.run(
            ["bash", "-c", command], cwd=self._folder, env=self._environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout

    def leaves(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGINT)
        for process in self._running:
            process.wait(20)

    def _here(self, text: str) -> str:
        for written, free in self._ports.items():
            text = text.replace(written, free)
        return text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"nothing listens on {port}")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    found = Reader(tmp_path)
    yield found
    found.leaves()


def test_whoever_follows_the_tutorial_sees_what_it_shows(reader: Reader) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("openai")
    steps = 0
    for block in BLOCK.finditer(PAGE):
        if block["left"]:
            continue
        if block["kind"] == "python":
            reader.saves(block["text"])
            continue
        for step in STEP.finditer(block["text"]):
            printed = reader.types(step["command"])
            _compare(step["command"], step["shown"], printed)
            steps += 1
    assert steps > 12


def _compare(command: str, shown: str, printed: str) -> None:
    """As doctest does: `...` stands for anything."""
    lines = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines()) if printed.strip() else ""
    same = doctest.OutputChecker().check_output(FIGURE.sub("#", shown), FIGURE.sub("#", lines), doctest.ELLIPSIS)
    assert same, f"$ {command}\nshown:\n{shown}\nprinted:\n{lines}"
