"""The process that writes for a server."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from formfact.errors import FormfactError, ModelError
from formfact.front import Pattern
from formfact.interfaces.http.known import KnownPatterns
from formfact.interfaces.http.scribe import Scribe
from formfact.interfaces.http.waiting import Waiting
from formfact.types import Message

CHAT = [Message("user", "The mast is made of spruce.")]


class Asked(threading.Thread):
    """A question to a scribe in a thread, by somebody who may leave."""

    def __init__(self, scribe: Scribe, base: Path) -> None:
        super().__init__()
        self.waiting = Waiting()
        self.raised: FormfactError | None = None
        self._drafter = scribe.opens(Pattern("questions", base=str(base)))

    def asks(self) -> None:
        self._drafter.count(CHAT)

    def run(self) -> None:
        try:
            self.waiting.run(self.asks)
        except FormfactError as error:
            self.raised = error

    def ends_within(self, seconds: float) -> bool:
        self.join(seconds)
        return not self.is_alive()


def until_it_runs(scribe: Scribe) -> None:
    while scribe._process is None:
        time.sleep(0.001)


# It takes the process longer than a second to import what it writes with, so that it is still busy in these tests.


def test_a_server_that_ends_waits_for_no_writer(tmp_path: Path) -> None:
    scribe = Scribe(600.0)
    asked = Asked(scribe, tmp_path)
    asked.start()
    until_it_runs(scribe)
    scribe.close()
    assert asked.ends_within(1)
    assert isinstance(asked.raised, ModelError)
    with pytest.raises(ModelError, match="ending"):
        scribe.opens(Pattern("questions")).count(CHAT)


def test_who_leaves_holds_up_nobody(tmp_path: Path) -> None:
    scribe = Scribe(600.0)
    first, second, third = (Asked(scribe, tmp_path) for _ in range(3))
    first.start()
    until_it_runs(scribe)
    second.start()
    third.start()
    second.waiting.leave()
    assert second.ends_within(1)
    first.waiting.leave()
    assert first.ends_within(1)
    assert isinstance(first.raised, ModelError)
    assert isinstance(second.raised, ModelError)
    assert third.ends_within(240)
    assert isinstance(third.raised, FormfactError)  # the folder holds no model, which the process says itself
    assert "nobody waits" not in third.raised.message
    # Who has left when their turn comes, having stood in line elsewhere, ends the process for nobody.
    process, fourth = scribe._process, Asked(scribe, tmp_path)
    assert process is not None
    fourth.waiting.leave()
    fourth.start()
    assert fourth.ends_within(2)
    assert isinstance(fourth.raised, ModelError)
    assert scribe._process is process
    assert process.poll() is None
    scribe.close()


def test_who_leaves_stands_in_no_line(tmp_path: Path) -> None:
    """One who writes may take minutes, and each who waits for that takes a thread."""
    scribe = Scribe(600.0)
    patterns = KnownPatterns(tmp_path, base=str(tmp_path), opens=scribe.opens)

    class Waits(Asked):
        def asks(self) -> None:
            patterns.count("questions", "The mast is made of spruce.")

    with patterns.ready("questions"):
        asked = Waits(scribe, tmp_path)
        asked.start()
        assert not asked.ends_within(0.5)
        asked.waiting.leave()
        assert asked.ends_within(2)
    assert isinstance(asked.raised, ModelError)
    assert scribe._process is None


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    waiting, done = Waiting(), []
    waiting.leave()
    with pytest.raises(ModelError, match="nobody waits"):
        waiting.run(lambda: done.append(1))
    assert not done


def test_a_contract_is_read_anew_where_a_link_beside_it_leads_nowhere(tmp_path: Path) -> None:
    patterns, place = KnownPatterns(tmp_path, base=None, opens=Scribe(1.0).opens), tmp_path / "mine"
    place.mkdir()
    contract = (Pattern("questions").folder / "pattern.toml").read_text(encoding="utf-8")
    (place / "pattern.toml").write_text(contract, encoding="utf-8")
    (place / "gone").symlink_to(tmp_path / "nowhere")
    told = patterns.describes("mine")
    (place / "pattern.toml").write_text(contract.replace(told, "something else"), encoding="utf-8")
    assert patterns.describes("mine") == "something else"
