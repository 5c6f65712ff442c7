"""Who asks questions of a passage: the Maker protocol, and opening one by its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from formfact.proof.makers.rules import Rules


class Maker(Protocol):
    """Texts in, for each the questions that it answers; an empty list where it answers none.

    A text is a passage as search reads it: title and headings on a line of their own where it has any, then its text.
    `name` says who made them: stored questions of another maker are made anew.
    """

    @property
    def name(self) -> str: ...

    def questions(self, texts: Sequence[str]) -> list[list[str]]:
        """One list for each text, in their order; questions of one text differ."""
        ...


RULES: Maker = Rules()
"""The maker that needs no model."""
