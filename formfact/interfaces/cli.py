"""The command line: one function a command, one table of commands, one place where errors are shown.

Standard output carries the result alone; progress and errors go to standard error. Exit codes: 0 done (an abstention
too), 1 refused or failed with a named error, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from formfact import __version__
from formfact.errors import FormfactError, Refused
from formfact.interfaces import asking, audit, calibrating, chatting, comparing, diagnosing, patterns, serving, tuning
from formfact.interfaces.as_json import put_json
from formfact.interfaces.lines import put_lines
from formfact.interfaces.mcp import command as agents

if TYPE_CHECKING:
    from formfact.front import Knowledge
    from formfact.interfaces.terminal import Page

Command = Callable[[argparse.Namespace], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    arguments = make_parser().parse_args(argv)
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except FormfactError as error:
        return _show(error, as_json=arguments.progress == "json")
    except KeyboardInterrupt:
        print("interrupted; what was committed stays, and the next run goes on from there", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _show(error: FormfactError, *, as_json: bool) -> int:
    if os.environ.get("FORMFACT_DEBUG"):
        raise error
    if as_json:
        shown = {"message": error.message, "hint": error.hint, "type": type(error).__name__}
        print(json.dumps({"error": shown}), file=sys.stderr)
        return error.exit_code
    print(f"error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"next: {error.hint}", file=sys.stderr)
    return error.exit_code


def _open(arguments: argparse.Namespace, *, embedder: str | None = None) -> Knowledge:
    from formfact.front import Knowledge

    return Knowledge(arguments.kb, embedder=embedder)


def _page() -> Page:
    from formfact.interfaces.terminal import Page

    return Page(sys.stdout)


def _question(arguments: argparse.Namespace) -> str:
    """The question, read from standard input for `-`."""
    return sys.stdin.read() if arguments.question == "-" else str(arguments.question)


def add(arguments: argparse.Namespace) -> None:
    from formfact.interfaces import terminal, wire
    from formfact.interfaces.progress import Meter

    meter = Meter(sys.stderr, quiet=arguments.quiet, as_json=arguments.progress == "json")
    with _open(arguments, embedder=arguments.embedder) as kb:
        try:
            done = kb.add(*arguments.paths, limit=arguments.limit, progress=meter)
        finally:
            meter.clear()
    put_json(wire.report(done)) if arguments.json else put_lines(terminal.report(_page(), done))


def search(arguments: argparse.Namespace) -> None:
    from formfact.interfaces import terminal, wire

    question = _question(arguments)
    with _open(arguments) as kb:
        if arguments.why:
            if arguments.path or arguments.where or arguments.reader or arguments.hops:
                raise Refused("--why looks at search alone", hint="leave out --path, --where, --reader and --hops")
            lost = kb.explain(question, arguments.why, k=arguments.k)
            put_json(wire.loss(lost)) if arguments.json else put_lines(terminal.loss(_page(), lost))
            return
        started = time.perf_counter()
        where = asking.where(arguments.where)
        found = kb.search(
            question, arguments.k, paths=arguments.path, metadata=where, reader=arguments.reader, hops=arguments.hops
        )
        milliseconds = (time.perf_counter() - started) * 1000
    if arguments.json:
        put_json(wire.hits(question, found, milliseconds, explained=arguments.explain))
    else:
        put_lines(terminal.hits(_page(), question, found, explained=arguments.explain))
    if not found:
        asking.remark_filters(arguments)


def remove(arguments: argparse.Namespace) -> None:
    with _open(arguments) as kb:
        removed = sum(kb.remove(what) for what in arguments.what)
    put_json({"removed": removed}) if arguments.json else print(f"{removed:,} removed")


def status(arguments: argparse.Namespace) -> None:
    from formfact.interfaces import terminal, wire

    with _open(arguments) as kb:
        state = kb.status()
        documents = kb.documents() if arguments.documents else None
    put_json(wire.status(state, documents)) if arguments.json else put_lines(terminal.status(_page(), state, documents))


def copy(arguments: argparse.Namespace) -> None:
    with _open(arguments) as kb:
        kb.copy(arguments.to)
    put_json({"copy": arguments.to}) if arguments.json else print(f"copied to {arguments.to}")


def re_embed(arguments: argparse.Namespace) -> None:
    from formfact.interfaces import terminal, wire
    from formfact.interfaces.progress import Meter

    meter = Meter(sys.stderr, quiet=arguments.quiet, as_json=arguments.progress == "json")
    with _open(arguments) as kb:
        try:
            state = kb.re_embed(arguments.embedder or "all-MiniLM-L6-v2", progress=meter)
        finally:
            meter.clear()
    put_json(wire.status(state)) if arguments.json else put_lines(terminal.status(_page(), state, None))


def evaluate(arguments: argparse.Namespace) -> None:
    from formfact.interfaces import wire
    from formfact.interfaces.progress import Meter
    from formfact.proof.evaluate import evaluate as measure

    meter = Meter(sys.stderr, quiet=arguments.quiet, as_json=arguments.progress == "json")
    try:
        found = measure(arguments.folder, embedder=arguments.embedder, progress=meter)
    finally:
        meter.clear()
    figures = wire.evaluation(found)
    if arguments.json:
        put_json(figures)
    else:
        put_lines(f"{name:>12}  {value:,.4g}" for name, value in figures.items() if not isinstance(value, str))


def make_parser() -> argparse.ArgumentParser:
    shared = _shared(argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        prog="formfact",
        description="Answers with verbatim quotes from your own documents, on your own machine.",
        parents=[_shared(None)],
    )
    parser.add_argument("--version", action="version", version=f"formfact {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run, about, arguments in COMMANDS:
        command = commands.add_parser(name, help=about, description=about, parents=[shared])
        arguments(command)
        command.set_defaults(run=run)
    about = "patterns: a form that a small model keeps"
    patterns.mount(commands.add_parser("pattern", help=about, description=about, parents=[shared]), shared)
    return parser


def _shared(default: object) -> argparse.ArgumentParser:
    """Options that may stand before and behind the command; behind it they keep silent unless they are given."""
    silent = default is argparse.SUPPRESS
    parser = argparse.ArgumentParser(add_help=False)
    folder = default if silent else os.environ.get("FORMFACT_KB", "./.formfact")
    parser.add_argument("--kb", metavar="DIR", default=folder, help="the knowledge base (FORMFACT_KB, or ./.formfact)")
    flag = default if silent else False
    parser.add_argument("--json", action="store_true", default=flag, help="the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", default=flag, help="no progress")
    parser.add_argument(
        "--progress", choices=["bar", "json"], default=default if silent else "bar",
        help="json: progress and errors as lines of JSON, for programs",
    )  # fmt: skip
    return parser


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help="files and folders")
    parser.add_argument("--limit", type=int, metavar="BYTES", help="skip files larger than this")
    _embedder(parser)


def _embedder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--embedder", metavar="ADDRESS", default=os.environ.get("FORMFACT_EMBEDDER"),
        help="another embedding model: a folder, onnx:NAME, sentence-transformers:NAME or https://HOST/v1#MODEL",
    )  # fmt: skip


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    asking.question_arguments(parser)
    parser.add_argument("-k", type=int, default=10, help="how many hits (10)")
    parser.add_argument("--explain", action="store_true", help="both scores and ranks of every hit")
    parser.add_argument("--why", metavar="DOCUMENT", help="why this document is not among the hits")


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="PATH-OR-ID", nargs="+", help="a file, a folder or a document's id")


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--documents", action="store_true", help="list the documents")


def _copy_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to", metavar="TO", help="a folder that does not exist yet")


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="corpus.jsonl, queries.jsonl and qrels.tsv")
    _embedder(parser)


COMMANDS: list[tuple[str, Command, str, Callable[[argparse.ArgumentParser], None]]] = [
    ("add", add, "make the knowledge base agree with files and folders", _add_arguments),
    ("search", search, "the passages that are nearest to a question", _search_arguments),
    ("ask", asking.run, "verbatim quotes that answer a question, or that there are none", asking.arguments),
    ("chat", chatting.chat, "a dialogue: questions that are understood in their context", chatting.arguments),
    ("remove", remove, "take documents out", _remove_arguments),
    ("status", status, "what the knowledge base holds", _status_arguments),
    ("copy", copy, "a snapshot of the knowledge base in a new folder", _copy_arguments),
    ("re-embed", re_embed, "give all documents vectors by another model", _embedder),
    ("evaluate", evaluate, "measure search on a folder with judged questions", _evaluate_arguments),
    ("audit", audit.run, "which passages search cannot find again, and why", audit.arguments),
    ("tune", tuning.run, "set search as this base's own questions want it", tuning.arguments),
    (
        "diagnose",
        diagnosing.run,
        "search, a pattern, both or neither: what a problem needs, and why",
        diagnosing.arguments,
    ),
    ("compare", comparing.run, "facts in a model's weights against facts by search, measured", comparing.arguments),
    ("calibrate", calibrating.run, "make the confidence a probability, for a stated error", calibrating.arguments),
    ("serve", serving.serve, "the page and the API, for browsers and programs", serving.add_arguments),
    ("mcp", agents.mcp, "the tools and documents for agents, over MCP", agents.add_arguments),
]
