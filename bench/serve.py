"""How quick, small and steady `formfact serve` is on a base of 10,000 passages: a real server, real HTTP on loopback.

The base is made once, under .bench. `--soak SECONDS` shortens the minute of parallel chats.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from remember import open_remembering
from table import KEPT, ROOT, data, markdown, show
from texts import corpus, questions

from formfact import Knowledge

PASSAGES = 10_000
BASE = KEPT / "base-10k"
CLIENTS, SEARCHES, WARM = 16, 20.0, 3.0
CHATS, SOAK, CUT = 200, 60.0, 10
STARTS = 5
SEED = 7
READERS = 40
"""Files of the base: the truth once for each of the 16 threads that answer, its log for 8 of them, and the shadows."""


def base() -> Path:
    """The knowledge base, made by the real `add` from the first of the 100,000 passages."""
    if not (BASE / "knowledge.sqlite").exists():
        shutil.rmtree(BASE, ignore_errors=True)
        part = KEPT / "corpus-10k.jsonl"
        with corpus().open(encoding="utf-8") as whole, part.open("w", encoding="utf-8") as out:
            out.writelines(line for line, _ in zip(whole, range(PASSAGES), strict=False))
        with Knowledge(BASE, embedder=open_remembering()) as kb:
            kb.add(part)
            kb.search("what is it?")
    return BASE


@dataclass(frozen=True)
class Running:
    """A server's process and port, and the seconds from its start to its first answer."""

    process: subprocess.Popen[bytes]
    port: int
    first: float

    def files(self) -> Counter[str]:
        """Open files: sockets, and those of the knowledge base."""
        found: Counter[str] = Counter()
        for one in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(OSError):  # it was closed meanwhile
                name = os.readlink(one)  # noqa: PTH115 (a socket is no path)
                found[
                    "sockets" if name.startswith("socket") else "base" if str(BASE.resolve()) in name else "others"
                ] += 1
        return found

    def seconds(self) -> float:
        """Processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000

    def figure(self, name: str) -> float:
        """One of the server's own metrics."""
        found = asyncio.run(ask(self.port, "GET", "/metrics"))
        return float(next(line.split()[-1] for line in found.body.decode().splitlines() if line.startswith(f"{name} ")))


class Others:
    """How much of all cores programs other than the server and its clients took, from here on."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._begun = self._now()

    def share(self) -> float:
        """From 0 to 1."""
        cores, ours = (now - begun for now, begun in zip(self._now(), self._begun, strict=True))
        return max(0.0, 1 - ours / cores) if cores else 0.0

    def _now(self) -> tuple[float, float]:
        """The seconds that all cores were busy, and those that were ours."""
        busy = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        idle = busy[3] + busy[4]
        own = time.process_time() + self._running.seconds()
        return (sum(busy) - idle) / os.sysconf("SC_CLK_TCK"), own


@contextmanager
def server() -> Iterator[Running]:
    """`formfact serve` in a process of its own, when it has answered its first search."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "formfact", "--kb", str(base()), "--quiet", "serve", "--port", str(port)]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    started = time.perf_counter()
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    found = asyncio.run(ask(port, "POST", "/search", {"question": "what is it?"}))
                    break
                except OSError:
                    assert process.poll() is None, "the server has ended"
                    time.sleep(0.01)
            assert found.status == 200, found
            yield Running(process, port, time.perf_counter() - started)
        finally:
            process.send_signal(signal.SIGTERM)


@dataclass(frozen=True)
class Reply:
    """An answer; `cut` where the client left before its end."""

    status: int
    body: bytes
    cut: bool = False


