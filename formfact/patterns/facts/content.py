"""What a text's contents are: its names, numbers and content words, each with its place, its stem and its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from formfact.patterns.facts.language import BITS, FEWEST, tongues
from formfact.patterns.facts.words import FIRST, SECOND, THIRD, TOKEN, TOLD, Lexicon

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


@dataclass(slots=True)
class Content:
    """A text taken apart: its content words in order, and how many words of each kind it has."""

    units: list[Unit] = field(default_factory=list)
    words: int = 0
    lower: int = 0
    foreign: int = 0
    first: int = 0
    second: int = 0
    third: int = 0
    told: int = 0
    tongues: Counter[int] = field(default_factory=Counter)


def take_apart(text: str, lexicon: Lexicon) -> Content:
    """Read a completion."""
    found, masks = Content(), []
    for match in TOKEN.finditer(text):
        form = match[0]
        short, weight, foreign, mask, voice = lexicon[form]
        found.words += 1
        found.lower += form.islower() and len(form) > 2
        found.foreign += foreign
        if mask:
            masks.append(mask)
        if voice:
            found.first += voice == FIRST
            found.second += voice == SECOND
            found.third += voice == THIRD
            found.told += voice == TOLD
        if not weight:
            continue
        start = match.start()
        strong = form[0].isdigit()
        if strong:
            if _numbers_an_item(text, start, match.end()):
                continue
        elif form[0].isupper() and not _opens(text, start):
            strong, weight = True, NAME_WEIGHT
        found.units.append(Unit(start, match.end(), short, weight, strong))
    found.tongues = tongues(masks)
    if _german(found.tongues):
        found.units = [
            unit._replace(strong=text[unit.start].isdigit()) if unit.strong else unit for unit in found.units
        ]
    return found


def _german(spoken: Counter[int]) -> bool:
    """Whether a text is in German, which writes every noun with a capital, so that a capital says nothing."""
    (tongue, times), *_ = spoken.most_common(1) or [(0, 0)]
    return tongue == BITS["de"] and times >= FEWEST


def stems(text: str, lexicon: Lexicon) -> set[str]:
    """The stems of a text's content words."""
    return stems_of(set(TOKEN.findall(text)), lexicon)


def stems_of(forms: Collection[str], lexicon: Lexicon) -> set[str]:
    """The stems of words as they are written."""
    return {lexicon[form].stem for form in forms} - {""}


def _opens(text: str, start: int) -> bool:
    """Whether a word begins a sentence or a line, so that its capital says nothing."""
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in SENTENCE_ENDS


def _numbers_an_item(text: str, start: int, end: int) -> bool:
    """Whether a number only counts a list's items: `3.` or `3)` at the beginning of a line."""
    return (
        text[end : end + 1] in (".", ")")
        and (start == 0 or not text[text.rfind("\n", 0, start) + 1 : start].strip())
        and bool(text[end + 1 :].strip())
    )
