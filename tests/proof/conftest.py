"""A base of many short documents, each the only one that says its thing, on disk and in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest

from formfact import Knowledge

WHO = ("barge", "skipper", "ferry", "donkey", "widow", "pilot")
WHAT = ("granite", "herring", "letters", "barrels", "lamps", "rope")

Carriers = Callable[[str], Knowledge]


@pytest.fixture(params=["local", "memory"])
def carriers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Carriers]:
    """A sentence with `{who}` and `{what}` -> a base with a document of it for every pair."""
    with ExitStack() as opened:

        def made(sentence: str) -> Knowledge:
            docs = tmp_path / "docs"
            docs.mkdir()
            for number, (who, what) in enumerate(product(WHO, WHAT)):
                (docs / f"{number}.txt").write_text(f"{sentence.format(who=who, what=what)}\n")
            address = "memory:" if request.param == "memory" else str(tmp_path / "kb")
            kb = opened.enter_context(Knowledge(address, embedder="toy:64"))
            kb.add(docs)
            return kb

        yield made
