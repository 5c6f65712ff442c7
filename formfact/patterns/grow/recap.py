"""What a text is told of its neighbours, worked out without a model: how the last one ended, and who came so far."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from formfact.patterns.facts.words import FUNCTION

WORDS = 60
"""Words of the text before that are repeated to the next one, whole sentences where one fits."""
MOST = 12
"""Names that are carried on."""
CAPITAL = "[A-Z\N{LATIN CAPITAL LETTER A WITH GRAVE}-\N{LATIN CAPITAL LETTER THORN}]"
NAME = re.compile(rf"{CAPITAL}[\w'’-]*\w(?: (?:(?:of|de|du|van|von|al) )?{CAPITAL}[\w'’-]*\w)*")
OPENS = re.compile(r"(?:^|[.!?:…\n]|[\"'“”‘’(—–-])[\s\"'“‘(]*$")
"""What stands before a capital that says nothing: the beginning of a sentence."""
SENTENCE = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)]))\s+(?=[^a-z])")
CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december mr mrs ms dr".split()
)


def tail(text: str, *, words: int = WORDS) -> str:
    """The last sentences of a text that have no more than so many words together, on one line."""
    sentences = SENTENCE.split(" ".join(text.split()))
    kept: list[str] = []
    for sentence in reversed(sentences):
        if len(" ".join([sentence, *kept]).split()) > words:
            break
        kept.insert(0, sentence)
    return " ".join(kept) or " ".join(sentences[-1].split()[-words:])


def names(texts: Sequence[str], *, most: int = MOST) -> list[str]:
    """The names of people and places in some texts, those of the last text first; at most `most`.

    A name is a run of capitalised words. Those that only begin sentences count where they come twice and are never
    written small; a part of a longer name that is listed is not listed again.
    """
    within: Counter[str] = Counter()
    opening: Counter[str] = Counter()
    order: dict[str, int] = {}
    for at, text in enumerate(texts):
        for match in NAME.finditer(text):
            name = _plain(match.group())
            if not name:
                continue
            order[name] = at
            # Two capitals in a row are no accident of a sentence's beginning.
            opens = " " not in match.group() and OPENS.search(text[max(0, match.start() - 4) : match.start()])
            (opening if opens else within)[name] += 1
    small = set(re.findall(r"\b[a-zß-ÿ]\w+", " ".join(texts)))
    found = {name for name in within if name.lower() not in small}
    parts = {part for name in found for part in name.split()}
    found |= {name for name, times in opening.items() if times > 1 and name.lower() not in small and name not in parts}
    ranked = sorted(found, key=lambda name: (-order[name], -(within[name] + opening[name]), name))
    return _without_parts(ranked)[:most]


def _plain(name: str) -> str:
    """A name without what is no part of one: a possessive, a function word that begins the sentence."""
    words = re.sub(r"['’]s?$", "", name).split()
    while words and (words[0].lower() in FUNCTION or words[0].lower() in CALENDAR):
        words.pop(0)
    return " ".join(words) if words and words[-1].lower() not in CALENDAR else ""


def _without_parts(ranked: Iterable[str]) -> list[str]:
    listed = list(ranked)
    whole = {part for name in listed if " " in name for part in name.split()}
    return [name for name in listed if " " in name or name not in whole]
