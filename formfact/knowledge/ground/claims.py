"""A written sentence and the quotes that it cites -> what it says that they do not: pure functions of values.

Looked at are names, numbers, dates and times, quoted strings and links, each of which must stand in the quotes; the
share of the sentence's words that quotes or question hold; and whether it denies what they do not, or the reverse.
Not seen: two true things put together wrongly, and a relation told the other way round.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from formfact.knowledge.abstain import stop_terms
from formfact.knowledge.ground.amounts import Moment, amounts, coded, moments
from formfact.knowledge.ground.measures import Amount
from formfact.knowledge.ground.opposite import EXCEPTED, beyond, bounds, excepted, opposes
from formfact.knowledge.ground.opposite import turned as opposite
from formfact.knowledge.ground.parts import combined
from formfact.knowledge.names import CALENDAR, names, small, words
from formfact.knowledge.sentences import sentences
from formfact.knowledge.words import terms
from formfact.types import FlagKind

HELD = 0.5
"""The share of a sentence's terms that must be held where it cites its quotes."""
NEAR = 2
"""How many words further on a name's second word may follow its first: `John F. Smith` holds `John Smith`."""
LINK = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:|\bjavascript:|\bdata:)[^\s<>\"“”]+|\b[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|edu|gov|info|biz|co|ai|me|ru|cn|de|fr|uk|eu|xyz|site|test)\b"
    r"(?:/[^\s<>\"“”]*)?",
    re.IGNORECASE,
)
LINK_END = ".,;:!?)]}'’\"”*_`"
MARKUP = re.compile(
    r"!\[|</?(?:a|abbr|audio|base|body|br|button|div|embed|form|frame|head|html|iframe|img|input|link|math|meta|object"
    r"|p|script|select|span|style|svg|table|template|textarea|video)\b|<!|&#|\bon\w+\s*=",
    re.IGNORECASE,
)
"""What a page might carry out: it is never let through, not even where strictness is off."""
QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|«([^»]+)»|„([^“”]+)[“”]|`([^`]+)`|‘([^’]{2,})’(?!\w)")
DENIES = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|except|unless|forbidden|prohibited|banned"
    r"|refus\w+|reject\w+|den(?:y|ies|ied)|fail\w*|lack\w*|unable|impossible|invalid|exclud\w+|prevent\w*|avoid\w*"
    r"|instead|rather|only|too|free|un\w{4,}|in(?:eligible|correct|complete|sufficient))\b|n['’]t\b",
    re.IGNORECASE,
)
PLAINLY_DENIES = re.compile(
    r"(?:\b(?:no|not|never|none|nobody|nothing|cannot|neither|nor|without)\b|n['’]t\b)"
    r"(?!\s+(?:only|just|more|less|later|earlier|fewer|longer than|exceed\w*|but|least|necessarily)\b)",
    re.IGNORECASE,
)
SCOPE = 60
"""Characters behind a denial in which what it denies is looked for."""
LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Unheld:
    """What stands at `start` to `end` of a sentence and in no quote that it cites."""

    kind: FlagKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cited quotes hold, ready to be looked up. Headings count for names and for the share of words only."""

    text: str
    folded: str
    words: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    amounts: tuple[Amount, ...]
    moments: tuple[Moment, ...]
    tokens: frozenset[str]
    links: frozenset[str]
    ordinary: frozenset[str]
    terms: frozenset[str]
    sentences: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of(cls, quotes: Sequence[str], *, headings: Sequence[str] = (), question: str = "") -> Self:
        """What these texts hold; `question` says which words are ordinary and may be taken up."""
        text = "\n".join(quotes)
        around = "\n".join([*quotes, *headings])
        said = tuple(words(around))
        places: dict[str, list[int]] = {}
        for at, word in enumerate(said):
            places.setdefault(word, []).append(at)
        found = tuple(amounts(text))
        return cls(
            text=text,
            folded=_folded(text),
            words=said,
            places={word: tuple(ats) for word, ats in places.items()},
            amounts=(*found, *_joined(text), *combined(text, found)),
            moments=tuple(moments(text)),
            tokens=frozenset(_bare(token) for token in text.split()),
            links=frozenset(_links(text)),
            ordinary=small(f"{around}\n{question}"),
            terms=frozenset(terms(f"{around}\n{question}")),
            sentences=tuple((s, frozenset(terms(s))) for s in _sentences(text)),
        )


def unheld(sentence: str, evidence: Evidence, *, facts_only: bool = False, held: float = HELD) -> list[Unheld]:
    """What the sentence says and the quotes do not, in order, and behind it what is wrong with its wording.

    `facts_only` leaves the wording alone and looks at names, numbers, dates, quoted strings and links; `held` is the
    share of its terms that the quotes, their headings and the question must hold.
    """
    mark = LIST_MARK.match(sentence)
    begin = mark.end() if mark else 0
    taken: list[tuple[int, int]] = []
    found: list[Unheld] = []
    for look in LOOKS:
        for start, end, kind, stands in look(sentence, evidence):
            if start < begin or any(start < b and a < end for a, b in taken):
                continue
            taken.append((start, end))
            if not stands:
                found.append(Unheld(kind, sentence[start:end], start, end))
    found.sort(key=lambda one: (one.start, one.end))
    if facts_only:
        return found
    return [*found, *_wording(sentence[begin:], begin, evidence, held)]


Look = Iterator[tuple[int, int, FlagKind, bool]]
"""Where something stands, its kind, and whether the evidence holds it."""


def _look_links(sentence: str, evidence: Evidence) -> Look:
    for match in MARKUP.finditer(sentence):
        yield match.start(), match.end(), "markup", False
    for match in LINK.finditer(sentence):
        link = match.group().rstrip(LINK_END)
        yield match.start(), match.start() + len(link), "link", link in evidence.links


def _look_quoted(sentence: str, evidence: Evidence) -> Look:
    for match in QUOTED.finditer(sentence):
        inside = next(group for group in match.groups() if group)
        said = _folded(inside).strip(" .,;:!?")
        yield match.start(), match.end(), "quotation", not said or said in evidence.folded


def _look_moments(sentence: str, evidence: Evidence) -> Look:
    days = [day for moment in evidence.moments for day in moment.days]
    minutes = {minute for moment in evidence.moments for minute in moment.minutes}
    for moment in moments(sentence):
        held = any(day.holds(wanted) for day in days for wanted in moment.days) or bool(minutes & set(moment.minutes))
        yield moment.start, moment.end, "date", held


def _look_combined(sentence: str, evidence: Evidence) -> Look:
    """What is read as a whole where the quotes hold it so, and as its single numbers where they do not."""
    for whole in combined(sentence, tuple(amounts(sentence))):
        if any(one.unit and one.equals(whole) for one in evidence.amounts):
            yield whole.start, max(whole.end, whole.close), "number", True


def _look_coded(sentence: str, evidence: Evidence) -> Look:
    for start, end in coded(sentence):
        word = sentence[start:end]
        yield start, end, "name", _bare(word) in evidence.tokens or _stands_in(word, evidence)


def _look_amounts(sentence: str, evidence: Evidence) -> Look:
    named = {name.end: name.word for name in names(sentence, evidence.ordinary)}
    for amount in amounts(sentence):
        before = named.get(amount.start - 1, "") if sentence[amount.start - 1 : amount.start] in " \u00a0-" else ""
        stands = _holds_amount(sentence, amount, before, evidence)
        yield amount.start, amount.end, "number", stands
        if stands and amount.close > amount.end:
            # Its unit is no name, be it the only one in capitals: `1.5 kW`.
            yield amount.end, amount.close, "number", True


def _look_digits(sentence: str, evidence: Evidence) -> Look:
    """Whatever else has a digit in it must stand there letter by letter."""
    for match in re.finditer(r"\S*\d\S*", sentence):
        held = _bare(match.group()) in evidence.tokens
        for digits in re.finditer(r"[\w.,]*\d[\w.,]*", match.group()):
            yield match.start() + digits.start(), match.start() + digits.end(), "number", held


def _look_names(sentence: str, evidence: Evidence) -> Look:
    for name in names(sentence, evidence.ordinary):
        kind: FlagKind = "date" if name.word in CALENDAR else "name"
        yield name.start, name.end, kind, _holds_name(name.word, name.after, evidence)


LOOKS = (
    _look_links, _look_quoted, _look_moments, _look_combined, _look_coded, _look_amounts, _look_digits, _look_names,
)  # fmt: skip


def _holds_amount(sentence: str, amount: Amount, named: str, evidence: Evidence) -> bool:
    """`named` is the word of a name right before it: `Gannet 3` is a name as a whole, which a heading may hold too."""
    if named and not amount.unit:
        digits = sentence[amount.start : amount.end].casefold()
        return _beside(named, digits, evidence, NEAR) or _stands_in(f"{named} {digits}", evidence)
    return any(one.equals(amount) for one in evidence.amounts)


def _holds_name(word: str, after: str, evidence: Evidence) -> bool:
    forms = [form for form in (word, word.removesuffix("s"), f"{word}s") if form in evidence.places]
    if not forms:
        return False
    # Two words of one name stand together in the quotes too, or they are two people's.
    return not after or after not in evidence.places or any(_beside(after, form, evidence, NEAR) for form in forms)


def _beside(first: str, second: str, evidence: Evidence, near: int) -> bool:
    later = evidence.places.get(second, ())
    return any(0 < at - before <= near for before in evidence.places.get(first, ()) for at in later)


def _stands_in(text: str, evidence: Evidence) -> bool:
    return re.search(rf"(?<!\w){re.escape(text.casefold())}(?!\w)", evidence.text.casefold()) is not None


def _wording(sentence: str, begin: int, evidence: Evidence, needed: float) -> Iterator[Unheld]:
    said = [term for term in dict.fromkeys(terms(sentence)) if term not in stop_terms()]
    values = _values(sentence, evidence)
    held = [term for term in said if term in evidence.terms or term in values]
    whole = (sentence, begin, begin + len(sentence))
    if not sentence.strip():
        return
    if len(held) < needed * len(said) or not held:
        yield Unheld("wording", *whole)
    elif _turned(sentence, frozenset(said), evidence):
        yield Unheld("denial", *whole)


def _values(sentence: str, evidence: Evidence) -> frozenset[str]:
    """The terms of its numbers and times, and the units of those that are held: they are compared as values, whatever
    way they are written."""
    held = {one: any(one.equals(other) for other in evidence.amounts) for one in amounts(sentence)}
    spans = [(one.start, max(one.end, one.close) if stands else one.end) for one, stands in held.items()]
    spans += [(one.start, one.end) for one in moments(sentence)]
    return frozenset(term for start, end in spans for term in terms(sentence[start:end]))


def _turned(sentence: str, said: frozenset[str], evidence: Evidence) -> bool:
    """Whether it denies what no sentence of the quotes does, or affirms what the one nearest to it denies.

    An opposite stands for a denial: what is closed is not open, and what is forbidden is not allowed.
    """
    if beyond(sentence, [text for text, _ in evidence.sentences]):
        return True
    shared = [len(said & held) for _, held in evidence.sentences]
    nearest = [text for (text, _), count in zip(evidence.sentences, shared, strict=True) if count == max(shared)]
    if PLAINLY_DENIES.search(sentence):
        of_it = denied(sentence)
        about = nearest + [text for text, held in evidence.sentences if held & of_it]
        whole = [DENIES.search(text) for text, held in evidence.sentences if said <= held]
        plainly = not any(whole) if whole else not any(DENIES.search(text) for text in about)
        return plainly and not any(opposes(sentence, text) for text in nearest)
    if nearest and all(opposite(sentence, text) for text in nearest):
        return True
    if bounds(sentence) & bounds(evidence.text) or any(opposes(sentence, text) for text in nearest):
        return False
    if DENIES.search(sentence) or EXCEPTED.search(sentence):
        return False
    left_out = any(excepted(text) & said and said <= held for text, held in evidence.sentences)
    return left_out or all(denied(text) & said for text in nearest)


def denied(text: str) -> frozenset[str]:
    """The terms that stand right behind a denial: `do not press the red button` denies press."""
    found: set[str] = set()
    for match in PLAINLY_DENIES.finditer(text):
        clause = re.split(r"[.,;:!?()]", text[match.end() : match.end() + SCOPE], maxsplit=1)[0]
        found.update([term for term in terms(clause) if term not in stop_terms()][:1])
    return frozenset(found)


def _joined(text: str) -> Iterator[Amount]:
    """Thousands set apart by a plain space, which might as well be two numbers: they count as both."""
    for match in re.finditer(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w])", text):
        yield Amount(match.start(), match.end(), Decimal(match.group().replace(" ", "")).normalize())


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text))]


def _links(text: str) -> Iterator[str]:
    yield from (match.group().rstrip(LINK_END) for match in LINK.finditer(text))


def _bare(token: str) -> str:
    """A token without the marks around it, and without case."""
    return token.strip(".,;:!?()[]{}'’‘\"“”«»*_`").casefold()


def _folded(text: str) -> str:
    """Without case, with one kind of quotation mark and of space."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[‘’‚`]", "'", re.sub(r"[“”„«»]", '"', text)).split())
