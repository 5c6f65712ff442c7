"""The commands `formfact pattern ...`: one function a command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from formfact.errors import NotFound, Refused
from formfact.interfaces import growing
from formfact.interfaces.as_json import put_json
from formfact.interfaces.lines import put_lines
from formfact.types import FactsReport, Row

Command = Callable[[argparse.Namespace], None]


def _page() -> Any:
    from formfact.interfaces.terminal import Page

    return Page(sys.stdout)


def _wire() -> Any:
    """Imported when a command runs, which keeps the command line quick to start."""
    from formfact.interfaces import patterns_wire

    return patterns_wire


def _shown() -> Any:
    from formfact.interfaces import patterns_shown

    return patterns_shown


def list_all(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern

    found = [Pattern(name) for name in Pattern.names()]
    if arguments.json:
        put_json({"patterns": [_wire().pattern(one) for one in found]})
    else:
        put_lines(_shown().listing(_page(), found))


def show(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern

    found = Pattern(arguments.name)
    put_json(_wire().pattern(found)) if arguments.json else put_lines(_shown().shown(_page(), found))


def new(arguments: argparse.Namespace) -> None:
    from formfact.patterns.rows import read_rows
    from formfact.patterns.shelf import start, start_from

    folder = Path(arguments.folder or arguments.name)
    if arguments.source:
        given = read_rows(Path(arguments.source))
        made = start_from(folder.name, folder, rows=given.rows)
    else:
        start(folder.name, folder, shape=arguments.shape)
    if arguments.json:
        put_json({"folder": str(folder)})
    elif arguments.source:
        put_lines(_shown().begun(folder, made, file=arguments.source, unread=len(given.problems)))
    else:
        print(f"{folder}/pattern.toml says what goes in and what comes out: make it yours.")
        print(f'{folder}/examples.jsonl takes your examples: {{"text": ..., "output": ...}}, one a line.')


def check(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern
    from formfact.patterns.conformance import conformance
    from formfact.patterns.write import read_inputs

    pattern = Pattern(arguments.name)
    inputs = read_inputs(_given(), one=arguments.one)
    found, kept = [], 0
    for number, one in enumerate(inputs, 1):
        # One text alone ends with the line feed that its file ends with.
        text = one.text.removesuffix("\n") if len(inputs) == 1 else one.text
        problems = pattern.check(text, schema=one.schema or _schema(arguments))
        kept += not problems
        found += [replace(problem, row=number) for problem in problems]
    figure = conformance(len(inputs), kept, found)
    if arguments.json:
        put_json(_wire().conformance(figure))
    else:
        put_lines(_shown().conformance(_page(), figure))


def lint(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern
    from formfact.patterns.lint import lint as look
    from formfact.patterns.lint.fix import fix
    from formfact.patterns.rows import read_rows, write_chat

    _new_files(arguments.fix, arguments.rewrite)
    if arguments.with_kb and not arguments.rewrite:
        raise Refused("--with-kb says where the facts of rewritten rows stand", hint="give --rewrite TO with it")
    contract = Pattern(arguments.pattern).contract if arguments.pattern else None
    reading = read_rows(Path(arguments.file))
    validation = read_rows(Path(arguments.validation)) if arguments.validation else None
    found = look(reading, contract, validation=validation)
    kept: list[Row] = list(reading.rows)
    done: list[str] = []
    if arguments.fix:
        kept, done = fix(reading.rows, found, contract)
        write_chat(kept, Path(arguments.fix))
        done.append(f"{len(kept):,} rows written to {arguments.fix}")
    if arguments.to_kb:
        from formfact.front.facts import rows_to_kb

        done.append(rows_to_kb(arguments.file, reading.rows, found.knowledge, arguments.to_kb))
    if arguments.rewrite:
        done.append(_rewrite(arguments, kept, found.knowledge))
    if arguments.json:
        put_json(_wire().lint(found) | ({"done": done} if done else {}))
    else:
        put_lines(_shown().lint(_page(), found, done))


def _new_files(*names: str | None) -> None:
    for name in names:
        if name and Path(name).exists():
            raise Refused(f"{name} exists already", hint="name a file that does not exist yet")


def _rewrite(arguments: argparse.Namespace, rows: list[Row], found: FactsReport) -> str:
    """Write the copy in which rows that teach facts are given them; returns a line that says what was done."""
    from formfact.front.facts import sources_in
    from formfact.patterns.facts.rewrite import rewrite
    from formfact.patterns.rows import write_chat

    with sources_in(arguments.with_kb, found) if arguments.with_kb else nullcontext() as sources:
        written, count = rewrite(rows, found, sources)
    write_chat(written, Path(arguments.rewrite))
    return f"{len(written):,} rows written to {arguments.rewrite}, {count:,} of them with their facts in the prompt"


def train(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern
    from formfact.interfaces.training import TrainingMeter
    from formfact.patterns.recipe import Recipe

    pattern = Pattern(arguments.name)
    if arguments.show_mask is not None:
        _show_mask(arguments)
        return
    wanted = {name: getattr(arguments, name) for name in ("steps", "rate", "tokens", "look", "enough", "seed", "rank")}
    recipe = replace(Recipe(), **{name: value for name, value in wanted.items() if value is not None})
    meter = TrainingMeter(sys.stderr, quiet=arguments.quiet, as_json=arguments.progress == "json")
    try:
        card = pattern.train(
            arguments.data, arguments.out, validation=arguments.validation, base=arguments.base,
            held_out=arguments.held_out, recipe=recipe, report=meter.step,
        )  # fmt: skip
    finally:
        meter.clear()
    out = arguments.out or f"{pattern.contract.name}-tuned"
    put_json(_wire().card(card)) if arguments.json else put_lines(_shown().card(_page(), card, out))


def _show_mask(arguments: argparse.Namespace) -> None:
    """The tokens of one row: those that the loss counts on stand out."""
    from formfact.front import Pattern
    from formfact.patterns import tuned
    from formfact.patterns.examples import as_example
    from formfact.patterns.rows import read_rows

    pattern = Pattern(arguments.name)
    file = Path(arguments.data) if arguments.data else pattern.folder / "examples.jsonl"
    row = next((row for row in read_rows(file).rows if row.number == arguments.show_mask), None)
    if row is None:
        raise NotFound(f"{file} has no row {arguments.show_mask}", hint="rows are counted by the file's lines from 1")
    example = as_example(pattern.contract, row)
    tokens = tuned.load("masks shown")(pattern.contract, example, base=arguments.base)
    if arguments.json:
        put_json([{"token": token, "counts": counts} for token, counts in tokens])
    else:
        put_lines(_shown().mask(_page(), tokens))


def write(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern
    from formfact.patterns.write import Input, read_inputs

    pattern = Pattern(arguments.name, writer=arguments.writer, base=arguments.base)
    schema = _schema(arguments)
    inputs = [Input(one.text, one.schema or schema) for one in read_inputs(_given(), one=arguments.one)]
    found = pattern.write_all(inputs, masked=not arguments.no_mask, limit=arguments.limit)
    for at, one in enumerate(found):
        if arguments.json:
            put_json(_wire().writing(one))
        else:
            put_lines([*([""] if at else []), one.text])
            _warn(one)


def _warn(one: Any) -> None:
    for problem in one.problems[:5]:
        print(f"breaks the contract: {problem.message}", file=sys.stderr)


def grow(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern

    pattern = Pattern(arguments.name, writer=arguments.writer, base=arguments.base)
    folder = Path(arguments.out or f"{pattern.contract.name}-grown")
    # Whoever goes on with a tree at a terminal is not kept waiting for a text.
    start = "" if sys.stdin.isatty() and folder.exists() else _given().strip()
    meter = growing.GrowthMeter(sys.stderr, quiet=arguments.quiet)
    try:
        done = pattern.grow(
            start, folder, words=arguments.words, counts=growing.counts(arguments.count),
            tuned=growing.tuned(arguments.tuned), masked=not arguments.no_mask, report=meter.step,
        )  # fmt: skip
    finally:
        meter.clear()
    put_json(growing.tree(done)) if arguments.json else put_lines(growing.shown(_page(), done))


def export(arguments: argparse.Namespace) -> None:
    from formfact.front import Pattern

    done = Pattern(arguments.folder).export(arguments.to, form=arguments.form)
    put_json(_wire().exported(done)) if arguments.json else put_lines(_shown().exported(_page(), done))


def _given() -> str:
    """What stands on standard input. Raises Refused."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise Refused(
            f"standard input is no text in UTF-8: {error.reason}", hint="iconv -t utf-8 makes it one"
        ) from error


