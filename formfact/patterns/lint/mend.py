"""One row -> the row as it should be, and what was done to it: only what needs no guess."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from formfact.patterns.contract import Contract
from formfact.patterns.examples import as_example, problems_of
from formfact.patterns.lint.habits import BULLET, NUMBERED, SEPARATOR, Habits, bullet, found, styles
from formfact.patterns.rows.forms import textless
from formfact.types import Message, Row

SURE_MARKER = re.compile(r"(\s*(?:###|<END>|<\|\w+\|>|\[END\]|</s>)|\n\s*(?:END|STOP|\*\*\*))$")
"""What is no word of the text itself; " END" may close a story."""
SPACE = "white space taken away around the completion and at the ends of its lines"
MARK = "the end marker made as it should be"
SEPARATED = "the separator behind the prompt made that of most rows"
BULLETS = "the beginnings of lines made those of most rows"
BARE = "bullets taken away that break the contract"
LINES = "lines left out that are empty, break the contract or repeat another"
BROKEN = "left out: it breaks the contract"


@dataclass(frozen=True, slots=True)
class Mended:
    """A row as it should be, None where it cannot be; and what was done to it."""

    row: Row | None
    changes: tuple[str, ...]


def mend(row: Row, habits: Habits, contract: Contract | None = None) -> Mended:
    """Repair a row whose last message is the assistant's."""
    changes: list[str] = []

    def turn(old: str, new: str, what: str) -> str:
        if new != old:
            changes.append(what)
        return new

    text, silent = row.completion, textless(row.extra)
    if not silent:
        text = turn(text, trimmed(text), SPACE)
        text = turn(text, _marked(text, contract.marker if contract else habits.marker), MARK)
        text = turn(text, _bulleted(text, "" if contract else habits.bullet), BULLETS)
    *before, _ = row.messages
    if before and before[-1].role == "user" and not textless(row.extra, -2):
        asked = turn(before[-1].content, _separated(before[-1].content, habits.separator), SEPARATED)
        before[-1] = Message("user", asked)
    better = replace(row, messages=(*before, Message("assistant", text)))
    if contract and problems_of(contract, as_example(contract, better)):
        return Mended(None, (BROKEN,)) if silent else _by_contract(better, contract, changes)
    return Mended(better if changes else row, tuple(changes))


def trimmed(text: str) -> str:
    """A text without white space around it and at the ends of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def _by_contract(row: Row, contract: Contract, changes: list[str]) -> Mended:
    """Try what may make a completion keep the contract, one thing after the other."""
    text = row.completion.removesuffix(contract.marker)
    for repair, what in ((_bare, BARE), (lambda text: _lines(text, contract), LINES)):
        new = repair(text)
        if new == text:
            continue
        text = new
        changes.append(what)
        better = replace(row, messages=(*row.messages[:-1], Message("assistant", text + contract.marker)))
        if text and not problems_of(contract, as_example(contract, better)):
            return Mended(better, tuple(changes))
    return Mended(None, (BROKEN,))


def _marked(text: str, marker: str | None) -> str:
    if not text or marker is None or (marker and text.endswith(marker)):
        return text
    return text[: len(text) - len(found(SURE_MARKER, text))] + marker


def _separated(prompt: str, separator: str | None) -> str:
    here = found(SEPARATOR, prompt)
    return prompt if separator is None or here == separator else prompt[: len(prompt) - len(here)].rstrip() + separator


def _bulleted(text: str, style: str) -> str:
    """A list's lines with one kind of mark: the usual one of the file, else none is changed."""
    if not style or not styles(text) - {"", style}:
        return text
    lines, count = [], 0
    for line in text.split("\n"):
        if bullet(line):
            count += 1
            mark = f"{count}." if style == NUMBERED else style
            line = f"{mark} {BULLET.sub('', line, count=1)}"
        lines.append(line)
    return "\n".join(lines)


def _bare(text: str) -> str:
    return "\n".join(BULLET.sub("", line, count=1) for line in text.split("\n"))


def _lines(text: str, contract: Contract) -> str:
    """A list without the lines that break its contract; a text of another shape stays as it is."""
    if contract.shape != "lines":
        return text
    text = "\n".join(line for line in text.split("\n") if line.strip())
    wrong = {one.start for one in contract.open().check(text) if one.rule in ("line", "distinct")}
    kept, start = [], 0
    for line in text.split("\n"):
        if start not in wrong:
            kept.append(line)
        start += len(line) + 1
    return "\n".join(kept)
