"""People ask out of a wider context than the passage that answers: a made question with words from around its evidence.

A question that is made of a passage's own words flatters search, the more the shorter passages are cut. So each is
asked once more together with words that the document says near its evidence and the passage does not have.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from formfact.knowledge.abstain import stop_terms
from formfact.knowledge.words import terms
from formfact.proof.audit.gather import Held
from formfact.proof.makers.topics import COMMON
from formfact.proof.questions import Question

WINDOW = 180
"""Words of the document, around the evidence, that others are drawn from."""
BROUGHT = 8
"""Words that are brought into a question, where there are so many: see bench/audit.py."""
WORD = re.compile(r"[^\W\d_][\w’'-]{2,}")


class Around:
    """All passages of a base in the order of their documents."""

    def __init__(self, held: Sequence[Held]) -> None:
        self._documents: Mapping[tuple[str, str], list[Held]] = defaultdict(list)
        self._at: dict[int, int] = {}
        for one in held:
            members = self._documents[one.place.source, one.place.document]
            self._at[one.id] = len(members)
            members.append(one)

    def widened(self, one: Held, made: Sequence[Question], *, brought: int = BROUGHT) -> list[str]:
        """The passage's questions with words from around them; the same base always gives the same."""
        own = set(terms(one.read))
        drawn = random.Random(one.digest)
        found = []
        for question in made:
            near = self.near(one, question.evidence)
            words = [word for term, word in content(near) if term not in own]
            found.append(" ".join([question.text, *drawn.sample(words, min(brought, len(words)))]))
        return found

    def near(self, one: Held, evidence: str) -> str:
        """WINDOW words of the document with the evidence in their middle; the passage's own words are left out."""
        text = one.passage.text
        at = max(text.find(evidence), 0)
        middle = at + len(evidence) // 2
        before = self._beside(one, -1, WINDOW // 2 - len(text[:middle].split()))
        after = self._beside(one, 1, WINDOW // 2 - len(text[middle:].split()))
        return " ".join([*before[::-1], *after])

    def _beside(self, one: Held, step: int, count: int) -> list[str]:
        """So many words of the document's passages before (step -1, nearest first) or behind it."""
        members, at = self._documents[one.place.source, one.place.document], self._at[one.id] + step
        found: list[str] = []
        while len(found) < count and 0 <= at < len(members):
            found += members[at].passage.text.split()[::step]
            at += step
        return found[: max(count, 0)]


def content(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text that name something, each once, behind their term."""
    known = set(stop_terms())
    for word in WORD.findall(text):
        term = next(iter(terms(word)), "")
        if term and term not in known and word.lower() not in COMMON:
            known.add(term)
            yield term, word
