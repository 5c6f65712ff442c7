"""How a training stands, on standard error: one line kept up to date on a terminal, a line a look elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import TextIO

from formfact.interfaces.progress import Meter, clock
from formfact.types import TrainingStep

BAR = 10


class TrainingMeter(Meter):
    """Called with each TrainingStep."""

    def __init__(self, stream: TextIO, *, quiet: bool = False, as_json: bool = False) -> None:
        super().__init__(stream, quiet=quiet, as_json=as_json)
        self._conformance: float | None = None

    def step(self, at: TrainingStep) -> None:
        """Show a step: each on a terminal, elsewhere those at which conformance was measured."""
        if at.conformance is not None:
            self._conformance = at.conformance
        if self._quiet:
            return
        if self._as_json:
            self._look(asdict(at))
        elif self._terminal or at.conformance is not None or at.stage:
            self._write(line(at, self._conformance, bar=self._terminal))


def line(at: TrainingStep, conformance: float | None, *, bar: bool) -> str:
    """The stage; or steps, loss, conformance, tokens a second and the time left: in one line of 80 columns."""
    text = at.stage or _standing(at, conformance)
    filled = round(BAR * at.step / at.steps)
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {text}" if bar else f"{'' if at.stage else 'step '}{text}"


def _standing(at: TrainingStep, conformance: float | None) -> str:
    text = f"{at.step}/{at.steps}  loss {at.loss:.2f}"
    if conformance is not None:
        text += f"  conforming {conformance:.0%}"
    return f"{text}  {at.tokens_per_second:,.0f} tokens/s  {clock(at.left)} left"
