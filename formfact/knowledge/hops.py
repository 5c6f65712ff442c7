"""A first round's passages -> the bridges that they name, the probes of a second round, and both rounds in one order.

A bridge is a name, a quoted term or a code symbol that stands in a good passage and not in the question: what the
question describes ("the state where he died") is called by its name there. All of it goes by capitals, quotation marks
and spelling, without a model: in scripts without capitals only quoted terms and symbols lead further.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.abstain import named, stop_terms
from formfact.knowledge.fuse import Fused
from formfact.knowledge.names import BREAK, CALENDAR, OPENERS, english, fold
from formfact.knowledge.sentences import sentences
from formfact.knowledge.weigh import share
from formfact.knowledge.words import IDENTIFIER, terms

FROM = 3
"""Passages of the first round whose bridges are followed."""
PROBES = 4
"""Bridges that are followed, the weightiest first."""
TAKEN = 20
"""Hits of each probe that are looked at."""
LIFT = 1.2
"""A hit of the second round is worth so many times its bridge's weight times its own fused score."""
ENTITLED = 1.5
"""And so many times more where the bridge is its document's title."""
PLACES = (4, 6, 8, 10)
"""The best hits of the second round stand no lower than here: each round's scores are normalised by themselves, and in
a small base the first one's fall off so slowly that none of the second would be seen."""
NAMED = 0.9
"""The weight of what a comparing question itself names."""
LONGEST_QUOTED = 8
"""Words of a quoted term; what is longer is a quotation."""
ABSENT = "\0"
"""A term that no document holds: its rarity is the highest there is."""

_CAPITAL = r"(?:(?:[A-Z]\.){1,3}|(?=[^\W\d_a-z])[^\W_]\w*(?:[-'’&./]\w+)*)"
_LINK = r"(?:of|the|de|del|della|di|da|do|dos|du|la|le|van|von|der|den|ter|bin|ibn|al|&)"
RUN = re.compile(rf"(?<!\w){_CAPITAL}(?:[ \u00a0](?:{_LINK}[ \u00a0]){{0,2}}(?:{_CAPITAL}|\d[\w.-]*\w|\d))*")
"""Words with capitals in a row, with numbers behind them and small link words between them."""
QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{2,60}?)[\"”“»]|`([^`\n]{2,60})`")
LINE = re.compile(r"[^\n]+")
HEAD = re.compile(r"[\w'’]+")
BEHIND_HEAD = re.compile(rf"(?:[ \u00a0]+(?:{_LINK}[ \u00a0]+)*|[-'’](?=\w))?")
WORD = re.compile(r"[\w'’-]+")
SPELT = re.compile(r"[^\W_]+")
POSSESSIVE = re.compile(r"['’]s\b")
BRACKETED = re.compile(r"\s*\([^)]*\)$")


