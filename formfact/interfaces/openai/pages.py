"""Lists in pages, as the API has them: so many after, or before, the thing of an id."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from formfact.interfaces.http.routes import Json
from formfact.interfaces.http.schema import Within
from formfact.interfaces.openai.refusals import NotThere


def new_id(kind: str) -> str:
    """An id that nothing else has; of two, that of the younger thing comes later in the order of texts.

    `created_at` counts whole seconds, in which a program makes many things.
    """
    return f"{kind}-{time.time_ns():016x}{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Paged:
    """How many, from where, in which order. What has no order of its own is in that of its names."""

    limit: Annotated[int, Within(1, 10_000)] = 20
    after: str = ""
    before: str = ""
    order: Literal["asc", "desc"] | None = None


def page(every: Sequence[Json], asked: Paged, *, newest_first: bool = False) -> Json:
    """A page of things with `id`s, `every` of which is in ascending order. Raises NotThere for a wrong cursor."""
    down = asked.order == "desc" or (asked.order is None and newest_first)
    listed = list(reversed(every)) if down else list(every)
    start = _place(listed, asked.after, "after") + 1 if asked.after else 0
    end = _place(listed, asked.before, "before") if asked.before else len(listed)
    if asked.before and not asked.after:
        start = max(0, end - asked.limit)
    found = listed[start : min(end, start + asked.limit)]
    ends: dict[str, Any] = {"first_id": found[0]["id"], "last_id": found[-1]["id"]} if found else {}
    more = start + len(found) < end
    return {"object": "list", "data": found, "first_id": None, "last_id": None, **ends, "has_more": more}


def _place(listed: Sequence[Json], name: str, param: str) -> int:
    for at, one in enumerate(listed):
        if one["id"] == name:
            return at
    raise NotThere(f"nothing in this list is called {name!r}", hint="begin without a cursor", param=param)
