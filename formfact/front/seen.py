"""What `diagnose` sees of the user's material: of training rows, of documents, and of questions put to these."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused, Unreadable
from formfact.front.knowledge import Knowledge
from formfact.knowledge import documents as readers
from formfact.knowledge.documents import chunk
from formfact.knowledge.walk import File, check_path, walk
from formfact.models import Embedder, open_embedder
from formfact.patterns.derive import derive
from formfact.patterns.facts import judge
from formfact.patterns.facts.cues import LANGUAGES
from formfact.patterns.facts.language import BITS, TONGUES, scripts, tongues
from formfact.patterns.facts.words import TOKEN
from formfact.patterns.rows import read_rows
from formfact.patterns.shelf import find, names
from formfact.proof.diagnosis import SCANNED, SeenDocuments, SeenQuestions, SeenRows
from formfact.types import Action, Advance, Document, Row, Skipped

MOST_FILES = 300
"""Files that are looked at: enough to see what the others are like."""
SAMPLE = 2_000
"""Characters of a document by which its language is told."""
PLAIN = 3
"""Common words of a language that a text must hold to be taken for it."""
KEPT = 0.8
"""The share of completions that must keep a shipped contract for it to be named."""
VAGUE = ("text", "json")
"""Shapes that a text keeps by chance: any text is running text, and any JSON is JSON."""
TRIED = 20
"""Completions that are held against every shipped contract, before all are against the likeliest."""
MOST_QUESTIONS = 200

Report = Callable[[Advance], None]


def see_rows(file: str | Path) -> SeenRows:
    """A training file: what its rows teach, and the contract that they keep. Raises NotFound, Refused."""
    reading = read_rows(Path(file))
    found = judge(reading.rows)
    taught: dict[Action, list[int]] = {"move": [], "rewrite": [], "keep": []}
    for one in found.rows:
        taught[one.action].append(one.row)
    shape, keeps = _form(reading.rows)
    known, keep = _known([row.completion.strip() for row in reading.rows])
    return SeenRows(
        file=str(file),
        rows=len(reading.rows),
        verdict=found.verdict,
        share=found.share,
        facts=tuple(taught["move"]),
        mixed=tuple(taught["rewrite"]),
        form=tuple(taught["keep"]),
        shape=shape,
        keeps=keeps,
        known=known,
        keep=keep,
        broken=tuple(problem.row for problem in reading.problems if problem.row is not None),
    )


def _form(rows: Sequence[Row]) -> tuple[str, str]:
    """The shape that all completions keep, and the same in words; "" where it is any text."""
    try:
        contract = derive(rows, name="seen")
    except Refused:
        return "", ""
    if contract.shape == "regex":
        return "", ""
    return contract.shape, KEEPS[contract.shape](contract.output)


def _keys(output: Mapping[str, Any]) -> str:
    names = list(output["schema"].get("properties", {}))
    return f"JSON with {', '.join(names[:KEYS])}{', ...' if len(names) > KEYS else ''}" if names else "JSON"


KEYS = 8
KEEPS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "grammar": lambda output: f"one of {output['lark'].count(' | ') + 1:,} answers",
    "json": _keys,
    "text": lambda output: "running text of {:,} to {:,} words, and no other form".format(*output["words"]),
}
"""A derived contract in words, by its shape; the words of a text are those of the rows with some room."""


def _known(completions: Sequence[str]) -> tuple[str, int]:
    """The shipped pattern whose contract most completions keep, and how many do; "" where too few do."""
    contracts = {name: find(name).contract for name in names()}
    tried = {
        name: sum(not one.check(text) for text in completions[:TRIED])
        for name, one in contracts.items()
        if one.shape not in VAGUE
    }
    best = max(tried, key=tried.__getitem__)
    if not tried[best]:
        return "", 0
    kept = sum(not contracts[best].check(text) for text in completions)
    return (best, kept) if kept >= KEPT * len(completions) else ("", 0)


def see_documents(paths: Sequence[str | Path], progress: Report | None = None) -> SeenDocuments:
    """Documents as `add` would read them, without vectors; of many files a part, evenly spread. Raises NotFound."""
    files = [found for path in paths for found in walk(check_path(path)) if isinstance(found, File | Skipped)]
    files = [one for one in files if not (isinstance(one, Skipped) and one.path.endswith("/"))]
    every = max(1, -(-len(files) // MOST_FILES))
    looked = files[::every]
    reasons: Counter[str] = Counter()
    scanned: list[str] = []
    counts, started = _Counts(open_embedder()), time.perf_counter()
    for at, file in enumerate(looked, 1):
        for one in _read(file):
            if isinstance(one, Skipped):
                reasons[one.reason] += 1
                scanned += [one.path] if one.reason.startswith(SCANNED) else []
            else:
                counts.take(one)
        if progress:
            progress(Advance("files", at, len(looked), time.perf_counter() - started, at == len(looked)))
    return SeenDocuments(
        paths=tuple(map(str, paths)),
        files=len(files),
        looked=len(looked),
        documents=counts.documents,
        passages=counts.passages,
        characters=counts.characters,
        scanned=tuple(scanned),
        reasons=dict(reasons.most_common()),
        languages=counts.shares(),
    )


class _Counts:
    """Figures of documents that are read one by one and not kept."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.documents = self.passages = self.characters = 0
        self.spoken: Counter[str] = Counter()

    def take(self, one: Document) -> None:
        self.documents += 1
        self.passages += len(chunk.split(one, count=self.embedder.count, window=self.embedder.card.window))
        self.characters += len(one.text)
        self.spoken[language(one.text[:SAMPLE])] += len(one.text)

    def shares(self) -> dict[str, float]:
        return {name: round(n / self.characters, 4) for name, n in self.spoken.most_common() if self.characters}


