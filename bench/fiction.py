"""A story grown level by level beside one written in one go: repetition, the outline kept, chapters, length, time.

All arms use the packaged base. One-shot arms are given the grown story's premise and outline, so that the same names
and events are asked of them, and (where they are held to it) its number of words. `--tune` first tunes `scene` and
`prose` on their own rows; `--words N` sets what the stories promise, `--stories N` how many there are; `--big` grows
one of 10,000 words.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from table import KEPT, markdown, show, skip

import formfact as ff
from formfact.errors import MissingExtra
from formfact.patterns import tuned
from formfact.patterns.contract import Contract, Prompt
from formfact.patterns.facts.content import stems
from formfact.patterns.facts.words import Lexicon
from formfact.patterns.grow.parts import parts, unnumbered
from formfact.patterns.grow.recap import NAME
from formfact.patterns.prompt import render
from formfact.types import Node

IDEAS = (
    "a lighthouse keeper finds his own name in the log of a ship that sank",
    "two sisters run a bakery and one of them has started to sell bread that makes people tell the truth",
    "a cartographer is sent to map a valley that the villagers say moves in the night",
)
WORDS = 2500
GRAM = 8
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
FOLDER = KEPT / "fiction"
HEADING = re.compile(r"^(?:#+ *|Chapter )\d*[^\n]*$", re.MULTILINE)
LEXICON = Lexicon()


@dataclass(frozen=True, slots=True)
class Story:
    """A text with its chapters, and the outline that it was to follow. `asked`: as many chapters as it has lines."""

    arm: str
    premise: str
    outline: tuple[str, ...]
    chapters: tuple[str, ...]
    found: int
    seconds: float

    @property
    def text(self) -> str:
        return "\n\n".join(self.chapters)

    @property
    def words(self) -> int:
        return len(self.text.split())


def repeated(text: str) -> float:
    """The share of runs of eight words that stood in the text before."""
    words = [word.lower() for word in WORD.findall(text)]
    runs = [tuple(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def cast(premise: str) -> set[str]:
    """The names of the premise's characters, word by word."""
    heads = re.findall(r"^- ([^:\n]+):", premise, re.MULTILINE)
    return {word for head in heads for name in NAME.findall(head) for word in name.split() if len(word) > 2}


def kept(story: Story, *, shift: int = 0) -> tuple[float, float]:
    """Shares of the outline's names, and of its other content words, that their chapter holds.

    With `shift` each line is looked for in a chapter that is not its own: what is found there says nothing.
    """
    people = cast(story.premise)
    names = events = wanted_names = wanted = 0
    for at, line in enumerate(story.outline):
        chapter = story.chapters[(at + shift) % len(story.chapters)]
        said = unnumbered(line)
        asked = {word for word in WORD.findall(said) if word in people}
        names += sum(word in chapter for word in asked)
        wanted_names += len(asked)
        content = stems(said, LEXICON) - stems(" ".join(people), LEXICON)
        events += len(content & stems(chapter, LEXICON))
        wanted += len(content)
    return names / max(wanted_names, 1), events / max(wanted, 1)


def grown(arm: str, idea: str, at: int, *, words: int, levels: dict[str, Path] | None = None) -> Story:
    """A story by `grow`; what an earlier run has written is taken up, with the seconds that it took."""
    folder = FOLDER / f"{arm}-{at}-{words}"
    print(f"{folder.name} …", file=sys.stderr, flush=True)
    tree = ff.Pattern("premise").grow(idea, folder, words=words, tuned=levels, report=told)
    premise, outline = tree.root, tree.root.children[0]
    chapters = tuple("\n\n".join(scene.text for scene in ends(chapter)) for chapter in outline.children)
    seconds = sum(node.seconds for node in every(tree.root))
    return Story(arm, premise.text, tuple(parts(outline.text, "line")), chapters, len(chapters), seconds)


def told(step: Any) -> None:
    print(
        f"  {step.pattern} {step.done}/{step.total}, {step.words} words, {step.seconds:.0f} s",
        file=sys.stderr,
        flush=True,
    )


