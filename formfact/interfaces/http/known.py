"""The patterns of a server: a contract is read anew only when something in its folder has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from formfact.front import Pattern
from formfact.front.patterns import Patterns
from formfact.interfaces.http.waiting import turn
from formfact.patterns.write import Drafter

Json = dict[str, Any]
Stamp = tuple[Path, frozenset[tuple[str, int, int]]]


class KnownPatterns(Patterns):
    """Patterns whose contracts are kept once they were read: to read those of the catalogue takes half a second, for
    the shortest text of each is looked for.

    Safe to use from several threads: at worst two read the same contract.
    """

    def __init__(self, folder: Path, *, base: str | None, opens: Callable[[Pattern], Drafter]) -> None:
        super().__init__(folder, base=base, opens=opens)
        self._line = threading.Lock()
        self._known: dict[str, tuple[Stamp, Pattern]] = {}
        self._told: dict[str, tuple[Stamp, Json]] = {}

    @contextmanager
    def ready(self, name: str) -> Iterator[Pattern]:
        # Who has left stands in no line: it would keep a thread for as long as the others write.
        with turn(self._line), super().ready(name) as held:
            yield held

    def describes(self, name: str) -> str:
        return self.pattern(name).contract.describes

    def pattern(self, name: str) -> Pattern:
        stamp = _stamp(self._place(name))
        known = self._known.get(name)
        if known is None or known[0] != stamp:
            known = self._known[name] = (stamp, super().pattern(name))
        return copy(known[1])  # each has a model of its own as soon as it writes

    def told(self, tell: Callable[[Pattern, str], Json]) -> list[Json]:
        """What there is to tell of all patterns, by name; always told by the same function."""
        found = []
        for name, place in sorted(self._places().items()):
            stamp, told = _stamp(place), self._told.get(name)
            if told is None or told[0] != stamp:
                told = self._told[name] = (stamp, tell(self.pattern(name), name))
            found.append(told[1])
        return found


def _stamp(folder: Path) -> Stamp:
    """A folder, and what lies in it: names, times of change in nanoseconds, sizes in bytes."""
    try:
        # A link that leads nowhere must not make all that lies beside it look unchanged.
        found = [(one.name, one.stat() if one.exists() else one.lstat()) for one in folder.iterdir()]
    except FileNotFoundError:  # it is being deleted: who reads it says so
        found = []
    return folder, frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)
