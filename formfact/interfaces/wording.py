"""Next steps that name commands, in the words of faces whose users have no terminal: the API with the page, agents."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeVar

from formfact.errors import FormfactError

Error = TypeVar("Error", bound=FormfactError)


class Step(NamedTuple):
    """What a hint says for the command line, and what it says over HTTP and to agents; None leaves it."""

    command: str
    http: str | None
    agents: str | None


STEPS = (
    Step(
        r"make one with: formfact add PATH +\(or name another folder with --kb\)",
        "add documents: POST /add; or formfact add PATH on the server's machine",
        None,
    ),
    Step(r"(?<=add documents first): formfact add PATH", "", None),
    Step(r"^formfact add FOLDER$", "add documents first", None),
    Step(r"formfact add reads it again", "add it again", None),
    Step(r"formfact status --documents(?: lists them)?", "GET /documents lists them", "`documents` lists them"),
    Step(r'ask something: formfact search "[^"]*"', "ask something, in full words", "ask something, in full words"),
    Step(r"formfact chat --list", "GET /dialogues lists them", None),
    Step(r"formfact tune --undo", "POST /tune with undo takes it back", None),
    Step(r"formfact(?: --kb \S+)? re-embed.*", "POST /re-embed", None),
    Step(r"formfact copy TO makes a copy that may be changed", "GET /copy gives a copy that may be changed", None),
    Step(r"to take documents out: formfact remove PATH", "to take documents out: POST /remove", None),
    Step(
        r"formfact pattern lint FILE --pattern \S+ lists them; --fix repairs what it can",
        "POST /lint lists them; with fix it repairs what it can",
        None,
    ),
    Step(r"give one: --schema FILE", "give one: schema", "give one: schema"),
    Step(r"raise \[output\] tokens, or --limit", "raise limit, or the tokens of the pattern's [output]", None),
    Step(r"ask more: --sample 300, --questions FILE", "ask more: sample 300", None),
    Step(r"serve --writer ADDRESS, ask --writer ADDRESS", "serve --writer ADDRESS", None),
    Step(r"(?:; )?see /openapi\.json$", None, ""),
    Step(r", or with --validation FILE$", ", or with a validation file", None),
)


def for_http(hint: str) -> str:
    """A hint for those who reach a server, by its page or with a program."""
    for step in STEPS:
        if step.http is not None:
            hint = re.sub(step.command, step.http, hint)
    return hint


def for_agents(error: Error) -> Error:
    """The error, with a hint for a model that has tools."""
    for step in STEPS:
        if step.agents is not None:
            error.hint = re.sub(step.command, step.agents, error.hint)
    return error
