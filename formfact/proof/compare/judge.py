"""Is an answer right, an abstention, or a confabulation? All arms are judged by the same rule."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

READ = 30
"""Words of an answer that are looked at: a right answer at the end of a page is none."""
ABSTAINS = re.compile(
    r"\bi\s+(?:do\s+not|don['’]?t|cannot|can['’]?t)\s+(?:know|say|tell|find|answer)\b|\bnot\s+in\s+(?:the|your)\s+documents\b"
    r"|\b(?:is|are|was)\s+not\s+(?:known|stated|mentioned|given|specified)\b|\bno\s+(?:answer|information)\b|^\W*unknown\b",
    re.IGNORECASE,
)
BETWEEN_DIGITS = re.compile(r"(?<=\d)[,\u2009\u00a0\u202f](?=\d{3}\b)")
WORDS = re.compile(r"\d+(?:[.:]\d+)*|[^\W\d_]+")
ARTICLES = frozenset(("a", "an", "the"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a right answer, an abstention and a confabulation an answer is one; an abstention is never right."""

    right: bool
    abstained: bool

    @property
    def confabulated(self) -> bool:
        """Whether something wrong was given as true."""
        return not (self.right or self.abstained)


def judge(said: str, gold: str, *, abstained: bool | None = None) -> Verdict:
    """The gold answer's words stand in a row within the first READ of the answer; an empty `gold` is in none.

    `abstained` is what the arm itself says of it; None reads it from the words.
    """
    gave_up = abstained if abstained is not None else gives_up(said)
    return Verdict(not gave_up and holds(said, gold), gave_up)


def gives_up(said: str) -> bool:
    """Whether an answer says that there is none."""
    return not words(said) or bool(ABSTAINS.search(" ".join(said.split()[:READ])))


def holds(said: str, gold: str) -> bool:
    """Whether the gold answer's words stand in a row among the first words of a text."""
    return contains(" ".join(said.split()[:READ]), gold)


def contains(text: str, part: str) -> bool:
    """Whether a part's words stand in a row in a text, wherever; an empty part stands in none."""
    wanted, given = words(part), words(text)
    return bool(wanted) and any(given[at : at + len(wanted)] == wanted for at in range(len(given)))


def words(text: str) -> list[str]:
    """A text as words for comparison: case, accents' forms, articles and separators of thousands do not count."""
    plain = BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return [word for word in WORDS.findall(plain) if word not in ARTICLES]
