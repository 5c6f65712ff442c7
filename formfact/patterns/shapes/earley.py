"""Recognises a text by a context-free grammar (Earley 1970), whose terminals are regular expressions, in bounded work.

Lark reads the grammar; its own parser is not asked, as a hostile text keeps it busy for hours.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import lark
from lark.grammar import NonTerminal
from lark.load_grammar import GrammarBuilder

from formfact.errors import Refused
from formfact.patterns.settings import refuse
from formfact.patterns.shapes import LONGEST
from formfact.patterns.shapes.automaton import automaton
from formfact.patterns.shapes.expression import Node, read, shortest
from formfact.patterns.shapes.extent import too_large

WORK = 1_000_000
"""Items (a few seconds) after which a text counts as too long for its grammar."""
SHOWN = 6
"""Terminals that are named as what could have gone on."""
TOO_LONG = "." * (LONGEST + 1)
HINT = "a grammar begins with a rule `start: ...`, in Lark's notation"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to write a symbol; symbols that `terminals` does not name are rules' names."""

    name: str
    parts: tuple[str, ...]


Item = tuple[Rule, int, int]
"""A rule, how many of its parts were found, and where it began."""


@dataclass(frozen=True, slots=True)
class Language:
    """A grammar: its rules by name, its terminals, and those between which they may stand unseen."""

    rules: Mapping[str, tuple[Rule, ...]]
    terminals: Mapping[str, Node]
    shown: Mapping[str, str]
    ignored: tuple[str, ...]
    empty: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a text leaves the grammar, and why."""

    at: int
    why: str


def read_grammar(source: str, where: str) -> Language:
    """The grammar of a source in Lark's notation. Raises Refused."""
    try:
        builder = GrammarBuilder()
        builder.load_grammar(source)
        grammar = builder.build()
        large = too_large(grammar)
        made = lark.Lark(grammar, parser="earley", lexer="dynamic") if large is None else None
    except Exception as error:
        # Lark hands on what its readers of regular expressions and of files raise.
        said = str(error).splitlines() or ["it is nested too deeply"]
        raise refuse(where, f"lark is no grammar: {said[0]}", HINT) from error
    if made is None:
        what = f"lark is too large: {large!r}, its repeats and ways written out, has more than {LONGEST:,} symbols"
        raise refuse(
            where, what, "repeat a rule of its own instead of alternatives in brackets: its ways are not multiplied"
        )
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in made.rules:
        rules[_name(rule.origin)].append(Rule(_name(rule.origin), tuple(map(_name, rule.expansion))))
    terminals = {one.name: read(one.pattern.to_regexp(), f"{where} {one.name}") for one in made.terminals}
    shown = {one.name: one.name if one.pattern.type == "re" else repr(one.pattern.value) for one in made.terminals}
    fixed = {name: tuple(ways) for name, ways in rules.items()}
    return Language(fixed, terminals, shown, tuple(made.ignore_tokens), _empty(fixed))


def _name(symbol: lark.grammar.Symbol) -> str:
    """Rules' names are marked, so that none is taken for a terminal's."""
    return f"<{symbol.name}>" if isinstance(symbol, NonTerminal) else str(symbol.name)


def _empty(rules: Mapping[str, Iterable[Rule]]) -> frozenset[str]:
    """The rules that can be written as nothing."""
    found: set[str] = set()
    while True:
        more = {name for name, ways in rules.items() if any(set(way.parts) <= found for way in ways)} - found
        if not more:
            return frozenset(found)
        found |= more


def shortest_text(language: Language, where: str) -> str | None:
    """A shortest text of the grammar; None where every way leads on for ever. Raises Refused where it is too long."""
    known = {name: found for name, node in language.terminals.items() if (found := shortest(node)) is not None}
    grown = True
    while grown:
        grown = False
        for name, ways in language.rules.items():
            texts = [_joined([known[p] for p in way.parts]) for way in ways if all(p in known for p in way.parts)]
            best = min(texts, key=len, default=None)
            if best is not None and (name not in known or len(best) < len(known[name])):
                known[name] = best
                grown = True
    found = known.get("<start>")
    if found is not None and len(found) > LONGEST:
        what = f"the shortest text of lark has more than {LONGEST:,} characters"
        raise refuse(where, what, "ask for fewer repeats")
    return found


