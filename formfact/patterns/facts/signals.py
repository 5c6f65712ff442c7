"""A row -> the signals that its score is made of, each a plain figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log1p

from formfact.patterns.facts import request
from formfact.patterns.facts.content import Content, Unit, stems_of, take_apart
from formfact.patterns.facts.figures import CALENDAR, MEASURES, Figures, sums
from formfact.patterns.facts.file import Shape
from formfact.patterns.facts.language import changed_script, changed_tongue, tongues
from formfact.patterns.facts.silent import silent, within
from formfact.patterns.facts.words import SECOND, TOKEN, Lexicon
from formfact.types import Row

CODE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from \w+ import|return|#include|public|private|const|let|var|function|fn|func|"
    r"SELECT|select|elif|else:|for \w+ in|while|if .*:$|@\w+|</?\w+>?)|\w\(.*\)|[=!<>]=|\w = \S|^\s*```|->|\$\w|\\\w|"
    r"\w\[\w",
    re.MULTILINE,
)
SENTENCE = re.compile(r"[.!?。？！]+(?=[\s\"”’)]|$)")
QUOTES = re.compile(r"[\"“”«»„]")
FAVOUR = re.compile(
    r"\b(?:can|could|would|will|do|did) you (?:please )?(?:also )?"
    r"(?:tell|explain|give|summari[sz]e|help|show|describe|list|provide|know|name|say|define)\b",
    re.IGNORECASE,
)
"""How one asks for information; the person who is asked does not matter."""
READ = 20_000
"""Characters of a completion that are judged: what a longer one teaches shows in its beginning."""
TALE, STRONG = 30, 8
"""Words from which a text can be a tale, and by how much its share of names and numbers speaks against form."""
TOLD = 0.25
"""The share of new content from which whoever asks is told something."""
OWN = 30
"""One word in so many that says I or my: whoever is asked so speaks of himself."""
COUNTED = frozenset("012")
"""Numbers that a program counts with."""
STEM_PREFIX, SHORT, FEWEST_BESIDE, LINES = 5, 240, 15, 40


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for and against a row's completion teaching facts; all between 0 and about 1."""

    fresh: float
    strong: float
    numbers: float
    rare: float
    covered: float
    passage: float
    asks: float
    hangs: float
    tells: float
    works: float
    invents: float
    advises: float
    plays: float
    chats: float
    you: float
    counts: float
    slots: float
    labelled: float
    unasked: float
    tongue: float
    foreign: float
    derived: float
    sums: float
    code: float
    first: float
    second: float
    third: float
    told: float
    tale: float
    questions: float
    exclaims: float
    quotes: float
    repeats: float
    talk: float
    own: float


@dataclass(frozen=True, slots=True)
class Read:
    """A row's signals, the units of its completion that cannot come from the prompt, and whether it claims nothing."""

    signals: Signals
    new: Sequence[Unit]
    silent: bool


def read(row: Row, lexicon: Lexicon, shape: Shape) -> Read:
    """Read one row of a file of that shape."""
    prompt, completion = row.prompt, row.completion[:READ]
    users = [one.content for one in row.messages[:-1] if one.role == "user"]
    system = "\n".join(one.content for one in row.messages[:-1] if one.role == "system")
    last = users[-1] if users else prompt
    asked = request.read(last, system)
    before, question, after = prompt.rpartition(asked.question) if asked.question else (prompt, "", "")
    beside = {*TOKEN.findall(before), *TOKEN.findall(after)}
    put = set(TOKEN.findall(question))
    content = take_apart(completion, lexicon)
    code = _code([line for line in completion.splitlines() if line.strip()][:LINES])
    new, derived = _new(row, content, stems_of(beside | put, lexicon), shape)
    quiet = silent(completion, code=code)
    # Numbers of a program are values of its own choice or of the prompt's, and count as before.
    new = [unit for unit in new if _is_value(unit) or not within(quiet, unit.start)]
    kept = sum(unit.weight for unit in content.units if unit.stem not in shape.form)
    fresh = sum(unit.weight for unit in new) / kept if kept else 0.0
    strong, again = _strong(new), min(3.0, shape.repeats(completion)) / 3
    material = log1p(asked.material) / 5
    signals = Signals(
        fresh=fresh,
        strong=log1p(len(strong)) / 2,
        # A label's number is a mark, and measures nothing.
        numbers=0.0 if again else log1p(sum(stem[0].isdigit() for stem in strong)) / 2,
        rare=max((unit.weight for unit in new), default=0.0),
        covered=min(1.0, material) * (1 - fresh if kept else 0.0),
        passage=_about(put, beside, lexicon) * min(1.0, asked.material / 40),
        you=float(_addresses(asked.question or last, lexicon)),
        own=min(1.0, fresh / TOLD) * asked.asks * min(1.0, OWN * content.first / max(1, content.words)),
        unasked=float(not (asked.asks or asked.tells or asked.hangs) and bool(prompt.strip())),
        tongue=float(_changes(last, completion, beside | put, content.tongues, lexicon)),
        foreign=_gap(beside | put, content, lexicon),
        derived=derived,
        code=code,
        repeats=again,
        **_wanted(asked, told=min(1.0, fresh / TOLD), bare=_bare(content.words, strong)),
        **_voiced(completion, content),
    )
    return Read(signals, new, bool(quiet) and all(within(quiet, unit.start) for unit in content.units))


def _is_value(unit: Unit) -> bool:
    return unit.stem[0].isdigit() and unit.stem not in COUNTED


