"""`formfact serve` as a process: its start, its logs, its end, and what becomes of its jobs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formfact.interfaces.cli import main
from formfact.interfaces.http.jobs import Job, Jobs, Order, _Running
from formfact.interfaces.http.placeless import Places
from tests.interfaces.http.serving import Client, form

SECRET = "unspeakable"


@contextmanager
def process(kb: Path, log: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], Client]]:
    """A server in a process of its own; its standard error goes to a file."""
    command = [sys.executable, "-m", "formfact", "--kb", str(kb), "serve", "--port", "0", *options]
    with log.open("wb") as stream, subprocess.Popen(command, stderr=stream, stdout=subprocess.PIPE) as running:
        try:
            until(lambda: b"http://" in log.read_bytes())
            port = re.search(r"http://[^:]+:(\d+)", log.read_text())
            assert port
            yield running, Client(int(port[1]))
        finally:
            running.kill()


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def children(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return {int(one) for one in found.stdout.split()}


def much() -> tuple[bytes, str]:
    """An upload that takes a while to read."""
    lines = "".join(
        json.dumps({"id": str(n), "text": f"row {n} about masts and oars " * 20}) + "\n" for n in range(20_000)
    )
    return form(("much.jsonl", lines.encode()))


def test_it_starts_serves_logs_and_ends(kb: Path, tmp_path: Path) -> None:
    with process(kb, tmp_path / "log") as (running, client):
        assert client.get(f"/search?question={SECRET}").status == 200
        assert client.post("/ask", {"question": SECRET}).status == 200
        assert client.get(f"/{SECRET}?{SECRET}={SECRET}").status == 404
        assert client.get(f"/document?document={SECRET}").status == 404
        client.raw(f"{SECRET}\r\n\r\n".encode())
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) in (0, -signal.SIGTERM)
        assert running.stdout
        assert running.stdout.read() == b""
    said, *lines = (tmp_path / "log").read_text().splitlines()
    assert said.startswith(f"serving {kb} on http://127.0.0.1:")
    logged = [json.loads(line) for line in lines]
    assert {(line["route"], line["status"]) for line in logged if line["event"] == "request"} == {
        ("/search", 200), ("/ask", 200), ("unmatched", 404), ("/document", 404),
    }  # fmt: skip
    whole = (tmp_path / "log").read_text()
    assert SECRET not in whole
    assert "green lever" not in whole


def test_quiet_logs_no_requests(kb: Path, tmp_path: Path) -> None:
    with process(kb, tmp_path / "log", "--quiet") as (_, client):
        assert client.get("/status").status == 200
    assert len((tmp_path / "log").read_text().splitlines()) == 1


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_ends_leaves_no_orphans(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path / "kb", tmp_path / "log") as (running, client):
        body, kind = much()
        job = client("POST", "/add", body=body, headers={"Content-Type": kind}).json["id"]
        until(lambda: client.get(f"/jobs/{job}").json["progress"] is not None)
        started = children(running.pid)
        assert started
        os.kill(running.pid, number)
        running.wait(60)
        until(lambda: not any(map(alive, started)))


def test_a_job_can_be_ended(tmp_path: Path) -> None:
    with process(tmp_path / "kb", tmp_path / "log") as (running, client):
        body, kind = much()
        first = client("POST", "/add", body=body, headers={"Content-Type": kind}).json["id"]
        second = client("POST", "/add", body=body, headers={"Content-Type": kind}).json["id"]
        until(lambda: client.get(f"/jobs/{first}").json["progress"] is not None)
        assert client.get(f"/jobs/{second}").json["state"] == "waiting"
        assert client("DELETE", f"/jobs/{second}").json["state"] == "ended"
        ended = client("DELETE", f"/jobs/{first}").json
        assert (ended["state"], ended["error"]) == ("ended", None)
        assert client.get(f"/jobs/{first}/events").events[-1][1]["state"] == "ended"
        until(lambda: not children(running.pid))
        assert client("DELETE", "/jobs/none").status == 404


def test_a_job_that_is_ended_at_once_is_over(tmp_path: Path) -> None:
    """Whether its process was made by then or not."""

    async def one(after: list[str], steps: int) -> Job:
        jobs = Jobs(Places([tmp_path]))
        started = jobs.start(Order("status", ("--kb", str(tmp_path), "status"), after=lambda: after.append("over")))
        for _ in range(steps):
            await asyncio.sleep(0)
        return await asyncio.wait_for(jobs.end(started.id), 10)

    for steps in range(6):
        after: list[str] = []
        found = asyncio.run(one(after, steps))
        assert (found.state, found.error, after) == ("ended", None, ["over"])


def test_a_card_does_not_say_where_its_base_lies(tmp_path: Path) -> None:
    running = _Running(Order("train", ()), Places([tmp_path]).hide)
    printed = json.dumps({"base": str(tmp_path / "models" / "tiny"), "note": "kept"}).encode()
    assert running._read(printed) == {"base": "tiny", "note": "kept"}


def test_a_job_that_cannot_be_run_has_failed(tmp_path: Path) -> None:
    def broken() -> None:
        raise OSError("no more files")

    async def one() -> Job:
        jobs = Jobs(Places([tmp_path]))
        started = jobs.start(Order("status", (), before=broken))
        return [found async for found in jobs.watch(started.id)][-1]

    found = asyncio.run(one())
    assert found.state == "failed"
    assert found.error is not None


def test_a_port_that_is_taken(kb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["--kb", str(kb), "serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "next: choose another with --port" in capsys.readouterr().err
    assert main(["--kb", str(kb), "serve", "--port", "99999"]) == 1
    assert main(["--kb", str(kb), "serve", "--host", "no.such.host.invalid"]) == 1
