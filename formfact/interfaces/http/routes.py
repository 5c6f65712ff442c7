"""What a route is: data. A face is a list of them, and one line in `faces.FACES`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.types import ASGIApp

from formfact.front import Knowledge
from formfact.interfaces.http.desk import Desk
from formfact.interfaces.http.refusals import Refuses, refusal
from formfact.interfaces.http.tokens import Grant

Access = Literal["open", "read", "write"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request, already authorised: who asks, of which knowledge base, and the raw request for those who stream."""

    desk: Desk
    grant: Grant
    kb: str
    request: Request

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge base that was asked for."""
        return self.desk.knowledge(self.kb)


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event; `data` becomes JSON, a text is sent as it is."""

    name: str
    data: Any


@dataclass(frozen=True, slots=True)
class Events:
    """An answer that is streamed. A plain iterator is drawn in a worker thread and closed when the client leaves."""

    items: Iterator[Event] | AsyncIterator[Event]


@dataclass(frozen=True, slots=True)
class Nothing:
    """A request that takes no parameters."""


def never(_call: Call, _asked: Any) -> bool:
    return False


def always(_call: Call, _asked: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path, and the function `run(call, asked)` that answers.

    `asked` is a `takes`, made of the path, the query and, for POST, PUT and PATCH, the JSON body. A plain function is
    run in a worker thread, an `async` one in the loop. It returns JSON, Events or a Starlette Response.
    `about_kb` routes take `?kb=NAME`. `gives` is the JSON Schema of the answer, `media` its type where it is no JSON.
    A `large` one takes uploads, in a `slow` one a model may write; one that `computes` waits for nobody else:
    that can depend on what is asked, and is told at once, for it is asked in the loop.
    `accepts` is the media type of a body that is not JSON: `run` then reads it from `call.request`. `refuses` shows its
    errors, for an API that has a shape of its own for them.
    """

    method: str
    path: str
    run: Callable[[Call, Any], Any]
    about: str
    takes: type = Nothing
    gives: Mapping[str, Any] = field(default_factory=dict)
    access: Access = "read"
    about_kb: bool = True
    media: str = "application/json"
    accepts: str = "application/json"
    status: int = 200
    large: bool = False
    slow: bool = False
    computes: Callable[[Call, Any], bool] = never
    refuses: Refuses = refusal


@dataclass(frozen=True, slots=True)
class Mounted:
    """A foreign ASGI application under a path, or at that path alone where it is `exact`.

    It finds the client's Grant and the Desk in `scope["state"]`. `lifespan` is given what `make` made, and lasts as
    long as the server.
    """

    path: str
    make: Callable[[Desk], ASGIApp]
    about: str
    access: Access = "read"
    lifespan: Callable[[ASGIApp], AbstractAsyncContextManager[None]] | None = None
    exact: bool = False


def refuses_of(routes: Sequence[Route | Mounted]) -> Callable[[str], Refuses]:
    """How an error is shown that no route had a hand in, by the path that was asked for: as the routes beside it do."""
    shapes = {_head(one.path): one.refuses for one in routes if isinstance(one, Route) and one.refuses is not refusal}
    return lambda path: shapes.get(_head(path), refusal)


def _head(path: str) -> str:
    """The first part of a path."""
    return path.split("/", 2)[1] if path.startswith("/") else path
