"""English number words -> their value."""

from __future__ import annotations

import re
from decimal import Decimal

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
WORDS = (
    {word: Decimal(at) for at, word in enumerate(ONES)}
    | {word: Decimal(at) for at, word in enumerate(ORDINALS)}
    | {word: Decimal(10 * at) for at, word in enumerate(TENS, 2)}
    | {word[:-1] + "ieth": Decimal(10 * at) for at, word in enumerate(TENS, 2)}
    | {"half": Decimal("0.5"), "once": Decimal(1), "twice": Decimal(2), "single": Decimal(1)}
)
SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12, "bn": 10**9,
}  # fmt: skip
SPELT = "|".join([*WORDS, *SCALES])
SPELT_OUT = re.compile(rf"\b(?:{SPELT})s?\b(?:(?:-|\s+(?:and\s+(?:a\s+)?)?)(?:{SPELT})\b)*", re.IGNORECASE)


def spelt(text: str) -> Decimal:
    """The value of number words: `two hundred and five`, `twenty-two`, `three million`."""
    total, part = Decimal(0), Decimal(0)
    said = False
    for word in re.findall(r"[a-z]+", text.lower()):
        word = word if word in WORDS or word in SCALES else word.removesuffix("s")
        if word in WORDS:
            part += WORDS[word]
            said = True
        elif word in SCALES:
            part, said = (part if said else Decimal(1)) * SCALES[word], True
            if SCALES[word] > 100:
                total, part, said = total + part, Decimal(0), False
    return (total + part).normalize()
