"""A turn of a dialogue -> the question that it asks: what earlier turns lend it in meaning and words, and when not.

What is carried is small and kept up to date turn by turn: a decayed sum of the questions' vectors, and the words they
named. It says what the talk is about, so that "and on the old model?" finds its pump. A Writer's rewriting is better
and is tried first where there is one; this is what works without. bench/dialogue.py says what it is worth.

Not covered: what a pronoun refers to inside an answer, corrections ("no, the other one"), languages without spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from formfact.knowledge.abstain import stop_terms
from formfact.knowledge.words import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENT = 0.5
"""The weight of what came before beside the turn's own unit vector."""
FADES = 0.6
"""What is left of an earlier turn's vector and words after each further one."""
OWN = 2
"""How often the turn's own words are counted in BM25 for each of those that it is lent."""
WORDS_LENT = 8
WORDS_KEPT = 24
"""How many words a dialogue carries along; the faintest go first."""
APART = 0.15
"""A turn whose cosine to what came before is lower speaks of something else, if it does not point back."""
ENOUGH = 2
"""So many words of its own a turn must name to stand alone."""
BACK = frozenset(
    "it its itself they them their theirs this that these those he him his she her hers one ones there such same both"
    " either neither so then else other others another instead too also".split()
)
"""Words that point back at what was said."""
AWAY = re.compile(
    r"\b(?:by the way|another (?:question|topic|subject|thing)|different (?:question|topic|subject)|"
    r"(?:change|changing|switch|switching) (?:of |the )*(?:topic|subject)|on another note|new (?:question|topic))\b",
    re.IGNORECASE,
)
"""What people say when they leave a subject."""
ELLIPSIS = re.compile(r"^\W*(?:and|or|but|(?:and |or |but )?(?:what|how) about)\b", re.IGNORECASE)
VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|i|you|we)\b",
    re.IGNORECASE,
)
"""What opens like the rest of a question ("and the old model?") is one if nobody does anything in it."""
COURTESY = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|thanks?(?: you)?(?: (?:so|very) much)?|many thanks|got it|i see|great|good|perfect|hi|hello|"
    r"hey|bye|goodbye|cheers|cool|nice|understood|fine|sure|alright|good (?:morning|evening|day|to know))\b\W*)+$",
    re.IGNORECASE,
)
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What a dialogue carries: the decayed sum of its questions' unit vectors, shape (dimensions,), and its words.

    `words` maps a term to how it was written and how fresh it is, 0 to 1. An empty context is a dialogue's beginning.
    """

    vector: NDArray[np.float32] | None = None
    words: Mapping[str, tuple[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Understood:
    """A turn as search reads it: `words` for BM25 and a unit `vector` for meaning; `carried` are the words it was lent.

    `shifted`: it changes the subject, and was lent nothing.
    """

    words: str
    vector: NDArray[np.float32]
    carried: tuple[str, ...]
    shifted: bool


def is_courtesy(text: str) -> bool:
    """Whether a turn asks nothing: thanks, a greeting, an "ok"."""
    return bool(COURTESY.match(text))


def understand(text: str, vector: NDArray[np.float32], context: Context, *, rarity: Mapping[str, float]) -> Understood:
    """What a turn asks in its dialogue. `vector` is its own unit vector, `rarity` how rare each carried term is."""
    if context.vector is None:
        return Understood(text, vector, (), shifted=False)
    before = context.vector / max(float(np.linalg.norm(context.vector)), 1e-12)
    if shifts(text, float(before @ vector)):
        return Understood(text, vector, (), shifted=True)
    mixed = vector + LENT * context.vector
    carried = _lent(text, context, rarity)
    words = "\n".join([*[text] * OWN, " ".join(carried)]) if carried else text
    return Understood(words, (mixed / np.linalg.norm(mixed)).astype(np.float32), carried, shifted=False)


def shifts(text: str, cosine: float) -> bool:
    """Whether a turn leaves the subject, given its cosine to what came before."""
    said = {word.lower() for word in WORD.findall(text)}
    if len(_content(text)) < ENOUGH:
        return False
    if AWAY.search(text):
        return True
    if ELLIPSIS.match(text) and not VERB.search(text):
        return False
    return cosine < APART and not said & BACK


def follow(text: str, vector: NDArray[np.float32], context: Context, *, shifted: bool) -> Context:
    """The context after a turn; a change of subject begins a new one."""
    if shifted or context.vector is None:
        return Context(vector, {term: (word, 1.0) for term, word in _named(text).items()})
    words = {term: (word, fresh * FADES) for term, (word, fresh) in context.words.items()}
    words |= {term: (word, 1.0) for term, word in _named(text).items()}
    kept = sorted(words.items(), key=lambda one: -one[1][1])[:WORDS_KEPT]
    return Context(vector + FADES * context.vector, dict(kept))


def _lent(text: str, context: Context, rarity: Mapping[str, float]) -> tuple[str, ...]:
    own = set(terms(text))
    left = [(fresh * rarity.get(term, 0.0), word) for term, (word, fresh) in context.words.items() if term not in own]
    best = sorted(left, key=lambda one: -one[0])[:WORDS_LENT]
    return tuple(word for worth, word in best if worth > 0)


def _content(text: str) -> set[str]:
    """The terms that name something."""
    return set(terms(text)) - stop_terms()


def _named(text: str) -> dict[str, str]:
    """The terms that a text names, each as it is written there; how it leaves a subject names nothing."""
    text = AWAY.sub(" ", text)
    wanted = _content(text)
    found: dict[str, str] = {}
    for word in WORD.findall(text):
        for term in terms(word):
            if term in wanted:
                found.setdefault(term, word)
    return found


def replay(turns: Sequence[tuple[str, NDArray[np.float32]]]) -> Context:
    """The context of a dialogue that is opened again, from its questions and their vectors, oldest first."""
    context = Context()
    for text, vector in turns:
        if context.vector is None:
            shifted = False
        else:
            shifted = shifts(text, float(context.vector @ vector / max(float(np.linalg.norm(context.vector)), 1e-12)))
        context = follow(text, vector, context, shifted=shifted)
    return context
