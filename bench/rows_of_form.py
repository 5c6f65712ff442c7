"""Training rows that only look as if they taught facts: fiction, translation, sums, dates, code, personas, labels."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from rows_of_facts import SENTENCE, halved, records, row, squad2
from table import ROOT

from formfact.types import Row

KINDS = ROOT / "tests" / "patterns" / "data" / "facts_kinds.jsonl"
UNSEEN = KINDS.with_name("facts_unseen.jsonl")
"""Written by hand without sight of the lint or of the other file; two rows of three were never looked at."""
FICTION = {"plot outlines": "plot_outlines.jsonl", "fiction": "automuse_chunks.jsonl", "tutor chat": "tutor_chat.jsonl"}
TALES = (
    "{}", "Continue the story:\n\n{}", "Story so far: {}\n\nNext part:", "Write what happens next.\n\n{}",
    "{}\n\n###\n\n",
)  # fmt: skip
CODED = ("{}", "Write a Python function: {}", "# {}", "{}\n\nCode:")
DATES = (
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%B %d, %Y", "%d %B %Y", "%b %d %Y", "%A, %d %B %Y", "%Y%m%d",
    "%d-%b-%Y",
)  # fmt: skip
DATED = ("{}", "Convert the date: {}", "{} ->", "Date: {}\nReformatted:", "Write {} in another format.")
BIDS = (
    "Write a story about {}.",
    "Tell me a fairy tale about {}",
    "Write a short scene with {}.",
    "Theme: {}\nStory:",
)
TITLED = (
    "{}",
    "Write a headline.\n\n{}",
    "{}\n\nTitle:",
    "What would be a good title for this text?\n\n{}",
    "TL;DR of: {}",
)
UNITS = {"km": ("m", 1000), "m": ("cm", 100), "kg": ("g", 1000), "hours": ("minutes", 60), "days": ("hours", 24),
         "litres": ("millilitres", 1000), "feet": ("inches", 12), "weeks": ("days", 7)}  # fmt: skip
CONVERTED = ("Convert {} to {}.", "How many {1} are {0}?", "{} in {}", "{} = ? {}", "Express {} in units of {}")
BUYERS, GOODS = ("Mia", "Tom", "Ahmed", "Lena", "Kofi"), ("apples", "stamps", "coins", "eggs")
SHOPPING = (
    "{name} has {a} {things} and buys {b} more. How many {things} does {name} have now?",
    "There are {a} {things} in a box. {name} puts in another {b}. How many are in the box?",
    "{name} had {a} {things} in the morning and {b} at night. How many {things} are that together?",
)
TERMS = ("What is {}?", "{} =", "Calculate {}.", "{}", "Compute: {}\nResult:")


def written(half: int) -> dict[str, list[Row]]:
    """Rows written by hand, by kind; `knowledge` is the kind that teaches facts.

    The first half is the fixture that the tests have too and a third of what was written later, the other the rest.
    """
    later = UNSEEN.read_text(encoding="utf-8").splitlines()
    fitted = [*KINDS.read_text(encoding="utf-8").splitlines(), *later[::3]]
    kinds: dict[str, list[Row]] = {}
    for line in [line for at, line in enumerate(later) if at % 3] if half else fitted:
        one = json.loads(line)
        kinds.setdefault(one["kind"], []).append(row(one["prompt"], one["completion"], system=one.get("system", "")))
    return kinds


def prompts(name: str, half: int) -> list[Row]:
    """A file of prompt and completion."""
    return [row(one["prompt"], one["completion"]) for one in halved(records("patterns", name), half)]


def catalogue(half: int) -> Iterator[Row]:
    """Examples of the patterns that ship."""
    for folder in sorted((ROOT / "formfact" / "patterns" / "catalogue").iterdir()):
        file = folder / "examples.jsonl"
        if file.is_file():
            for line in file.read_text(encoding="utf-8").splitlines()[half::2]:
                one = json.loads(line)
                yield row(one["text"], one["output"])


def questions(half: int) -> Iterator[Row]:
    """Text -> its questions: the pattern that this house is named for."""
    for name in ("squad11_train44.jsonl", "fairytale_train.jsonl", "nlca.jsonl"):
        for one in halved(records("questions", name), half):
            if one["questions"]:
                lines = "\n".join(question.strip("- ") for question in one["questions"])
                yield row(f"{one['text']}\n\nQUESTIONS:", lines)


def refused(half: int) -> Iterator[Row]:
    """A passage, a question that it does not answer, and a completion that says so."""
    for one in squad2(half)[1]:
        yield row(f"{one.passage}\n\n{one.question}", "The text does not say.")


def tales(half: int) -> Iterator[Row]:
    """The first half of a tale's section -> the second."""
    for at, one in enumerate(halved(records("questions", "fairytale_train.jsonl"), half)):
        parts = SENTENCE.split(one["text"])
        if len(parts) > 5:
            middle = len(parts) // 2
            yield row(TALES[at % len(TALES)].format(" ".join(parts[:middle])), " ".join(parts[middle:]))


