"""What `diagnose` looks at and hands over: what was seen of rows, documents and questions, and the advice.

These nouns are of `formfact.proof`; `front` makes what was seen, the faces show the diagnosis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from formfact.types import Verdict

Advice = Literal["search", "pattern", "both", "neither"]
About = Literal["interview", "rows", "documents", "questions"]
FACTS, FORM, STRAYS = 0.25, 0.7, 2
"""From which share of rows that teach facts these are a part of the file, up to which share rows that teach form are;
chosen on the half of the rows in bench/facts.py that the lint was fitted on. Fewer rows than STRAYS are no part.
"""


SCANNED = "scanned"
"""How the reason begins for which a picture of text cannot be read; those are told apart."""


@dataclass(frozen=True, slots=True)
class SeenRows:
    """A training file. `facts`, `mixed` and `form` are the numbers of the rows that teach facts, some of both, and
    form; `share` the estimated share of rows that teach facts.

    `shape` is the shape of the contract that all completions keep, `keeps` that contract in words; "" where they have
    nothing in common. `known` is a shipped pattern whose contract nearly all completions keep, `keep` how many of all
    keep it. `broken` are rows that could not be read.
    """

    file: str
    rows: int
    verdict: Verdict
    share: float
    facts: tuple[int, ...] = ()
    mixed: tuple[int, ...] = ()
    form: tuple[int, ...] = ()
    shape: str = ""
    keeps: str = ""
    known: str = ""
    keep: int = 0
    broken: tuple[int, ...] = ()

    @property
    def teaches_facts(self) -> bool:
        """Whether rows that teach facts are a part of the file, and no strays."""
        return self.share >= FACTS and len(self.facts) + len(self.mixed) >= min(STRAYS, self.rows) > 0

    @property
    def teaches_form(self) -> bool:
        """Whether rows that teach form are."""
        return self.share <= FORM and len(self.form) + len(self.mixed) >= min(STRAYS, self.rows) > 0


@dataclass(frozen=True, slots=True)
class SeenDocuments:
    """Documents at some paths. Of `files` so many were `looked` at, evenly spread; all other figures are of these.

    `characters` counts their text, `scanned` names files that are pictures of text, `reasons` counts why others could
    not be read, `languages` is the share of characters by the language that their commonest words are of ("" where
    none is plain).
    """

    paths: tuple[str, ...]
    files: int
    looked: int
    documents: int
    passages: int
    characters: int
    scanned: tuple[str, ...] = ()
    reasons: Mapping[str, int] | None = None
    languages: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class SeenQuestions:
    """Questions that were asked of the documents. `silent` are the numbers, from 1, of those not answered by quotes;
    of `judged` ones, which came with their answer, those of `missed` numbers did not have it inside a quote.
    """

    asked: int
    silent: tuple[int, ...] = ()
    judged: int = 0
    missed: tuple[int, ...] = ()

    @property
    def answered(self) -> int:
        """How many were answered by quotes."""
        return self.asked - len(self.silent)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was said or seen, and what it speaks for. `rows` are the rows or questions that it rests on."""

    about: About
    says: str
    speaks: Advice
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A command to run next, and what it does."""

    command: str
    why: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The advice. `evidence` is never empty; `steps` are the next two commands, none where the advice is neither;
    `instead` then says what to do. `cautions` are what may spoil the advice.
    """

    advice: Advice
    why: str
    evidence: tuple[Evidence, ...]
    steps: tuple[Step, ...] = ()
    instead: str = ""
    cautions: tuple[str, ...] = ()