def _joined(texts: list[str]) -> str:
    """Texts as one; a text that is too long is not made, and another as long as it stands for it."""
    return "".join(texts) if sum(map(len, texts)) <= LONGEST else TOO_LONG


class _TooMuch(Exception):
    """More work than a text is worth."""


class Recogniser:
    """Follows one text; `chart` holds for each offset the items that reach it."""

    def __init__(self, language: Language, text: str) -> None:
        self._language, self._text = language, text
        self._chart: dict[int, dict[Item, None]] = defaultdict(dict)
        self._waiting: dict[int, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
        self._todo: list[int] = []
        self._skips: dict[int, list[int]] = {}
        self._work = 0

    def stop(self) -> Stop | None:
        """Where the text stops being one of the grammar, None where it is one."""
        self._reach(0, [(rule, 0, 0) for rule in self._language.rules["<start>"]])
        last = 0
        try:
            while self._todo:
                last = heapq.heappop(self._todo)
                self._close(last)
                if self._is_done(last):
                    return None
                self._scan(last)
            return self._where(last)
        except (_TooMuch, Refused):
            return Stop(last, "is too long or too ambiguous from here on to be checked by the grammar")

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > WORK:
            raise _TooMuch

    def _reach(self, offset: int, items: list[Item]) -> None:
        self._count(len(items))
        if offset not in self._chart:
            heapq.heappush(self._todo, offset)
        self._chart[offset].update(dict.fromkeys(items))

    def _close(self, here: int) -> None:
        """Add the items that follow from those of an offset, and note what each of them waits for."""
        waiting, chart = self._waiting[here], self._chart[here]
        items = list(chart)
        for rule, at, begun in items:
            if at == len(rule.parts):
                new = [(r, a + 1, b) for r, a, b in self._waiting[begun][rule.name]]
            else:
                part = rule.parts[at]
                waiting[part].append((rule, at, begun))
                new = [(one, 0, here) for one in self._language.rules.get(part, ())]
                if part in self._language.empty:
                    new.append((rule, at + 1, begun))
            items += (item for item in new if item not in chart)
            self._reach(here, new)

    def _is_done(self, here: int) -> bool:
        whole = any(
            rule.name == "<start>" and at == len(rule.parts) and not begun for rule, at, begun in self._chart[here]
        )
        return whole and len(self._text) in self._skipped(here)

    def _scan(self, here: int) -> None:
        for name in self._wanted(here):
            items = [(rule, at + 1, begun) for rule, at, begun in self._waiting[here][name]]
            for begin in self._skipped(here):
                ends = automaton(self._language.terminals[name]).ends(self._text, begin)
                self._count(len(ends) + 1)
                for end in ends:
                    if end > begin:
                        self._reach(end, items)

    def _wanted(self, here: int) -> list[str]:
        return [name for name in self._waiting[here] if name in self._language.terminals]

    def _skipped(self, here: int) -> list[int]:
        """The offsets that are reached from an offset by what the grammar ignores, itself included."""
        if here not in self._skips:
            found, todo = {here}, [here]
            for offset in todo:
                for name in self._language.ignored:
                    ends = automaton(self._language.terminals[name]).ends(self._text, offset)
                    self._count(len(ends) + 1)
                    todo += (end for end in ends if end not in found)
                    found.update(ends)
            self._skips[here] = todo
        return self._skips[here]

    def _where(self, last: int) -> Stop:
        """The farthest offset to which one of the terminals that could follow goes along with the text."""
        at = last
        wanted = self._wanted(last)
        for name in wanted:
            for begin in self._skipped(last):
                stop = automaton(self._language.terminals[name]).stop(self._text, begin)
                at = max(at, len(self._text) if stop is None else stop)
        names = [self._language.shown[name] for name in wanted[:SHOWN]]
        more = ", …" if len(wanted) > SHOWN else ""
        return Stop(at, f"is not of the grammar: {', '.join(names) + more or 'the end'} could follow")
