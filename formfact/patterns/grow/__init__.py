"""A pattern and its children grow a tree of texts: each level's output is cut into parts that feed the next.

What waits for what: a level waits for the level above it, because its inputs are cut out of that. Within a level all
texts are written in one batch, unless the child's `input` asks how the sibling before it ended: then all first siblings
are one batch, all second ones the next, and so on, so that each reads what came just before it while families do not
wait for each other. A first sibling reads instead what was planned last in the family before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from formfact.errors import ModelError, Refused
from formfact.patterns.contract import print_contract
from formfact.patterns.grow.document import document, title
from formfact.patterns.grow.folder import Folder
from formfact.patterns.grow.levels import Level, walk
from formfact.patterns.grow.parts import fill, is_ordered, parts, unnumbered
from formfact.patterns.grow.recap import names, tail
from formfact.types import Growing, Node, Tree, Writing

BATCH = 24
"""Texts that are asked for at once; they are in their files before the next ones are asked for."""
MOST = 2000
"""Texts in one tree."""
DOCUMENT = "document.md"
FIRST, LAST, NONE = "nothing, this is the beginning", "nothing, this is the end", "none"

WriteLevel = Callable[[Level, Sequence[str], Sequence[str] | None], Sequence[Writing]]
"""Writes one text an input for a level, in their order. Last come, for a level at the ends, its texts that must not be
repeated; plans may well name the same people in the same places."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place in the tree for one text. `number` counts siblings from 1, 0 where there is only one by its nature."""

    level: Level
    file: str
    part: str
    number: int = 0
    parent: Spot | None = None

    @property
    def home(self) -> str:
        """The beginning of the names of its children's files: a part has a folder of its own for them."""
        return f"{self.file.removesuffix('.md')}/" if self.number else self.file[: self.file.rfind("/") + 1]


def grow(
    top: Level, start: str, folder: Path, *, write: WriteLevel, report: Callable[[Growing], None] | None = None
) -> Tree:
    """Grow the tree below a text, or go on where an earlier run in the folder stopped; "" goes on with its text.

    Raises Refused where a file of the user's breaks its contract or the tree would be too large, ModelError where a
    text that was written breaks its contract; those beside it that do not are kept.
    """
    return _Growth(top, Folder(folder, top.name, start), write, report).run()


