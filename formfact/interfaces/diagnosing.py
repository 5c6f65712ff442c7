"""The command `formfact diagnose`: the interview at a terminal, the files, and the advice."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from formfact.errors import NotFound, Refused
from formfact.interfaces.as_json import put_json

if TYPE_CHECKING:
    from formfact.interfaces.terminal import Page
    from formfact.proof.diagnosis import Diagnosis, Evidence
    from formfact.proof.interview import Asked

RUNS_SHOWN = 12
MARGIN = 11
TITLES = {
    "search": "Search",
    "pattern": "A pattern",
    "both": "Both: search, and a pattern",
    "neither": "Neither",
}
SHAPE = '{"goal": "answers", "often": "often"}'


def run(arguments: argparse.Namespace) -> None:
    from formfact.front.diagnose import diagnose
    from formfact.interfaces.output import advancing, put

    if arguments.interview:
        _show_interview(as_json=arguments.json)
        return
    answers = read_given(arguments.answers) if arguments.answers else {}
    files = arguments.rows or arguments.documents or arguments.questions
    if sys.stdin.isatty() and not arguments.answers and not arguments.json:
        answers |= interview(sys.stdin, sys.stderr, known=_known(arguments))
    elif not answers and not files:
        raise Refused(
            "there is nobody to ask: standard input is no terminal",
            hint=f"give --answers '{SHAPE}' (`formfact diagnose --interview` lists them), or --rows, --documents",
        )
    with advancing(arguments) as progress:
        found = diagnose(
            answers, rows=arguments.rows, documents=arguments.documents, questions=arguments.questions,
            kb=_kb(arguments), progress=progress,
        )  # fmt: skip
    if arguments.json:
        put_json(wire(found))
    else:
        put(shown, found)


def _kb(arguments: argparse.Namespace) -> Any:
    """The knowledge base that questions are put to where no documents are given."""
    if not arguments.questions or arguments.documents:
        return None
    from formfact.front import Knowledge

    return Knowledge(arguments.kb)


def read_given(text: str) -> dict[str, Any]:
    """Answers as JSON, or in a file of it; `-` is standard input. Raises NotFound, Refused."""
    if text.strip().startswith("{"):
        content, place = text, "--answers"
    elif text == "-":
        content, place = sys.stdin.read(), "standard input"
    else:
        try:
            content, place = Path(text).read_text("utf-8"), text
        except OSError as error:
            raise NotFound(f"{text} cannot be read: {error.strerror}", hint=f"a file, or JSON: {SHAPE}") from error
        except UnicodeDecodeError as error:
            raise Refused(f"{text} is not UTF-8", hint=f"it looks like {SHAPE}") from error
    try:
        found = json.loads(content)
    except ValueError as error:
        raise Refused(f"{place}: no JSON: {error}", hint=f"it looks like {SHAPE}") from error
    if not isinstance(found, dict):
        raise Refused(f"{place}: no JSON object", hint=f"it looks like {SHAPE}")
    return found


def _known(arguments: argparse.Namespace) -> set[str]:
    """Questions that the files answer."""
    known = {"source", "amount"} if arguments.documents else set()
    return known | ({"examples"} if arguments.rows else set())


def interview(answers: TextIO, shown: TextIO, *, known: Collection[str] = ()) -> dict[str, str]:
    """Ask question by question; an empty line leaves one out, the end of input ends it."""
    from formfact.interfaces.terminal import Page
    from formfact.proof.interview import QUESTIONS

    page = Page(shown)
    asked = [one for one in QUESTIONS if one.name not in known]
    found: dict[str, str] = {}
    shown.write("A number answers; Enter alone leaves a question out.\n")
    for at, one in enumerate(asked, 1):
        shown.write("\n" + "\n".join(_question(page, one, f"{at}/{len(asked)}  ")) + "\n")
        word = _answer(answers, shown, one)
        if word is None:
            break
        found |= {one.name: word} if word else {}
    shown.write("\n")
    return found


def _question(page: Page, one: Asked, lead: str) -> Iterator[str]:
    yield page.bold(page.fit(one.question, lead))
    yield from map(page.dim, page.wrap(one.why, " " * len(lead)))
    for number, choice in enumerate(one.choices, 1):
        yield from page.wrap(f"{number}  {choice.about}", " " * len(lead))


def _answer(answers: TextIO, shown: TextIO, one: Asked) -> str | None:
    """A choice's word, "" for a question that is left out, None at the end of input."""
    words = [choice.word for choice in one.choices]
    while True:
        shown.write("     > ")
        shown.flush()
        line = answers.readline()
        said = line.strip().lower()
        if not said:
            return "" if line else None
        if said in words:
            return said
        if said.isdecimal() and 1 <= int(said) <= len(words):
            return words[int(said) - 1]
        shown.write(f"     a number from 1 to {len(words)}, or Enter\n")


