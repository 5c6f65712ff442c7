"""Make search better on a base by what its own questions show, keep only what held-out questions confirm, and undo it.

Questions are made of passages as for the audit, or are the user's own. What is tried: the share of meaning in the
order, another one for questions with numbers or code symbols, how deep both legs look, and questions as search keys for
passages that are not found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np

from formfact.errors import Refused
from formfact.knowledge.setting import CARD, TUNING, UNFINISHED, Setting, as_card, is_keyed
from formfact.knowledge.stores import KEYS, Batch, Note, Store
from formfact.models import Embedder
from formfact.proof.audit.ask import ask
from formfact.proof.audit.gather import Held, draw, gather
from formfact.proof.audit.own import Wanted
from formfact.proof.makers import RULES, Maker
from formfact.proof.paired import Paired
from formfact.proof.tune import asked
from formfact.proof.tune.choose import FEWEST, beyond_chance, choose
from formfact.proof.tune.counts import counts
from formfact.proof.tune.keys import set_keys, try_keys
from formfact.proof.tune.trials import Trial, table
from formfact.proof.tunings import Change, Tuning
from formfact.types import Advance

SAMPLE = 1500
"""Passages that are asked for unless another number is given: fewer seldom show anything."""
OWN = 100
"""The user's own questions, from so many on, judge alone."""
WEIGHTS = tuple(round(at / 20, 2) for at in range(21))
DEPTHS = (100, 200, 400)

Report = Callable[[Advance], None]


def tune(
    store: Store,
    embedder: Embedder,
    *,
    maker: Maker = RULES,
    own: Sequence[Wanted] = (),
    sample: int | None = SAMPLE,
    seed: int = 0,
    progress: Report | None = None,
) -> Tuning:
    """Try what can be tuned, keep what held-out questions confirm, and write both on the base's card.

    It begins from the default: what was tuned before is taken back first.

    `sample` passages are asked for (None: all), drawn with `seed`. Raises Refused for a base without passages and
    ReadOnly for one that may not be written.
    """
    with store.snapshot() as view:
        held = gather(view)
    if not held:
        raise Refused("the knowledge base holds no passages", hint="add documents first: formfact add PATH")
    chosen = draw(held, sample, seed)
    undo(store)  # what an earlier run found is found again, and its card would speak of another beginning
    return _Run(store, embedder, maker, held, progress).run(own, chosen)


def undo(store: Store) -> bool:
    """Take back all that was tuned: search is as it was. False where nothing was."""
    with store.snapshot() as view:
        keys = view.notes(KEYS)
        done = bool(keys or view.card(TUNING) or view.card(CARD))
    if done:
        notes = tuple(Note(KEYS, digest, None) for digest in keys)
        store.commit(Batch(cards={CARD: None, TUNING: None}, notes=notes))
    return done


def remembered(store: Store) -> Tuning | None:
    """What was tuned last, from the base's card. Raises Refused where that run was cut off while it tried keys."""
    with store.snapshot() as view:
        card = view.card(TUNING)
    if card is None:
        return None
    if card == UNFINISHED:
        raise Refused("a tuning was cut off, and what it tried is still there", hint="formfact tune --undo")
    changes = tuple(Change(**{**one, "interval": tuple(one["interval"])}) for one in card["changes"])
    return Tuning(**{**card, "changes": changes})


@contextmanager
def _unfinished(store: Store) -> Iterator[None]:
    """Keys are tried in the base itself: of a run that is killed meanwhile, its card tells."""
    store.commit(Batch(cards={TUNING: UNFINISHED}))
    try:
        yield
    finally:
        store.commit(Batch(cards={TUNING: None}))


