"""What a text's contents are: its names, numbers and content words, each with its place, its stem and its weight."""

from __future__ import annotations

from typing import NamedTuple

from formfact.patterns.facts.words import TOKEN, Lexicon

NAME_WEIGHT = 1.0
SENTENCE_ENDS = frozenset(".!?:\n\"“”(*#-–—•>|'‘/[{}")


class Unit(NamedTuple):
    """One content word of a text: `text[start:end]`."""

    start: int
    end: int
    stem: str
    weight: float
    strong: bool
    """Whether it is a name or a number: what claims about the world hang on."""


def units(text: str, lexicon: Lexicon) -> list[Unit]:
    """The content words of a text in order; function words are left out."""
    found = []
    for match in TOKEN.finditer(text):
        form = match[0]
        short, weight = lexicon[form]
        if not weight:
            continue
        start = match.start()
        strong = form[0].isdigit()
        if strong and _numbers_an_item(text, start, match.end()):
            continue
        if form[0].isupper() and not _opens(text, start):
            strong, weight = True, NAME_WEIGHT
        found.append(Unit(start, match.end(), short, weight, strong))
    return found


def stems(text: str, lexicon: Lexicon) -> set[str]:
    """The stems of a text's content words."""
    return {lexicon[form].stem for form in set(TOKEN.findall(text))} - {""}


def _opens(text: str, start: int) -> bool:
    """Whether a word begins a sentence or a line, so that its capital says nothing."""
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in SENTENCE_ENDS


def _numbers_an_item(text: str, start: int, end: int) -> bool:
    """Whether a number only counts a list's items: `3.` or `3)` at the beginning of a line."""
    return text[end : end + 1] in (".", ")") and (
        start == 0 or not text[text.rfind("\n", 0, start) + 1 : start].strip()
    )
