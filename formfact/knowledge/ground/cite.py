"""A writer's reply -> its sentences, each with the numbers of the quotes that it cites.

A citation is a number in brackets: `[2]`, `[1, 3]`, `[1][3]`, `[2-4]`, `【2】`, `[quote 2]`, before or behind the full
stop, or before the sentence where the line begins with one. `Reader` takes a reply in pieces and gives out each
sentence when nothing that may still come can change it; all its sentences together are those of the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from formfact.knowledge.sentences import sentences

NUMBERS = r"\d{1,3}(?:\s*(?:,|;|-|–|and|&)\s*\d{1,3})*"
CITATION = re.compile(
    rf"[ \t]*(?:\[\s*(?:quotes?|sources?|q)?\s*#?({NUMBERS})\s*\]|【\s*({NUMBERS})[^】\n]{{0,20}}】)", re.IGNORECASE
)
OPEN_CITATION = re.compile(r"[ \t]*[\[【][^\]】\n]{0,40}$")
"""The beginning of what may become a citation."""
FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*([\w+#.-]*)", re.MULTILINE)
CLOSING = re.compile(r"[.!?…。！？]+[\"'”’»)\]*_]*$|[*_]+$")
THINKING = re.compile(r"\A\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
PERHAPS_THINKING = re.compile(r"\A\s*(?:<[a-z]{0,9})?\Z", re.IGNORECASE)
THOUGHT = re.compile(r"\A\s*<(think|thinking|thought|reasoning)>.*?(?P<closed></\1>\s*|\Z)", re.DOTALL | re.IGNORECASE)
TELLING = re.compile(r"[.!?…。！？｡।॥۔؟\n\[\]【】`~]")
"""Without one of these, text that is added to a sentence neither ends it nor cites anything."""
ENDING = 8
"""Characters at the end of a sentence among which its full stop is: another word will make a new one."""
OPENED = 64
"""Characters before the end in which a citation may have begun."""
WIDEST = 12
"""Quotes that a range may name."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence, or a block of code, without its citations. `numbers` are those of the quotes, each once.

    `line`: it begins a new line, so that lists and paragraphs stay what they are. `code` is a block's language as its
    fence names it, "" where it does not, and None for prose.
    """

    text: str
    numbers: tuple[int, ...]
    line: bool = False
    code: str | None = None


class Reader:
    """A reply in pieces -> its sentences as they are finished.

    A finished line is read once. The line that is being written is read again where a sentence in it may have ended.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._rest = ""
        """What no finished line holds."""
        self._kept: list[Cited] = []
        """The sentences of the finished lines, from the first on that is not given out."""
        self._given = 0
        """How many of those kept, and of the rest behind them, are given out all the same."""
        self._seen = 0
        """How much of the rest was read, or tells nothing."""
        self._thought: bool | None = None
        """Whether it is thinking; None as long as it may begin with it."""
        self._coding = False
        self._waits = True

    def take(self, piece: str) -> list[Cited]:
        """The sentences that this piece finished."""
        self._pieces.append(piece)
        self._rest += piece
        if self._coding and "`" not in piece and "~" not in piece:
            return []
        if self._thinks(piece):
            return []
        settled = self._settled()
        if not self._waits and not TELLING.search(self._rest, self._seen, settled):
            self._seen = max(self._seen, settled)
            return []
        return self._new(settled)

    def end(self) -> list[Cited]:
        """The sentences that are left when nothing more comes."""
        if self._thought:
            return []
        found = self._kept.copy()
        _add(found, self._rest)
        new = found[self._given :]
        self._given = len(found)
        return new

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self._pieces)

    def _thinks(self, piece: str) -> bool:
        """Whether the reply still thinks; what it thought is taken out."""
        if self._thought is None and not PERHAPS_THINKING.match(self._rest):
            self._thought = bool(THINKING.match(self._rest))
        elif self._thought and ">" not in piece:
            return True
        if self._thought:
            thought = THOUGHT.match(self._rest)
            if not thought or not thought["closed"]:
                return True
            self._thought, self._rest = False, self._rest[thought.end() :]
        return False

    def _new(self, settled: int) -> list[Cited]:
        whole = settled == len(self._rest)
        settled -= self._finish(settled)
        found = self._kept.copy()
        _add(found, self._rest[:settled])
        self._seen = settled
        last = len(found)
        if not whole:
            # The last sentence may still be given a citation, or turn out to go on.
            # What has no letter yet is the opening of what may belong to the one before.
            last -= 1
            while last > 0 and not any(c.isalnum() for c in found[last].text):
                last -= 1
        unended = found and self._rest[:settled].strip() and not TELLING.search(found[-1].text[-ENDING:])
        self._waits = last < len(found) - 1 or not unended
        new = found[self._given : max(last, 0)]
        self._given = max(self._given, last)
        gone = max(0, min(self._given, len(self._kept) - 1))
        self._kept, self._given = self._kept[gone:], self._given - gone
        return new

    def _finish(self, settled: int) -> int:
        """Read the finished lines among the first `settled` characters, and give how long they were."""
        cut = self._rest.rfind("\n", 0, settled) + 1
        fences = [match.start() for match in FENCE.finditer(self._rest, 0, cut)]
        if len(fences) % 2:
            cut = fences[-1]
        if cut:
            _add(self._kept, self._rest[: cut - 1])
            self._rest = self._rest[cut:]
        return cut

    def _settled(self) -> int:
        """How much of the text can be read as if it were whole, but for its last sentence."""
        text = self._rest
        fences = list(FENCE.finditer(text)) if "```" in text or "~~~" in text else []
        self._coding = len(fences) % 2 == 1
        if self._coding:
            return fences[-1].start()
        # A word that is not whole yet could be another one.
        end = max(text.rfind(" "), text.rfind("\n"))
        unclosed = OPEN_CITATION.search(text, max(0, end - OPENED), end) if end > 0 else None
        return unclosed.start() if unclosed else max(end, 0)


