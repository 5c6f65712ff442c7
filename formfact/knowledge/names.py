"""A sentence -> the names in it: words with capitals that an ordinary sentence would not have there.

A capital at the beginning of a sentence says nothing by itself; such a word counts as a name unless it is written
small elsewhere, or is an ordinary English word: one of OPENERS, or of the 20,000 in ordinary.txt. Words that are names
as well (Mark, Apple, Turkey) count as names there. In other languages a sentence's first word counts as a name unless
the quotes or the question write it small. In scripts without capitals there are no names to be found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
SHORTENED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
JOINT = re.compile(r"[ \u00a0]\(?|-")
"""What stands between two words of one name."""
BREAK = re.compile(r"(?:[.!?:;…]['\"”’)\]]*\s+|[\n(\"“„«]\s*|[-–—•*|#>]\s+)$")
"""What stands before a word whose capital says nothing."""
OPENERS = frozenset(
    (
        "a add additionally air all alternatively although an and any are as ask at bad be besides big both but buy"
        " by can car consequently conversely cut day did do dog dry due each either end far fee few firstly fit fix"
        " for furthermore get go good guest had has he her hers his hot how however i if in is it its job key lastly"
        " law let lie long low major man map may meanwhile men mix moreover my neither nevertheless new no none"
        " nonetheless nor not now of off oil old on one only or other our out own pay per price put red run secondly"
        " see set she sit small so still tax ten than the then thirdly to top try two unlike use via war was way we"
        " who why will with yes yet you"
    ).split()
)
"""What else begins sentences: short words, and those that stand there so often that the list has them as names."""
CALENDAR = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """One word of a name, folded; `after` is the word before it in the same name, "" for none."""

    start: int
    end: int
    word: str
    after: str


def fold(word: str) -> str:
    """A word without case, accents and possessive."""
    word = word.casefold().replace("’", "'").removesuffix("'s").removesuffix("'")
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words of a text in order, dotted abbreviations as one: `U.S.` gives `us`."""
    joined = SHORTENED.sub(lambda match: match.group().replace(".", "") + " ", text)
    return [fold(match.group()) for match in WORD.finditer(joined)]


def small(text: str) -> frozenset[str]:
    """The folded words that the text writes without a capital: ordinary ones."""
    return frozenset(fold(match.group()) for match in WORD.finditer(text) if match.group().islower())


def names(text: str, ordinary: Collection[str]) -> Iterator[Name]:
    """The names of a sentence; `ordinary` are folded words whose capital at its beginning says nothing."""
    last_end, last_word = -1, ""
    for start, end in _spans(text):
        word = text[start:end]
        if not _is_name(text, start, word, ordinary):
            continue
        joined = last_end >= 0 and JOINT.fullmatch(text, last_end, start)
        folded = fold(word.replace(".", ""))
        yield Name(start, end, folded, last_word if joined else "")
        last_end, last_word = end, folded


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the words stand, dotted abbreviations as one."""
    short = [match.span() for match in SHORTENED.finditer(text)]
    plain = [m.span() for m in WORD.finditer(text) if not any(a <= m.start() < b for a, b in short)]
    return sorted(short + plain)


def _is_name(text: str, start: int, word: str, ordinary: Collection[str]) -> bool:
    if not any(c.isupper() for c in word) or word[0].isdigit():
        return False
    folded = fold(word.replace(".", ""))
    if folded in ("i", "i'm", "i've", "i'd", "i'll"):
        return False
    if word[1:] != word[1:].lower():
        return True  # a capital inside: an abbreviation or a name of its own spelling
    if not (start == 0 or BREAK.search(text, 0, start)):
        return True
    known = (OPENERS, english(), ordinary)
    return not any(word in some for word in (folded, folded.partition("'")[0]) for some in known)


@cache
def english() -> frozenset[str]:
    """Ordinary English words of four letters and more; see tools/make_ordinary.py."""
    return frozenset(files(__package__).joinpath("ordinary.txt").read_text(encoding="utf-8").split())
