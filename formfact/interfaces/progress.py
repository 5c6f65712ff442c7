"""How far `add` has come, on standard error: one line kept up to date on a terminal, plain lines elsewhere.

With `--progress json` each look is a line of JSON, for programs that watch: `{"progress": {...}}`.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import asdict
from typing import Any, TextIO

from formfact.interfaces.as_json import as_json
from formfact.types import Advance, Progress

BAR = 24
EVERY_ON_TERMINAL = 0.1
EVERY_ELSEWHERE = 5.0
EVERY_AS_JSON = 0.2


class Meter:
    """Called with each Progress; writes no more often than a reader can follow, and nothing for a quick run."""

    def __init__(self, stream: TextIO, *, quiet: bool = False, as_json: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._as_json = as_json
        self._terminal = stream.isatty() and not as_json
        self._last = time.monotonic()
        self._drawn = False

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._quiet:
            return
        if self._as_json:
            if progress.done or now - self._last >= EVERY_AS_JSON:
                self._last = now
                self._look(asdict(progress))
        elif progress.done:
            self.clear()
        elif now - self._last >= (EVERY_ON_TERMINAL if self._terminal else EVERY_ELSEWHERE):
            self._last = now
            self._write(line(progress, bar=self._terminal))

    def note(self, text: str) -> None:
        """Show a line on a terminal until `clear`; elsewhere nobody waits for it."""
        if self._terminal and not self._quiet:
            self._write(text)

    def _look(self, value: dict[str, Any]) -> None:
        self._write(as_json({"progress": value}, ascii_only=True))

    def _write(self, text: str) -> None:
        if self._terminal:
            width = self._width()
            self._stream.write("\r" + text[:width].ljust(width))
            self._drawn = True
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def _width(self) -> int:
        """A column less than the terminal has: a full line would begin the next."""
        try:
            size = os.get_terminal_size(self._stream.fileno())  # standard output may be a file
        except (OSError, ValueError):
            size = os.terminal_size((80, 24))
        return shutil.get_terminal_size(size).columns - 1

    def clear(self) -> None:
        """Take the line away again."""
        if self._drawn:
            self._stream.write("\r" + " " * self._width() + "\r")
            self._stream.flush()
            self._drawn = False


class AdvanceMeter(Meter):
    """Called with each Advance."""

    def advance(self, at: Advance) -> None:
        """Show how far it has come, no more often than a reader can follow."""
        now = time.monotonic()
        if self._as_json and not self._quiet:
            if at.finished or now - self._last >= EVERY_AS_JSON:
                self._last = now
                self._look(asdict(at))
        elif at.finished:
            self.clear()
        elif not self._quiet and now - self._last >= (EVERY_ON_TERMINAL if self._terminal else EVERY_ELSEWHERE):
            self._last = now
            self._write(advance_line(at, bar=self._terminal))


def advance_line(at: Advance, *, bar: bool) -> str:
    """Done and to do, how many a second, and the time left, in one line."""
    share = at.done / at.total if at.total else 0.0
    speed = at.done / at.seconds if at.seconds > 0 else 0.0
    text = f"{at.done:,}/{at.total:,} {at.what}  {speed:,.0f}/s"
    if share > 0.02 and at.seconds > 1:
        text += f"  {clock(at.seconds * (1 - share) / share)} left"
    return f"{_bar(share)} {text}" if bar else text


def _bar(share: float) -> str:
    filled = round(BAR * share)
    return f"[{'#' * filled}{'.' * (BAR - filled)}]"


def line(progress: Progress, *, bar: bool) -> str:
    """Files, passages a second, the time left and the file at hand, in one line."""
    share = progress.files / progress.files_total if progress.files_total else 0.0
    if progress.share is not None:
        share = progress.share
    speed = progress.passages / progress.seconds if progress.seconds > 0 else 0.0
    text = f"{progress.files:,}/{progress.files_total:,} files  {progress.passages:,} passages  {speed:,.0f}/s"
    # The first files say little about the rest.
    if share > 0.02 and progress.seconds > 1:
        text += f"  {clock(progress.seconds * (1 - share) / share)} left"
    if progress.file:
        text += f"  {progress.file.rpartition('/')[2]}"
    return f"{_bar(share)} {text}" if bar else text


def clock(seconds: float) -> str:
    """Minutes and seconds, hours before them where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
