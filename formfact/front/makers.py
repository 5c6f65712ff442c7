"""Who asks an audit's questions, by address: the rules, a tuned pattern, or any Writer that keeps one."""

from __future__ import annotations

from collections.abc import Sequence

from formfact.errors import Refused
from formfact.front.pattern import Pattern
from formfact.front.writers import LOCAL
from formfact.knowledge.abstain import named
from formfact.patterns.write import Input
from formfact.proof.makers import RULES, Maker

QUESTIONS = "questions"
"""The pattern that a Writer is asked to keep."""
MOST = 4
"""Questions of a passage that are taken."""


class Written:
    """A pattern as a Maker: each line that it writes is a question. What breaks its contract is left out."""

    def __init__(self, pattern: Pattern, name: str) -> None:
        if pattern.contract.shape != "lines":
            raise Refused(
                f"the pattern {pattern.contract.name} writes no list of questions",
                hint="train the pattern `questions`, or one whose shape is lines",
            )
        self._pattern = pattern
        self.name = name

    def questions(self, texts: Sequence[str]) -> list[list[str]]:
        written = self._pattern.write_all([Input(text) for text in texts])
        return [_lines(one.text) for one in written]


def _lines(text: str) -> list[str]:
    lines = dict.fromkeys(line.strip() for line in text.splitlines())
    return [line for line in lines if line.endswith("?") and named(line)][:MOST]


def open_maker(address: str | Maker) -> Maker:
    """Open a Maker by its address.

    `rules`                     no model: questions by rules, English
    `./folder` or a name        a pattern that `pattern train` wrote, or one of the catalogue's
    `https://HOST/v1#MODEL`     any OpenAI-compatible endpoint; `local:NAME` a model on this machine

    Raises Refused, NotFound, MissingExtra, ModelError.
    """
    if not isinstance(address, str):
        return address
    if address == RULES.name:
        return RULES
    if address.startswith(LOCAL) or "://" in address:
        return Written(Pattern(QUESTIONS, writer=address), address)
    pattern = Pattern(address)
    return Written(pattern, f"pattern {pattern.folder.resolve()}" if pattern.tuned else address)