def _schema(arguments: argparse.Namespace) -> dict[str, Any] | None:
    return read_schema(arguments.schema) if arguments.schema else None


def read_schema(file: str) -> dict[str, Any]:
    """The JSON Schema in a file. Raises NotFound, Refused."""
    try:
        found = json.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}", hint="name a file") from error
    except ValueError as error:
        raise Refused(f"{file} is no JSON: {error}", hint="give a JSON Schema") from error
    if not isinstance(found, dict):
        raise Refused(f"{file} is no JSON object", hint="give a JSON Schema")
    return found


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a name from `formfact pattern list`, or a folder")


def _inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--one", action="store_true", help="standard input is one text, even if it looks like JSONL")
    parser.add_argument("--schema", metavar="FILE", help="a JSON Schema, for patterns that take one")


def _new_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the new pattern's name")
    parser.add_argument("--folder", metavar="DIR", help="where to write it (./NAME)")
    parser.add_argument("--shape", default="lines", help="lines, text, regex, dialogue, outline, json, xml, ...")
    parser.add_argument("--from", dest="source", metavar="FILE", help="the contract that these training rows keep")


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _inputs(parser)


def _lint_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="chat JSONL, prompt/completion, Alpaca, ShareGPT or CSV")
    parser.add_argument("--pattern", metavar="NAME", help="check the rows against this pattern's contract")
    parser.add_argument("--validation", metavar="FILE", help="look for rows that are in this file too")
    parser.add_argument("--fix", metavar="TO", help="write a repaired copy as chat JSONL")
    parser.add_argument("--to-kb", metavar="DIR", help="add the rows that teach facts to a knowledge base")
    parser.add_argument("--rewrite", metavar="TO", help="write a copy whose rows have their facts in the prompt")
    parser.add_argument("--with-kb", metavar="DIR", help="take these facts from a knowledge base's passages")


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("data", metavar="DATA", nargs="?", help="rows to train on (the pattern's own examples)")
    parser.add_argument("--out", metavar="DIR", help="where the tuned pattern goes (./NAME-tuned)")
    parser.add_argument("--base", help="a hub's name or a folder (the packaged SmolLM2-135M-Instruct)")
    parser.add_argument("--validation", metavar="FILE", help="held-out rows, instead of a part of DATA")
    parser.add_argument("--held-out", type=int, default=24, metavar="N", help="held-out inputs an arm (24)")
    parser.add_argument("--steps", type=int, help="steps at the most (150)")
    parser.add_argument("--look", type=int, help="steps between looks at conformance (30)")
    parser.add_argument("--enough", type=float, help="stop when so much conforms at two looks running (0.95)")
    parser.add_argument("--tokens", type=int, help="tokens in a step (1536)")
    parser.add_argument("--rate", type=float, help="learning rate (6e-4)")
    parser.add_argument("--rank", type=int, help="rank of the adapter (16)")
    parser.add_argument("--seed", type=int, help="the same seed gives the same adapter (7)")
    parser.add_argument("--show-mask", type=int, metavar="ROW", help="show which tokens of a row the loss counts on")