def read(reply: str) -> list[Cited]:
    """The sentences of a reply, in order."""
    found: list[Cited] = []
    _add(found, THOUGHT.sub("", reply))
    return found


def _add(found: list[Cited], reply: str) -> None:
    """Put the sentences of some lines behind those found."""
    for text, code in _parts(reply):
        if code is not None:
            found.append(Cited(text, (), line=True, code=code))
            continue
        for line in text.split("\n"):
            if line.strip():
                _add_line(found, line)


def _parts(reply: str) -> Iterator[tuple[str, str | None]]:
    """Prose, and blocks of code with their language; a block that is never closed ends with the reply."""
    part: list[str] = []
    inside: str | None = None
    for line in reply.split("\n"):
        fence = FENCE.match(line)
        if fence:
            yield "\n".join(part), inside
            part, inside = [], (fence[1] if inside is None else None)
        else:
            part.append(line)
    yield "\n".join(part), inside


def _add_line(found: list[Cited], line: str) -> None:
    """Put a line's sentences behind those found. A line of citations alone belongs to what stands before it."""
    plain, marks = _without(line)
    spans = list(sentences(plain, 0, len(plain)))
    if not spans:
        if found and marks:
            last = found[-1]
            numbers = tuple(dict.fromkeys([*last.numbers, *(n for _, some in marks for n in some)]))
            found[-1] = Cited(last.text, numbers, last.line, last.code)
        return
    leading = marks[0][0] <= spans[0][0] if marks else False
    cited: list[list[int]] = [[] for _ in spans]
    for place, some in marks:
        cited[_owner(spans, place, leading=leading)] += some
    for at, ((start, end), own) in enumerate(zip(spans, cited, strict=True)):
        found.append(Cited(plain[start:end], tuple(dict.fromkeys(own)), line=at == 0))


def _without(line: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """The line without citations, and where in what is left each of them stood."""
    plain, marks, last = "", [], 0
    for match in CITATION.finditer(line):
        plain += line[last : match.start()]
        numbers = _numbers(match[1] or match[2])
        following = line[match.end() : match.end() + 1]
        marks.append((len(plain), numbers))
        if plain and not plain[-1].isspace() and following.isalnum():
            plain += " "
        last = match.end()
    return plain + line[last:], marks


def _owner(spans: list[tuple[int, int]], place: int, *, leading: bool) -> int:
    """Which sentence a citation belongs to: the one it stands in or behind; before it where the line begins so."""
    # Those before it are whole and lie before the mark.
    first = max(0, bisect_left(spans, place, key=lambda span: span[0]) - 1)
    for at, (start, end) in enumerate(spans[first : first + 3], first):
        if place <= start and (leading or at == 0):
            return at
        if place <= end and not (leading and place == end):
            return at
        following = spans[at + 1][0] if at + 1 < len(spans) else None
        if not leading and (following is None or place <= following):
            return at
    return len(spans) - 1


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", text):
        low, high = int(first), int(last or first)
        found += range(low, high + 1) if low <= high < low + WIDEST else [low, high]
    return found


def cite(text: str, numbers: tuple[int, ...]) -> str:
    """The sentence with its citations before its last full stop, the way `read` reads it back."""
    marks = "".join(f"[{number}]" for number in numbers)
    if not marks:
        return text
    closing = CLOSING.search(text)
    at = closing.start() if closing else len(text)
    return f"{text[:at].rstrip()} {marks}{text[at:]}"
