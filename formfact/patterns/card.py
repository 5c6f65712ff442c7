"""The card of a tuned pattern: as JSON, and as a page to read; and what an export of it was worth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from formfact.types import Conformance, TunedCard

ARMS = {
    "before": "the base, given the text alone",
    "few_shot": "the base, given examples",
    "after": "tuned",
    "after_masked": "tuned, with the decoding mask",
}


@dataclass(frozen=True, slots=True)
class Export:
    """What was written for other programs: its form, folder and files, and how many of the held-out inputs keep the
    contract by the pattern as it was trained (`before`) and by the files loaded again (`after`), both without the mask.
    """

    form: str
    to: str
    files: tuple[str, ...]
    before: Conformance
    after: Conformance


def card_json(card: TunedCard) -> dict[str, Any]:
    """The card as every face shows it."""
    plain = asdict(card)
    plain["conformance"] = {arm: figure(found) for arm, found in card.conformance.items()}
    plain["history"] = [{key: value for key, value in asdict(one).items() if key != "stage"} for one in card.history]
    return plain


def figure(found: Conformance) -> dict[str, Any]:
    """A conformance figure without its list of problems."""
    return {
        "checked": found.checked,
        "conforming": found.conforming,
        "rate": round(found.rate, 4),
        "interval": [round(end, 4) for end in found.interval],
    }


def print_card(card: TunedCard) -> str:
    """The card as Markdown."""
    data, lines = card.data, [f"# {card.pattern}, tuned", ""]
    lines += [f"Base: {card.base}{f' ({card.note})' if card.note else ''}.", ""]
    lines += [
        f"Data: {data['trained_on']} rows trained on, {data['held_out']} held out, {data['left_out']} left out "
        f"because they break the contract. SHA-256 {data['sha256']}.",
        f"Lint: the rows teach {card.lint['verdict']} (share of facts {card.lint['knowledge']:.2f}).",
        "",
        "| held-out inputs, written by | conforming | of | share | 95 % interval |",
        "|---|---|---|---|---|",
    ]
    for arm, about in ARMS.items():
        if found := card.conformance.get(arm):
            low, high = found.interval
            lines.append(
                f"| {about} | {found.conforming} | {found.checked} | {found.rate:.0%} | {low:.0%} to {high:.0%} |"
            )
    last = card.history[-1]
    versions = ", ".join(f"{name} {number}" for name, number in card.versions.items())
    took = f"{card.seconds['training']:,.0f} s on {card.hardware}; all of it took {card.seconds['total']:,.0f} s"
    lines += ["", f"{last.step} steps in {took}.", "", f"Versions: {versions}."]
    return "\n".join(lines) + "\n"
