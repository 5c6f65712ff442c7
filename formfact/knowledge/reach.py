"""How far a run through files has come, by bytes: one large file among many small ones takes most of the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from formfact.knowledge.walk import File


class Reach:
    """What is behind, and how much of the file at hand."""

    def __init__(self) -> None:
        self.file = ""
        """The path of the file at hand."""
        self._all = self._behind = self._size = 0
        self._documents = 0
        self._part = 0.0

    def before(self, files: Sequence[File]) -> None:
        """These lie ahead."""
        self._all = sum(file.size for file in files)

    def begin(self, file: File) -> None:
        self.file, self._size = file.path, file.size
        self._documents, self._part = 0, 0.0

    def document(self, content: IO[bytes]) -> None:
        """One more document was read of the file: of many, the place in the file tells how much of it is done."""
        self._documents += 1
        if self._documents > 1 and self._size:
            self._part = min(content.tell() / self._size, 1.0)

    def embedded(self, share: float) -> None:
        """So much of a batch has its vectors; where the file is one document, the batch is mostly that."""
        if self._documents == 1:
            self._part = share

    def end(self) -> None:
        """The file is behind."""
        self._behind += self._size
        self.file, self._size = "", 0

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there is nothing to go by."""
        return min((self._behind + self._part * self._size) / self._all, 1.0) if self._all else None
