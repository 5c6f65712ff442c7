"""What a prompt asks for: to tell, to invent, to work on a given text, to talk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formfact.patterns.facts.cues import expression, people, phrases, verbs

LONGEST_LABEL = 40
EDGE = 240
"""Characters at either end of a prompt that are read for what it asks: instructions stand first or last."""

TURN = re.compile(r"^([A-Z][\w .'-]{0,24}):(?=\s)", re.MULTILINE)
LABEL = expression(
    r"^\W*(?:\w+ ){0,2}(?:a|answer|response|reply|assistant|bot|ai|output|antwort|réponse|respuesta|risposta)\W*$"
)
"""A last line that only makes room for the answer."""
ASKED = expression(r"^\W*(?:q|question|frage|pregunta|domanda)\s*\d*\s*[:.)]\s*")
POLITE = expression(rf"^\W*{phrases('polite')}\W+")
WH = expression(
    rf"^\W*(?:(?:and|but|so|also|ok|in|on|at|to|for|from|by|of|with|during|under|about) )?{phrases('asks')}\b"
)
_DOES = r"(?:is|are|was|were|do|does|did|can|will|should|would|has|have|had|to)\b"
_THEY = r"(?:the|an?|this|that|my|your|his|her|its|our|their|it|he|she|they|we|i|you)\b"
CLAUSE = expression(rf"^\W*(?:(?:when|where) (?!{_DOES})|(?:how|what) (?!(?:(?!{_THEY})\w+ ){{0,2}}{_DOES}))")
"""What begins like a question, and mostly is a clause: `when converted to`; not so `how many books can I borrow`."""
WHAT_IF = expression(r"^\W*what if\b")
"""What supposes, and asks for nothing that is known."""
QUOTES = ("'", '"')
STOPS = (".", "!", ":", ",", ";")
ENDS = ("?", "？", "؟")
HANGS = expression(rf"\b{phrases('hangs')}\W*$")
"""How a statement ends that is left for the completion to finish."""
SAYS = expression(r"^\W*(?:i|i'm|i've|i'd|we|we're|my|our)\b")
TELL, WORK = verbs("tell"), verbs("work")
WORKS = expression(rf"\b{phrases('work')}\b|翻译|翻訳|->|=>|→")
INVENTS = expression(rf"\b{phrases('invent')}\b|\A\W*\[?WP\b")
_OVER = "|".join((*sorted(verbs("over")), phrases("over")))
OVER = expression(rf"(?:^|(?<=[.!;] ))\W*(?:{phrases('polite')}\W+){{0,2}}(?:{_OVER})\b(?!\s*:| me\b)")
"""An instruction for which what follows is material, also where it is a question."""
ANSWERS = expression(r"\banswer|\brepl(?:y|ies)\b|\brespon[ds]|\bantwort|\brépon|\brespond|\brispon")
_TRADE = (
    rf" ?an? (?:{people('skills')} )*{people('trades')}"
    r"(?= ?(?:[.,;:!\n]|$|(?:with|for|at|of|in charge|speciali[sz]ing|working|helping|and)\b))"
)
_SERVES = rf"(?: ?[\w'’&-]+[ ,]){{0,6}} ?{phrases('serve')}\b|{_TRADE}| ?an? (?:\w+ )?{people('merits')}\b"
PLAYS = expression(rf"(?:\b{phrases('play')}|(?:^|(?<=[.!?:;] ))\W*{phrases('be')})(?!{_SERVES})")
"""Who is to be somebody else than one who serves with what he knows."""
ADDRESSES = expression(
    rf"(?:^|[,.!?…] )\W*(?:{phrases('hail')}\W+){{0,3}}{phrases('address')}(?: [\w'-]+)?(?=\s*(?:[,.!?…;]|$))"
)
"""How one speaks to somebody who is there, by a title, as kin or fondly: `Captain, how far is it?`, `Sit down, dear.`

