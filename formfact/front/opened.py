"""Writers, readers and patterns by name, each opened once, and what an embedder read last: all that takes seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from formfact import plugins
from formfact.knowledge.stores import Store
from formfact.models import Embedder, Reader, Writer, open_reader
from formfact.models.recent import Recent

if TYPE_CHECKING:
    from formfact.front.pattern import Pattern

LATER = {"pattern": "formfact.front.pattern:Pattern", "writer": "formfact.front.writers:open_writer"}
"""Imported when first asked for: whoever names neither starts the sooner."""


class Opened:
    """What was opened so far. Safe to use from several threads."""

    def __init__(self) -> None:
        self._writers: dict[str, Writer] = {}
        self._readers: dict[str, Reader] = {}
        self._patterns: dict[tuple[str, str], Pattern] = {}
        self._recent: tuple[Embedder, Recent] | None = None
        self._mutex = threading.Lock()

    def opened(self, base: Callable[[], tuple[Store, Embedder]]) -> tuple[Store, Embedder]:
        """An open base with an embedder that remembers what it read last, for as long as it is the same one."""
        store, embedder = base()
        with self._mutex:
            if self._recent is None or self._recent[0] is not embedder:
                self._recent = embedder, Recent(embedder)
            return store, self._recent[1]

    def writer(self, writer: str | Writer) -> Writer:
        """A Writer by its address; one that is open already is taken as it is."""
        if not isinstance(writer, str):
            return writer
        with self._mutex:
            if writer not in self._writers:
                self._writers[writer] = plugins.load(LATER, "writer", what="part")(writer)
            return self._writers[writer]

    def reader(self, reader: str | Reader | None) -> Reader | None:
        """A Reader by its address; one that is open already is taken as it is, and none as none."""
        if not isinstance(reader, str):
            return reader
        with self._mutex:
            if reader not in self._readers:
                self._readers[reader] = open_reader(reader)
            return self._readers[reader]

    def pattern(self, pattern: str | Path | Pattern, writer: str | Writer | None = None) -> Pattern:
        """A pattern by name or folder, written by this Writer where one is given."""
        if not isinstance(pattern, str | Path):
            return pattern
        make: type[Pattern] = plugins.load(LATER, "pattern", what="part")
        if writer is not None and not isinstance(writer, str):
            return make(pattern, writer=writer)
        with self._mutex:
            key = (str(pattern), writer or "")
            if key not in self._patterns:
                self._patterns[key] = make(pattern, writer=writer)
            return self._patterns[key]
