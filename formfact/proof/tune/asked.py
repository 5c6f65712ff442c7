"""The questions that tuning is judged by: those made of passages, and the user's own, each put to both legs once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.stores import Probe, Snapshot, Store
from formfact.models import Embedder
from formfact.proof.audit.ask import flat, probes_of
from formfact.proof.audit.gather import Held, portions
from formfact.proof.audit.own import Wanted
from formfact.proof.findings import Asked
from formfact.proof.tune.trials import Trial, trial

DEEPEST = 400
"""How deep each leg looks once, for all depths that are tried."""
AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Question:
    """A question to be tried: `wanted` is a user's, else `evidence` is what a passage must hold, or be `target`."""

    text: str
    target: Held
    evidence: str
    wanted: Wanted | None = None


def made(chosen: Sequence[Held], asked: Mapping[str, Sequence[Asked]]) -> list[Question]:
    """The made questions of the chosen passages, a passage's together."""
    return [Question(q.question, one, flat(q.evidence)) for one in chosen for q in asked.get(one.digest, ())]


def own(wanted: Sequence[Wanted], held: Sequence[Held]) -> list[Question]:
    """The user's questions that name a document or an answer which the base has."""
    judged = [one for one in wanted if one.judged]
    pairs = [(one, one.among(held)) for one in judged]
    return [Question(one.question, target, "", one) for one, target in pairs if target is not None]


class Bench:
    """Puts questions to a base: what is right for them is looked up among the passages it holds."""

    def __init__(self, embedder: Embedder, held: Sequence[Held]) -> None:
        self._embedder = embedder
        self._held = {one.id: one for one in held}
        self._flat = {one.id: flat(one.passage.text) for one in held}
        self._groups = groups(held)

    def put(self, store: Store, questions: Sequence[Question]) -> Iterator[Trial]:
        """The trials of questions, in their order."""
        for start in range(0, len(questions), AT_ONCE):
            part = questions[start : start + AT_ONCE]
            probes = probes_of(self._embedder, [one.text for one in part])
            with store.snapshot() as view:
                yield from (self._trial(view, one, probe) for one, probe in zip(part, probes, strict=True))

    def _trial(self, view: Snapshot, question: Question, probe: Probe) -> Trial:
        # A passage that came while this ran is nobody's answer.
        found = [c for c in view.retrieve(replace(probe, depth=DEEPEST)) if c.passage in self._held]
        right = [self._answers(question, candidate.passage) for candidate in found]
        target = question.target
        own_ = question.wanted is not None
        return trial(question.text, found, right, group=self._groups[target.id], place=target.digest, own=own_)

    def _answers(self, question: Question, passage: int) -> bool:
        held = self._held[passage]
        if question.wanted is not None:
            return question.wanted.fits(held.place.document, held.place.source, held.passage.text)
        same = held.digest == question.target.digest
        return same or bool(question.evidence and question.evidence in self._flat[passage])


def groups(held: Sequence[Held]) -> dict[int, str]:
    """For each passage the part of a document that it stands in, named by what the part says.

    A folder that was moved is halved as before, and copies of a document lie in one half.
    """
    named = (("\n".join(one.digest for one in run), run) for run in portions(held))
    return {one.id: name for name, run in named for one in run}
