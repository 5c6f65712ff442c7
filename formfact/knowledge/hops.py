"""A first round's passages -> the bridges that they name, the probes of a second round, and both rounds in one order.

A bridge is a name, a quoted term or a code symbol that stands in a good passage and not in the question: what the
question describes ("the state where he died") is called by its name there. All of it goes by capitals, quotation marks
and spelling, without a model: in scripts without capitals only quoted terms and symbols lead further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from formfact.knowledge.abstain import named, stop_terms
from formfact.knowledge.fuse import Fused
from formfact.knowledge.names import BREAK, CALENDAR, OPENERS, english, fold
from formfact.knowledge.sentences import sentences
from formfact.knowledge.weigh import share
from formfact.knowledge.words import IDENTIFIER, terms

FROM = 2
"""Passages of the first round whose bridges are followed: the third names three times as many and seldom the one."""
PROBES = 8
"""Bridges that are followed, the weightiest first."""
TAKEN = 20
"""Hits of each probe that are looked at."""
LIFT = 1.2
"""A hit of the second round is worth so many times its bridge's weight times its own fused score."""
ENTITLED = 1.5
"""And so many times more where the bridge is its document's title."""
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
BRACKETED = re.compile(r"\s*\([^)]*\)$")


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
    return sorted(best.values(), key=lambda bridge: -bridge.weight)[:PROBES]


def _parts(text: str) -> list[str]:
    """Sentences, list items and rows: what stands together with a mention."""
    lines = [(match.start(), match.end()) for match in LINE.finditer(text)]
    return [text[start:end] for line in lines for start, end in sentences(text, *line)]


def probe(question: str, mention: str, held: set[str]) -> str:
    """What to ask for a mention: itself, and the question's words that its passage does not hold."""
    rest = [word for word in WORD.findall(question) if not set(terms(word)) <= held | stop_terms()]
    return " ".join([mention, *rest])


def key(text: str) -> str:
    """A mention without case, accents and marks."""
    return " ".join(fold(word) for word in re.findall(r"[^\W_]+", text))


def leads_to(bridge: Bridge, *, title: str, text: str) -> bool | None:
    """Whether a document's title is the bridge; None where neither the title nor the passage holds it."""
    sought = key(bridge.text)
    if sought == key(BRACKETED.sub("", title)):
        return True
    return False if f" {sought} " in f" {key(title)} {key(text)} " else None


def merge(first: Sequence[Fused], led: Iterable[Led]) -> list[Fused]:
    """Both rounds in one order: a passage's score is the better of its first one and what its bridges make of it.

    A score is at most 1; what would have more stands first.
    """
    known = {one.candidate.passage: one for one in first}
    worth = {passage: one.score for passage, one in known.items()}
    for one in led:
        passage = one.fused.candidate.passage
        value = LIFT * one.bridge.weight * one.fused.score * (ENTITLED if one.entitled else 1.0)
        if value > worth.get(passage, 0.0):
            worth[passage] = value
            known[passage] = replace(one.fused, via=one.bridge.text, searched=one.fused.score)
    order = sorted(worth, key=lambda passage: (-worth[passage], passage))
    return [replace(known[passage], score=min(worth[passage], 1.0)) for passage in order]
