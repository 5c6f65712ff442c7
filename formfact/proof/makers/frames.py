"""A clause -> questions that it answers: who, when, where, how many, why, what, how, what if."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from formfact.proof.makers import english
from formfact.proof.makers.clauses import BREAK, Clause, inverted, parse, short

LONG, MIDDLE, BRIEF = 6, 4, 5
"""Words that are kept of what follows the verb: the fewer, the less a question repeats its passage."""
_MONTH, _DAY = "|".join(english.MONTHS), "|".join(english.DAYS)
DATE = re.compile(
    rf"""\s*\b(?:in|on|since|until|by|during|from|before|after|around|at|every|each)\s+(?:the\s+)?
    (?:(?:early|late|end\sof|(?:spring|summer|autumn|winter|night)\sof)\s+)?
    (?:(?:{_DAY})s?(?:,?\s+\d{{1,2}}\s+(?:{_MONTH}))?
      |\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})
      |(?:{_MONTH})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?\b)?
      |\d{{1,2}}:\d{{2}}|1\d{{3}}s?|20\d{{2}}s?|\d{{1,2}}th\scentury)
    (?:,?\s+(?:of\s+)?\d{{4}})?\b""",
    re.VERBOSE,
)
AMOUNT = re.compile(
    rf"""(?:(?:about|around|over|nearly|only|exactly|approximately|almost|at\sleast|at\smost|up\sto|(?:more|less)\sthan)\s+)?
    (?P<sign>[$£€]\s?)?
    (?P<number>\d[\d,.]*(?:\s(?:thousand|million|billion))?|\b(?:{"|".join(english.NUMBER_WORDS)})\b)
    (?P<percent>\s?%|\spercent|\sper\scent)?
    (?:\s(?P<noun>(?!(?:of|in|on|at|to|and|or|the|a|by|for|from|with|per|is|are|was|were|last|next|first|times)\b)
      [a-z][a-z-]{{2,}}(?:\s[a-z-]{{2,}}s\b)?))?""",
    re.VERBOSE,
)
PLACE = re.compile(r"\s*\b(?:in|at|near|from)\s+(?:the\s+)?[A-Z][\w’'-]+(?:\s+(?:of\s+)?[A-Z][\w’'-]+){0,3}")
REASON = re.compile(
    r"\s*,?\s*\b(?:because(?: of)?|due to|so that|in order to|in order that|as a result of|thanks to)\b"
)
PURPOSE = re.compile(r"\b[Tt]o\s+(?P<verb>[a-z]+)\s+(?P<what>[^,.;:]+)")
CONDITION = re.compile(r"^(?:If|When|Whenever|Once|Unless)\s+(?P<what>[^,]{8,90}),\s+\S")
DEFINED = re.compile(r"^(?:a|an|the|one of|any)\s+\w")
PERSON = re.compile(
    r"^(?:(?:Dr|Mr|Mrs|Ms|President|King|Queen|Sir|Professor|Lord|Lady|Pope)\.?\s)?[A-Z][a-z’'-]+(?:\s[A-Z][\w.’'-]*)+$"
)
BY_PERSON = re.compile(r"\s*\bby\s+(?P<who>(?:the\s)?[A-Z][\w.’'-]+(?:\s[A-Z][\w.’'-]+){0,3})")
ORDERED = english.DETERMINERS | english.PREPOSITIONS | {"it", "them", "only", "up", "not"}
"""What follows the verb of an instruction, and seldom a noun that is spelt like one."""
MONEY = frozenset("marks dollars pounds euros cents".split())
NO_OBJECT = frozenset("that not be how whether because when if until while since to".split())
"""What may follow a verb and is nothing that is done to."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question, what kind it is, and how good one of that kind usually is (higher is better)."""

    text: str
    kind: str
    worth: float


def drafts(sentence: str, *, room: int, topic: str = "") -> Iterator[Draft]:
    """Questions that a sentence answers; `room` is how many words of its rest they may repeat.

    `topic` is what the passage is about: a pronoun as the subject stands for it.
    """
    flat = " ".join(sentence.split())
    yield from _conditions(flat)
    yield from _instructions(flat)
    clause = parse(flat, topic)
    if clause is None or not 1 <= len(clause.subject.split()) <= 9:
        return
    for make in (_when, _how_many, _why, _where, _by_whom, _what_is, _whether, _subject, _object):
        yield from make(clause, room)


def _ask(wh: str, clause: Clause, rest: str, room: int) -> str:
    return f"{wh} {inverted(clause, short(rest.strip(), room))}?"


def _when(clause: Clause, room: int) -> Iterator[Draft]:
    if clause.verb.lower() in ("may", "might", "can"):
        return
    led = DATE.match(f" {clause.lead}") if len(clause.lead.split()) < 7 else None
    found = led or DATE.search(f" {clause.rest}")
    if not found:
        return
    rest = f" {clause.rest}"
    if not led:
        before, behind = rest[: found.start()], rest[found.end() :].strip()
        goes_on = behind.split(" ", 1)[0].lower() in english.PREPOSITIONS
        rest = f"{before} {behind}" if goes_on else before
    kind = "year" if re.fullmatch(r"\D*\d{4}", found.group()) else "when"
    yield Draft(_ask("When", clause, rest, room), kind, 3.0)


