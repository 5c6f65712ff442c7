"""The levels of a growth: which pattern feeds which, how many parts each has, and how long the whole must become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from formfact.errors import Refused
from formfact.patterns.contract import FILES, Child, Contract
from formfact.patterns.shelf import Found, find

DEEPEST = 8
MOST_LEVELS = 32
WORDS = 10_000
"""What is promised where nothing is said and running text is grown."""


@dataclass(frozen=True, slots=True)
class Level:
    """A pattern in a growth: how it is `fed` (None: by the user), and the levels `below` that its output feeds."""

    found: Found
    fed: Child | None = None
    below: tuple[Level, ...] = ()

    @property
    def contract(self) -> Contract:
        return self.found.contract

    @property
    def name(self) -> str:
        return self.found.contract.name

    @property
    def parted(self) -> bool:
        """Whether its parent feeds it more than once."""
        return self.fed is not None and self.fed.each != "whole"


def plan(
    top: Found, *, words: int | None = None, counts: Mapping[str, int] | None = None,
    tuned: Mapping[str, Path] | None = None,
) -> Level:  # fmt: skip
    """The levels below a pattern, none of which feeds itself.

    `counts` sets the lines of a level by its pattern's name; `words` chooses the others so that the texts at the ends
    have at least so many together (WORDS where neither is given and so much can be promised); `tuned` gives a level
    the folder that training wrote. Raises Refused, NotFound.
    """
    level = _open(top, None, (), dict(tuned or {}))
    levels = list(walk(level))
    if len(levels) > MOST_LEVELS:
        raise Refused(f"{top.contract.name} has {len(levels)} levels below it", hint=f"at most {MOST_LEVELS} can grow")
    known = {one.name for one in levels}
    if twice := sorted(name for name in known if sum(one.name == name for one in levels) > 1):
        raise Refused(f"two levels below {top.contract.name} are called {twice[0]}", hint="give one another name")
    for kind, given in (("count", counts or {}), ("tuned", tuned or {})):
        if unknown := sorted(set(given) - known):
            raise Refused(f"--{kind} {unknown[0]}: no level is called so", hint=f"levels: {', '.join(sorted(known))}")
    fixed = dict(counts or {})
    for name, lines in fixed.items():
        _check_count(next(one for one in levels if one.name == name), lines)
    if words is None and not fixed and can_be_sized(level):
        words = WORDS
    if words is not None:
        fixed = _sized(level, fixed, words)
    return _counted(level, fixed)


def walk(top: Level) -> Iterator[Level]:
    """All levels, from the top down: no level comes before one above it."""
    todo = [top]
    while todo:
        level = todo.pop(0)
        yield level
        todo += level.below


def sure_words(level: Level, counts: Mapping[str, int]) -> int:
    """The words that the texts at the ends have at the least, with so many lines at each level."""
    if not level.below:
        least = level.contract.output.get("words", (0, 0))[0] if level.contract.shape == "text" else 0
        return int(least)
    times = counts.get(level.name, _range(level)[0])
    return sum(sure_words(one, counts) * (times if _by_line(one) else 1) for one in level.below)


def can_be_sized(level: Level) -> bool:
    """Whether a number of words can be promised: there are ends of running text, and a list above them."""
    return any(map(_listed, walk(level))) and sure_words(level, {}) > 0


def _open(found: Found, fed: Child | None, above: tuple[Path, ...], tuned: dict[str, Path]) -> Level:
    here = found.folder.resolve()
    if here in above:
        loop = " → ".join(folder.name for folder in (*above[above.index(here) :], here))
        raise Refused(f"the children of {found.contract.name} go round: {loop}", hint="take one [[children]] out")
    if len(above) >= DEEPEST:
        raise Refused(f"{found.contract.name} is level {len(above) + 1}", hint=f"at most {DEEPEST} levels can grow")
    children = found.contract.children
    below = tuple(_open(_child(found, child), child, (*above, here), tuned) for child in children)
    if found.contract.name in tuned:
        found = _tuned(found, tuned[found.contract.name])
    return Level(found, fed, below)


def _child(parent: Found, child: Child) -> Found:
    """The child by its name: a folder beside the parent's contract first, then as every pattern is found."""
    beside = parent.folder / child.pattern
    for folder in (beside, parent.folder.parent / child.pattern):
        if any((folder / file).is_file() for file in FILES):
            return find(folder)
    return find(child.pattern)


def _tuned(found: Found, folder: Path) -> Found:
    """The same level, written by what training made of it."""
    trained = find(folder)
    if trained.contract.name != found.contract.name or not trained.adapter:
        what = f"{folder} holds {'' if trained.adapter else 'no adapter for '}{trained.contract.name}"
        raise Refused(f"{what}, where {found.contract.name} is written", hint="name a folder that `train` wrote for it")
    return replace(trained, contract=replace(trained.contract, children=found.contract.children))


def _listed(level: Level) -> bool:
    """Whether the number of its lines decides how many texts come below it."""
    return level.contract.shape == "lines" and any(map(_by_line, level.below))


def _by_line(level: Level) -> bool:
    return level.fed is not None and level.fed.each == "line"


def _range(level: Level) -> tuple[int, int]:
    if level.contract.shape != "lines":
        return 1, 1
    least, most = level.contract.output.get("count", (1, 20))
    return int(least), int(most)


def _check_count(level: Level, lines: int) -> None:
    least, most = _range(level)
    if level.contract.shape != "lines":
        raise Refused(f"{level.name} is no list: it has no count", hint="give counts of levels whose shape is lines")
    if not least <= lines <= most:
        raise Refused(f"{level.name} has {least} to {most} lines, not {lines}", hint="give a number between them")


def _sized(top: Level, fixed: Mapping[str, int], words: int) -> dict[str, int]:
    """Counts that promise so many words: the list that is shortest within its own range grows first."""
    free = {one.name: _range(one) for one in walk(top) if _listed(one) and one.name not in fixed}
    counts = dict(fixed) | {name: least for name, (least, _) in free.items()}
    if not can_be_sized(top):
        raise Refused(
            f"no number of words can be promised: no list above texts of {top.name} has words to count",
            hint="give counts instead, or none",
        )
    while sure_words(top, counts) < words:
        growing = [name for name, (_, most) in free.items() if counts[name] < most]
        if not growing:
            most = sure_words(top, counts)
            raise Refused(
                f"{top.name} can promise {most:,} words with these counts, not {words:,}",
                hint="ask for fewer words, or widen [output] count and words in a copy of the contracts",
            )
        counts[min(growing, key=lambda name: _share(counts[name], free[name]))] += 1
    return counts


def _share(count: int, between: tuple[int, int]) -> float:
    """How far a count is through its range."""
    return (count - between[0]) / (between[1] - between[0])


def _counted(level: Level, counts: Mapping[str, int]) -> Level:
    """The same levels with the counts in their contracts, so that data, mask and check all hold them."""
    found = level.found
    if level.name in counts:
        lines = counts[level.name]
        output = {**found.contract.output, "count": [lines, lines]}
        found = replace(found, contract=replace(found.contract, output=output))
    return Level(found, level.fed, tuple(_counted(one, counts) for one in level.below))
