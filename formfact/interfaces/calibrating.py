"""The command `formfact calibrate`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from formfact.interfaces import audit
from formfact.interfaces.as_json import put_json

if TYPE_CHECKING:
    from formfact.interfaces.terminal import Page
    from formfact.types import Bin, Calibration


def run(arguments: argparse.Namespace) -> None:
    from formfact.front import Knowledge
    from formfact.interfaces import reliability
    from formfact.interfaces.output import put, write

    with Knowledge(arguments.kb) as kb:
        if arguments.undo:
            undone = kb.undo_calibration()
            told = "undone: the confidence is as shipped" if undone else "nothing was calibrated"
            put_json({"undone": undone}) if arguments.json else print(told)
            return
        found = kb.calibration() if arguments.show else _calibrate(kb, arguments)
    if arguments.json:
        put_json(asdict(found) if found else None)
    elif found is None:
        print("not calibrated: the confidence is as shipped")
    else:
        put(shown, found)
    if arguments.html and found:
        write(arguments.html, reliability.page(found, kb.address))


def _calibrate(kb: Any, arguments: argparse.Namespace) -> Calibration:
    from formfact.interfaces.output import advancing

    with advancing(arguments) as progress:
        done: Calibration = kb.calibrate(
            arguments.maker,
            error=arguments.error,
            questions=arguments.questions,
            sample=arguments.sample,
            seed=arguments.seed,
            progress=progress,
        )
    return done


def shown(page: Page, found: Calibration) -> Iterator[str]:
    """What was asked, the figures before and after, a reliability diagram, the threshold."""
    own = f", {found.own:,} of them your own" if found.own else ""
    asked = (
        f"calibrated {found.calibrated[:10]} by {found.answerable:,} answerable questions, {found.held_out:,} whose"
        f" document was left out or that nothing answers{own}, {found.foreign:,} foreign; {found.seconds:.1f} s"
    )
    yield from page.wrap(asked, "")
    yield ""
    yield from map(page.bold, page.wrap(f"{'kept' if found.kept else 'left'}: {found.why}", ""))
    for line in measured(found):
        yield from page.wrap(line, "      ")
    yield ""
    yield from diagram(page, found.bins_after if found.kept else found.bins_before)
    yield ""
    yield from page.wrap(threshold(found), "")


def measured(found: Calibration) -> tuple[str, ...]:
    """How good the confidence is, before and after, a sentence each."""
    low, high = found.interval
    return (
        f"Brier score {found.brier_before:.4f} → {found.brier_after:.4f}: {found.gain:+.4f} (95 % {low:+.4f} to"
        f" {high:+.4f}; chance gives as much in {100 * found.chance:.1f} % of cases) over {found.judged:,} held-out"
        " questions",
        f"calibration error {found.ece_before:.3f} → {found.ece_after:.3f} in ten bins of equal mass; a perfect"
        f" confidence shows {found.ece_by_chance:.3f} on so few",
        f"AUROC {found.auroc_before:.3f} → {found.auroc_after:.3f}, answerable against unanswerable",
    )


def threshold(found: Calibration) -> str:
    """What the threshold promises, in a sentence."""
    held = f"{100 * found.refused:.1f} % of the held-out ones"
    promise = f"at most {100 * found.error:g} % of answerable questions like these ({held})"
    most = promise if found.promised else f"{held} that are answerable"
    few = "" if found.promised else f" Too few were asked to promise an error of {100 * found.error:g} %."
    there = "there is no answer" if found.kept else "there would be no answer"
    return (
        f"Below {found.threshold:.3f} {there}: that refuses {most}, and lets"
        f" {100 * found.answered:.1f} % of unanswerable ones through.{few}"
    )


def diagram(page: Page, bins: tuple[Bin, ...]) -> Iterator[str]:
    """Each bin's share of answerable questions as a bar, its confidence as a mark on it."""
    wide = max(10, min(40, page.width - 37))
    yield page.bold(f"{'confidence':>12}  {'answerable':>10}  {'questions':>9}")
    for one in bins:
        bar = ["█" if (at + 0.5) / wide < one.answerable else "·" for at in range(wide)]
        bar[min(wide - 1, int(one.confidence * wide))] = "|"
        yield f"{one.confidence:>12.2f}  {one.answerable:>10.2f}  {one.questions:>9,}  {''.join(bar)}"
    yield page.dim(f"{'':>36}where bar and mark (|) meet, it is right"[: page.width])


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--error", type=float, default=0.05, metavar="SHARE",
        help="the share of answerable questions that may get no answer (0.05)",
    )  # fmt: skip
    audit.question_arguments(parser, passages="300")
    parser.add_argument("--html", metavar="FILE", help="also write one page with the reliability diagram")
    parser.add_argument("--show", action="store_true", help="what was calibrated last, and what it gained")
    parser.add_argument("--undo", action="store_true", help="take back what was calibrated")