def _how_many(clause: Clause, room: int) -> Iterator[Draft]:
    found = AMOUNT.match(clause.subject)
    if found and found["noun"] and not found["sign"]:
        rest = short(f"{clause.subject[found.end() :]} {clause.verb} {clause.rest}".strip(), room)
        yield Draft(f"How many {found['noun']} {rest}?", "how many", 3.0)
        return
    until = BREAK.search(f"{clause.rest} ")
    found = AMOUNT.search(clause.rest, 0, until.start() if until else 80)
    if not found or DATE.search(f" {clause.rest[: found.end()]}"):
        return
    before, behind = clause.rest[: found.start()].strip(), clause.rest[found.end() :].strip()
    words = before.split()
    ahead = f"{words.pop().capitalize()} how" if words and words[-1].lower() in english.PREPOSITIONS else "How"
    kept = short(f"{' '.join(words)} {behind}".strip(), room)
    if found["sign"] or (found["noun"] or "") in MONEY:
        yield Draft(f"{ahead} much {inverted(clause, kept)}?", "how much", 3.0)
    elif found["percent"]:
        yield Draft(f"What percentage {inverted(clause, kept)}?", "how much", 2.0)
    elif found["noun"]:
        yield Draft(f"{ahead} many {found['noun']} {inverted(clause, kept)}?", "how many", 3.0)


def _why(clause: Clause, room: int) -> Iterator[Draft]:
    found = REASON.search(f" {clause.rest}")
    if found and (found.start() > 5 or not clause.auxiliary):
        yield Draft(_ask("Why", clause, f" {clause.rest}"[: found.start()], room), "why", 3.0)


def _where(clause: Clause, room: int) -> Iterator[Draft]:
    found = PLACE.search(f" {clause.rest}")
    if found and not DATE.match(found.group()):
        yield Draft(_ask("Where", clause, f" {clause.rest}"[: found.start()], room), "where", 1.5)


def _by_whom(clause: Clause, room: int) -> Iterator[Draft]:
    found = BY_PERSON.search(clause.rest)
    if found and clause.auxiliary:
        yield Draft(_ask("By whom", clause, clause.rest[: found.start()], room), "who", 2.5)


def _what_is(clause: Clause, _room: int) -> Iterator[Draft]:
    words = clause.subject.split()
    if (
        clause.verb.lower() in english.COPULAS
        and DEFINED.match(clause.rest)
        and len(words) <= 6
        and words[-1] not in english.VAGUE
    ):
        wh = (
            "Who"
            if (clause.person or PERSON.match(clause.subject)) and clause.verb.lower() in ("is", "was")
            else "What"
        )
        yield Draft(f"{wh} {clause.verb.lower()} {clause.subject}?", "what is", 2.5)


def _whether(clause: Clause, room: int) -> Iterator[Draft]:
    """A question for yes or no: it keeps what the sentence is about, which the next two ask for."""
    rest = short(clause.rest, room)
    if rest and clause.subject.split()[-1].lower() not in english.VAGUE:
        asked = inverted(clause, rest)
        yield Draft(f"{asked[0].upper()}{asked[1:]}?", "whether", 1.3)


def _subject(clause: Clause, room: int) -> Iterator[Draft]:
    """The subject is asked for: no word changes its place."""
    words = clause.subject.split()
    if clause.subject == "you" or words[-1].lower() in english.VAGUE:
        return
    rest = short(clause.rest, room)
    if len(rest.split()) < 2:
        return
    verb = clause.verb.lower()
    if verb == "have" or (not clause.auxiliary and verb in english.bases()):
        verb = english.third_of(verb)
    wh = "Who" if clause.person or PERSON.match(clause.subject) else "What"
    yield Draft(f"{wh} {verb} {rest}?", "subject", 1.2)


def _object(clause: Clause, room: int) -> Iterator[Draft]:
    """What the verb is done to: its rest is left out up to the first preposition."""
    if clause.auxiliary and clause.verb.lower() in english.COPULAS:
        return
    words = clause.rest.split()
    if clause.auxiliary and words and words[0].lower() not in english.bases():
        return
    kept = [words[0]] if clause.auxiliary else []
    behind = words[len(kept) :]
    at = next((i for i, word in enumerate(behind) if word.lower() in english.PREPOSITIONS), None)
    if not behind or at == 0 or behind[0].lower() in NO_OBJECT:
        return
    tail = short(" ".join(behind[at:]), room // 2) if at is not None else ""
    yield Draft(f"What {inverted(clause, ' '.join([*kept, tail]).strip())}?", "object", 0.9)


def _conditions(sentence: str) -> Iterator[Draft]:
    found = CONDITION.match(sentence)
    if found and not re.search(r"\b(?:it|they|this|these|that|he|she)\b", found["what"]):
        what = re.sub(r"^(?:you|we|I)\b", "I", found["what"])
        yield Draft(f"What happens if {what}?", "what if", 2.5)


def _instructions(sentence: str) -> Iterator[Draft]:
    first = sentence.split(" ", 1)[0]
    purpose = PURPOSE.search(sentence)
    led = first == "To" and purpose and purpose.start() == sentence.lower().find("to ")
    second = sentence.split(" ", 2)[1].lower() if " " in sentence else ""
    orders = first.lower() in english.bases() and first[:1].isupper() and second in ORDERED
    if purpose and (orders or sentence.startswith("To ")) and purpose["verb"] in english.bases():
        yield Draft(f"How do I {purpose['verb']} {short(purpose['what'], MIDDLE)}?", "how", 2.5 if led else 2.0)
    elif orders:
        rest = short(sentence.split(" ", 1)[1] if " " in sentence else "", BRIEF)
        if len(rest.split()) >= 2:
            yield Draft(
                f"When should I {first.lower()} {rest}?"
                if " if " in sentence or " when " in sentence
                else f"How should I {first.lower()} {rest}?",
                "how",
                1.5,
            )