class _Growth:
    """The spots of each level in reading order; the texts that are there, and what each is written from."""

    def __init__(self, top: Level, folder: Folder, write: WriteLevel, report: Callable[[Growing], None] | None) -> None:
        self._top, self._folder, self._write, self._report = top, folder, write, report
        self._rows: dict[str, list[Spot]] = {top.name: [Spot(top, f"{top.name}.md", "")]}
        self._texts: dict[str, str] = {}
        self._inputs: dict[str, str] = {}
        self._started = time.perf_counter()
        self._written = 0

    def run(self) -> Tree:
        for level in walk(self._top):
            row = self._rows[level.name]
            numbers = sorted({spot.number for spot in row}) if is_ordered(level.fed) else []
            for wave in [[spot for spot in row if spot.number == number] for number in numbers] or [row]:
                self._fill(level, wave)
            for below in level.below:
                self._rows[below.name] = [spot for parent in row for spot in self._children(parent, below)]
            self._check_size()
        root = self._node(self._rows[self._top.name][0])
        file = self._folder.put(DOCUMENT, document(root))
        return Tree(
            folder=str(self._folder.path), document=str(file), title=title(root), words=self._words(),
            seconds=round(time.perf_counter() - self._started, 1), written=self._written, root=root,
        )  # fmt: skip

    def _fill(self, level: Level, wave: Sequence[Spot]) -> None:
        """Have a text at each spot: the one that is kept where it is up to date, else a new one."""
        sources: dict[str, str] = {}
        todo: list[Spot] = []
        for spot in wave:
            self._inputs[spot.file] = self._input(spot)
            sources[spot.file] = f"{print_contract(level.contract)}\n{self._inputs[spot.file]}"
            text = self._folder.text(spot.file, sources[spot.file])
            if text is None:
                todo.append(spot)
            else:
                self._take_up(spot, text)
        for at in range(0, len(todo), BATCH):
            some = todo[at : at + BATCH]
            there = [self._texts[spot.file] for spot in self._rows[level.name] if spot.file in self._texts]
            apart = None if level.below else there
            found = self._write(level, [self._inputs[spot.file] for spot in some], apart)
            self._keep(some, found, sources)
        self._tell(level)

    def _take_up(self, spot: Spot, text: str) -> None:
        """A text that is there already; a person may have changed it."""
        problems = spot.level.contract.check(text)
        if problems:
            raise Refused(
                f"{self._folder.path / spot.file} breaks the contract of {spot.level.name}: {problems[0].message}",
                hint="mend the file, or delete it to have it written again",
            )
        self._texts[spot.file] = text

    def _keep(self, spots: Sequence[Spot], found: Sequence[Writing], sources: dict[str, str]) -> None:
        good = [(spot, one) for spot, one in zip(spots, found, strict=True) if not one.problems]
        self._folder.keep([(spot.file, sources[spot.file], one) for spot, one in good])
        self._texts |= {spot.file: one.text for spot, one in good}
        self._written += len(good)
        self._tell(spots[0].level)
        bad = [(spot, one) for spot, one in zip(spots, found, strict=True) if one.problems]
        if bad:
            spot, one = bad[0]
            raise ModelError(
                f"{len(bad)} of {len(spots)} texts break the contract of {spot.level.name}; the first, for "
                f"{spot.file}: {one.problems[0].message}",
                hint=f"what keeps it is in {self._folder.path}: run again to go on from there, or write that file "
                "by hand first",
            )

    def _tell(self, level: Level) -> None:
        if self._report:
            row = self._rows[level.name]
            done = sum(spot.file in self._texts for spot in row)
            self._report(Growing(level.name, done, len(row), self._words(), time.perf_counter() - self._started))

    def _words(self) -> int:
        ends = (spot for row in self._rows.values() for spot in row if not spot.level.below)
        return sum(len(self._texts[spot.file].split()) for spot in ends if spot.file in self._texts)

    def _children(self, parent: Spot, below: Level) -> list[Spot]:
        assert below.fed
        found = self._parts(parent, below)
        if not found:
            raise Refused(
                f"{self._folder.path / parent.file} has no part for {below.name}: each = {below.fed.each!r} finds none",
                hint=f"change [[children]] of {parent.level.name}, or its contract so that there are such parts",
            )
        if not below.parted:
            return [Spot(below, f"{parent.home}{below.name}.md", "", 0, parent)]
        return [
            Spot(below, f"{parent.home}{below.name}-{number:02}.md", part, number, parent)
            for number, part in enumerate(found, 1)
        ]

    def _parts(self, parent: Spot, below: Level) -> list[str]:
        assert below.fed
        text = self._texts[parent.file]
        return parts(text.removesuffix(parent.level.contract.marker), below.fed.each)

    def _check_size(self) -> None:
        size = sum(map(len, self._rows.values()))
        if size > MOST:
            raise Refused(f"the tree would have {size:,} texts", hint=f"at most {MOST:,} can grow: ask for fewer parts")

    def _input(self, spot: Spot) -> str:
        parent, fed = spot.parent, spot.level.fed
        if parent is None or fed is None:
            return self._folder.start
        values: dict[str, Callable[[], str]] = {
            "part": lambda: spot.part or self._parts(parent, spot.level)[0],
            "output": lambda: self._texts[parent.file].removesuffix(parent.level.contract.marker),
            "input": lambda: self._inputs[parent.file],
            "before": lambda: self._before(spot, parent),
            "names": lambda: ", ".join(names(self._told(spot, parent))) or NONE,
            "next": lambda: self._next(spot, parent),
        }
        return fill(fed, values)

    def _before(self, spot: Spot, parent: Spot) -> str:
        elders = self._elders(spot)
        if elders:
            return tail(self._texts[elders[-1].file])
        aunts = self._aunts(parent)
        at = aunts.index(parent)
        return unnumbered(self._parts(aunts[at - 1], spot.level)[-1]) if at else FIRST

    def _next(self, spot: Spot, parent: Spot) -> str:
        siblings = self._parts(parent, spot.level)
        if 0 < spot.number < len(siblings):
            return unnumbered(siblings[spot.number])
        aunts = self._aunts(parent)
        at = aunts.index(parent) + 1
        return unnumbered(self._parts(aunts[at], spot.level)[0]) if at < len(aunts) else LAST

    def _told(self, spot: Spot, parent: Spot) -> list[str]:
        """What a reader has been told: families before by their plans, elder siblings in their own words."""
        aunts = self._aunts(parent)
        before = [self._texts[aunt.file] for aunt in aunts[: aunts.index(parent)]]
        return [*before, *(self._texts[elder.file] for elder in self._elders(spot))]

    def _elders(self, spot: Spot) -> list[Spot]:
        row = self._rows[spot.level.name]
        return [one for one in row if one.parent is spot.parent and one.number < spot.number]

    def _aunts(self, parent: Spot) -> list[Spot]:
        return self._rows[parent.level.name]

    def _node(self, spot: Spot) -> Node:
        children = [
            self._node(one) for below in spot.level.below for one in self._rows[below.name] if one.parent is spot
        ]
        kept = self._folder.kept(spot.file)
        tokens, seconds = (kept.tokens, kept.seconds) if kept else (0, 0.0)
        text = self._texts[spot.file]
        return Node(spot.level.name, spot.part, text, spot.file, tokens, seconds, tuple(children))
