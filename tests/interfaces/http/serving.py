"""A real server on loopback in a thread of this process, and a client that speaks plain HTTP to it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from formfact.interfaces.http.app import make_app
from formfact.interfaces.http.run import Server
from formfact.interfaces.http.settings import Settings


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Server-sent events as names and data."""
        found = []
        for block in self.body.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if lines:
                found.append((lines.get("event", ""), json.loads(lines["data"])))
        return found


@dataclass(frozen=True)
class Client:
    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self, method: str, path: str, value: Any = None, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {**self.headers, **(headers or {})}
        if value is not None:
            body = json.dumps(value)
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        return self("GET", path)

    def post(self, path: str, value: Any) -> Reply:
        return self("POST", path, value)

    def with_token(self, token: str) -> Client:
        return Client(self.port, {**self.headers, "Authorization": f"Bearer {token}"})

    def raw(self, data: bytes, *, seconds: float = 10.0) -> bytes:
        """What comes back for these very bytes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            found = b""
            # A server that has heard enough may close while there is still more to send to it.
            with suppress(ConnectionError):
                connection.sendall(data)
                while part := connection.recv(65536):
                    found += part
            return found


@contextmanager
def serving(settings: Settings) -> Iterator[Client]:
    """A server with these settings for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(make_app(settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        try:
            yield Client(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def form(*files: tuple[str, bytes]) -> tuple[bytes, str]:
    """Files as the body of a form, and its content type."""
    parts = [
        b'--limit\r\nContent-Disposition: form-data; name="files"; filename="%b"\r\n\r\n%b\r\n'
        % (name.encode(), content)
        for name, content in files
    ]
    return b"".join([*parts, b"--limit--\r\n"]), "multipart/form-data; boundary=limit"