class _Run:
    def __init__(
        self, store: Store, embedder: Embedder, maker: Maker, held: Sequence[Held], progress: Report | None
    ) -> None:
        self.store, self.embedder, self.maker, self.held, self.progress = store, embedder, maker, held, progress
        self.started = time.monotonic()
        self.setting = Setting()
        self.bench = asked.Bench(embedder, self.held)
        self.changes: list[Change] = []

    def run(self, own: Sequence[Wanted], chosen: Sequence[Held]) -> Tuning:
        answers = ask(self.store, self.embedder, self.maker, chosen, held=self.held, progress=self.progress)
        made, theirs = asked.made(chosen, answers.asked), asked.own(own, self.held)
        of_made, of_theirs = self._put(made), self._put(theirs)
        trials = of_theirs if len(theirs) >= OWN else [*of_made, *of_theirs]
        before = _mean(trials, self.setting)
        self._choose("weight of meaning", trials, [replace(self.setting, weight=weight) for weight in WEIGHTS], _weight)
        keyed = [one for one in trials if is_keyed(one.question)]
        self._choose("weight where it has numbers or symbols", keyed, _keyed_settings(self.setting), _keyed)
        self._choose("candidates a leg", trials, [replace(self.setting, depth=depth) for depth in DEPTHS], _depth)
        after = _mean(trials, self.setting)
        with _unfinished(self.store):
            self._keys(made, of_made)
        done = Tuning(
            passages=len(self.held),
            asked=len(chosen),
            made=len(made),
            own=len(theirs),
            maker=self.maker.name,
            changes=tuple(self.changes),
            before=before,
            after=after,
            tuned=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self.started, 3),
        )
        self.store.commit(Batch(cards={CARD: as_card(self.setting), TUNING: asdict(done)}))
        return done

    def _put(self, questions: Sequence[asked.Question]) -> list[Trial]:
        started, found = time.monotonic(), []
        for one in self.bench.put(self.store, questions):
            found.append(one)
            if self.progress:
                self.progress(Advance("questions", len(found), len(questions), time.monotonic() - started))
        return found

    def _choose(
        self, name: str, trials: Sequence[Trial], settings: Sequence[Setting], shown: Callable[[Setting], str]
    ) -> None:
        """Try settings in a row, and take the best one where it is better beyond chance."""
        standing, groups = self.setting, len({one.group for one in trials})
        judges = _judges(trials)
        if groups < FEWEST:
            why = f"there are questions of {groups} parts of documents; fewer than {FEWEST} show nothing"
            self.changes.append(_untried(name, shown(standing), judges, why))
            return
        choice = choose(trials, counts(trials), settings, standing)
        moves = choice.kept and choice.best != standing
        why = STANDS if choice.best == standing else KEPT if moves else CHANCE
        if moves:
            self.setting = choice.best
        self._tested(name, shown(standing), shown(choice.best), choice.held_out, len(trials), judges, why)

    def _keys(self, made: Sequence[asked.Question], trials: Sequence[Trial]) -> None:
        """Give lost passages their questions as keys where that is better beyond chance."""
        name = "search keys"
        tried = try_keys(self.store, self.bench, made, trials, self.setting)
        if tried is None:
            self.changes.append(_untried(name, "none", "made", "no passage is lost"))
            return
        kept = beyond_chance(tried.held_out)
        if kept:
            set_keys(self.store, tried.keys)
        after = f"for {len(tried.keys):,} lost passage{'s' * (len(tried.keys) != 1)}"
        self._tested(name, "none", after, tried.held_out, tried.questions, "made", KEPT if kept else CHANCE)

    def _tested(
        self, name: str, before: str, after: str, held_out: Paired, questions: int, judges: str, why: str
    ) -> None:
        self.changes.append(
            Change(
                name=name,
                before=before,
                after=after,
                kept=why == KEPT,
                judges=judges,
                questions=questions,
                gain=held_out.gain,
                interval=held_out.interval,
                chance=held_out.chance,
                why=why,
            )
        )


KEPT = "held-out questions gain more than by chance"
CHANCE = "what held-out questions gain may be chance"
STANDS = "it is the best already"


def _untried(name: str, before: str, judges: str, why: str) -> Change:
    return Change(name, before, before, False, judges, 0, 0.0, (0.0, 0.0), 1.0, why)


def _weight(setting: Setting) -> str:
    return f"{setting.weight:g}"


def _keyed_settings(standing: Setting) -> list[Setting]:
    """Every share for keyed questions; the one that stands is that of all questions."""
    return [replace(standing, keyed=None if weight == standing.weight else weight) for weight in WEIGHTS]


def _keyed(setting: Setting) -> str:
    return f"{setting.share(keyed=True):g}"


def _depth(setting: Setting) -> str:
    return f"{setting.depth}"


def _judges(trials: Sequence[Trial]) -> str:
    own = sum(one.own for one in trials)
    return "made" if not own else "own" if own == len(trials) else "made and own"


def _mean(trials: Sequence[Trial], setting: Setting) -> float:
    """The mean gain as the questions count."""
    if not trials:
        return 0.0
    return float(np.average(table(trials, [setting])[:, 0], weights=counts(trials)))
