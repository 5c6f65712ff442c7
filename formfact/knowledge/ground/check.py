"""A Writer's sentences, one after the other -> those that may be shown, with what they rest on and what is flagged."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from formfact.knowledge.ground.cite import Cited, cite
from formfact.knowledge.ground.claims import Evidence, unheld
from formfact.knowledge.ground.code import unknown
from formfact.knowledge.ground.fence import NO_ANSWER, disarmed, seen
from formfact.types import Claim, Flag, FlagKind, Quote

EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|^#{1,6}\s+")
WHOLLY = 0.8
"""The share of a sentence's terms that a quote must hold where the sentence does not cite it."""
LONGEST = 1000
"""Characters of a sentence; a longer one is none."""
NEVER: tuple[FlagKind, ...] = ("markup",)
"""What is not let through even where strictness is off."""

Holds = Callable[[Quote], bool]
"""Whether a quote still stands in its stored document, letter by letter."""


class Checker:
    """Takes sentences in order and collects what a written answer is made of.

    `strict`: a sentence is dropped for whatever is flagged in it; otherwise it is kept with its flags. Code is kept
    with its flags in both cases, where the quotes hold code (`sources` are then the texts that its names may come
    from), and dropped where they do not. A sentence is held against the quotes as the Writer was shown them: what
    gives orders to a model holds nothing.
    """

    def __init__(
        self, question: str, quotes: Sequence[Quote], holds: Holds, *, strict: bool = True, sources: Sequence[str] = ()
    ) -> None:
        self.quotes = tuple(quotes)
        self.claims: list[Claim] = []
        self.flags: list[Flag] = []
        self.dropped = 0
        self._question, self._holds, self._strict, self._sources = question, holds, strict, sources
        self._length = 0

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(claim.joint + claim.text for claim in self.claims)

    @property
    def verified(self) -> bool:
        """Whether all that is kept is held by quotes."""
        return all(flag.claim is None for flag in self.flags)

    def take(self, sentence: Cited) -> Claim | None:
        """The sentence as it may be shown, or None where it is dropped."""
        if sentence.code is not None:
            return self._take_code(sentence)
        text = EMPHASIS.sub("", sentence.text).strip()
        if not text or text.strip(" .!").upper() == NO_ANSWER:
            return None
        numbers = sentence.numbers or self._attributed(text)
        known = [number for number in numbers if 1 <= number <= len(self.quotes)]
        found = self._flagged(text, numbers, known)
        if found and (self._strict or any(flag.kind in NEVER for flag in found)):
            self._drop(found)
            return None
        return self._keep(cite(text, tuple(known)), known, found, line=sentence.line)

    def _attributed(self, text: str) -> tuple[int, ...]:
        """The one quote that holds all of a sentence that cites nothing, as small models write them; () for none."""
        for number, quote in enumerate(self.quotes, 1):
            if len(text) <= LONGEST and not unheld(text, self._evidence([quote]), held=WHOLLY):
                return (number,)
        return ()

    def _evidence(self, resting: Sequence[Quote]) -> Evidence:
        return Evidence.of(
            [seen(quote.text, code=bool(self._sources)) for quote in resting],
            headings=[disarmed(heading) for quote in resting for heading in quote.headings],
            question=self._question,
        )

    def _flagged(self, text: str, numbers: Sequence[int], known: Sequence[int]) -> list[Flag]:
        if len(text) > LONGEST:
            return [Flag("wording", text[:80])]
        cited = [self.quotes[number - 1] for number in known]
        if not cited or len(known) < len(numbers) or not all(map(self._holds, cited)):
            wrong = [Flag("citation", "".join(f"[{number}]" for number in numbers))]
        else:
            wrong = []
        # Without a citation, what it says is at least looked for in all quotes.
        return wrong + [Flag(one.kind, one.text) for one in unheld(text, self._evidence(cited or self.quotes))]

    def _take_code(self, block: Cited) -> Claim | None:
        known = [number for number in block.numbers if 1 <= number <= len(self.quotes)]
        if not block.text.strip() or not self._sources:
            self._drop([Flag("code", "")])
            return None
        found = [Flag("code", one.name) for one in unknown(block.text, self._sources, language=block.code or "")]
        if not known or not all(self._holds(self.quotes[number - 1]) for number in known):
            found.append(Flag("citation", ""))
        marks = "".join(f"[{number}]" for number in known)
        text = f"```{block.code}\n{block.text}\n```" + (f"\n{marks}" if marks else "")
        return self._keep(text, known, found, line=True)

    def _keep(self, text: str, known: Sequence[int], found: Sequence[Flag], *, line: bool) -> Claim:
        joint = "" if not self.claims else "\n" if line else " "
        start = self._length + len(joint)
        self._length = start + len(text)
        claim = Claim(text, tuple(number - 1 for number in known), start, self._length, joint)
        self.flags += [Flag(flag.kind, flag.text, len(self.claims)) for flag in found]
        self.claims.append(claim)
        return claim

    def _drop(self, found: Sequence[Flag]) -> None:
        self.dropped += 1
        self.flags += [Flag(kind, "") for kind in dict.fromkeys(flag.kind for flag in found)]
