"""The command `formfact tune`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from formfact.interfaces import audit
from formfact.interfaces.as_json import put_json

if TYPE_CHECKING:
    from formfact.interfaces.terminal import Page
    from formfact.proof.tunings import Change, Tuning


def run(arguments: argparse.Namespace) -> None:
    from formfact.front import Knowledge
    from formfact.interfaces.output import put

    with Knowledge(arguments.kb) as kb:
        if arguments.undo:
            undone = kb.undo_tuning()
            told = "undone: search is as it was" if undone else "nothing was tuned"
            put_json({"undone": undone}) if arguments.json else print(told)
            return
        found = kb.tuning() if arguments.show else _tune(kb, arguments)
    if arguments.json:
        put_json(wire(found) if found else None)
    elif found is None:
        print("not tuned: everything is set by default")
    else:
        put(shown, found)


def _tune(kb: Any, arguments: argparse.Namespace) -> Tuning:
    from formfact.interfaces.output import advancing

    with advancing(arguments) as progress:
        done: Tuning = kb.tune(
            arguments.maker,
            questions=arguments.questions,
            sample=arguments.sample,
            seed=arguments.seed,
            progress=progress,
        )
    return done


def wire(found: Tuning) -> dict[str, Any]:
    """The tuning as JSON."""
    return asdict(found)


def shown(page: Page, found: Tuning) -> Iterator[str]:
    """What was tried, change by change, and what it came to."""
    own = f" and {found.own:,} of your own" if found.own else ""
    head = (
        f"tuned {found.tuned[:10]} by {found.made:,} questions made of {found.asked:,} of {found.passages:,} passages"
        f" ({found.maker}){own}; {found.seconds:.1f} s"
    )
    yield from page.wrap(head, "")
    for change in found.changes:
        yield ""
        yield page.bold(f"{'kept' if change.kept else 'left'}  {change.name}: {_step(change)}")
        yield from page.wrap(_measured(change), "      ")
    yield ""
    if found.kept:
        gain = f"discounted gain@10 {found.before:.3f} → {found.after:.3f} before search keys"
        yield from page.wrap(f"{gain}; formfact tune --undo takes it back", "")
    else:
        yield from page.wrap("Nothing is changed: search stays as it was.", "")


def _step(change: Change) -> str:
    return change.before if change.after == change.before else f"{change.before} → {change.after}"


def _measured(change: Change) -> str:
    if not change.questions:
        return change.why
    low, high = change.interval
    return (
        f"{change.why}: {change.gain:+.4f} (95 % {low:+.4f} to {high:+.4f}; chance gives as much in"
        f" {100 * change.chance:.1f} % of cases) over {change.questions:,} questions, {change.judges}"
    )


def arguments(parser: argparse.ArgumentParser) -> None:
    audit.question_arguments(parser, passages="1,500")
    parser.add_argument("--show", action="store_true", help="what was tuned last, and what it gained")
    parser.add_argument("--undo", action="store_true", help="take back all that was tuned")