NOWHERE = -1
"""Stands for the passage of a bridge that the question itself names."""
COMPARES = re.compile(
    r"\b(?:or|both|either|neither|same|than|versus|vs|between|differ\w*|compar\w*|(?:old|young|earli|lat|larg|bigg"
    r"|small|tall|long|short|high|low|fast|slow|cheap|heavi|light|deep|warm|cold)e(?:r|st)|first|more|most|less|least)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """What a text calls by a name: `text[start:end]` without what only surrounds it."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """A passage of the first round as it is read for bridges; `score` is its fused one."""

    passage: int
    title: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """A mention that may lead further, the passage that names it, its weight (0 to 1), and what to ask for it."""

    text: str
    passage: int
    weight: float
    probe: str


@dataclass(frozen=True, slots=True)
class Led:
    """A hit of the second round: which bridge led to it, and whether the bridge is its document's title."""

    bridge: Bridge
    fused: Fused
    entitled: bool


def mentions(text: str) -> Iterator[Mention]:
    """Runs of words with capitals, quoted terms and code symbols; ordinary words that open a sentence are none."""
    for match in RUN.finditer(text):
        start = _behind_openers(text, match.start(), match.end())
        yield from _trimmed(text, start, match.end())
    for match in QUOTED.finditer(text):
        group = 1 if match[1] else 2
        if len(match[group].split()) <= LONGEST_QUOTED:
            yield from _trimmed(text, *match.span(group))
    for match in IDENTIFIER.finditer(text):
        yield Mention(match.group(), match.start(), match.end())


def _behind_openers(text: str, start: int, end: int) -> int:
    """Where a run begins without the articles and openers at its head."""
    while start < end and (head := HEAD.match(text, start, end)) and _is_opener(text, head):
        rest = BEHIND_HEAD.match(text, head.end(), end)
        start = rest.end() if rest else head.end()
    return start


def _is_opener(text: str, head: re.Match[str]) -> bool:
    word = head.group()
    if word[1:] != word[1:].lower():
        return False
    found = set(terms(word))
    if found <= stop_terms():
        return True
    before = text[max(0, head.start() - 12) : head.start()].rstrip("*_")  # emphasis
    return (not before or bool(BREAK.search(before))) and (fold(word) in OPENERS or fold(word) in english())


def _trimmed(text: str, start: int, end: int) -> Iterator[Mention]:
    found = text[start:end]
    inner = found.lstrip(" .,;:!?'’")
    start += len(found) - len(inner)
    inner = inner.rstrip(" .,;:!?'’").removesuffix("'s").removesuffix("’s")
    if len(inner) > 1:
        yield Mention(inner, start, start + len(inner))


def leading(question: str, read: Read) -> list[Mention]:
    """The mentions of a passage that the question and the passage's own title do not hold; dates lead nowhere."""
    asked, titled = set(terms(question)), set(terms(read.title))
    found: list[Mention] = []
    for one in mentions(read.text):
        own = set(terms(one.text)) - stop_terms()
        if own and not own <= asked and not own <= titled and not _is_date(one.text):
            found.append(one)
    return found


def _is_date(text: str) -> bool:
    return all(fold(word) in CALENDAR or word.isdigit() for word in re.findall(r"\w+", text))


def wanted(question: str, read: Iterable[Read]) -> list[str]:
    """The terms whose rarity `bridges` asks for."""
    said = (term for one in read for mention in leading(question, one) for term in terms(mention.text))
    return list(dict.fromkeys([*named(question), *said, ABSENT]))


def bridges(question: str, read: Sequence[Read], rarity: Mapping[str, float]) -> list[Bridge]:
    """At most PROBES bridges, the weightiest first, each once.

    A mention weighs its passage's score, less where it is common and less where no sentence that holds it has much of
    the question. `rarity` holds at least the terms of `wanted`.
    """
    asked = {term: rarity[term] for term in named(question)}
    best: dict[str, Bridge] = {}
    for one in read:
        shares = [(part, share(frozenset(terms(part)), asked)) for part in _parts(one.text)]
        known = set(terms(f"{one.title}\n{one.text}"))
        for mention in leading(question, one):
            rare = max(rarity[term] for term in terms(mention.text)) / rarity[ABSENT]
            near = max((held for part, held in shares if mention.text in part), default=0.0)
            weight = one.score * (0.5 + 0.5 * rare) * (0.5 + 0.5 * near)
            other = best.get(key(mention.text))
            if other is None or other.weight < weight:
                asks = probe(question, mention.text, known)
                best[key(mention.text)] = Bridge(mention.text, one.passage, weight, asks)
    found = [*compared(question), *sorted(best.values(), key=lambda bridge: -bridge.weight)]
    return sorted(found[:PROBES], key=lambda bridge: -bridge.weight)


def compared(question: str) -> list[Bridge]:
    """What a comparing question names, each asked for without the others; nothing for any other question."""
    names = things(question)
    said = [set(terms(name)) - stop_terms() for name in names]
    found = []
    for at, name in enumerate(names):
        others = set().union(*(own for other, own in enumerate(said) if other != at))
        found.append(Bridge(name, NOWHERE, NAMED, probe(question, name, others | said[at])))
    return found


def things(question: str) -> list[str]:
    """The two and more names that a question compares, each once; none where it does not compare."""
    if not COMPARES.search(question):
        return []
    names = {key(one.text): one.text for one in mentions(question) if set(terms(one.text)) - stop_terms()}
    return list(names.values())[:PROBES] if len(names) > 1 else []


def _parts(text: str) -> list[str]:
    """Sentences, list items and rows: what stands together with a mention."""
    lines = [(match.start(), match.end()) for match in LINE.finditer(text)]
    return [text[start:end] for line in lines for start, end in sentences(text, *line)]


def probe(question: str, mention: str, held: set[str]) -> str:
    """What to ask for a mention: itself, and the question's words that its passage does not hold."""
    rest = [word for word in WORD.findall(question) if not set(terms(word)) <= held | stop_terms()]
    return " ".join([mention, *rest])


def key(text: str) -> str:
    """A mention without case, accents, possessives and marks."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(SPELT.findall(POSSESSIVE.sub("", plain)))


def leads_to(bridge: Bridge, *, title: str, text: str) -> bool | None:
    """Whether a document's title is the bridge; None where neither the title nor the passage holds it."""
    sought = key(bridge.text)
    if sought == key(BRACKETED.sub("", title)):
        return True
    return False if f" {sought} " in f" {key(title)} {key(text)} " else None


def strongest(led: Iterable[Led]) -> dict[int, Led]:
    """What led to each passage with the most worth."""
    best: dict[int, Led] = {}
    for one in led:
        passage = one.fused.candidate.passage
        if passage not in best or worth(best[passage]) < worth(one):
            best[passage] = one
    return best


def worth(led: Led) -> float:
    """A hit of the second round on the scale of the first one."""
    return LIFT * led.bridge.weight * led.fused.score * (ENTITLED if led.entitled else 1.0)


def merge(first: Sequence[Fused], led: Mapping[int, Led]) -> list[Fused]:
    """Both rounds in one order: a passage's score is the better of both, and the best of the second have PLACES.

    Scores never rise down the list and are at most 1. What the second round lifted, in place or score, carries `via`.
    """
    before = {one.candidate.passage: (at, one) for at, one in enumerate(first)}
    worths = {passage: worth(one) for passage, one in led.items()}
    scores = {passage: max(one.score, worths.get(passage, 0.0)) for passage, (_, one) in before.items()}
    scores = {**worths, **scores}
    best = sorted(worths, key=lambda passage: (-worths[passage], passage))[: len(PLACES)]
    order = _placed(sorted(scores, key=lambda passage: (-scores[passage], passage)), best)
    found: list[Fused] = []
    lowest = 0.0
    for at, passage in reversed(list(enumerate(order))):
        lowest = max(lowest, min(scores[passage], 1.0))
        place, one = before.get(passage, (len(order), None))
        if one is None or (passage in led and (at < place or worths[passage] > one.score)):
            one = replace(led[passage].fused, via=led[passage].bridge.text, searched=led[passage].fused.score)
        found.append(replace(one, score=lowest))
    return found[::-1]


def _placed(order: Sequence[int], best: Sequence[int]) -> list[int]:
    """The order, in which each of the best stands no lower than its place."""
    left = dict.fromkeys(order)
    found: list[int] = []
    while left:
        due = [one for one, place in zip(best, PLACES, strict=False) if place <= len(found) + 1 and one in left]
        found.append(due[0] if due else next(iter(left)))
        del left[found[-1]]
    return found
