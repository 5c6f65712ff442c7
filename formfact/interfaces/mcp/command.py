"""`formfact mcp`: the server on standard input and output, or what a client's settings need to start it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from formfact import plugins
from formfact.interfaces.mcp.clients import CLIENTS, Client, one_liner

SERVERS = {"stdio": "formfact.interfaces.mcp.server:serve_stdio"}


def mcp(arguments: argparse.Namespace) -> None:
    """A terminal cannot speak MCP: there the settings are shown. Whatever else is on standard input is a client."""
    if arguments.config is not None or (sys.stdin.isatty() and not arguments.stdio):
        _show(arguments)
        return
    from formfact.front import Knowledge
    from formfact.front.patterns import Patterns

    with Knowledge(arguments.kb) as knowledge:
        serve = plugins.load(SERVERS, "stdio", what="server")
        serve(knowledge, Patterns(arguments.patterns), write=arguments.write)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="serve on standard input and output, even of a terminal")
    parser.add_argument(
        "--config", metavar="CLIENT", nargs="?", const="all", choices=["all", *(one.key for one in CLIENTS)],
        help=f"what a client's settings need: {', '.join(one.key for one in CLIENTS)}, or all of them",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="let clients add and remove documents too")
    parser.add_argument("--patterns", type=Path, metavar="FOLDER", help="tuned patterns, beside the catalogue's")


def _show(arguments: argparse.Namespace) -> None:
    command = _command(arguments)
    chosen = [one for one in CLIENTS if arguments.config in (None, "all", one.key)]
    if arguments.json:
        print(json.dumps({"command": command, "clients": {one.key: one.form(command) for one in chosen}}))
    elif len(chosen) == 1:
        # One client's settings alone are for a file: nothing beside them goes to standard output.
        print(f"for {chosen[0].file}:", file=sys.stderr)
        print(chosen[0].snippet(command), end="")
    else:
        print("\n".join(_page(chosen, command)))


def _page(clients: Sequence[Client], command: Sequence[str]) -> Iterator[str]:
    """All clients; those whose settings are the same text are shown together."""
    yield "An MCP client starts this server itself. Add this to its settings:"
    told: dict[str, list[Client]] = {}
    for one in clients:
        told.setdefault(one.snippet(command), []).append(one)
    for snippet, some in told.items():
        yield ""
        for one in some:
            yield f"{one.title}: {one.file}"
        yield ""
        yield from (f"    {line}" for line in snippet.splitlines())
    yield ""
    yield "Claude Code, without a file:"
    yield ""
    yield f"    {one_liner(command)}"


def _command(arguments: argparse.Namespace) -> list[str]:
    """How this very formfact is started from anywhere: clients know neither its folder nor its environment."""
    script = Path(sys.executable).with_name("formfact")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "formfact"]
    command = [*start, "--kb", str(Path(arguments.kb).expanduser().resolve()), "mcp", "--stdio"]
    if arguments.write:
        command.append("--write")
    if arguments.patterns:
        command += ["--patterns", str(arguments.patterns.expanduser().resolve())]
    return command
