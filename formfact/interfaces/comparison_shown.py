"""A comparison -> JSON, what a person reads in a terminal, and a report in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from formfact.interfaces.terminal import Page
from formfact.proof.compare.claim import claim
from formfact.proof.comparison import Altered, Arm, Comparison

ANSWERS = ("", "right", "95 %", "wrong as true", "no answer", "none known", "recall")
CHANGES = ("", "set up", "fact added", "corrected", "deleted", "question", "1,000 cost")
WIDTHS = ((7, 10, 15, 11, 12, 9), (9, 12, 11, 10, 10, 12))
"""Columns of both tables on a terminal of 80."""
LEGEND = (
    "right: the answer stands in the first 30 words, asked in a wording that nothing was trained on. wrong as true: of "
    "all questions, those that the documents do not answer among them. no answer: abstained though there is one. none "
    "known: abstained where there is none. recall: of its own training wordings. ✓ confirmed by asking, ✗ not."
)


def wire(found: Comparison) -> dict[str, Any]:
    """The comparison as JSON."""
    arms = [_wire(arm, found) for arm in found.arms]
    return {**asdict(found), "arms": arms, "claim": claim(found)}


def _wire(arm: Arm, found: Comparison) -> dict[str, Any]:
    return {
        **asdict(arm),
        "interval": [round(end, 6) for end in arm.interval],
        "add_one_fact_seconds": arm.add.seconds,
        "correct_one_fact_seconds": arm.correct.seconds,
        "delete_one_fact_seconds": arm.delete.seconds,
        "fitted": arm.fitted,
        "known_before": found.known_before if arm.known is not None else None,
    }


def shown(page: Page, found: Comparison) -> Iterator[str]:
    """Two tables of arms, what the columns mean, and what they come to."""
    yield page.bold(f"The same {found.facts} facts, held in weights and found by search")
    yield from page.wrap(about(found), "")
    for (head, rows), widths in zip(tables(found), WIDTHS, strict=True):
        yield ""
        yield page.bold(_row(head, widths))
        for row in rows:
            yield _row(row, widths)
    yield ""
    for line in page.wrap(LEGEND, ""):
        yield page.dim(line)
    for sentence in claim(found):
        yield ""
        yield from page.wrap(sentence, "")
    for note in found.notes:
        yield ""
        yield from page.wrap(note, "")


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = cells
    return f"{first:<15}" + "".join(f"{cell:>{width}}" for cell, width in zip(rest, widths, strict=True))


def about(found: Comparison) -> str:
    """What was compared, on what."""
    parts = [f"{found.documents:,} documents, {found.passages:,} passages"]
    parts += [f"{found.unanswerable} questions that they do not answer"] if found.unanswerable else []
    parts += [f"each fact taught in {found.paraphrases + 1} wordings and asked in another"]
    parts += [f"{found.base}, {found.hardware}"] if found.base else []
    parts += ["quick: fewer facts and arms than the whole comparison"] if found.quick else []
    return "; ".join(parts) + f"; {found.seconds / 60:.1f} minutes"


def tables(found: Comparison) -> list[tuple[Sequence[str], list[list[str]]]]:
    """Heads and rows: what is answered, and what changes take."""
    return [(ANSWERS, [_answers(arm) for arm in found.arms]), (CHANGES, [_changes(arm) for arm in found.arms])]


def _answers(arm: Arm) -> list[str]:
    low, high = arm.interval
    recall = "-" if arm.recall is None else f"{arm.recall:.0%}" + ("" if arm.fitted else " !")
    return [
        arm.name,
        f"{arm.accuracy:.0%}",
        f"{100 * low:.0f}-{100 * high:.0f} %",
        f"{arm.confabulation:.0%}",
        f"{arm.abstention:.0%}",
        "-" if arm.unanswerable_abstention is None else f"{arm.unanswerable_abstention:.0%}",
        recall,
    ]


def _changes(arm: Arm) -> list[str]:
    changes = [_change(one) for one in (arm.add, arm.correct, arm.delete)]
    once = "-" if arm.name == "base" else seconds(arm.setup_seconds)
    return [arm.name, once, *changes, f"{arm.milliseconds:.0f} ms", f"${1000 * arm.cost_per_question:.4f}"]


def _change(one: Altered) -> str:
    return "-" if not one.seconds else f"{seconds(one.seconds)} {'✓' if one.confirmed else '✗'}"


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s" if value < 100 else f"{value / 60:.1f} min"


def markdown(found: Comparison) -> str:
    """The report, whole."""
    lines = [f"# The same {found.facts} facts, held in weights and found by search", "", f"{about(found)}.", ""]
    lines += [f"- {sentence}" for sentence in claim(found)]
    for head, rows in tables(found):
        lines += ["", _bars(head), _bars(["---"] + ["---:"] * (len(head) - 1)), *map(_bars, rows)]
    lines += ["", LEGEND, *(line for note in found.notes for line in ("", note)), "", "## The arms", ""]
    lines += [f"- **{arm.name}**: {arm.what}{detail(arm, found)}" for arm in found.arms]
    return "\n".join(lines) + "\n"


def detail(arm: Arm, found: Comparison) -> str:
    """What the tables have no column for, behind a semicolon: tokens, rounds, damage, what a change costs."""
    parts = [f"{arm.setup_tokens:,} tokens to set up"] if arm.setup_tokens else []
    parts += [f"{arm.rounds} rounds"] if arm.rounds else []
    if arm.known is not None and found.known_before is not None:
        parts.append(f"well-known facts that it ends right: {arm.known:.0%} (the base: {found.known_before:.0%})")
    if arm.kept is not None:
        parts.append(f"right of the {arm.asked} after one was added: {arm.kept:.0%}")
    costs = {"added": arm.add_cost, "corrected": arm.correct_cost, "deleted": arm.delete_cost}
    if told := [f"{step} ${Decimal(f'{cost:.2g}'):f}" for step, cost in costs.items() if cost]:
        parts.append(f"a fact {', '.join(told)}")
    if not arm.fitted:
        parts.append("not fitted: no verdict is drawn from it")
    return "; ".join(["", *parts])


def _bars(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