def _write_arguments(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _inputs(parser)
    parser.add_argument("--writer", metavar="ADDRESS", help="an endpoint that writes: https://HOST/v1#MODEL")
    parser.add_argument("--base", help="another local base: a hub's name or a folder")
    parser.add_argument("--limit", type=int, metavar="TOKENS", help="the budget, else the contract's")
    parser.add_argument("--no-mask", action="store_true", help="without the decoding mask")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a folder that `train` wrote")
    parser.add_argument("to", metavar="TO", help="a folder that does not exist yet")
    parser.add_argument("--form", choices=["adapter", "merged", "gguf"], default="merged", help="what to write")


COMMANDS: list[tuple[str, Command, str, Callable[[argparse.ArgumentParser], None]]] = [
    ("list", list_all, "the patterns that ship", lambda _: None),
    ("show", show, "a pattern's contract, and an example", _name),
    ("new", new, "a contract of your own to begin with", _new_arguments),
    ("check", check, "whether texts on standard input keep a contract", _check_arguments),
    ("lint", lint, "what is wrong with training rows, and which teach facts", _lint_arguments),
    ("train", train, "tune a small model to a pattern", _train_arguments),
    ("write", write, "write for the texts on standard input", _write_arguments),
    ("grow", grow, "a text and all that its children write of it, such as a story", growing.add_arguments),
    ("export", export, "a tuned pattern for other programs", _export_arguments),
]


def mount(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Put the commands under `formfact pattern`."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, help="one of these")
    for name, run, about, arguments in COMMANDS:
        command = commands.add_parser(name, help=about, description=about, parents=[shared])
        arguments(command)
        command.set_defaults(run=run)
