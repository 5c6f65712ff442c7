"""An answer -> what a person reads in a terminal: quotes, or what was written with the quotes that it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from formfact.interfaces.terminal import Page, columns, emphasise, place, printable
from formfact.types import Answer, Claim, Flag, FlagKind

LEVELS = ((0.85, "high"), (0.6, "fair"), (0.0, "low"))
SAID: dict[FlagKind, str] = {
    "citation": "no valid citation",
    "name": "a name",
    "number": "a number",
    "date": "a date",
    "quotation": "a quotation",
    "link": "a link",
    "markup": "markup",
    "wording": "other words",
    "denial": "a denial",
    "code": "code",
}
"""How a flag is told: what was there that no quote holds."""


class Words:
    """A writer's sentences one after the other -> what is to be printed for each, wrapped to the page."""

    def __init__(self, page: Page) -> None:
        self._page, self._column, self.told = page, 0, False

    def take(self, claim: Claim) -> str:
        """One more sentence; code keeps its lines."""
        lines = [self._line(line, code="```" in claim.text) for line in claim.text.split("\n")]
        before = "\n" if claim.joint == "\n" else " " if self.told and not lines[0].startswith("\n") else ""
        self.told = True
        return before + "\n".join(lines)

    def end(self, given: Answer) -> str:
        """What stands behind them: where the answer is another one, the reader is told."""
        taken_back = given.fallback and self._page.dim("What stands above is taken back:") + "\n"
        return f"\n{taken_back}\n" if self.told else ""

    def _line(self, line: str, *, code: bool) -> str:
        if code:
            return printable(line)
        found = ""
        for word in printable(line).split():
            wide = columns(word)
            if self._column and self._column + 1 + wide > self._page.width:
                found, self._column = f"{found}\n{word}", wide
            else:
                found, self._column = f"{found} {word}" if found else word, self._column + 1 + wide
        return found


def answer(page: Page, given: Answer, *, told: bool = False) -> Iterator[str]:
    """What was written with its quotes; quotes alone; or the abstention with what came nearest.

    `told`: what was written stands on the page already.
    """
    if given.abstained:
        yield from _abstention(page, given)
        return
    written = bool((given.writer or given.pattern) and not given.fallback)
    if written and not told:
        yield from _written(page, given)
    if given.short:
        yield page.bold(page.fit(given.short.text, ""))
        yield ""
    for number, quote in enumerate(given.quotes, 1):
        mark = f"[{number}] " if written else ""
        rows = page.block(f"{mark}“{quote.text.strip()}”", "  ")
        yield from (emphasise(page, row, given.question) for row in rows)
        where = f"{place(quote.document, quote.source, quote.page, quote.headings)}, {quote.start}-{quote.end}"
        yield page.dim(page.fit(f"— {where}", "    "))
        yield ""
    level = next(word for least, word in LEVELS if given.confidence >= least)
    yield page.dim(f"confidence {given.confidence:.2f} ({level})")
    yield from _remarks(page, given)


def _abstention(page: Page, given: Answer) -> Iterator[str]:
    yield page.bold("Not in your documents.") + page.dim(f"  (confidence {given.confidence:.2f})")
    if given.nearest:
        yield "The nearest passages, which may not answer it:"
    for hit in given.nearest:
        yield page.fit(f"- {place(hit.document, hit.source, hit.page, hit.headings)}", "  ")
    yield from _remarks(page, given)


def _written(page: Page, given: Answer) -> Iterator[str]:
    """Prose is wrapped; what has a form keeps its lines."""
    for line in given.answer.split("\n"):
        if given.pattern or "```" in given.answer:
            shown = line.expandtabs(4)
            yield " " * (len(shown) - len(shown.lstrip())) + printable(shown)
        else:
            yield from page.wrap(line, "") or [""]
    yield ""


def _remarks(page: Page, given: Answer) -> Iterator[str]:
    """What was left out or is flagged, and why the answer is another one than was asked for."""
    if given.fallback:
        yield from map(page.dim, page.wrap(given.fallback, ""))
    if given.dropped:
        sentences = "1 sentence was" if given.dropped == 1 else f"{given.dropped} sentences were"
        held = f"{sentences} left out, with {_kinds(given.flags, kept=False)} that no quote holds"
        yield from map(page.dim, page.wrap(held, ""))
    kept = [flag for flag in given.flags if flag.text]
    for flag in kept:
        yield from page.wrap(f"not in the quotes: {SAID[flag.kind]}: {flag.text}", "")


def _kinds(flags: tuple[Flag, ...], *, kept: bool) -> str:
    """The kinds of flags in words, each once."""
    said = list(dict.fromkeys(SAID[flag.kind] for flag in flags if bool(flag.text) == kept)) or ["words"]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