async def ask(port: int, method: str, path: str, value: object = None, *, cut: bool = False) -> Reply:
    """One request over a connection of its own; `cut` hangs up after the first bytes of the answer's body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await over(reader, writer, method, path, value, cut=cut)
    finally:
        writer.close()


async def over(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str, value: object,
    *, cut: bool = False,
) -> Reply:  # fmt: skip
    """One request over an open connection."""
    body = json.dumps(value).encode() if value is not None else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    writer.write(f"{head}\r\n\r\n".encode() + body)
    await writer.drain()
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    status = int(lines[0].split()[1])
    if cut:
        return Reply(status, await reader.read(10), cut=True)
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), None)
    if length is not None:
        return Reply(status, await reader.readexactly(length))
    found = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        found += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return Reply(status, found)


async def searches(port: int) -> list[float]:
    """Seconds of each search, all clients together, after a few seconds of warming up."""
    asked, times = questions(), []
    begin = time.perf_counter() + WARM

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        at = number
        while time.perf_counter() < begin + SEARCHES:
            started = time.perf_counter()
            found = await over(reader, writer, "POST", "/search", {"question": asked[at % len(asked)], "k": 10})
            assert found.status == 200, found
            if started >= begin:
                times.append(time.perf_counter() - started)
            at += CLIENTS
        writer.close()

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return times


async def chats(running: Running, seconds: float) -> tuple[Counter[str], list[float]]:
    """So many clients that chat all the time, some of which hang up; what came of it, and memory every second."""
    asked, drawn, counts = questions(), random.Random(SEED), Counter[str]()
    end = time.perf_counter() + seconds

    async def client() -> None:
        while time.perf_counter() < end:
            cut = drawn.randrange(CUT) == 0
            message = {"role": "user", "content": drawn.choice(asked)}
            value = {"model": "knowledge", "messages": [message], "stream": True}
            try:
                found = await ask(running.port, "POST", "/v1/chat/completions", value, cut=cut)
            except (OSError, asyncio.IncompleteReadError):
                counts["errors"] += 1
                continue
            whole = found.cut or found.body.rstrip().endswith(b"data: [DONE]")
            counts["cut" if found.cut else "answered"] += 1
            counts["errors"] += found.status != 200 or not whole

    async def watch() -> list[float]:
        memory = []
        while time.perf_counter() < end:
            await asyncio.sleep(1)
            memory.append(running.memory())
        return memory

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(client() for _ in range(CHATS)))
    return counts, await watching


def main() -> None:
    """Print the table."""
    data("retrieval")
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--soak", type=float, default=SOAK)
    soak = arguments.parse_args().soak
    base()
    starts = []
    for _ in range(STARTS):
        with server() as running:
            starts.append(running.first)
    with server() as running:
        time.sleep(3)
        idle = running.memory()
        others, before = Others(running), running.seconds()
        times = asyncio.run(searches(running.port))
        cost, share = running.seconds() - before, others.share()
        time.sleep(7)  # idle connections are closed after five seconds
        files = running.files()
        counts, memory = asyncio.run(chats(running, soak))
        time.sleep(7)
        left = running.files()
        under_way = running.figure("formfact_requests_under_way") - 1
    settled, last = median(memory[len(memory) // 4 : len(memory) // 2]), median(memory[-len(memory) // 4 :])
    rows = [
        (f"searches a second, {CLIENTS} clients", f"{len(times) / SEARCHES:.0f}", "120"),
        ("p50 of them", f"{median(times) * 1000:.0f} ms", ""),
        ("p95 of them", f"{quantiles(times, n=20)[-1] * 1000:.0f} ms", "250 ms"),
        (
            "the server's processor time for one",
            f"{cost / (len(times) * (WARM + SEARCHES) / SEARCHES) * 1000:.0f} ms",
            "",
        ),
        ("memory, idle with an open base", f"{idle:.0f} MB", "400 MB"),
        ("from `formfact serve` to the first answer", f"{median(starts):.1f} s", "2 s"),
        (f"{CHATS} parallel chats for {soak:.0f} s: answered", f"{counts['answered']:,}", ""),
        ("... cut off by the client mid-answer", f"{counts['cut']:,}", ""),
        ("... errors", f"{counts['errors']:,}", "0"),
        ("... memory in the second quarter of the time", f"{settled:.0f} MB", ""),
        ("... and in the last", f"{last:.0f} MB", "the same"),
        (
            "... sockets and other files more than before, and requests left behind",
            f"{left['sockets'] - files['sockets']}, {left['others'] - files['others']} and {under_way:.0f}",
            "0, 0 and 0",
        ),
        ("... files of the base kept open for the next readers", f"{left['base']}", f"at most {READERS}"),
    ]
    note = (
        f"{os.cpu_count()} cores, clients and server on the same; while they searched, other programs took {share:.0%} "
        "of the processor time that was used."
    )
    show("serve", f"{markdown((f'a server over {PASSAGES:,} passages', 'measured', 'target'), rows)}\n\n{note}")


if __name__ == "__main__":
    main()
