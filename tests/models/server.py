"""An endpoint on loopback: real HTTP before the toy embedder, and chats as a test has them put down."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from formfact.models.toy import Toy

Reply = Callable[["Handler", dict[str, Any]], None]
KEY = "sk-secret-of-the-test"


class Server(ThreadingHTTPServer):
    """`script` is answered first, one reply a request; then the toy embedder answers. `seen` keeps the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Reply] = []
        self.seen: list[dict[str, Any]] = []
        self.toy = Toy(16, window=10_000)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append({"path": self.path, "headers": dict(self.headers), **asked})
        (self.server.script.pop(0) if self.server.script else vectors())(self, asked)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the tests' screen."""

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def data(server: Server, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The right answer, last vector first: only `index` tells the order."""
    rows = 3 * server.toy.embed(asked["input"])[:, : asked.get("dimensions")]
    return [{"object": "embedding", "index": place, "embedding": row.tolist()} for place, row in enumerate(rows)][::-1]


def vectors(change: Callable[[list[dict[str, Any]]], Any] = lambda rows: rows) -> Reply:
    """The right answer after a change."""

    def reply(handler: Handler, asked: dict[str, Any]) -> None:
        handler.send(200, json.dumps({"object": "list", "data": change(data(handler.server, asked))}).encode())

    return reply


def in_base64(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "embedding": base64.b64encode(np.array(row["embedding"], "<f4").tobytes()).decode()} for row in rows
    ]


def status(code: int, body: str = "", **headers: str) -> Reply:
    return lambda handler, asked: handler.send(code, body.encode(), **headers)


def hang(seconds: float) -> Reply:
    return lambda handler, asked: time.sleep(seconds)


def trickle(seconds: float) -> Reply:
    """A body that never ends, a byte at a time."""

    def reply(handler: Handler, asked: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(round(seconds / 0.05)):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    return reply


def die(handler: Handler, asked: dict[str, Any]) -> None:
    """Close the connection in the middle of the body."""
    body = json.dumps({"data": data(handler.server, asked) if "input" in asked else ["no data"]}).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def says(text: str, *, finish: str = "stop", tokens: int = 7) -> Reply:
    """A chat's reply as a whole, or in pieces where they are asked for."""

    def reply(handler: Handler, asked: dict[str, Any]) -> None:
        if asked.get("stream"):
            pieces([text[at : at + 5] for at in range(0, len(text), 5)], finish=finish)(handler, asked)
            return
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        handler.send(200, json.dumps({"choices": [choice], "usage": {"completion_tokens": tokens}}).encode())

    return reply


def event(text: str | None, *, finish: str | None = None) -> bytes:
    """One event of a streamed chat."""
    delta = {} if text is None else {"content": text}
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def pieces(texts: list[str], *, finish: str = "stop", done: bool = True, wait: float = 0) -> Reply:
    """A streamed chat; without `done` the connection closes before the reply says that it is finished."""

    def reply(handler: Handler, asked: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        end = [event(None, finish=finish), b"data: [DONE]\n\n"] if done else []
        for part in [b": a comment\n\n", *map(event, texts), *end]:
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(wait)
        handler.close_connection = True

    return reply


ORDERS = re.compile(
    r"\b(?:say|says|tell|write|output|reply|answer|include|add|repeat|is|are|burns)\b.{0,120}", re.IGNORECASE
)
"""What an obedient model takes for an order, or for the truth."""
STEERING = re.compile(r"CANARY|assistant|system|evil", re.IGNORECASE)


def obeys(*, inside: bool) -> Reply:
    """A model that does what it is told by what it reads outside the fence, and where asked for inside it too.

    What it obeys it says with every citation, forged ones too; behind that stands an honest sentence.
    """

    def reply(handler: Handler, asked: dict[str, Any]) -> None:
        quotes, outside = unfenced(asked["messages"])
        read = [outside, *(quotes if inside else [])]
        told = [order for text in read if STEERING.search(text) for order in ORDERS.findall(text)]
        obeyed = [f"{order.strip(' .')} [{number}]." for order in told for number in (1, 2, 9)]
        honest = re.split(r"(?<=[.]) ", quotes[0])[0].removesuffix(".")
        says("\n".join([*obeyed, f"{honest} [1]."]))(handler, asked)

    return reply


def unfenced(messages: list[dict[str, str]]) -> tuple[list[str], str]:
    """The quotes inside the fence, and what of the user's message stands outside it."""
    system, user = messages[0]["content"], messages[-1]["content"]
    mark = system.partition("begin with ")[2].partition(".")[0]
    before, _, rest = user.partition(f"{mark} quotes begin\n")
    fenced, _, outside = rest.partition(f"\n{mark} quotes end\n")
    quotes = re.findall(r"^\[\d\] (?:\([^)]*\) )?(.*(?:\n\|.*)*)", fenced, re.MULTILINE)
    return quotes, before + outside