def _show_interview(*, as_json: bool) -> None:
    from formfact.interfaces.terminal import Page
    from formfact.proof.interview import QUESTIONS

    if as_json:
        put_json(wire_interview())
        return
    page = Page(sys.stdout)
    for one in QUESTIONS:
        print(page.bold(page.fit(one.question, f"{one.name}: ")))
        for row in page.wrap(one.why, "    "):
            print(page.dim(row))
        for choice in one.choices:
            for row in page.wrap(f"{choice.word}: {choice.about}", "    "):
                print(row)


def wire_interview() -> dict[str, Any]:
    """The questions as JSON."""
    from dataclasses import asdict

    from formfact.proof.interview import QUESTIONS

    return {"questions": [{**asdict(one), "choices": [asdict(choice) for choice in one.choices]} for one in QUESTIONS]}


def wire(found: Diagnosis) -> dict[str, Any]:
    """The diagnosis as JSON."""
    from dataclasses import asdict

    return {
        **asdict(found),
        "evidence": [{**asdict(one), "rows": list(one.rows)} for one in found.evidence],
        "steps": [asdict(one) for one in found.steps],
        "cautions": list(found.cautions),
    }


def shown(page: Page, found: Diagnosis) -> Iterator[str]:
    """The advice, what to do next, and the evidence."""
    yield page.bold(f"{TITLES[found.advice]}.")
    yield from page.wrap(found.why, "  ")
    if found.instead:
        yield ""
        yield page.bold("instead")
        for one in found.instead.split("; "):
            yield from page.wrap(one, "  ")
    if found.steps:
        yield ""
        yield page.bold("next")
        for step in found.steps:
            # A command is one line, however long: it is there to be copied.
            yield f"  {step.command}"
            yield from map(page.dim, page.wrap(step.why, "      "))
    yield ""
    yield page.bold("because")
    for about in ("rows", "documents", "questions", "interview"):
        yield from _evidence(page, [one for one in found.evidence if one.about == about])
    if found.cautions:
        yield ""
        yield page.bold("but")
        for caution in found.cautions:
            yield from page.wrap(caution, "  ")


def _evidence(page: Page, every: Sequence[Evidence]) -> Iterator[str]:
    for one in every:
        rows = page.wrap(one.says, " " * MARGIN)
        yield f"  {one.speaks:<{MARGIN - 2}}{rows[0].lstrip()}"
        yield from rows[1:]
        if one.rows:
            what = "question" if one.about == "questions" else "row"
            told = f"{what}{'s' * (len(one.rows) > 1)} {', '.join(_runs(one.rows))}"
            yield from map(page.dim, page.wrap(told, " " * MARGIN))


def _runs(numbers: Sequence[int]) -> list[str]:
    """Numbers in order, neighbours as one: 1-3, 7; the first RUNS_SHOWN of them."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    shown = [f"{first}-{last}" if last > first else f"{first}" for first, last in runs[:RUNS_SHOWN]]
    return shown + ["..."] * (len(runs) > RUNS_SHOWN)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--answers", metavar="JSON", help="answers to the interview: JSON, a file of it, or - for stdin"
    )
    parser.add_argument("--interview", action="store_true", help="list the interview's questions and their answers")
    parser.add_argument("--rows", metavar="FILE", help="training rows, as `formfact pattern lint` reads them")
    parser.add_argument("--documents", metavar="PATH", nargs="+", default=(), help="files and folders")
    parser.add_argument(
        "--questions", metavar="FILE",
        help="a question a line: asked of the documents, or without these of the knowledge base",
    )  # fmt: skip
