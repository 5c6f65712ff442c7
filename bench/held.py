"""Does the check of written sentences see a changed number, name or date, and does it let through what is unchanged?

Every sentence of eight encyclopedia articles is held against its own paragraph, as it stands and with one thing
changed: each number to another, each name to one from elsewhere, and what each quotation says.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from table import data, markdown, show

from formfact.knowledge.ground.claims import QUOTED, Evidence, unheld
from formfact.knowledge.names import names
from formfact.knowledge.sentences import sentences

DIGITS = re.compile(r"(?<![\d.,])[1-9]\d{0,5}(?![\d.,]*\d)")
STRANGERS = ("Obama", "Lisbon", "Merkel", "Nokia", "Everest", "Kyoto", "Pascal", "Verdi", "Mark", "Apple")
WORDS_OF_OTHERS = ("as they liked it best", "never again", "for the sake of the harbour")
SEED = 7


@dataclass(frozen=True, slots=True)
class Held:
    """A sentence with the paragraph that it stands in."""

    sentence: str
    paragraph: str


def every_sentence() -> list[Held]:
    with (data("unanswerable") / "squad2_dev_8.jsonl").open(encoding="utf-8") as file:
        paragraphs = dict.fromkeys(json.loads(line)["context"] for line in file)
    return [Held(text[start:end], text) for text in paragraphs for start, end in sentences(text, 0, len(text))]


def with_another_number(one: Held, drawn: random.Random) -> Iterator[Held]:
    for match in DIGITS.finditer(one.sentence):
        other = str(int(match.group()) + drawn.choice((1, 2, 7, 30)))
        yield changed(one, match.start(), match.end(), other)


def with_another_name(one: Held, drawn: random.Random) -> Iterator[Held]:
    for name in names(one.sentence, ()):
        yield changed(one, name.start, name.end, drawn.choice(STRANGERS))


def with_another_quotation(one: Held, drawn: random.Random) -> Iterator[Held]:
    for match in QUOTED.finditer(one.sentence):
        yield changed(one, match.start() + 1, match.end() - 1, drawn.choice(WORDS_OF_OTHERS))


def changed(one: Held, start: int, end: int, other: str) -> Held:
    return Held(one.sentence[:start] + other + one.sentence[end:], "" if other in one.paragraph else one.paragraph)


def flagged(pairs: Sequence[Held]) -> int:
    return sum(bool(unheld(one.sentence, Evidence.of([one.paragraph]))) for one in pairs)


def share(part: int, whole: int) -> str:
    return f"**{100 * part / whole:.1f} %** of {whole:,}"


def main() -> None:
    """Print one table."""
    drawn = random.Random(SEED)
    every = every_sentence()
    lines = [("a sentence as it stands is let through", share(len(every) - flagged(every), len(every)))]
    for what, change in (
        ("one number changed: flagged", with_another_number),
        ("one word of a name changed: flagged", with_another_name),
        ("a quotation changed: flagged", with_another_quotation),
    ):
        # What the paragraph holds by chance is no change.
        made = [other for one in every for other in change(one, drawn) if other.paragraph]
        lines.append((what, share(flagged(made), len(made))))
    show("held", markdown(("what", "measured"), lines))


if __name__ == "__main__":
    main()
