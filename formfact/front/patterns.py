"""Patterns by name, for faces that others call: names are looked up, and a model is opened once for all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from formfact.errors import NotFound
from formfact.front.pattern import Pattern
from formfact.patterns.contract import FILES, load_contract
from formfact.patterns.shelf import CATALOGUE, names
from formfact.patterns.write import Drafter, Input
from formfact.types import Writing

OPEN = 2
"""Models kept open: each takes half a gigabyte or more."""


class Patterns:
    """The catalogue's patterns, and the tuned ones in a folder, which go before those of the same name.

    `base` is the local model of patterns that are not tuned; `opens` says what writes for a pattern, where that is
    not a model in this process. Safe to use from several threads: one writes at a time.
    """

    def __init__(
        self, folder: Path | None = None, *, base: str | None = None, opens: Callable[[Pattern], Drafter] = Pattern.open
    ) -> None:
        self.folder, self.base, self._opens = folder, base, opens
        self._open: OrderedDict[tuple[str, float], Drafter] = OrderedDict()
        self._writing = threading.Lock()

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._places())

    def describes(self, name: str) -> str:
        """What a pattern is for, in a sentence. Raises NotFound."""
        return load_contract(self._place(name)).describes

    def pattern(self, name: str) -> Pattern:
        """The pattern of this name, with a model of its own as soon as it writes. Raises NotFound."""
        found = Pattern(self._place(name))
        return found if found.tuned else Pattern(found.folder, base=self.base)

    def write_all(
        self, name: str, inputs: Sequence[Input], *, limit: int | None = None, shaped: Mapping[str, Any] | None = None
    ) -> list[Writing]:
        """One text an input, under the mask; JSON of the schema `shaped` instead of the pattern's own form.

        Raises what `Pattern.write_all` does.
        """
        if not shaped:
            self.pattern(name).check_schemas(inputs)
        with self.ready(name) as pattern:
            return (pattern.shaped(shaped) if shaped else pattern).write_all(inputs, limit=limit)

    def count(self, name: str, text: str, *, schema: Mapping[str, Any] | None = None) -> int:
        """The tokens that the model reads for an input. Raises what `Pattern.count` does."""
        with self.ready(name) as pattern:
            return pattern.count(text, schema=schema)

    @contextmanager
    def ready(self, name: str) -> Iterator[Pattern]:
        """The pattern with a model that is open already, or is now; the model is its alone for as long as it lasts.

        Raises NotFound, MissingExtra, ModelError.
        """
        pattern = self.pattern(name)
        # All that were not tuned share their base; one that is tuned anew lies in a folder that is new.
        key = (str(pattern.folder), pattern.folder.stat().st_mtime) if pattern.tuned else ("", 0.0)
        with self._writing:
            if key not in self._open:
                self._open[key] = self._opens(pattern)
            self._open.move_to_end(key)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
            yield pattern.by(self._open[key])

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