def _strong(units: Sequence[Unit]) -> set[str]:
    """The names and numbers among the units, each once: a name that is told again claims nothing more."""
    return {unit.stem for unit in units if unit.strong}


def _bare(words: int, strong: Collection[str]) -> float:
    """How free of these names and numbers a text of so many words is: 1 without any, 0 from one word in eight."""
    return max(0.0, 1 - STRONG * len(strong) / max(1, words))


def _wanted(asked: request.Request, *, told: float, bare: float) -> dict[str, float]:
    """What the prompt asks for, as signals. Whoever is `told` little that is new has asked for few facts.

    Advice, and what somebody in a role says, is form as far as it is `bare` of new names and numbers.
    """
    return {
        "asks": told * asked.asks,
        "hangs": told * asked.hangs,
        "tells": told * asked.tells,
        "works": float(asked.works),
        "invents": float(asked.invents),
        "advises": bare * asked.advises,
        "plays": bare * asked.plays,
        "chats": float(asked.chats),
        "counts": float(asked.counts),
        "slots": min(1.0, asked.slots / 4),
        "labelled": float(asked.labelled),
        "talk": float(asked.talks),
    }


def _voiced(completion: str, content: Content) -> dict[str, float]:
    """How the completion speaks, as signals."""
    words = max(1, content.words)
    ends = SENTENCE.findall(completion)
    return {
        "sums": min(1.0, sums(completion) / 2),
        "first": min(1.0, 10 * content.first / words),
        "second": min(1.0, 10 * content.second / words),
        "third": min(1.0, 10 * content.third / words),
        "told": min(1.0, 20 * content.told / words),
        "tale": _tale(content),
        "questions": sum("?" in end or "？" in end for end in ends) / max(1, len(ends)),
        "exclaims": sum("!" in end or "！" in end for end in ends) / max(1, len(ends)),
        "quotes": min(1.0, 10 * len(QUOTES.findall(completion)) / words),
    }


def _tale(content: Content) -> float:
    """How much a longer text sounds told: of somebody who says and does, with few names and numbers beside."""
    if content.words < TALE:
        return 0.0
    voices = content.told + content.third / 2 + (content.first + content.second) / 2
    return min(1.0, 25 * voices / content.words) * _bare(content.words, _strong(content.units))


def _code(lines: Sequence[str]) -> float:
    """How much like a program the lines look: a first line that does counts as a third of them."""
    found = [bool(CODE.search(line)) for line in lines]
    return min(1.0, 1.2 * sum(found) / len(found) + found[0] / 3) if found else 0.0


def _changes(last: str, completion: str, forms: set[str], mine: Counter[int], lexicon: Lexicon) -> bool:
    """Whether the completion is in another language than the prompt."""
    theirs = tongues(filter(None, (lexicon[form].tongues for form in forms)))
    return changed_script(last, completion) or changed_tongue(theirs, mine)


def _new(row: Row, content: Content, source: set[str], shape: Shape) -> tuple[list[Unit], float]:
    """The units that neither stand in the prompt nor follow from it, and the share of its numbers that do follow."""
    completion = row.completion[:READ]
    begins = {stem[:STEM_PREFIX] for stem in source if len(stem) >= STEM_PREFIX}
    figures: Figures | None = None
    found, worked, numbers = [], 0, 0
    deep = content.words <= 12
    for unit in content.units:
        if unit.stem in source:
            continue
        if len(unit.stem) >= STEM_PREFIX and unit.stem[:STEM_PREFIX] in begins:
            continue
        if unit.stem[0].isdigit():
            figures = figures or Figures(row.prompt, completion)
            numbers += 1
            written = completion[unit.start].isdigit()
            text = completion[unit.start : unit.end] if written else unit.stem
            if figures.work_out(text, deep=deep) or (not written and figures.spells(text)):
                worked += 1
                continue
        elif completion[unit.start : unit.end].lower() in CALENDAR:
            figures = figures or Figures(row.prompt, completion)
            if figures.dated or (figures.given and unit.weight < 0.5):
                continue
        elif worked and completion[unit.start : unit.end].lower() in MEASURES:
            continue  # a number that was worked out brings its unit along
        if unit.stem not in shape.form:
            found.append(unit)
    return found, worked / numbers if numbers else 0.0


def _about(put: set[str], beside: set[str], lexicon: Lexicon) -> float:
    """Which share of a question's content, by weight, the rest of the prompt speaks of."""
    words = {lexicon[form][:2] for form in put} - {("", 0.0)}
    total = sum(weight for _, weight in words)
    if not total or len(beside) < FEWEST_BESIDE:
        return 0.0
    there = stems_of(beside, lexicon)
    return sum(weight for stem, weight in words if stem in there) / total


def _addresses(last: str, lexicon: Lexicon) -> bool:
    """Whether what was said last, if it is short, speaks to somebody as you."""
    end = FAVOUR.sub("", last[-SHORT:].strip().rpartition("\n")[2])
    spoken = TOKEN.findall(end)
    return len(spoken) <= 30 and any(lexicon[form].voice == SECOND for form in spoken)


def _gap(forms: set[str], content: Content, lexicon: Lexicon) -> float:
    """How far prompt and completion are apart in their share of words that English does not have."""
    lower = [form for form in forms if len(form) > 2 and form.islower()]
    if len(lower) < 2 or not content.lower:
        return 0.0
    theirs = sum(lexicon[form].foreign for form in lower) / len(lower)
    return abs(content.foreign / content.lower - theirs) * min(1.0, content.lower / 3)