What a list of things may end with (`flour, eggs, honey?`) is not among the words.
"""
GREETS = expression(rf"^\W*{phrases('greet')}\b")
ADVISES = expression(rf"\b{phrases('advise')}\b")
SMALLTALK = expression(rf"\b{phrases('chat')}\b")
COUNTS = expression(rf"\b{phrases('count')}\b|%|\d\s*[-+*/x×÷^=]\s*\d|\d\s*=")
NUMBER = expression(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|half|twice|dozen)\b")
SLOT = expression(r"(?:^|[;,|])\W*[\w /'-]{2,30}[:=]\s*\S")
BEGINS = re.compile(r"\W*([^\W\d_]+)")
RECORD = re.compile(r"\W*\w+[:=][^\n;,|]{1,80}[;,|] ?\w[\w ]{0,30}[:=]")
"""`name: Teal; type: kettle` begins with a key and not with a verb, other than `Define: osmosis`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a prompt asks for. `question` is the line that asks, `material` how many words there are beside it."""

    asks: bool
    hangs: bool
    tells: bool
    works: bool
    invents: bool
    advises: bool
    plays: bool
    chats: bool
    counts: bool
    slots: int
    labelled: bool
    question: str
    material: int
    talks: bool


def read(prompt: str, system: str = "") -> Request:
    """Read the user's last words, and the system message for what it makes of them."""
    speakers = TURN.findall(prompt)
    lines = [line.strip() for line in prompt.splitlines() if line.strip()]
    while lines and LABEL.match(lines[-1]):
        lines.pop()
    first, last = (lines[0], lines[-1]) if lines else ("", "")
    edges = prompt if len(prompt) <= 2 * EDGE else f"{prompt[:EDGE]}\n{prompt[-EDGE:]}"
    about = f"{system[:EDGE]}\n{edges}"
    smalltalk = bool(SMALLTALK.search(last[-EDGE:]))
    over = _over(system, first, last)
    asked = "" if smalltalk or over else next((line for line in (last, first, *lines[-3:-1]) if _asks(line)), "")
    bids = {verb for verb in (_verb(first), _verb(last), _verb(system)) if verb}
    works = bool(bids & WORK) or bool(WORKS.search(about))
    invents = not asked and bool(INVENTS.search(about))
    return Request(
        asks=bool(asked),
        hangs=not (invents or works or asked) and len(prompt) < 2 * EDGE and _hangs(last),
        tells=not (invents or over) and bool(bids & TELL),
        works=works,
        invents=invents,
        advises=bool(ADVISES.search(edges)),
        plays=bool(PLAYS.search(system[:EDGE] or edges[:EDGE]) or ADDRESSES.search((asked or last)[: 2 * EDGE])),
        chats=smalltalk or (not asked and bool(GREETS.search(last))),
        counts=bool(NUMBER.search(edges) and COUNTS.search(edges)),
        slots=len(SLOT.findall(edges)),
        labelled=last.endswith((":", "->", "=>", "=")) and not asked and len(last) < LONGEST_LABEL,
        question=asked,
        material=max(0, len(prompt.split()) - len((asked or last).split())),
        talks=len(speakers) > len(set(speakers)) > 1,
    )


def _asks(line: str) -> bool:
    """Whether a line puts a question: it ends in one outside of quotation marks, or begins with a word that asks."""
    line = ASKED.sub("", line)
    if WHAT_IF.match(line):
        return False
    if POLITE.match(line) and not WH.match(POLITE.sub("", line)):
        return False
    bare = line.rstrip(" *_).")
    if bare[-1:] in QUOTES and bare.count(bare[-1]) % 2:
        bare = bare[:-1]
    if bare.endswith(ENDS):
        return True
    bare = line.rstrip()
    return len(bare) <= EDGE and not bare.endswith(STOPS) and bool(WH.match(bare)) and not CLAUSE.match(bare)


def _over(system: str, first: str, last: str) -> bool:
    """Whether a question is what an instruction is about: `Classify the intent: Where is my parcel?`"""
    if system and OVER.search(system[:EDGE]):
        return not ANSWERS.search(system)
    bid, _, rest = first[:EDGE].partition(":")
    return bool(rest.strip() or last != first) and bool(OVER.search(bid)) and not ANSWERS.search(first)


def _hangs(line: str) -> bool:
    """Whether a line is a statement left open; what somebody says of himself ("I cannot log in") is whole."""
    return bool(HANGS.search(line)) and not SAYS.match(line)


def _verb(line: str) -> str:
    """The verb that a line begins with, after what politeness puts before it."""
    for _ in range(2):
        line = POLITE.sub("", line)
    found = BEGINS.match(line)
    return found[1].lower() if found and not RECORD.match(line) else ""