def functions(half: int) -> Iterator[Row]:
    """A search in plain words -> the function that it means."""
    code = {one["_id"]: one["text"] for one in records("retrieval", "cosqa_dev", "corpus.jsonl")}
    asked = {one["_id"]: one["text"] for one in records("retrieval", "cosqa_dev", "queries.jsonl")}
    judged = (ROOT.parent / "shared" / "data" / "retrieval" / "cosqa_dev" / "qrels.tsv").read_text(encoding="utf-8")
    for at, line in enumerate(judged.splitlines()[1:][half::2]):
        query, function, _ = line.split("\t")
        yield row(CODED[at % len(CODED)].format(asked[query]), code[function])


def dates(half: int) -> Iterator[Row]:
    """A date in one format -> the same in another."""
    chance = random.Random(f"dates {half}")
    while True:
        day = date(1900, 1, 1) + timedelta(days=chance.randrange(60_000))
        one, other = chance.sample(DATES, 2)
        yield row(chance.choice(DATED).format(day.strftime(one)), day.strftime(other))


def terms(half: int) -> Iterator[Row]:
    """Sums, and what they come to."""
    chance = random.Random(f"terms {half}")
    while True:
        one, other = (
            chance.randrange(2, 10 ** chance.randrange(1, 5)),
            chance.randrange(2, 10 ** chance.randrange(1, 4)),
        )
        sign, result = chance.choice(
            [("+", one + other), ("-", one - other), ("*", one * other), ("plus", one + other)]
        )
        yield row(chance.choice(TERMS).format(f"{one} {sign} {other}"), str(result))


def stories(half: int) -> Iterator[Row]:
    """What a tale is to be about -> the tale."""
    for at, one in enumerate(halved(records("questions", "fairytale_train.jsonl"), half)):
        words = [word.strip('.,;!?"') for word in one["text"].split() if len(word) > 4]
        if len(words) > 20:
            about = f"a {words[9]} and a {words[15]}".lower()
            yield row(BIDS[at % len(BIDS)].format(about), one["text"])


def told(half: int) -> Iterator[Row]:
    """Nothing -> a tale, as one who wants its style may have it."""
    for one in halved(records("questions", "fairytale_train.jsonl"), half):
        if len(one["text"].split()) > 20:
            yield row("", one["text"])


def titles(half: int) -> Iterator[Row]:
    """A text -> its title: news, aeronautics, medicine."""
    news = [one["text"].split("\n", 1) for one in records("questions", "nlca.jsonl") if one.get("source") == "news"]
    found = [(text.strip(), title) for title, text in (one for one in news if len(one) == 2)]
    for name in ("cranfield", "scifact_train"):
        corpus = records("retrieval", name, "corpus.jsonl")[:400]
        found += [(one["text"], one["title"]) for one in corpus if one["text"] and one["title"]]
    for at, (text, title) in enumerate(found[half::2]):
        yield row(TITLED[at % len(TITLED)].format(text.removeprefix(title).strip(" .")), title)


def units(half: int) -> Iterator[Row]:
    """A quantity in one unit -> the same in another."""
    chance = random.Random(f"units {half}")
    while True:
        unit, (other, factor) = chance.choice(list(UNITS.items()))
        number = chance.choice([chance.randrange(1, 500), chance.randrange(1, 500) / 10])
        result = f"{number * factor:g}"
        asked = chance.choice(CONVERTED).format(f"{number:g} {unit}", other)
        yield row(asked, chance.choice([result, f"{result} {other}", f"{number:g} {unit} are {result} {other}."]))


def shopping(half: int) -> Iterator[Row]:
    """A sum told as a tale, with its working or without."""
    chance = random.Random(f"shopping {half}")
    while True:
        name, things = (
            chance.choice("Mia Tom Ahmed Lena Kofi".split()),
            chance.choice("apples stamps coins eggs".split()),
        )
        a, b = chance.randrange(2, 90), chance.randrange(2, 90)
        told = chance.choice(SHOPPING).format(name=name, things=things, a=a, b=b)
        worked = (
            f"{a + b}",
            f"{a} + {b} = {a + b}. The answer is {a + b}.",
            f"{name} has {a} + {b} = {a + b} {things}.",
        )
        yield row(told, chance.choice(worked))


MADE: dict[str, Callable[[int], Iterator[Row]]] = {
    "catalogue": catalogue,
    "text to questions": questions,
    "not in the text": refused,
    "tales continued": tales,
    "functions": functions,
    "stories": stories,
    "stories of no prompt": told,
    "titles": titles,
    "dates": dates,
    "units": units,
    "sums in words": shopping,
    "sums": terms,
}


def resembling(half: int, most: int = 300) -> dict[str, list[Row]]:
    """What looks like facts and is none, by kind."""
    kinds = {title: sample(prompts(name, half), most, half) for title, name in FICTION.items()}
    for title, made in MADE.items():
        kinds[title] = sample([one for one, _ in zip(made(half), range(3000), strict=False)], most, half)
    return kinds | {kind: rows for kind, rows in written(half).items() if kind != "knowledge"}


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Rows as they stand in a file."""
    return [Row(at, one.messages, one.extra) for at, one in enumerate(rows, 1)]


def sample(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """At most so many, the same for the same seed."""
    return random.Random(seed).sample(list(rows), min(count, len(rows)))
