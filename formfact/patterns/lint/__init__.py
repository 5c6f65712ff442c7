"""What is wrong with a training file: one pass over its rows, each finding with its row's number."""

from __future__ import annotations

from dataclasses import replace

from formfact.patterns.bases import open_counter
from formfact.patterns.contract import Contract
from formfact.patterns.examples import as_example
from formfact.patterns.facts import judge
from formfact.patterns.facts.rewrite import example
from formfact.patterns.facts.signals import READ
from formfact.patterns.lint.cost import cost
from formfact.patterns.lint.rules import RULES, File
from formfact.patterns.prompt import render_example
from formfact.patterns.rows import Reading
from formfact.types import Lint, Problem, Row

__all__ = ["lint"]


def lint(reading: Reading, contract: Contract | None = None, *, validation: Reading | None = None) -> Lint:
    """Look at a file's rows by every rule; without a contract none is checked."""
    counter = open_counter()
    rows = reading.rows
    prompts = counter.count([row.prompt for row in rows])
    completions = counter.count([row.completion for row in rows])
    file = File(
        rows, tuple(prompts), tuple(completions), counter.window, contract, validation.rows if validation else ()
    )
    problems = [*reading.problems, *(problem for rule in RULES for problem in rule(file))]
    problems += (_in_part(row) for row in rows if len(row.completion) > READ)
    problems.sort(key=lambda problem: (problem.row or 0, problem.rule))
    facts = judge([_asked(contract, row) for row in rows] if contract else rows)
    facts = replace(facts, example=example(rows, facts.rows))
    tokens = sum(prompts) + sum(completions)
    return Lint(
        rows=len(rows) + len(reading.problems),
        problems=tuple(problems),
        tokens=tokens,
        verdict=facts.verdict,
        knowledge=facts,
        cost=cost(tokens, len(rows)),
    )


def _in_part(row: Row) -> Problem:
    message = f"facts are looked for in the first {READ:,} of its {len(row.completion):,} characters"
    return Problem("long-completion", message, row=row.number, severity="note")


def _asked(contract: Contract, row: Row) -> Row:
    """The row as the model reads it: what the pattern says around an input asks to invent, or to work on a text."""
    if contract.shape == "json" or not row.completion:
        return row
    prompt = render_example(contract, as_example(contract, row))
    return replace(row, messages=(*prompt, row.messages[-1]))
