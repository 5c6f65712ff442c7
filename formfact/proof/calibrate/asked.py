"""The questions that calibrate: answerable ones, the same with their documents left out, and foreign ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from formfact.errors import ReadOnly
from formfact.knowledge.abstain import named
from formfact.knowledge.stores import Batch, Snapshot, Store
from formfact.knowledge.words import terms
from formfact.proof import questions
from formfact.proof.audit.ask import flat
from formfact.proof.audit.gather import Held, portions
from formfact.proof.audit.own import Wanted
from formfact.proof.calibrate.foreign import SUBJECTS
from formfact.proof.makers import Maker
from formfact.proof.overlap import overlap

WHOLE = 60
"""Documents of at most so many passages are left out whole, of longer ones the run that holds the answer."""
AT_ONCE = 256
FOREIGN, ASKED = "\0foreign ", "\0asked "
"""How the parts of questions begin that no part of the base answers."""
COPY = 0.8
"""The share of the evidence's words that another part may have before it answers too."""
MANY = 0.5
"""A subject is not foreign where the base has so large a share of its words."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `part` names what of the base answers it ("" for a foreign one), `evidence` verbatim.

    `overlap` is as in `formfact.proof.overlap`; `own` says that a user asked it, `absent` that nothing answers it.
    `target` is the passage that answers, where only that one is left out, and not its part.
    """

    text: str
    part: str
    evidence: str
    overlap: float
    own: bool = False
    absent: bool = False
    target: int | None = None


class Parts:
    """The base in parts: documents, or runs of passages of long ones. A part is left out, and held out, as a whole.

    A part's name begins with that of its content, in a line of its own: see `halves`.
    """

    def __init__(self, held: Sequence[Held]) -> None:
        self._of: dict[int, str] = {}
        self._gone: dict[str, dict[int, str]] = {}
        for at, some in enumerate(portions(held, whole=WHOLE)):
            part = f"{_content(some)}\n{at}"
            self._of |= {one.id: part for one in some}
            self._gone[part] = {one.id: one.read for one in some}
        self.passages = len(held)

    def of(self, held: Held) -> str:
        """The part that a passage is in."""
        return self._of[held.id]

    def gone(self, question: Question) -> Mapping[int, str]:
        """What is left out for a question, passages with their texts; nothing for one without a part."""
        there = self._gone.get(question.part, {})
        return there if question.target is None else {question.target: there[question.target]}

    def __len__(self) -> int:
        return len(self._gone)


def _content(held: Sequence[Held]) -> str:
    """A name of what passages say, wherever they stand."""
    return hashlib.sha256("".join(one.digest for one in held).encode()).hexdigest()


def made(store: Store, maker: Maker, chosen: Sequence[Held], parts: Parts) -> Iterator[Question]:
    """One question of each chosen passage that has any, always the same one; what is newly made is kept in the base.

    Of every other one only the passage is left out: its subject stays, as where people ask what a text nearly says.
    """
    with store.snapshot() as view:
        known = questions.kept(view, maker)
    for start in range(0, len(chosen), AT_ONCE):
        part = chosen[start : start + AT_ONCE]
        new = [one for one in part if one.digest not in known]
        fresh = dict(zip((one.digest for one in new), questions.ask(maker, [one.read for one in new]), strict=True))
        with suppress(ReadOnly):
            store.commit(Batch(notes=tuple(questions.note(digest, maker, made) for digest, made in fresh.items())))
        for at, one in enumerate(part):
            if found := fresh.get(one.digest) or known.get(one.digest, ()):
                drawn = found[int(one.digest[:8], 16) % len(found)]
                target = one.id if at % 2 else None
                yield Question(drawn.text, parts.of(one), flat(drawn.evidence), drawn.overlap, target=target)


def own(wanted: Sequence[Wanted], held: Sequence[Held], parts: Parts) -> Iterator[Question]:
    """The user's questions that the base answers, and those that the user says it does not."""
    for one in wanted:
        if one.absent:
            yield Question(one.question, f"{ASKED}{one.question}", "", 0.0, own=True, absent=True)
        elif one.judged and (target := one.among(held)):
            share, said = overlap(one.question, terms(target.read)), one.said_in(target.passage.text)
            yield Question(one.question, parts.of(target), flat(said), share, own=True)


def foreign(view: Snapshot) -> list[Question]:
    """Shipped questions of subjects that the base does not hold, by words of the subject that no question says.

    The first are of different subjects.
    """
    unheard = view.rarity(["\0"])[0] - 1e-6
    found: list[tuple[int, Question]] = []
    for subject, (words, asked) in SUBJECTS.items():
        known = [weight < unheard for weight in view.rarity(sorted(set(terms(words))))]
        if sum(known) < MANY * len(known):
            drawn = (Question(text, f"{FOREIGN}{subject}", "", 0.0, absent=True) for text in asked)
            found += enumerate(drawn)
    return [one for _, one in sorted(found, key=lambda one: one[0])]


def answers(question: Question, text: str) -> bool:
    """Whether a passage of another part holds the evidence all the same, or nearly all of its words: a copy does."""
    asked = set(named(question.evidence))
    if not asked:
        return False
    return question.evidence in flat(text) or len(asked.intersection(terms(text))) >= COPY * len(asked)


def is_foreign(part: str) -> bool:
    """Whether a question's part is a foreign subject."""
    return part.startswith(FOREIGN)


def halves(groups: Sequence[str]) -> dict[str, int]:
    """Each group's half, 0 or 1: of what they say, in the order of its hashes, every other one, foreign ones apart.

    A folder that was moved is halved as before, and copies are in one half.
    """
    said = {group: group if group.startswith("\0") else group.split("\n", 1)[0] for group in groups}
    ordered = sorted(set(said.values()), key=lambda one: (is_foreign(one), hashlib.sha256(one.encode()).digest()))
    half = {one: at % 2 for at, one in enumerate(ordered)}
    return {group: half[one] for group, one in said.items()}