def every(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from every(child)


def ends(node: Node) -> list[Node]:
    return [one for one in every(node) if not one.children]


def one_shot(arm: str, stories: Sequence[Story], *, held: bool) -> list[Story]:
    """The same stories in one go, side by side in one batch.

    `held`: to the number of words, with the mask and the rule against repeated runs that prose has; else free to end.
    """
    file = FOLDER / f"{arm}-{'-'.join(str(one.words) for one in stories)}.json"
    if not file.is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        network = tuned.load("network")()
        decoder = tuned.load("decoder")(network)
        written, started = [], time.perf_counter()
        contract = told_whole(stories, held)
        chats = [render(contract, f"{one.premise}\n\nOutline:\n" + "\n".join(one.outline)) for one in stories]
        room = network.window - max(len(network.prompt(chat)) for chat in chats)
        limit = min(contract.output_tokens, room)
        for done in decoder.write(chats, contract, masked=held, limit=limit):
            written.append(done.text)
        seconds = (time.perf_counter() - started) / len(stories)
        file.write_text(json.dumps({"texts": written, "seconds": seconds}, ensure_ascii=False), "utf-8")
    made = json.loads(file.read_text("utf-8"))
    return [divided(arm, one, text, made["seconds"]) for one, text in zip(stories, made["texts"], strict=True)]


def told_whole(stories: Sequence[Story], held: bool) -> Contract:
    """The contract of a whole story, as long as the grown ones are in the mean."""
    words = sum(one.words for one in stories) // len(stories)
    chapters = len(stories[0].outline)
    user = (
        f"{{text}}\n\nWrite the whole story of this outline in about {words} words. It has {chapters} chapters; begin "
        "each with a line '## ' and its title."
    )
    output = {"words": [words, words + 200], "paragraphs": [1, 1000]}
    prompt, repeat = Prompt(user, "You are a novelist."), 10 if held else 0
    return Contract("story", "A whole story.", "text", output, prompt, output_tokens=2 * words, repeat=repeat)


def divided(arm: str, story: Story, text: str, seconds: float) -> Story:
    """A text cut at its headings where it has as many as were asked for, else into equal parts: in its favour."""
    heads = [match.start() for match in HEADING.finditer(text)]
    count = len(story.outline)
    if len(heads) == count:
        cuts = [*heads, len(text)]
        chapters = tuple(text[start:end] for start, end in pairwise(cuts))
    else:
        words = text.split()
        size = max(1, -(-len(words) // count))
        chapters = tuple(" ".join(words[at * size : (at + 1) * size]) for at in range(count))
    return Story(arm, story.premise, story.outline, chapters, len(heads), seconds)


def row(name: str, stories: Sequence[Story]) -> list[object]:
    """Means over the stories of an arm."""
    count = len(stories)
    names, events = (sum(part) / count for part in zip(*map(kept, stories), strict=True))
    _, others = (sum(part) / count for part in zip(*(kept(one, shift=1) for one in stories), strict=True))
    asked = sum(one.found == len(one.outline) for one in stories)
    words = sum(one.words for one in stories) / count
    return [
        name, f"{words:,.0f}", f"{sum(repeated(one.text) for one in stories) / count:.1%}", f"{names:.0%}",
        f"{events:.0%} ({others:.0%})", f"{asked} of {count}", f"{sum(one.seconds for one in stories) / count:,.0f}",
    ]  # fmt: skip


def tune() -> None:
    """Tune the two lowest levels on their own rows."""
    for level in ("scene", "prose"):
        folder = FOLDER / "tuned" / level
        if not (folder / "card.json").is_file():
            card = ff.Pattern(level).train(out=folder, held_out=4)
            print(json.dumps({arm: asdict(one)["rate"] for arm, one in card.conformance.items()}), file=sys.stderr)


def main() -> None:
    argv = sys.argv[1:]
    words = int(argv[argv.index("--words") + 1]) if "--words" in argv else WORDS
    count = int(argv[argv.index("--stories") + 1]) if "--stories" in argv else len(IDEAS)
    try:
        tuned.load("network")
    except MissingExtra as missing:
        skip(missing.message)
    if "--tune" in argv:
        tune()
    ideas = list(enumerate(IDEAS))[:count]
    base = [grown("base", idea, at, words=words) for at, idea in ideas]
    rows = [
        row("one-shot, free to end", one_shot("free", base, held=False)),
        row("one-shot, held to the words", one_shot("held", base, held=True)),
        row("**grown**, no level tuned", base),
    ]
    levels = {
        level: FOLDER / "tuned" / level
        for level in ("scene", "prose")
        if (FOLDER / "tuned" / level / "card.json").is_file()
    }
    if levels:
        named = " and ".join(levels)
        rows.append(row(f"**grown**, {named} tuned on {len(ff.Pattern('prose').examples())} rows",
                        [grown("tuned", idea, at, words=words, levels=levels) for at, idea in ideas]))  # fmt: skip
    if "--big" in argv:
        rows.append(row("**grown**, 10,000 words asked for", [grown("big", IDEAS[0], 0, words=10_000)]))
    heads = [
        "",
        "words",
        "repeated 8-grams",
        "names in their chapter",
        "events there (elsewhere)",
        "chapters as asked",
        "s",
    ]
    note = f"{count} stories of {words:,} words promised by the mask, SmolLM2-135M-Instruct, two cores; means."
    show("fiction", f"{markdown(heads, rows)}\n\n{note}")


if __name__ == "__main__":
    main()
