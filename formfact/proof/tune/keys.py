"""Questions as search keys: BM25 reads a lost passage's questions behind its text (doc2query; Nogueira et al. 2019).

What is the maker's phrasing and not the passage's matter ("what is said about …") is left out of a key: it would draw
every question that is put so. Whether keys help is asked with questions that are no keys: of each lost passage the last
one is kept back. Those of all other passages judge as well: a key may stand in another passage's way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formfact.knowledge.setting import Setting
from formfact.knowledge.stores import KEYS, Batch, Note, Store
from formfact.knowledge.words import terms
from formfact.proof.paired import Paired, paired
from formfact.proof.tune.asked import Bench, Question
from formfact.proof.tune.counts import counts
from formfact.proof.tune.trials import Trial, table

OFTEN, SHARE, TIMES = 10, 0.01, 3.0
"""A term is phrasing where it stands in so many questions and so large a share of them, and so many times oftener than
in the passages that they are made of."""

Keys = Mapping[str, Sequence[str]]
"""Texts by the hash of the passage that they find."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Keys of all lost passages, and what those of the trial did for the questions that were kept back."""

    keys: Keys
    held_out: Paired
    questions: int


def try_keys(
    store: Store, bench: Bench, questions: Sequence[Question], trials: Sequence[Trial], setting: Setting
) -> Tried | None:
    """Give lost passages keys, ask again, and take the keys back; None where no passage is lost.

    `trials` are those of `questions`, without keys.
    """
    gains = table(trials, [setting])[:, 0]
    of: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(questions):
        if one.wanted is None:
            of[one.target.digest].append(at)
    lost = [digest for digest, places in of.items() if not any(gains[at] for at in places)]
    if not lost:
        return None
    # Lost by those that become keys: whether the last one is found has no say in whether it is asked.
    tried = {d: places[:-1] for d, places in of.items() if len(places) > 1 and not any(gains[a] for a in places[:-1])}
    spent = {at for places in tried.values() for at in places}
    judging = [at for at in range(len(questions)) if at not in spent]
    stale = phrasing(questions)
    set_keys(store, {digest: [_key(questions[at], stale) for at in places] for digest, places in tried.items()})
    try:
        again = list(bench.put(store, [questions[at] for at in judging]))
    finally:
        set_keys(store, dict.fromkeys(tried, ()))
    before = [trials[at] for at in judging]
    gained = table(again, [setting])[:, 0] - gains[judging]
    held_out = paired(gained.tolist(), counts(before).tolist(), [one.group for one in before])
    return Tried({digest: [_key(questions[at], stale) for at in of[digest]] for digest in lost}, held_out, len(judging))


def phrasing(questions: Sequence[Question]) -> frozenset[str]:
    """The terms by which questions are put, and not what they are about."""
    asked = Counter(term for one in questions for term in set(terms(one.text)))
    passages = {one.target.digest: one.target for one in questions}.values()
    held = Counter(term for one in passages for term in set(terms(one.read)))
    return frozenset(
        term
        for term, count in asked.items()
        if count >= OFTEN
        and count >= SHARE * len(questions)
        and count * len(passages) > TIMES * held[term] * len(questions)
    )


def _key(question: Question, stale: frozenset[str]) -> str:
    return " ".join(word for word in question.text.split() if not set(terms(word)) <= stale)


def set_keys(store: Store, keys: Keys) -> None:
    """Give passages these keys in place of those they have; none where the list is empty."""
    store.commit(Batch(notes=tuple(Note(KEYS, digest, list(texts) or None) for digest, texts in keys.items())))
