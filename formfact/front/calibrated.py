"""The verbs by which a `Knowledge` makes its confidence a probability: calibrate, what it came to, and its undoing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from formfact import plugins
from formfact.knowledge.stores import Store
from formfact.models import Embedder
from formfact.types import Advance, Calibration

if TYPE_CHECKING:
    from formfact.proof.makers import Maker

LATER = {
    "calibrate": "formfact.front.calibrations:calibrate",
    "calibration": "formfact.front.calibrations:remembered",
    "undo": "formfact.front.calibrations:undo",
}
"""Imported when first asked for: every other command starts the sooner."""


class Calibrated:
    """What of `Knowledge` has to do with its confidence."""

    @abstractmethod
    def _open(self, *, create: bool = False) -> tuple[Store, Embedder]: ...

    @abstractmethod
    def _open_store(self) -> Store: ...

    def calibrate(
        self,
        maker: str | Maker = "rules",
        *,
        error: float = 0.05,
        questions: str | Path | None = None,
        sample: int | None = None,
        seed: int = 0,
        progress: Callable[[Advance], None] | None = None,
    ) -> Calibration:
        """Make the confidence of this base's answers a probability, where held-out questions confirm that it is one.

        Questions that the base answers are made and read as for `audit`, asked as they are and again with their
        document left out; foreign ones are shipped. A line of `questions` with `"answerable": false` is one that no
        document answers. `sample` passages are asked for (None: at most 300). At most `error` of answerable questions
        shall get no answer. `undo_calibration` takes it back. Raises Refused for a base without passages, ReadOnly,
        and as `open_maker`.
        """
        run = plugins.load(LATER, "calibrate", what="verb")
        done: Calibration = run(
            *self._open(), maker=maker, questions=questions, sample=sample, seed=seed, error=error, progress=progress
        )
        return done

    def calibration(self) -> Calibration | None:
        """What `calibrate` last found; None where the confidence is as shipped. Needs no embedder."""
        found: Calibration | None = plugins.load(LATER, "calibration", what="verb")(self._open_store())
        return found

    def undo_calibration(self) -> bool:
        """Take back what `calibrate` did: the confidence is as shipped. False where nothing was calibrated."""
        undone: bool = plugins.load(LATER, "undo", what="verb")(self._open_store())
        return undone
