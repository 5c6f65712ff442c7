"""The command `formfact audit`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from formfact.errors import FellShort, Refused
from formfact.interfaces.as_json import put_json

if TYPE_CHECKING:
    from formfact.proof.findings import Audit

BAR = re.compile(r"(?P<rate>0?\.\d+|[01](?:\.0+)?|\d+(?:\.\d+)?\s?%)(?:@(?P<cut>1|5|10|20))?")
CUT = 10


def run(arguments: argparse.Namespace) -> None:
    from formfact.front import Knowledge
    from formfact.interfaces import audit_map, audit_shown, audit_wire
    from formfact.interfaces.output import advancing, put, write

    bar = _bar(arguments.fail_under) if arguments.fail_under else None
    with Knowledge(arguments.kb) as kb, advancing(arguments) as progress:
        found = kb.audit(
            arguments.maker,
            questions=arguments.questions,
            sample=arguments.sample,
            seed=arguments.seed,
            fresh=arguments.fresh,
            progress=progress,
        )
    if arguments.json:
        put_json(audit_wire.audit(found))
    else:
        put(audit_shown.audit, found)
    if arguments.html:
        write(arguments.html, audit_map.page(found, Path(kb.address).resolve().name))
    if bar:
        _check(found, *bar)


def _bar(text: str) -> tuple[float, int]:
    """`.9`, `90%` or `.9@5` -> the rate and the cut. Raises Refused."""
    match = BAR.fullmatch(text)
    if not match:
        raise Refused(f"--fail-under {text} is no rate", hint="for example: --fail-under 0.9, or 0.95@20")
    rate = match["rate"]
    value = float(rate.rstrip("% ")) / 100 if rate.endswith("%") else float(rate)
    if not 0 <= value <= 1:
        raise Refused(f"--fail-under {text} lies outside 0 to 1", hint="for example: --fail-under 0.9, or 90%")
    return value, int(match["cut"] or CUT)


def _check(found: Audit, least: float, cut: int) -> None:
    rate = found.findability[cut].rate
    if rate < least:
        raise FellShort(
            f"findability@{cut} is {rate:.3f}, below {least:g}",
            hint="the list of lost passages says why and what would help",
        )


def question_arguments(parser: argparse.ArgumentParser, *, passages: str) -> None:
    """Whose questions, and of how many passages: for the audit, and for what else is judged by them."""
    parser.add_argument(
        "--maker", metavar="ADDRESS", default="rules",
        help="who asks: rules, the folder of a tuned pattern, https://HOST/v1#MODEL or local:NAME (rules)",
    )  # fmt: skip
    parser.add_argument(
        "--questions", metavar="FILE", help="also ask these: JSON lines with question, document, answer"
    )
    parser.add_argument("--sample", type=int, metavar="N", help=f"ask for so many passages ({passages})")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws another sample (0)")


def arguments(parser: argparse.ArgumentParser) -> None:
    question_arguments(parser, passages="all")
    parser.add_argument("--fresh", action="store_true", help="ask for all again, also where the answer is known")
    parser.add_argument("--html", metavar="FILE", help="also write one page with a map of the knowledge base")
    parser.add_argument(
        "--fail-under", metavar="RATE",
        help="exit with 1 where findability@10 is lower: 0.9, 90%%, or 0.95@20 for another depth",
    )  # fmt: skip
