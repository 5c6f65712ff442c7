"""The next two commands for each advice, with the user's own files in them."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import PurePath

from formfact.proof.diagnosis import Advice, SeenDocuments, SeenRows, Step

TRAINS = "tunes a small model, and measures how often it keeps the form"
ASK = Step('formfact ask "a question of yours"', "answers by quotes, or says that there is no answer")


def steps(advice: Advice, rows: SeenRows | None, documents: SeenDocuments | None) -> tuple[Step, ...]:
    """Two commands; none for neither."""
    if advice == "neither":
        return ()
    if advice == "search":
        return (_add(rows, documents), ASK)
    changed = bool(rows and rows.teaches_facts)
    if advice == "both" and not (changed and documents is None):
        return (_add(rows, documents), _first(rows))
    if rows and changed:
        return (_apart(rows, keep=advice == "both"), _shape(replace(rows, file=_form_file(rows))))
    return (_first(rows), _then(rows))


def _add(rows: SeenRows | None, documents: SeenDocuments | None) -> Step:
    if documents is None and rows and rows.teaches_facts:
        command = f"formfact pattern lint {shlex.quote(rows.file)} --to-kb ./.formfact"
        return Step(command, "adds what the rows tell as documents of a knowledge base")
    paths = " ".join(map(shlex.quote, documents.paths)) if documents else "DOCUMENTS"
    return Step(f"formfact add {paths}", "makes the documents searchable")


def _apart(rows: SeenRows, *, keep: bool) -> Step:
    """Facts and form of rows that teach both, in two places."""
    to_kb = " --to-kb ./.formfact" if keep else ""
    command = f"formfact pattern lint {shlex.quote(rows.file)}{to_kb} --rewrite {shlex.quote(_form_file(rows))}"
    added = "adds what the rows tell to a knowledge base, and " if keep else ""
    return Step(command, f"{added}puts their facts into their prompts: what is left to learn is the form")


def _first(rows: SeenRows | None) -> Step:
    """What the form is."""
    if rows is None:
        return Step("formfact pattern list", "the forms that ship: one of them may be yours")
    if rows.known:
        command = f"formfact pattern lint {shlex.quote(rows.file)} --pattern {rows.known}"
        return Step(command, f"says which rows break the form of {rows.known}")
    return _shape(rows)


def _shape(rows: SeenRows) -> Step:
    """What makes a pattern of the rows."""
    if rows.known:
        return Step(f"formfact pattern train {rows.known} {shlex.quote(rows.file)}", TRAINS)
    command = f"formfact pattern new {_name(rows)} --from {shlex.quote(rows.file)}"
    return Step(command, "writes the contract that the rows keep, with the rows as its examples")


def _then(rows: SeenRows | None) -> Step:
    if rows is None:
        return Step("formfact pattern new NAME --shape SHAPE", "a contract of your own to begin with")
    return _shape(rows) if rows.known else Step(f"formfact pattern train ./{_name(rows)}", TRAINS)


def _form_file(rows: SeenRows) -> str:
    return f"{PurePath(rows.file).stem}-form.jsonl"


def _name(rows: SeenRows) -> str:
    """A pattern's name made of the file's."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in PurePath(rows.file).stem.lower())
    return plain.strip("-") or "my-form"
