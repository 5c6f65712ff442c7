"""Tells the old encodings of Latin letters apart by the alphabets of the languages that are written in them.

What a detector learns from many languages at once fails at those of few odd letters, which share their bytes with
others: `på` in Swedish and `pĺ` in no language are the same bytes. A text holds the letters of one alphabet, as a rule.
"""

from __future__ import annotations

import re

WESTERN = (
    "äöüß",  # German; then French, Spanish, Portuguese, Italian
    "àâæçéèêëîïôœùûü",
    "áéíñóúü",
    "áâãàçéêíóôõúü",
    "àèéìíîòóù",
    "äöåé",  # Swedish, Finnish; then Danish and Norwegian, Dutch, Icelandic, Catalan
    "æøåéèêòôóü",
    "éëïèêöüáóíúô",
    "áðéíóúýþæö",
    "àçèéíïòóúü",
)
CENTRAL = (
    "ąćęłńóśźż",  # Polish; then Czech, Slovak, Hungarian, Croatian and Slovene, Romanian
    "áčďéěíňóřšťúůýž",
    "áäčďéíĺľňóôŕšťúýž",
    "áéíóöőúüű",
    "čćđšž",
    "ăâîşţ",
)
ALPHABETS = {
    "cp1252": WESTERN,
    "cp1250": CENTRAL,
    "cp1254": ("çğıöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "cp850": WESTERN,
    "mac_roman": WESTERN,
}
"""An encoding -> the letters beyond ASCII of each language that is written in it, the likelier ones first."""
MIXED = frozenset("".join(WESTERN) + "ÿšž")
"""The letters of a text in several Western languages."""
SIGNS = frozenset("‘’‚“”„«»‹›–—…•·€£§°±²³µ¿¡ªº©®™¼½¾×÷´\u00a0\u00ad")
"""What stands between words or beside figures in any language."""
IN_WORDS = frozenset("’´·–—\u00ad")
"""Signs that may also stand between two letters."""
ENOUGH = 0.9
"""The share of letters beyond ASCII that must belong to the alphabet."""
SHORT = 100
"""Bytes beyond which at most a third is odd letters, in any of the languages."""
ASCII = bytes(range(128))
WORD = re.compile(r"[^\W\d_]+")
HIGH = re.compile(r"[^\0-\x7f]")


def latin_encoding(sample: bytes) -> str:
    """The encoding in which bytes read as one of the languages above, "" where they read as none of them."""
    if len(sample) > SHORT and len(sample.translate(None, ASCII)) > len(sample) / 3:
        return ""
    best, found = 0.0, ""
    for encoding, alphabets in ALPHABETS.items():
        letters = _letters(sample.decode(encoding, "replace"))
        for alphabet in alphabets:
            share = _share(letters, frozenset(alphabet))
            if share > best:
                best, found = share, encoding
    if best >= ENOUGH:
        return found
    return "cp1252" if _share(_letters(sample.decode("cp1252", "replace")), MIXED) == 1 else ""


def _share(letters: list[str], alphabet: frozenset[str]) -> float:
    return sum(letter in alphabet for letter in letters) / len(letters) if letters else 1.0


def _letters(text: str) -> list[str]:
    """The letters beyond ASCII in lower case; what stands where no text has it is given as "".

    A word of several letters has one of ASCII in every language above; in others, read wrongly, it has none.
    """
    foreign = {at for word in WORD.finditer(text) if _is_foreign(word[0]) for at in range(word.start(), word.end())}
    found = []
    for one in HIGH.finditer(text):
        at, sign = one.start(), one[0]
        if sign.isalpha() and sign not in "ªº":
            found.append("" if at in foreign else "ı" if sign == "İ" else sign.lower())
        elif sign not in SIGNS or (
            sign not in IN_WORDS and text[at - 1 : at].isalpha() and text[at + 1 :][:1].isalpha()
        ):
            found.append("")
    return found


def _is_foreign(word: str) -> bool:
    return len(word) > 1 and not any(letter.isascii() for letter in word)
