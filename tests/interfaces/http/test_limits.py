"""A server under clients that send too much, too fast, too slowly, or leave; and what it says of itself meanwhile."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from formfact.interfaces.cli import main
from formfact.interfaces.http.connection import LINGER
from formfact.interfaces.http.endpoint import Threads
from formfact.interfaces.http.faces import FACES
from formfact.interfaces.http.settings import Limits, Settings
from tests.interfaces.http import faces
from tests.interfaces.http.serving import Client, form, serving

JSON = {"Content-Type": "application/json"}
HOPELESS = [("--rate", "0"), ("--rate", "nan"), ("--timeout", "-5"), ("--timeout", "inf"), ("--max-body", "-1")]
SMALL = Limits(body=1000, upload=5000, seconds=0.5, stalled=0.5)


@pytest.fixture
def strict(kb: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setitem(FACES, "test", "tests.interfaces.http.faces:ROUTES")
    with serving(Settings(kb, limits=SMALL)) as client:
        yield client


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def head(client: Client, rest: str) -> bytes:
    return f"{rest}\r\nHost: localhost:{client.port}\r\n".encode()


def closes(connection: socket.socket) -> bool:
    """Whether the other side has ended it; what it says before that is read away."""
    connection.settimeout(5)
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


# Too much ---------------------------------------------------------------------------------------------------------


def test_a_body_that_is_too_long(strict: Client) -> None:
    refused = strict.post("/search", {"question": "x" * 2000})
    assert (refused.status, refused.error["type"]) == (413, "TooLarge")
    refused = strict(
        "POST", "/search", body=iter([b"{" + b" " * 900] * 3), headers={"Content-Type": "application/json"}
    )
    assert refused.status == 413
    body, kind = form(("a.txt", b"x" * 6000))
    assert strict("POST", "/add", body=body, headers={"Content-Type": kind}).status == 413
    assert strict.get("/health").status == 200


def test_a_body_that_is_said_to_be_too_long_is_not_read(strict: Client) -> None:
    said = (
        head(strict, "POST /search HTTP/1.1")
        + b"Content-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", strict.port)) as connection:
        connection.sendall(said)
        assert b" 413 " in connection.recv(1000)
        assert closes(connection)


def test_a_body_that_comes_after_its_answer_ends_nothing_else(client: Client) -> None:
    """The connection goes on beyond the time that is given to a body which nobody waits for."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(head(client, "POST /nowhere HTTP/1.1") + b"Content-Length: 2\r\n\r\n")
        found = b""
        while not found.endswith(b"}}"):
            found += connection.recv(1 << 16)
        assert b" 404 " in found
        connection.sendall(b"{}")
        time.sleep(LINGER + 0.5)
        connection.sendall(head(client, "GET /health HTTP/1.1") + b"\r\n")
        assert b" 200 " in connection.recv(1 << 16)


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 50, ""])
def test_lengths_that_are_none(strict: Client, length: str) -> None:
    said = head(strict, "POST /search HTTP/1.1") + f"Content-Length: {length}\r\n\r\n".encode()
    assert strict.raw(said)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 413")


def test_headers_without_end_are_refused(strict: Client) -> None:
    found = strict.raw(head(strict, "GET /health HTTP/1.1") + b"A: " + b"b" * 200_000)
    assert found.startswith(b"HTTP/1.1 4") or found == b""
    assert strict.get("/health").status == 200


