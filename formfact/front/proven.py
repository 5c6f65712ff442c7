"""The verbs by which a `Knowledge` is measured and set by what was measured: audit, tune, calibrate, their undoing."""

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
    from formfact.proof.findings import Audit
    from formfact.proof.makers import Maker
    from formfact.proof.tunings import Tuning

LATER = {
    "audit": "formfact.front.audits:audit",
    "tune": "formfact.front.tunings:tune",
    "tuning": "formfact.front.tunings:remembered",
    "undo tuning": "formfact.front.tunings:undo",
    "calibrate": "formfact.front.calibrations:calibrate",
    "calibration": "formfact.front.calibrations:remembered",
    "undo calibration": "formfact.front.calibrations:undo",
}
"""Imported when first asked for: every other command starts the sooner."""


class Proven:
    """What of `Knowledge` measures it, and acts on what it found."""

    @abstractmethod
    def _open(self, *, create: bool = False) -> tuple[Store, Embedder]: ...

    @abstractmethod
    def _open_store(self) -> Store: ...

    def audit(
        self,
        maker: str | Maker = "rules",
        *,
        questions: str | Path | None = None,
        sample: int | None = None,
        seed: int = 0,
        fresh: bool = False,
        progress: Callable[[Advance], None] | None = None,
    ) -> Audit:
        """Which passages can search not find again, and why: questions made of each are asked, as a user would.

        `maker` (an address as in `formfact.front.makers.open_maker`, or a Maker) makes them; `questions` is a file of
        the user's own. `sample` asks for so many passages, drawn with `seed`. What is known from an earlier audit is
        not asked again unless `fresh` says so. Raises Refused for a base without passages, and as `open_maker`.
        """
        run = plugins.load(LATER, "audit", what="verb")
        found: Audit = run(
            *self._open(), maker=maker, questions=questions, sample=sample, seed=seed, fresh=fresh, progress=progress
        )
        return found

    def tune(
        self,
        maker: str | Maker = "rules",
        *,
        questions: str | Path | None = None,
        sample: int | None = None,
        seed: int = 0,
        progress: Callable[[Advance], None] | None = None,
    ) -> Tuning:
        """Set search as this base's own questions want it, and keep what held-out ones confirm.

        The questions are made and read as for `audit`; `sample` passages are asked for (None: at most 1,500).
        `undo_tuning` takes all of it back. Raises Refused for a base without passages, ReadOnly, and as `open_maker`.
        """
        run = plugins.load(LATER, "tune", what="verb")
        done: Tuning = run(*self._open(), maker=maker, questions=questions, sample=sample, seed=seed, progress=progress)
        return done

    def tuning(self) -> Tuning | None:
        """What `tune` last did and gained; None where the base is as it was made. Needs no embedder."""
        found: Tuning | None = plugins.load(LATER, "tuning", what="verb")(self._open_store())
        return found

    def undo_tuning(self) -> bool:
        """Take back all that `tune` did: searches give what they gave before. False where nothing was tuned."""
        undone: bool = plugins.load(LATER, "undo tuning", what="verb")(self._open_store())
        return undone

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
        undone: bool = plugins.load(LATER, "undo calibration", what="verb")(self._open_store())
        return undone
