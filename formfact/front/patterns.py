"""Patterns by name, for faces that others call: names are looked up, and a model is opened once for all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from formfact.errors import NotFound
from formfact.front.pattern import Pattern
from formfact.patterns.contract import FILES, load_contract
from formfact.patterns.shelf import CATALOGUE, names
from formfact.patterns.write import Input
from formfact.types import Writing

OPEN = 2
"""Patterns kept open: each holds a model, which takes half a gigabyte or more."""


class Patterns:
    """The catalogue's patterns, and the tuned ones in a folder, which go before those of the same name.

    `base` is the local model of patterns that are not tuned. Safe to use from several threads: one writes at a time.
    """

    def __init__(self, folder: Path | None = None, *, base: str | None = None) -> None:
        self.folder, self._base = folder, base
        self._open: OrderedDict[tuple[str, float], Pattern] = OrderedDict()
        self._mutex = threading.Lock()
        self._writing = threading.Lock()

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._places())

    def describes(self, name: str) -> str:
        """What a pattern is for, in a sentence. Raises NotFound."""
        return load_contract(self._place(name)).describes

    def pattern(self, name: str) -> Pattern:
        """The pattern of this name; what it opened stays open for the next who asks. Raises NotFound."""
        folder = self._place(name)
        with self._mutex:
            key = (str(folder), folder.stat().st_mtime)  # trained anew: another folder of the same name
            if key not in self._open:
                found = Pattern(folder)
                self._open[key] = found if found.tuned else Pattern(folder, base=self._base)
            self._open.move_to_end(key)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
            return self._open[key]

    def write_all(self, name: str, inputs: Sequence[Input], *, limit: int | None = None) -> list[Writing]:
        """One text an input, under the mask. Raises what `Pattern.write_all` does."""
        pattern = self.pattern(name)
        with self._writing:
            return pattern.write_all(inputs, limit=limit)

    def _place(self, name: str) -> Path:
        places = self._places()
        if name not in places:
            raise NotFound(f"no pattern is called {name!r}", hint=f"there are: {', '.join(sorted(places))}")
        return places[name]

    def _places(self) -> dict[str, Path]:
        places = {name: CATALOGUE / name for name in names()}
        if self.folder is not None and self.folder.is_dir():
            for one in self.folder.iterdir():
                if not one.name.startswith(".") and any((one / file).is_file() for file in FILES):
                    places[one.name] = one.resolve()
        return places
