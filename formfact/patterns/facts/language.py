"""Which language a text is in, as far as its script and its commonest words tell: enough to see a translation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from formfact.patterns.facts.cues import LANGUAGES

BITS = {language: 1 << at for at, language in enumerate(LANGUAGES)}
TONGUES: dict[str, int] = {}
"""A common word -> the languages in which it is one, a bit each."""
for _language, _words in LANGUAGES.items():
    for _word in _words.split():
        TONGUES[_word] = TONGUES.get(_word, 0) | BITS[_language]

SCRIPTS = {
    "latin": re.compile(r"[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]"),
    "greek": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "indic": re.compile(r"[\u0900-\u0dff]"),
    "thai": re.compile(r"[\u0e00-\u0eff]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "hangul": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"),
    "han": re.compile(r"[\u3400-\u9fff]"),
}
READ = 2000
"""Characters of a text in which letters of each script are counted."""
FEWEST, OWN, FOREIGN = 2, 0.45, 0.2


def scripts(text: str) -> dict[str, int]:
    """Letters of each script in the beginning of a text."""
    if text.isascii():
        return {"latin": sum(map(str.isalpha, text[:READ]))}
    return {name: len(letters.findall(text[:READ])) for name, letters in SCRIPTS.items()}


def changed_script(prompt: str, completion: str) -> bool:
    """Whether the completion is written in letters of which the prompt has few or none."""
    mine = scripts(completion)
    most = max(mine, key=mine.__getitem__)
    if mine[most] < FEWEST or (most == "latin" and prompt.isascii()):
        return False
    theirs = scripts(prompt)
    letters = sum(theirs.values())
    return letters > 0 and theirs.get(most, 0) < OWN * letters and mine[most] > theirs.get(most, 0) / 2


def tongues(words: Iterable[int]) -> Counter[int]:
    """How many of the words (as the sets of languages they are common in) speak for each language."""
    counts: Counter[int] = Counter()
    for mask, times in Counter(words).items():
        while mask:
            lowest = mask & -mask
            counts[lowest] += times
            mask ^= lowest
    return counts


def changed_tongue(prompt: Counter[int], completion: Counter[int]) -> bool:
    """Whether the completion's commonest words are those of a language that the prompt is not in."""
    if not completion or not prompt:
        return False
    mine, times = completion.most_common(1)[0]
    theirs, most = prompt.most_common(1)[0]
    if times < FEWEST or most < FEWEST or mine == theirs:
        return False
    return prompt[mine] <= OWN * most and completion[theirs] <= OWN * times
