"""Make a base's confidence a probability, by questions that it answers and questions that it does not, and undo it.

Questions are made of passages as for the audit, or are the user's own. Each is asked as it is, and again with its
document left out of the search; foreign ones are shipped. One half of the documents fits, the other half judges.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from formfact.errors import Refused
from formfact.knowledge.abstain import CARD, SHIPPED, Scale
from formfact.knowledge.stores import Batch, Store
from formfact.models import Embedder
from formfact.proof.audit.gather import draw, gather
from formfact.proof.audit.own import Wanted
from formfact.proof.calibrate import asked
from formfact.proof.calibrate.judge import judge
from formfact.proof.calibrate.put import put
from formfact.proof.makers import RULES, Maker
from formfact.types import Advance, Bin, Calibration

SAMPLE = 300
"""Passages that are asked for unless another number is given: each costs two questions."""
OWN = 100
"""The user's own questions, from so many on, are asked alone."""
ERROR = 0.05

Report = Callable[[Advance], None]


def calibrate(
    store: Store,
    embedder: Embedder,
    *,
    maker: Maker = RULES,
    own: Sequence[Wanted] = (),
    sample: int | None = SAMPLE,
    seed: int = 0,
    error: float = ERROR,
    progress: Report | None = None,
) -> Calibration:
    """Ask, fit, judge, and write what is kept on the base's card; `ask` uses it from the next question on.

    `sample` passages are asked for (None: all), drawn with `seed`; `error` is the share of answerable questions that
    may get no answer. Raises Refused for a base without passages and for an error outside 0 to one half, ReadOnly.
    """
    started = time.monotonic()
    if not 0 < error <= 0.5:
        raise Refused(f"an error of {error:g} is none", hint="give a share above 0 and at most 0.5: --error 0.05")
    with store.snapshot() as view:
        held = gather(view)
        strange = asked.foreign(view)
    if not held:
        raise Refused("the knowledge base holds no passages", hint="add documents first: formfact add PATH")
    parts = asked.Parts(held)
    theirs = list(asked.own(own, held, parts))
    made = [] if len(theirs) >= OWN else list(asked.made(store, maker, draw(held, sample, seed), parts))
    known = [*made, *theirs]
    questions = [*known, *strange[: len(known) // 2]]

    def told(done: int) -> None:
        if progress:
            progress(Advance("questions", done, len(questions), time.monotonic() - started))

    found = put(store, embedder, questions, parts, told=told)
    told(len(questions))
    done = replace(
        judge(found, error),
        passages=len(held),
        maker=maker.name,
        calibrated=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - started, 3),
    )
    store.commit(Batch(cards={CARD: {**asdict(done), "scale": asdict(scale(done))}}))
    return done


def scale(done: Calibration) -> Scale:
    """What the base's confidence is from now on."""
    return Scale(done.slope, done.shift, done.names, done.threshold) if done.kept else SHIPPED


def undo(store: Store) -> bool:
    """Take back the calibration: the confidence is as shipped. False where there was none."""
    with store.snapshot() as view:
        done = view.card(CARD) is not None
    if done:
        store.commit(Batch(cards={CARD: None}))
    return done


def remembered(store: Store) -> Calibration | None:
    """The last calibration, from the base's card."""
    with store.snapshot() as view:
        card = view.card(CARD)
    if card is None:
        return None
    drawn = {name: tuple(Bin(**one) for one in card[name]) for name in ("bins_before", "bins_after")}
    told = {name: value for name, value in card.items() if name != "scale"}
    return Calibration(**{**told, **drawn, "interval": tuple(card["interval"])})
