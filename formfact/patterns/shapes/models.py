"""Content models of elements: a small language like that of DTDs, read, matched, and printed as grammar rules.

`record = "title summary? (person | place)*"`: elements in a row, `|` for one of several, `? * +` for how often,
parentheses around what belongs together. An element without a model of its own holds text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from formfact.patterns.settings import refuse

PART = re.compile(r"\s*([A-Za-z_][\w.-]*|[()|?*+])")


@dataclass(frozen=True, slots=True)
class Model:
    """One element's content: `pattern` matches its children's names, each followed by a space."""

    pattern: re.Pattern[str]
    parts: tuple[str, ...]
    names: frozenset[str]


def read_models(models: Mapping[str, str], root: str, where: str) -> dict[str, Model]:
    """The models by element; those that are named and have none hold text. Raises Refused."""
    found = {name: _model(text, f"{where} {name}") for name, text in models.items()}
    if root not in found and models:
        raise refuse(where, f"the root {root!r} has no content model")
    _check_ends(found, where)
    return found


def _model(text: str, where: str) -> Model:
    parts: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = PART.match(text, at)
        if not match:
            raise refuse(where, f"{text!r} is no content model: {text[at:]!r}", 'for example: "title (p | ul)+"')
        parts.append(match[1])
        at = match.end()
    pattern = "".join(f"(?:{re.escape(part)} )" if part[0].isalpha() or part[0] == "_" else part for part in parts)
    try:
        compiled = re.compile(pattern.replace("(?:", "\0").replace("(", "(?:").replace("\0", "(?:"))
    except re.error as error:
        raise refuse(where, f"{text!r} is no content model: {error}", 'for example: "title (p | ul)+"') from error
    names = frozenset(part for part in parts if part[0].isalpha() or part[0] == "_")
    return Model(compiled, tuple(parts), names)


def _check_ends(models: Mapping[str, Model], where: str) -> None:
    """Refuse elements that can only hold themselves for ever."""
    ending: set[str] = set()
    grown = True
    while grown:
        grown = False
        for name, model in models.items():
            if name not in ending and _can_end(model, models, ending):
                ending.add(name)
                grown = True
    stuck = sorted(set(models) - ending)
    if stuck:
        raise refuse(where, f"{', '.join(stuck)} can never end: every way leads back into it")


def _can_end(model: Model, models: Mapping[str, Model], ending: set[str]) -> bool:
    """Whether some way through a model uses only elements that can end: the others are taken out of its pattern."""
    pattern = model.pattern.pattern
    for name in model.names:
        if name in models and name not in ending:
            pattern = pattern.replace(f"(?:{re.escape(name)} )", "(?!)")
    return _matches_something(pattern)


def _matches_something(pattern: str) -> bool:
    """Whether a pattern without look-around but `(?!)` for nothing matches any text at all."""
    text = re.sub(r"\(\?:[\w.\\-]+ \)", "E", pattern).replace("(?!)", "N").replace("(?:", "(")
    while len(text) > 1:
        shorter = re.sub(r"[EN][?*]", "E", text)
        shorter = re.sub(r"([EN])\+", r"\1", shorter)
        shorter = re.sub(r"\(([EN|]*)\)", lambda m: "E" if _choice(m[1]) else "N", shorter)
        if shorter == text:
            break
        text = shorter
    return _choice(text)


def _choice(text: str) -> bool:
    return any("N" not in way for way in text.split("|"))


def rules(models: Mapping[str, Model], root: str) -> list[str]:
    """Lark rules for each element that can be reached from the root, `e_NAME`; text is the terminal TEXT."""
    todo, lines = [root], []
    done: set[str] = set()
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        model = models.get(name)
        if model is None:
            body = "TEXT"
        else:
            body = " ".join(rule_name(part) if part in model.names else part for part in model.parts)
            todo += sorted(model.names)
        body = re.sub(r" ([?*+])", r"\1", body)
        lines.append(f'{rule_name(name)}: "<{name}>" {body} "</{name}>"')
    return lines


def rule_name(element: str) -> str:
    """The name of an element's rule; Lark's rules are lower case."""
    return "e_" + re.sub(r"\W", "_", element.lower()) + ("" if element.islower() else f"_{element.encode().hex()}")
