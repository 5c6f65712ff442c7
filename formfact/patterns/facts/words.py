"""Text -> tokens, and what one token weighs as a carrier of facts: its stem, its rarity in English, its kind."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from math import log2
from typing import NamedTuple

from formfact.patterns.facts.cues import VOICES
from formfact.patterns.facts.language import TONGUES

UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts written without spaces: each of their characters is a token of its own."""

TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{UNSPACED}]|[^\W\d_{UNSPACED}]+(?:['’][^\W\d_]+)*")

FUNCTION = frozenset(
    "a about above after again against all also am an and any are aren't as at be because been before being below "
    "between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each "
    "either else etc even ever every few for from further had hadn't has hasn't have haven't having he he's her "
    "here here's hers herself him himself his how however i i'd i'll i'm i've if in into is isn't it it's its "
    "itself just let let's like many may me might more most much must my myself neither no nor not now of off "
    "often on once one only or other ought our ours ourselves out over own per quite rather same shall she she's "
    "should shouldn't since so some such than that that's the their theirs them themselves then there there's "
    "therefore these they they're this those though through thus to too under until up upon us very via was "
    "wasn't we we'll we're we've were weren't what what's when where which while who whom whose why will with "
    "within without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself okay ok "
    "please thanks thank hello hi hey well oh unless except whether despite toward towards among amongst besides "
    "whenever wherever whatever whoever whichever throughout".split()
)

SUFFIXES = sorted(
    "izations ization ational ations ation itions ition iveness fulness ements ement ments ment ness nesses ings "
    "ing able ible ally ical ions ion ies ied ier iest ers er est ous ive ity ities ed es ly al ic s e y ism ist "
    "ists isms".split(),
    key=len,
    reverse=True,
)
SHORTEST_STEM = 4
COMMONEST = 100
"""The rank up to which a word carries nothing; the weight grows with the logarithm of the rank from there."""


class Word(NamedTuple):
    """What a surface form is worth: `weight` is 0 for function words and 1 for words nobody uses.

    `foreign` says that English does not have it, `tongues` in which languages it is common, `voice` who speaks.
    """

    stem: str
    weight: float
    foreign: bool = False
    tongues: int = 0
    voice: int = 0


@cache
def ranks() -> dict[str, int]:
    """English words by frequency, commonest first: the order in which the bundled model's vocabulary lists them."""
    text = files("formfact.models").joinpath("minilm", "tokenizer.json").read_text(encoding="utf-8")
    vocabulary: dict[str, int] = json.loads(text)["model"]["vocab"]
    first = vocabulary["the"]
    return {word: at - first for word, at in vocabulary.items() if at >= first and word.isalpha()}


def fold(text: str) -> str:
    """Lower case, without accents and possessives."""
    lower = text.lower().replace("’", "'")
    if not lower.isascii():
        parts = unicodedata.normalize("NFKD", lower)
        lower = "".join(char for char in parts if not unicodedata.combining(char))
    return lower.removesuffix("'s")


def stem(word: str) -> str:
    """A folded word without its endings: coarse on purpose, so that `founded`, `founder` and `founding` agree."""
    for _ in range(2):
        for suffix in SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_STEM:
                word = word[: -len(suffix)]
                break
        else:
            break
    if len(word) == SHORTEST_STEM and word.endswith("s"):
        return word[:-1]
    return word


def rarity(word: str) -> float:
    """0 for the commonest words of English to 1 for those outside its 30,000 commonest."""
    rank = ranks().get(word)
    if rank is None:
        return 1.0
    return min(1.0, max(0.05, log2(max(rank, COMMONEST) / COMMONEST) / log2(30_000 / COMMONEST)))


class Lexicon(dict[str, Word]):
    """Surface form -> Word, worked out once for each form."""

    def __missing__(self, form: str) -> Word:
        self[form] = word = self._made(form)
        return word

    def _made(self, form: str) -> Word:
        if form[0].isdigit():
            return Word(number(form), 1.0)
        lower = form.lower().replace("’", "'")
        folded, tongues, voice = fold(form), TONGUES.get(lower, 0), SPOKEN.get(lower, 0)
        if folded in FUNCTION or lower in FUNCTION or (len(folded) == 1 and folded.isascii()):
            return Word("", 0.0, False, tongues, voice)
        if folded in CARDINALS:
            return Word(CARDINALS[folded], 0.4)
        short = stem(folded)
        weight = min(rarity(folded), rarity(short))
        foreign = weight == 1 and len(form) > 2 and form.islower()
        return Word(short, weight, foreign, tongues, voice)


FIRST, SECOND, THIRD, TOLD = 1, 2, 4, 8
"""Voices: I, you, she; and the verbs of a tale."""
SPOKEN = {
    word: voice
    for name, voice in (("told", TOLD), ("third", THIRD), ("second", SECOND), ("first", FIRST))
    for word in VOICES[name].split()
}

CARDINALS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {word: str(10 * at) for at, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)}


def number(text: str) -> str:
    """One spelling for a number: no thousands separators, a point before decimals, no trailing zeros."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", text):
        text = text.replace(".", "")
    text = text.replace(",", ".")
    if text.count(".") == 1:
        text = text.rstrip("0").rstrip(".")
    text = text.lstrip("0")
    return text if text[:1].isdigit() else f"0{text}"