@pytest.mark.parametrize(
    "data", [b"\x00" * 100, b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01"]
)
def test_what_is_no_http_is_refused(strict: Client, data: bytes) -> None:
    assert b" 500 " not in strict.raw(data)
    assert strict.get("/health").status == 200


# Too fast ---------------------------------------------------------------------------------------------------------


def test_rate(kb: Path) -> None:
    with serving(Settings(kb, limits=Limits(rate=5))) as client:
        replies = [client.get("/bases") for _ in range(20)]
        assert [reply.status for reply in replies[:10]] == [200] * 10
        late = [reply for reply in replies if reply.status == 429]
        assert late
        assert late[0].error["type"] == "TooMany"
        assert late[0].headers["retry-after"] == "1"
        assert client.get("/health").status == 200
        time.sleep(0.5)
        assert client.get("/bases").status == 200


# Too slow ---------------------------------------------------------------------------------------------------------


def test_headers_that_come_too_slowly(strict: Client) -> None:
    with socket.create_connection(("127.0.0.1", strict.port)) as connection:
        started = time.monotonic()
        with suppress(ConnectionError):
            for byte in b"GET /health HTTP/1.1\r\nA: " + b"b" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - started < 5


def test_requests_of_one_connection_do_not_wait_for_each_other(client: Client) -> None:
    """What a client has not yet acknowledged keeps nothing back: it would be 40 ms for each."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    times = []
    for _ in range(20):
        started = time.monotonic()
        connection.request("GET", "/health")
        assert connection.getresponse().read()
        times.append(time.monotonic() - started)
    connection.close()
    assert sorted(times)[10] < 0.03


def test_a_connection_that_says_nothing(strict: Client) -> None:
    with socket.create_connection(("127.0.0.1", strict.port)) as connection:
        assert closes(connection)


def test_the_second_request_of_a_connection_may_not_be_slow_either(strict: Client) -> None:
    with socket.create_connection(("127.0.0.1", strict.port)) as connection:
        connection.sendall(head(strict, "GET /health HTTP/1.1") + b"\r\n")
        assert b" 200 " in connection.recv(1 << 16)
        connection.sendall(b"GET /hea")
        assert closes(connection)


def test_a_body_that_comes_too_slowly(strict: Client) -> None:
    said = head(strict, "POST /search HTTP/1.1") + b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
    found = strict.raw(said)
    assert b" 408 " in found
    assert b'"Stalled"' in found


def test_an_answer_that_takes_too_long(strict: Client) -> None:
    late = strict.get("/test/wait?seconds=1.5")
    assert (late.status, late.error["type"]) == (504, "TooSlow")
    assert strict.get("/test/wait?seconds=0").status == 200


def test_a_client_that_does_not_read_is_cut_off(strict: Client) -> None:
    with socket.create_connection(("127.0.0.1", strict.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(head(strict, "GET /test/huge HTTP/1.1") + b"\r\n")
        until(lambda: "formfact_requests_under_way 1" in strict.get("/metrics").body.decode())


# Gone -------------------------------------------------------------------------------------------------------------


def test_a_stream_ends_when_its_client_leaves(strict: Client) -> None:
    faces.closed.clear()
    with socket.create_connection(("127.0.0.1", strict.port)) as connection:
        connection.sendall(head(strict, "GET /test/endless HTTP/1.1") + b"\r\n")
        until(lambda: b"tick" in connection.recv(1 << 16))
    until(lambda: bool(faces.closed))


def test_clients_that_leave_do_not_pile_up_work(strict: Client) -> None:
    """What nobody waits for any more keeps its slot until it ends, and what waited for a slot is forgotten."""
    until(lambda: not faces.waiting)  # what another test has left
    faces.at_once.clear()
    slots = Threads().verbs.total_tokens
    for _ in range(int(slots) * 2):
        with socket.create_connection(("127.0.0.1", strict.port)) as connection:
            connection.sendall(head(strict, "GET /test/wait?seconds=2 HTTP/1.1") + b"\r\n")
            time.sleep(0.02)
    assert max(faces.at_once) == len(faces.at_once) == slots
    assert strict.get("/test/write?seconds=0").status == 200  # what a model writes for has places of its own
    until(lambda: strict.get("/test/wait?seconds=0").status == 200)
    assert len(faces.at_once) == slots + 2


def test_a_server_that_stops_ends_its_streams(kb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FACES, "test", "tests.interfaces.http.faces:ROUTES")
    faces.closed.clear()
    started = time.monotonic()
    with serving(Settings(kb)) as client, socket.create_connection(("127.0.0.1", client.port)) as connection:
        connection.sendall(head(client, "GET /test/endless HTTP/1.1") + b"\r\n")
        assert b"200" in connection.recv(1 << 16)
        connection.setblocking(False)
        started = time.monotonic()
        connection.detach()
    assert faces.closed
    assert time.monotonic() - started < 10


def test_a_stream_that_fails_says_so_in_its_last_event(strict: Client) -> None:
    events = strict.get("/test/torn").events
    assert events == [
        ("first", {}),
        ("error", {"error": {"message": "it broke off", "hint": "ask again", "type": "Refused"}}),
    ]


# What it says of itself -------------------------------------------------------------------------------------------


def test_errors_that_nobody_foresaw_say_nothing(strict: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "formfact.server")
    failed = strict.get(f"/test/fail?{faces.SECRET}=1")
    assert failed.status == 400  # a parameter that it does not take
    failed = strict.get("/test/fail")
    assert (failed.status, failed.error["type"]) == (500, "Internal")
    assert faces.SECRET not in failed.body.decode()
    until(lambda: any(record.msg == "error" for record in caplog.records))
    known = next(record.known for record in caplog.records if record.msg == "error")  # type: ignore[attr-defined]
    assert known["kind"] == "ValueError"
    assert any("faces.py" in place for place in known["at"])
    assert faces.SECRET not in json.dumps(known)


def test_figures(client: Client) -> None:
    client.get("/search?question=pump")
    client.get("/nowhere/at/all")
    found = client.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = dict(line.rsplit(" ", 1) for line in found.body.decode().splitlines() if not line.startswith("#"))
    assert float(samples['formfact_requests_total{method="GET",route="/search",status="200"}']) >= 1
    assert float(samples['formfact_requests_total{method="GET",route="unmatched",status="404"}']) >= 1
    assert (
        samples['formfact_request_seconds_bucket{route="/search",le="+Inf"}']
        == samples['formfact_request_seconds_count{route="/search"}']
    )
    assert samples['formfact_passages{kb="kb"}'] == "4"
    assert float(samples["process_resident_memory_bytes"]) > 1e7
    assert samples["formfact_requests_under_way"] == "1"
    assert "nowhere" not in found.body.decode()


@pytest.mark.parametrize(("option", "value"), [*HOPELESS, ("--writer", "gpt")])
def test_a_server_that_could_answer_nobody_does_not_start(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:  # which is where one that starts all the same ends
        port = str(taken.getsockname()[1])
        assert main(["--kb", str(tmp_path / "kb"), "serve", "--port", port, option, value]) == 1
    told = capsys.readouterr().err
    assert "cannot listen" not in told
    assert (option if option != "--writer" else "no writer's address") in told