def language(text: str) -> str:
    """The language that most of a text's common words are of, or its script where that is not Latin; "" for neither."""
    letters = scripts(text)
    script = max(letters, key=letters.__getitem__)
    if letters[script] and script != "latin":
        return script
    counts = tongues(TONGUES.get(word.lower(), 0) for word in TOKEN.findall(text)).most_common(1)
    if not counts or counts[0][1] < PLAIN:
        return ""
    return next(name for name in LANGUAGES if BITS[name] == counts[0][0])


def _read(file: File | Skipped) -> Iterator[Document | Skipped]:
    if isinstance(file, Skipped):
        yield file
        return
    try:
        readers.check_size(file.path, file.size)
        with Path(file.address).open("rb") as content:
            yield from readers.read(content, file.path)
    except Unreadable as error:
        yield Skipped(file.path, error.reason)
    except OSError as error:
        yield Skipped(file.path, (error.strerror or str(error)).lower())


def read_questions(file: str | Path) -> list[tuple[str, tuple[str, ...]]]:
    """Questions with the answers that are known of them: a line each, as text or JSON. Raises NotFound, Refused.

    JSON is `{"question": ..., "answer": ...}`, or `"answers"` with a list.
    """
    place = Path(file)
    if not place.is_file():
        raise NotFound(f"there is no file {place}", hint="a file with a question a line")
    try:
        lines = place.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{place} is not UTF-8", hint="save it as UTF-8") from error
    found = [_question(line.strip(), f"{place.name}, line {at}") for at, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise Refused(f"{place} holds no question", hint="a file with a question a line")
    return found


def _question(line: str, place: str) -> tuple[str, tuple[str, ...]]:
    if not line.startswith("{"):
        return line, ()
    try:
        row = json.loads(line)
    except ValueError as error:
        raise Refused(f"{place}: no JSON: {error}", hint='a line is a question, or {"question": ...}') from error
    asked = row.get("question")
    if not isinstance(asked, str) or not asked.strip():
        raise Refused(f"{place}: it has no question", hint='a line is a question, or {"question": ...}')
    given = row.get("answers") or [row.get("answer")]
    return asked.strip(), tuple(one for one in given if isinstance(one, str) and one.strip())


def see_questions(
    kb: Knowledge, questions: Iterable[tuple[str, tuple[str, ...]]], progress: Report | None = None
) -> SeenQuestions:
    """Ask the first MOST_QUESTIONS of them, each as `ask` does. Raises NotFound where the base is empty."""
    every = list(islice(questions, MOST_QUESTIONS))
    silent: list[int] = []
    missed: list[int] = []
    judged = 0
    started = time.perf_counter()
    for at, (question, answers) in enumerate(every, 1):
        given = kb.ask(question)
        if given.abstained:
            silent.append(at)
        if answers:
            judged += 1
            quotes = [_flat(quote.text) for quote in given.quotes]
            missed += [] if any(_flat(one) in quote for one in answers for quote in quotes) else [at]
        if progress:
            progress(Advance("questions", at, len(every), time.perf_counter() - started, at == len(every)))
    return SeenQuestions(len(every), tuple(silent), judged, tuple(missed))


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
