"""The command `formfact ask`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from formfact.errors import Refused
from formfact.interfaces.as_json import put_json

if TYPE_CHECKING:
    from formfact.interfaces.progress import Meter


def run(arguments: argparse.Namespace) -> None:
    from formfact.front import Knowledge
    from formfact.interfaces import answer_shown, wire
    from formfact.interfaces.output import put

    question = sys.stdin.read() if arguments.question == "-" else str(arguments.question)
    waiting = _waiting(arguments)
    with Knowledge(arguments.kb) as kb:
        try:
            given = kb.ask(
                question,
                paths=tuple(arguments.path),
                metadata=where(arguments.where),
                writer=arguments.writer,
                pattern=arguments.pattern,
                schema=_schema(arguments),
                strict=not arguments.loose,
                reader=arguments.reader,
                hops=arguments.hops,
            )
        finally:
            waiting.clear()
    if arguments.json:
        put_json(wire.answer(given))
    else:
        put(answer_shown.answer, given)
    if given.abstained and not given.nearest:
        remark_filters(arguments)


def _waiting(arguments: argparse.Namespace) -> Meter:
    """A line that says who is being waited for, on a terminal, where somebody is."""
    from formfact.interfaces.progress import Meter

    meter = Meter(sys.stderr, quiet=arguments.quiet, as_json=arguments.progress == "json")
    writes = arguments.writer or (f"the pattern {arguments.pattern}" if arguments.pattern else "")
    if writes:
        meter.note(f"{writes} is writing ...")
    return meter


def remark_filters(arguments: argparse.Namespace) -> None:
    """Say on standard error that the filters left no passage to look at, which is another thing than finding none."""
    given = [("--path", one) for one in arguments.path] + [("--where", one) for one in arguments.where]
    if given:
        sys.stderr.write(f"no passage is left by {shlex.join(chain(*given))} (capitals count)\n")
        keys = (
            "search --json shows the metadata of hits" if arguments.where else "status --documents lists what there is"
        )
        sys.stderr.write(f"next: formfact {keys}\n")


def where(pairs: Sequence[str]) -> dict[str, str]:
    """KEY=VALUE pairs as a filter on metadata. Raises Refused."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise Refused(f"--where {wrong[0]} is no KEY=VALUE", hint="for example: --where year=2024")
    return dict(pair.split("=", 1) for pair in pairs)


def _schema(arguments: argparse.Namespace) -> Mapping[str, Any] | None:
    from formfact.interfaces.patterns import read_schema

    return read_schema(arguments.schema) if arguments.schema else None


def question_arguments(parser: argparse.ArgumentParser) -> None:
    """What `search` and `ask` have in common."""
    parser.add_argument("question", metavar="QUESTION", help="what you want to know; - reads standard input")
    parser.add_argument("--path", metavar="GLOB", action="append", default=[], help="only documents at this path")
    parser.add_argument("--where", metavar="KEY=VALUE", action="append", default=[], help="only with this metadata")
    parser.add_argument(
        "--reader", metavar="ADDRESS",
        help="a model that reads the first passages: a reader's or reranker's folder, or https://HOST/v1#MODEL",
    )  # fmt: skip
    parser.add_argument(
        "--hops", type=int, metavar="N", help="2: what the first passages name is searched for as well (1)"
    )


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `ask`."""
    question_arguments(parser)
    parser.add_argument(
        "--writer", metavar="ADDRESS",
        help="a model that says it in words, checked against the quotes: https://HOST/v1#MODEL, or local:",
    )  # fmt: skip
    parser.add_argument("--pattern", metavar="NAME", help="give the answer this pattern's form: a name or a folder")
    parser.add_argument(
        "--schema",
        metavar="FILE",
        help="a JSON Schema: the answer as JSON of it, filled with quotes, or written by --writer or a pattern",
    )
    parser.add_argument("--loose", action="store_true", help="keep what the quotes do not hold, and flag it")
