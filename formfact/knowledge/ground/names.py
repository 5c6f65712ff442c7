"""A sentence -> the names in it: words with capitals that an ordinary sentence would not have there.

A capital at the beginning of a sentence says nothing by itself; such a word counts as a name unless it is one of
OPENERS, or a word that is written small elsewhere. So a name is never missed for standing first, and now and then an
ordinary word is taken for one. In scripts without capitals there are no names to be found here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
SHORTENED = re.compile(r"\b(?:[^\W\d_]\.){2,}")
JOINT = re.compile(r"[ \u00a0]\(?|-")
"""What stands between two words of one name."""
BREAK = re.compile(r"(?:[.!?:;…]['\"”’)\]]*\s+|[\n(\"“„«]\s*|[-–—•*|#>]\s+)$")
"""What stands before a word whose capital says nothing."""
POINTS = "i a an the this that these those it its he his she her hers they their theirs we our ours you your yours my"
JOINS = (
    "and but or nor so yet for if when while whenever where wherever because since although though unless until"
    " once whether as after before during despite given in on at by with without within from to into onto of off"
    " over under above below between among through throughout across along around about against per via upon like"
    " unlike than then thus therefore hence however moreover furthermore additionally also besides instead"
    " otherwise meanwhile nevertheless nonetheless consequently accordingly similarly likewise finally lastly"
    " firstly secondly thirdly next first second third still even only just rather indeed overall generally"
    " usually typically normally often sometimes always never currently today now here there later earlier"
    " afterwards recently originally initially eventually specifically particularly especially notably importantly"
    " finally together alternatively approximately roughly nearly almost exactly yes no not none neither either"
    " both all any some each every most many much several few fewer more less least other others another such same"
    " different according based due regarding concerning depending following including excluding apart aside"
    " rather"
)
ASKS = (
    "who whom whose what which why how is are was were be been being has have had do does did can could may might must"
)
WILLS = "will would shall should let please note remember see"
DOES = (
    "use open close press hold push pull turn switch start stop begin end go come take make get give put keep"
    " leave set reset remove replace insert attach detach connect disconnect install check test measure clean wash"
    " dry rinse lift lower move wait allow add fill empty drain pour read write send call ask answer contact"
    " report return bring pay buy order book apply submit sign file enter click select choose type run store place"
    " apply avoid ensure make follow try visit tell show find look work change repeat tighten loosen grease oil"
    " calibrate charge unplug plug"
)
THINGS = (
    "people person someone everyone anyone nobody everybody anybody customer customers employee employees user"
    " users visitor visitors guest guests member members staff worker workers student students teacher teachers"
    " child children parent parents man men woman women patient patients company companies service services"
    " product products item items order orders return returns payment payments refund refunds price prices cost"
    " costs fee fees water air oil information data details answer answers question questions source sources quote"
    " quotes text document documents passage passages rule rules step steps part parts reason reasons example"
    " examples result results type types method methods system systems process processes time times day days week"
    " weeks month months year years hour hours minute minutes today tomorrow yesterday new old large small high"
    " low long short early late good bad important main major minor common different similar total annual daily"
    " weekly monthly"
)
OPENERS = frozenset(f"{POINTS} {JOINS} {ASKS} {WILLS} {DOES} {THINGS}".split())
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
    return folded not in OPENERS and folded.partition("'")[0] not in OPENERS and folded not in ordinary
