"""Nouns of the patterns wing -> what a person reads in a terminal."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from formfact.interfaces.terminal import Page, printable
from formfact.patterns.card import ARMS, Export
from formfact.patterns.contract import Contract, print_contract
from formfact.types import Action, Conformance, Lint, Row, TunedCard

if TYPE_CHECKING:
    from formfact.front import Pattern

PROBLEMS_SHOWN = 3
"""Rows that are shown for each rule."""
FACTS_SHOWN = 5
ACTIONS: Mapping[Action, str] = {
    "move": "they teach facts, which a knowledge base holds better (--to-kb DIR)",
    "rewrite": "give each the source of its facts in its prompt (--rewrite TO)",
    "keep": "they teach form",
}


def listing(page: Page, found: Sequence[Pattern]) -> Iterator[str]:
    """The patterns that ship, with what each does."""
    for one in found:
        yield page.bold(one.contract.name)
        yield from page.wrap(one.contract.describes, "  ")
    yield ""
    yield page.dim("next: formfact pattern show NAME")


def shown(page: Page, one: Pattern) -> Iterator[str]:
    """A pattern's contract, and its first example."""
    yield from print_contract(one.contract).rstrip().split("\n")
    examples = one.examples()
    if examples:
        yield ""
        yield page.bold(f"one of {len(examples)} examples")
        yield from page.wrap(examples[0].text, "  ", lines=4)
        yield page.dim("  becomes")
        for line in examples[0].output.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            yield from page.wrap(line, f"  {indent}") or [""]
    lacks = one.contract.open().grammar().lacks
    if lacks:
        yield ""
        yield from page.wrap(f"The mask is a subset of the language. It lacks {lacks}.", "")


def begun(folder: Path, made: Contract, *, file: str, unread: int) -> Iterator[str]:
    """What a pattern that was made of rows holds; `unread` rows of the file could not be read."""
    yield f"{folder}/pattern.toml says what the rows have in common: {made.describes.partition(': ')[2]}"
    if unread:
        rows = "1 row that cannot be read is" if unread == 1 else f"{unread:,} rows that cannot be read are"
        yield f"{rows} left out; formfact pattern lint {shlex.quote(file)} says why"
    # A relative one is marked as a folder, so that it is not taken for a name of the catalogue.
    place = shlex.quote(str(folder) if folder.is_absolute() else f"./{folder}")
    yield f"{folder}/examples.jsonl holds them; next: formfact pattern train {place}"


def conformance(page: Page, found: Conformance) -> Iterator[str]:
    """The figure, and the first problems."""
    low, high = found.interval
    yield page.bold(f"{found.conforming:,} of {found.checked:,} keep the contract") + (
        f" ({found.rate:.1%}, 95 % interval {low:.1%} to {high:.1%})" if found.checked > 1 else ""
    )
    for one in found.problems[:20]:
        place = f"{one.start}-{one.end}" if one.start is not None else ""
        yield from page.wrap(f"text {one.row}, {place or 'as a whole'}: {one.message} [{one.rule}]", "  ")


def lint(page: Page, found: Lint, done: Sequence[str]) -> Iterator[str]:
    """What is wrong, rule by rule, and what the rows teach."""
    yield page.bold(f"{found.rows:,} rows, {found.tokens:,} tokens")
    counts = Counter((one.severity, one.rule) for one in found.problems)
    for (severity, rule), count in sorted(counts.items()):
        some = [one for one in found.problems if (one.severity, one.rule) == (severity, rule)]
        yield f"{severity:>8}  {rule}: {count:,}"
        for one in some[:PROBLEMS_SHOWN]:
            where = f"row {one.row}: " if one.row is not None else ""
            yield from page.wrap(f"{where}{one.message}", " " * 10, lines=2)
    if not counts:
        yield "  nothing wrong was found"
    yield ""
    yield from _facts(page, found)
    yield ""
    prices = ", ".join(f"{name} ${price:,.2f}" for name, price in found.cost.prices.items())
    yield f"training here: about {found.cost.minutes:.0f} minutes at the most"
    yield from page.wrap(f"at providers, 3 rounds, by their prices of {found.cost.priced_on}: {prices}", "")
    for line in done:
        yield from page.wrap(f"done: {line}", "")


def _facts(page: Page, found: Lint) -> Iterator[str]:
    means = {
        "structure": "the rows teach a form: fine-tuning is the right tool",
        "mixed": "some rows teach facts: those belong in a knowledge base",
        "knowledge": "the rows teach facts: search holds them better than a model",
    }
    yield page.bold(f"verdict: {found.verdict}") + f" - {means[found.verdict]}"
    for action, how in ACTIONS.items():
        rows = [one for one in found.knowledge.rows if one.action == action]
        if rows:
            yield from page.wrap(f"{action} {len(rows):,} {'row' if len(rows) == 1 else 'rows'}: {how}", "  ")
        for one in sorted(rows, key=lambda row: -row.score)[: 0 if action == "keep" else FACTS_SHOWN]:
            novel = "; ".join(printable(part) for part in one.novel[:3])
            # Words that are no names, figures or the like are judged too, but there is nothing to point at.
            yield page.fit(f"row {one.row}: not in its prompt: {novel}" if novel else f"row {one.row}", "    ")
    if found.knowledge.example:
        yield from _example(page, found.knowledge.example)


def _example(page: Page, row: Row) -> Iterator[str]:
    yield f"  row {row.number} rewritten, as --rewrite does it:"
    for message in row.messages:
        for at, line in enumerate(f"{message.role}: {message.content}".split("\n")):
            yield from page.wrap(line, "      " if at else "    ", lines=3)


def card(page: Page, done: TunedCard, out: str) -> Iterator[str]:
    """The figures of a training."""
    data = done.data
    yield page.bold(f"{done.pattern}, tuned") + (
        f": {data['trained_on']:,} rows, {data['held_out']} held out, {data['left_out']} left out"
    )
    for arm, about in ARMS.items():
        if found := done.conformance.get(arm):
            low, high = found.interval
            yield f"  {found.rate:>4.0%} keep the contract ({low:.0%} to {high:.0%}): {about}"
    yield f"  {done.seconds['total']:,.0f} s on {printable(done.hardware)}"
    yield page.dim(f"next: formfact pattern write {out} < text")


def mask(page: Page, tokens: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """The tokens of a row; those that the loss counts on stand in brackets."""
    text = "".join(f"[{token}]" if counts else token for token, counts in tokens)
    yield from text.split("\n")
    yield ""
    yield page.dim(f"the loss counts on {sum(counts for _, counts in tokens)} of {len(tokens)} tokens: those in [ ]")


NEXT = {
    "adapter": "PeftModel.from_pretrained(base, {to!r})",
    "merged": "any server of transformers checkpoints takes {to}",
    "gguf": "cd {to} && ollama create NAME -f Modelfile",
}
"""A form of export -> what may be done with it."""


def exported(page: Page, done: Export) -> Iterator[str]:
    """What was written, and its figures."""
    yield page.bold(f"{done.form} written to {printable(done.to)}")
    yield from page.wrap(", ".join(done.files), "  ")
    yield (
        f"loaded again, {done.after.conforming} of {done.after.checked} held-out inputs keep the contract; "
        f"before, {done.before.conforming}"
    )
    yield page.dim(f"next: {NEXT[done.form].format(to=done.to)}")
