"""Matches a regular expression in time that grows with the text alone, and tells where a text leaves it.

Python's own matcher tries one way after the other, which for `(a+)+b` takes for ever. Here all ways are followed at
once (Thompson 1968), and the sets of ways that were met are kept with what follows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from formfact.errors import Refused
from formfact.patterns.shapes.expression import Chars, Either, Node, Repeat, Row

KEPT = 20_000
"""Sets of ways after which the memory of them begins anew."""
WORK = 1_000_000
"""Comparisons with one text (some seconds) after which an expression counts as too ambiguous."""
HINT = "write it without a repeat within a repeat"


@dataclass(slots=True, eq=False)
class _Ways:
    """A set of ways through the expression: what each takes next, whether one ends here, and what follows."""

    takes: tuple[tuple[Chars, int], ...]
    ends: bool
    follows: dict[str, _Ways | None] = field(default_factory=dict)


class Automaton:
    """An expression ready to match. `steps` are its places: a place goes on for nothing, or by a character."""

    def __init__(self, node: Node) -> None:
        self._free: list[list[int]] = []
        self._takes: list[tuple[Chars, int] | None] = []
        self._end = self._place()
        self._first = self._build(node, self._end)
        self._known: dict[frozenset[int], _Ways] = {}
        self._work = 0

    def stop(self, text: str, start: int = 0) -> int | None:
        """Where the text from `start` on stops matching, its length where it is only too short; None where it matches.

        Raises Refused for an expression that takes too long for this text.
        """
        self._work = 0
        ways: _Ways | None = self._ways({self._first})
        for at in range(start, len(text)):
            assert ways
            ways = self._after(ways, text[at])
            if ways is None:
                return at
        assert ways
        return None if ways.ends else len(text)

    def ends(self, text: str, start: int) -> list[int]:
        """Every offset at which a match that begins at `start` may end."""
        ways: _Ways | None = self._ways({self._first})
        found = []
        at = start
        while ways is not None:
            if ways.ends:
                found.append(at)
            if at == len(text):
                break
            ways = self._after(ways, text[at])
            at += 1
        return found

    def _after(self, ways: _Ways, char: str) -> _Ways | None:
        if char not in ways.follows:
            self._work += len(ways.takes)
            if self._work > WORK:
                raise Refused("a regular expression has too many ways through a text", hint=HINT)
            targets = {target for chars, target in ways.takes if char in chars}
            ways.follows[char] = self._ways(targets) if targets else None
        return ways.follows[char]

    def _ways(self, places: set[int]) -> _Ways:
        todo, seen = list(places), set(places)
        while todo:
            for free in self._free[todo.pop()]:
                if free not in seen:
                    seen.add(free)
                    todo.append(free)
        key = frozenset(place for place in seen if self._takes[place] or place == self._end)
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            takes = tuple(step for place in sorted(key) if (step := self._takes[place]))
            self._known[key] = _Ways(takes, self._end in key)
        return self._known[key]

    def _place(self) -> int:
        self._free.append([])
        self._takes.append(None)
        return len(self._free) - 1

    def _build(self, node: Node, then: int) -> int:
        """The place from which the node leads to `then`."""
        if isinstance(node, Chars):
            place = self._place()
            self._takes[place] = (node, then)
            return place
        if isinstance(node, Row):
            for part in reversed(node.parts):
                then = self._build(part, then)
            return then
        if isinstance(node, Either):
            place = self._place()
            self._free[place] = [self._build(way, then) for way in node.ways]
            return place
        return self._repeat(node, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            place = self._place()
            self._free[place] = [self._build(node.node, place), then]
        else:
            place = then
            for _ in range(node.most - node.least):
                more = self._place()
                self._free[more] = [self._build(node.node, place), then]
                place = more
        for _ in range(node.least):
            place = self._build(node.node, place)
        return place


@lru_cache(maxsize=64)
def automaton(node: Node) -> Automaton:
    """The automaton of an expression, made once."""
    return Automaton(node)
