"""What an audit finds: the nouns that it hands to the faces. Offsets and scores are counted as in `formfact.types`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: `text[start:end]` of a document."""

    document: str
    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A share from 0 to 1 with its 95 % interval; `passages` is how many distinct ones it was measured on."""

    rate: float
    interval: tuple[float, float]
    passages: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a passage answers, and where search found it.

    `rank` counts from 1 and is that of the passage, or of another one that holds `evidence` verbatim; None where
    neither is among the best 20. `overlap` is the share of the question's terms that the passage has (0 to 1).
    `lead` is by how much the passage leads the others (see `formfact.proof.audit.expected`), one for each cut.
    """

    question: str
    evidence: str
    overlap: float
    rank: int | None
    lead: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Audited:
    """A passage with the questions that it was asked for; none where no question could be made of it.

    `drawn` is false where a sample left it out.
    """

    place: Place
    format: str
    headings: tuple[str, ...]
    page: int | None
    text: str
    asked: tuple[Asked, ...]
    drawn: bool = True

    @property
    def rank(self) -> int | None:
        """The best of its questions' ranks."""
        return min((one.rank for one in self.asked if one.rank is not None), default=None)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the base, and the share of its passages' questions that find them among the best 1, 5, 10, 20."""

    name: str
    passages: int
    findability: Mapping[int, Rate]


@dataclass(frozen=True, slots=True)
class Lost:
    """A passage that none of its questions brings among the best 10.

    `reason` is a short fixed name, `why` a sentence, `help` what would bring it back. `question` is the one that came
    nearest, `rank` its rank (None beyond 20), `above` the documents of what stood first in its place.
    """

    place: Place
    headings: tuple[str, ...]
    page: int | None
    text: str
    reason: str
    why: str
    help: str
    question: str
    rank: int | None
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """Passages that say nearly the same. `likeness` is the least share of word runs that one has with the first."""

    places: tuple[Place, ...]
    likeness: float


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or row, verbatim, and the number or date in it that another document gives otherwise."""

    place: Place
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two documents that give different numbers or dates for what reads like the same thing.

    `about` are the words that both statements share, `likeness` how much of them is shared (0 to 1).
    """

    about: str
    one: Statement
    other: Statement
    likeness: float


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question of the user's, and where search found what it wants.

    `place` is a passage of the document that holds the answer (None: the base has none), `rank` that of the first
    such passage among the best 20, `overlap` as for Asked.
    """

    question: str
    document: str
    answer: str
    place: Place | None
    rank: int | None
    overlap: float


@dataclass(frozen=True, slots=True)
class Own:
    """The user's own questions: `asked` were judged, `unjudged` name neither document nor answer.

    `findability` is over those whose passage the base holds.
    """

    asked: int
    unjudged: int
    findability: Mapping[int, Rate]
    questions: tuple[OwnQuestion, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """How well a knowledge base finds its own passages again.

    `passages` are all of the base, `asked` those that were asked for (`sampled`: not all, and the rates stand for the
    others too), `kept` those of them whose answer was known from an earlier audit. A rate is the mean over passages of
    the share of their questions that find them; its interval treats a passage's questions as one observation.
    `expected` is what people's questions would find, by how clearly made ones find (`Asked.lead`). `by` holds slices by
    `folder`, `document`, `format` and `overlap`. `silent` are passages of which no question could be made; they are
    among the `lost`. `twins` and `clashes` are looked for in the whole base.
    """

    passages: int
    asked: int
    kept: int
    questions: int
    sampled: bool
    maker: str
    embedder: str
    findability: Mapping[int, Rate]
    expected: Mapping[int, float]
    by: Mapping[str, tuple[Slice, ...]]
    lost: tuple[Lost, ...]
    silent: int
    twins: tuple[Twins, ...]
    clashes: tuple[Clash, ...]
    own: Own | None
    audited: tuple[Audited, ...]
    seconds: float
