"""Which language a text is in, told by its script and by the small words that it cannot do without.

Told apart: English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish, and scripts by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

SMALL = {
    "English": "the of and to in is that it for was on are with as be this by from or have not they which you at but",
    "German": "der die das und ist nicht ein eine zu den von mit sich des auf für im dem auch es werden sind oder als",
    "French": "le la les de des et est un une du que en dans pour qui pas sur avec au ce il sont par plus ou ne",
    "Spanish": "el la los las de que y en un una es por con no para su se del al lo como más pero son o",
    "Italian": "il la di che e un una è per in con non del della le si sono da al i gli nel dei o come anche",
    "Portuguese": "o a os as de que e em um uma é para com não do da se no na por mais dos ao são ou",
    "Dutch": "de het een en van is dat in op te met niet zijn voor aan er ook als die bij worden of naar om",
    "Swedish": "och att det som en på är av för med den till inte om ett de har kan från eller men vid",
    "Polish": "i w nie na to się z do jest że o jak ale po co tak za od dla są przez przy oraz lub",
}
WORDS = {name: frozenset(words.split()) for name, words in SMALL.items()}
SCRIPTS = ("CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI")
FEWEST, AHEAD = 3, 1.5
"""Small words that a text must show, and how many times those of the next language."""


def language(text: str) -> str:
    """The name of a text's language or script; "" where it shows too little to say."""
    letters = [c for c in text if c.isalpha()]
    foreign = Counter(_script(c) for c in letters if not c.isascii())
    script, count = max(foreign.items(), key=lambda pair: pair[1], default=("", 0))
    if script and 2 * count > len(letters):
        return "CJK" if script in ("HIRAGANA", "KATAKANA") else script
    said = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    shown = {name: sum(times for word, times in said.items() if word in known) for name, known in WORDS.items()}
    (best, most), (_, next_most) = Counter(shown).most_common(2)
    return best if most >= FEWEST and most > AHEAD * next_most else ""


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((script for script in SCRIPTS if name.startswith(script)), "")
