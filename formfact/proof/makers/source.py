"""Source code -> questions for the functions and classes in it, from their docstrings and the words of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from formfact.knowledge.words import HUMP
from formfact.proof.makers import english
from formfact.proof.makers.frames import Draft

DEFINITION = re.compile(
    r"^[ \t]*(?:export\s+|default\s+|public\s+|private\s+|protected\s+|static\s+|async\s+|final\s+|pub\s+)*"
    r"(?P<kind>def|function|func|fn|class|struct|interface|trait|sub)\s+(?:\([^)]*\)\s*)?(?P<name>[A-Za-z_]\w+)",
    re.MULTILINE,
)
DOCSTRING = re.compile(r'"""\s*(?P<text>[^"]+?)(?:\n\s*\n|"""|\n\s*[:@]|\n\s*(?:Args|Parameters|Returns)\b)', re.DOTALL)
COMMENT = re.compile(r"(?:/\*\*?|//+|#+)\s*(?P<text>[A-Z][^\n*]{10,150}?)\s*(?:\*/)?\s*\Z")
LONGEST = 14


def is_code(text: str) -> bool:
    """Whether a text defines something."""
    return bool(DEFINITION.search(text))


def drafts(text: str) -> Iterator[Draft]:
    """Questions for each definition; what is said about it comes before what its name says."""
    for match in DEFINITION.finditer(text):
        kind = "class" if match["kind"] in ("class", "struct", "interface", "trait") else "function"
        said = _said(text, match)
        if said:
            yield from _from_docstring(said, kind)
        yield from _from_name(match["name"], kind, worth=1.5 if said else 2.5)


def _said(text: str, match: re.Match[str]) -> str:
    """The first sentence of a definition's docstring, or of the comment above it."""
    found = DOCSTRING.search(text, match.end(), match.end() + 800)
    if found is None:
        found = COMMENT.search(text[max(0, match.start() - 200) : match.start()].rstrip())
    if found is None:
        return ""
    sentence = re.split(r"(?<=[.!])\s", " ".join(found["text"].split()))[0]
    return " ".join(sentence.rstrip(".:").split()[:LONGEST])


def _from_docstring(said: str, kind: str) -> Iterator[Draft]:
    first, _, rest = said.partition(" ")
    base = english.base_of(first)
    if base.lower() in english.bases() and rest:
        base = base.lower()
        yield Draft(f"How do I {base} {rest}?", "code", 3.0)
        yield Draft(f"Which {kind} {english.third_of(base)} {rest}?", "code", 2.8)
    elif len(said.split()) >= 3:
        yield Draft(f"Where in the code is {said[0].lower()}{said[1:]}?", "code", 2.0)


def _from_name(name: str, kind: str, *, worth: float) -> Iterator[Draft]:
    words = [word.lower() for piece in name.split("_") for word in HUMP.findall(piece)]
    if len(words) < 2 or name.startswith("__"):
        return
    base = english.base_of(words[0])
    if base in english.bases():
        yield Draft(f"Which {kind} {english.third_of(base)} {' '.join(words[1:])}?", "code", worth)
        yield Draft(f"How to {base} {' '.join(words[1:])}?", "code", worth - 0.2)
    else:
        yield Draft(f"Which {kind} is for {' '.join(words)}?", "code", worth - 0.3)
