"""What `compare` hands over: for each way of making a model know facts, what it answers and what a change costs.

These nouns are of `formfact.proof`; they cross to the faces.
"""

from __future__ import annotations

from dataclasses import dataclass

ARMS = {
    "base": "the base model, asked without documents",
    "documents": "fine-tuned on the documents",
    "answers": "fine-tuned on questions and answers",
    "search": "search, answered by quotes",
    "search+writer": "search, said by a model that reads the quotes",
    "search+pattern": "search, and a model fine-tuned on the form of an answer",
}
"""The ways that are compared, and what they are."""


@dataclass(frozen=True, slots=True)
class Altered:
    """A fact added, corrected or deleted: the seconds that it took, and whether a question confirms it afterwards."""

    seconds: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Arm:
    """One way. Shares are from 0 to 1, money is US dollars.

    `accuracy` is over `asked` answerable questions in wordings that nothing was trained on, `interval` its 95 %
    interval; `abstention` over the same. `confabulation` is the share of all questions, the unanswerable among them,
    that were met with something wrong given as true; `unanswerable_abstention` the share of those met with none.
    `recall` is the share of its own training wordings that a trained arm can recite, `known` that of well-known facts
    that it still knows. `kept` is its accuracy after the one fact was added. None where it does not apply.
    """

    name: str
    what: str
    asked: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    confabulation: float
    abstention: float
    unanswerable_abstention: float | None
    setup_seconds: float
    setup_tokens: int
    milliseconds: float
    cost_per_question: float
    add: Altered
    correct: Altered
    delete: Altered
    add_cost: float
    correct_cost: float
    delete_cost: float
    recall: float | None = None
    known: float | None = None
    kept: float | None = None
    rounds: int = 0

    @property
    def trained_on_facts(self) -> bool:
        return self.recall is not None

    @property
    def fitted(self) -> bool:
        """Whether a verdict may be drawn: an arm that did not learn its own wordings is a straw man."""
        return self.recall is None or self.recall >= FITTED


FITTED = 0.9


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars: of a processor core for an hour, of a million tokens trained on, and embedded; and of which day."""

    core_hour: float
    training: float
    embedding: float
    date: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All arms on one machine. `known_before` is the share of well-known facts that the base knows untaught.

    `notes` say what was left out or made up for, `corpus_tokens` counts the documents that were trained on.
    """

    arms: tuple[Arm, ...]
    facts: int
    unanswerable: int
    absent: int
    paraphrases: int
    quick: bool
    base: str
    hardware: str
    known_before: float | None
    documents: int
    passages: int
    corpus_tokens: int
    prices: Prices
    notes: tuple[str, ...]
    seconds: float

    def arm(self, name: str) -> Arm | None:
        return next((one for one in self.arms if one.name == name), None)

    @property
    def best_search(self) -> Arm | None:
        return max((one for one in self.arms if one.name in SEARCHING), key=lambda one: one.accuracy, default=None)

    @property
    def trained(self) -> tuple[Arm, ...]:
        """The arms that were taught the facts themselves."""
        return tuple(one for one in self.arms if one.trained_on_facts)


SEARCHING = ("search", "search+writer", "search+pattern")
