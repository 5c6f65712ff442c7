"""The command `formfact chat`: a dialogue at a prompt, or questions from standard input, a line each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from formfact.errors import FormfactError, NotFound
from formfact.interfaces.as_json import put_json
from formfact.types import Answer

if TYPE_CHECKING:
    from formfact.front import Knowledge
    from formfact.front.dialogue import Dialogue
    from formfact.interfaces.terminal import Page
    from formfact.types import Turn

PROMPT = "> "
HELP = "Ask, and ask on.  /new begins another subject, /turns shows what was said, /quit ends."


def chat(arguments: argparse.Namespace) -> None:
    from formfact.front import Knowledge

    with Knowledge(arguments.kb) as kb:
        if arguments.list:
            _list(kb, as_json=arguments.json)
        elif arguments.delete:
            kb.forget(arguments.delete)
            put_json({"deleted": arguments.delete}) if arguments.json else print(f"{arguments.delete} deleted")
        elif arguments.export:
            _export(kb, arguments.export, as_json=arguments.json)
        else:
            kb.status()  # a base that is not there is told before the prompt
            _talk(kb, arguments)


def _talk(kb: Knowledge, arguments: argparse.Namespace) -> None:
    dialogue = kb.chat(arguments.name, writer=arguments.writer, strict=not arguments.loose)
    typed = sys.stdin.isatty() and not arguments.json
    if typed:
        before = f"  ({len(dialogue.turns)} turns so far)" if dialogue.turns else ""
        print(f"{HELP}{before}", file=sys.stderr)
    for line in _lines(prompted=typed):
        if line in ("/quit", "/exit"):
            break
        if line == "/new":
            dialogue = kb.chat("", writer=arguments.writer, strict=not arguments.loose)
        elif line == "/turns":
            _show(dialogue.turns)
        elif line.startswith("/"):
            print(HELP, file=sys.stderr)
        else:
            _say(dialogue, line, as_json=arguments.json, kept=typed)


def _say(dialogue: Dialogue, line: str, *, as_json: bool, kept: bool) -> None:
    """One answer. At a prompt an error ends the turn, not the dialogue."""
    from formfact.interfaces import answer_shown, wire
    from formfact.interfaces.terminal import Page

    page = Page(sys.stdout)
    try:
        given, told = (dialogue.say(line), False) if as_json else _told(dialogue, line, page)
    except FormfactError as error:
        if not kept:
            raise
        print(f"error: {error}", file=sys.stderr)
        return
    if as_json:
        put_json(wire.answer(given))
        return
    if not given.quotes and not given.abstained:
        print(given.answer, flush=True)
        return
    for row in answer_shown.answer(page, given, told=told):
        print(row.rstrip())
    if given.rewritten or given.carried:
        understood = given.rewritten or f"with {', '.join(given.carried)}"
        print(page.dim(page.fit(f"understood: {understood}")))
    print(flush=True)


def _told(dialogue: Dialogue, line: str, page: Page) -> tuple[Answer, bool]:
    """The answer, and whether its words stand on the page already: a writer's sentences do, each as it was checked."""
    from formfact.interfaces import answer_shown

    words = answer_shown.Words(page)
    for one in dialogue.say_stream(line):
        if isinstance(one, Answer):
            print(words.end(one), end="")
            return one, words.told and not one.fallback
        print(words.take(one), end="", flush=True)
    raise AssertionError("a stream ends with its answer")


def _lines(*, prompted: bool) -> Iterator[str]:
    while True:
        try:
            line = input(PROMPT) if prompted else sys.stdin.readline()
        except EOFError:
            return
        if not prompted and not line:
            return
        if line.strip():
            yield line.strip()


def _list(kb: Knowledge, *, as_json: bool) -> None:
    found = kb.dialogues()
    if as_json:
        put_json({"dialogues": [{"name": o.name, "turns": o.turns, "said": o.said} for o in found]})
        return
    for one in found:
        print(f"{one.turns:>5}  {one.said}  {one.name}")
    if not found:
        print("no dialogue was kept: formfact chat --name NAME keeps one", file=sys.stderr)


def _export(kb: Knowledge, name: str, *, as_json: bool) -> None:
    from formfact.interfaces import wire

    turns = kb.chat(name).turns
    if not turns:
        raise NotFound(f"there is no dialogue {name!r}", hint="formfact chat --list")
    if as_json:
        for one in turns:
            put_json(wire.turn(one))
    else:
        print(f"# {name}\n")
        _show(turns)


def _show(turns: Sequence[Turn]) -> None:
    """The turns as Markdown, without what would command a terminal."""
    from formfact.interfaces.terminal import named, printable

    for one in turns:
        print(f"**{printable(one.question)}**\n")
        if not one.quotes:
            print("\n".join(map(printable, one.answer.splitlines())) + "\n")
        for quote in one.quotes:
            page = f", page {quote.page}" if quote.page else ""
            body = "\n".join(f"> {printable(line)}" for line in quote.text.splitlines())
            print(f"{body}\n>\n> — {printable(named(quote.document, quote.source))}{page}, {quote.start}-{quote.end}\n")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `chat`."""
    parser.add_argument("--name", default="", metavar="NAME", help="keep the dialogue, or go on with one that was kept")
    parser.add_argument(
        "--writer", metavar="ADDRESS",
        help="a model that says the answers in words and makes follow-ups plain: https://HOST/v1#MODEL, or local:",
    )  # fmt: skip
    parser.add_argument("--loose", action="store_true", help="keep what the quotes do not hold, and flag it")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--list", action="store_true", help="list the dialogues that were kept")
    one.add_argument("--delete", metavar="NAME", help="delete one")
    one.add_argument("--export", metavar="NAME", help="print one as Markdown, or with --json a turn a line")
