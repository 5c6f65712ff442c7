"""Content models of elements: a small language like that of DTDs, read, matched, and printed as grammar rules.

`record = "title summary? (person | place)*"`: elements in a row, `|` for one of several, `? * +` for how often,
parentheses around what belongs together. `"(#text | em)*"` is text with elements in it, `""` an element that stays
empty, and an element without a model holds text. Attributes: `person = "id role=author|editor born?"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formfact.errors import Refused
from formfact.patterns.settings import refuse
from formfact.patterns.shapes.automaton import automaton
from formfact.patterns.shapes.expression import Node, Row, excluding, read, shortest
from formfact.types import Problem

NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
PART = re.compile(r"\s*(#text|[A-Za-z_][\w.-]*|[()|?*+])", re.ASCII)
ATTRIBUTE = re.compile(r"([A-Za-z_][\w.-]*)(?:=([\w.|-]+))?(\?)?", re.ASCII)
EXAMPLE = 'for example: "title (p | ul)+"'
FIRST_LETTER = 0xE000
"""Each element's name stands as one character, from here on, in the expressions of the models."""
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
"""Elements of HTML that have no end tag and hold nothing."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an element; `values` are those that it may have, () is any text."""

    name: str
    values: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Model:
    """What one element holds. `node` is an expression over its children's letters; None is text, alone or `mixed`."""

    written: str
    parts: tuple[str, ...]
    node: Node | None
    mixed: bool = False


TEXT_ALONE = Model("#text", ("#text",), None)
NOTHING = Model("", (), Row(()))


@dataclass(frozen=True, slots=True)
class Models:
    """Every element that can stand below the root, each with its letter, content and attributes."""

    root: str
    letters: Mapping[str, str]
    content: Mapping[str, Model]
    attributes: Mapping[str, tuple[Attribute, ...]]

    def problem(self, name: str, children: list[str], *, has_text: bool) -> Problem | None:
        """What is wrong with the content of an element; None where nothing is."""
        model = self.content.get(name, TEXT_ALONE)
        if model.node is None:
            stranger = next((child for child in children if not model.mixed or child not in model.parts), None)
            if stranger:
                held = "text alone" if not model.mixed else model.written
                return Problem("content", f"{name} holds {stranger} instead of {held}")
            return None if children or has_text else Problem("empty", f"{name} is empty")
        if has_text:
            return Problem("text", f"{name} holds text beside its elements")
        letters = "".join(self.letters.get(child, " ") for child in children)
        stop = automaton(model.node).stop(letters)
        if stop is None:
            return None
        wanted = model.written or "nothing"
        if stop == len(children):
            return Problem("content", f"{name} holds {' '.join(children) or 'nothing'} instead of {wanted}")
        return Problem("content", f"{name} holds {children[stop]} where it has no place: {wanted}")

    def wrong_attributes(self, name: str, found: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the attributes of an element, in words."""
        known = {one.name: one for one in self.attributes.get(name, ())}
        for given, value in found.items():
            if given not in known:
                yield f"{name} has an attribute {given}"
            elif known[given].values and value not in known[given].values:
                yield f"{name} has {given}={value!r} instead of {' or '.join(known[given].values)}"
            elif not value.strip():
                yield f"{name} has an empty attribute {given}"
        yield from (f"{name} has no {one.name}" for one in known.values() if one.required and one.name not in found)


def read_models(root: str, elements: Mapping[str, Any], attributes: Mapping[str, Any], where: str) -> Models:
    """The models that can be reached from the root. Raises Refused."""
    for table in (elements, attributes):
        if not all(NAME.fullmatch(name) for name in (root, *table)):
            raise refuse(where, "a name is letters, digits and _ . -", 'for example: root = "record"')
        if not all(isinstance(text, str) for text in table.values()):
            raise refuse(where, "a content model is a text", 'for example: record = "title fact+"')
    if elements and root not in elements:
        raise refuse(where, f"the root {root!r} has no content model", f'for example: {root} = "title p+"')
    parts = {name: _parts(text, f"{where} {name}") for name, text in elements.items()}
    reached = _reached(root, parts)
    unused = sorted({*elements, *attributes} - set(reached))
    if unused:
        raise refuse(where, f"{', '.join(unused)} can never stand below {root}", "leave it out, or name it in a model")
    letters = {name: chr(FIRST_LETTER + at) for at, name in enumerate(reached)}
    content = {name: _model(text, parts[name], letters, f"{where} {name}") for name, text in elements.items()}
    models = Models(root, letters, content, {name: _attributes(text, where) for name, text in attributes.items()})
    stuck = sorted(set(content) - set(_endings(models)))
    if stuck:
        hint = "give one of them a way out, with ? or * or |"
        raise refuse(where, f"{', '.join(stuck)} can never end: every way leads back into it", hint)
    return models


def _parts(text: str, where: str) -> tuple[str, ...]:
    parts: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = PART.match(text, at)
        if not match:
            raise refuse(where, f"{text!r} is no content model: {text[at:]!r}", EXAMPLE)
        parts.append(match[1])
        at = match.end()
    return tuple(parts)


def _reached(root: str, parts: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = [root]
    for name in found:
        found += (part for part in dict.fromkeys(parts.get(name, ())) if NAME.fullmatch(part) and part not in found)
    return found


def _model(text: str, parts: tuple[str, ...], letters: Mapping[str, str], where: str) -> Model:
    if "#text" in parts:
        if parts == ("#text",):
            return TEXT_ALONE
        if not re.fullmatch(r"\( #text( \| [\w.-]+)* \) \*", " ".join(parts)):
            raise refuse(where, f"{text!r} mixes text in another way than it can be", 'write it as "(#text | em | a)*"')
        return Model(text, parts, None, mixed=True)
    try:
        return Model(text, parts, read("".join(letters.get(part, part) for part in parts), where))
    except Refused as error:
        raise refuse(where, f"{text!r} is no content model: its brackets or ? * + do not fit", EXAMPLE) from error


def _attributes(text: str, where: str) -> tuple[Attribute, ...]:
    found = []
    for word in text.split():
        match = ATTRIBUTE.fullmatch(word)
        if not match:
            raise refuse(where, f"{word!r} is no attribute", 'for example: "id role=author|editor born?"')
        found.append(Attribute(match[1], tuple(filter(None, (match[2] or "").split("|"))), not match[3]))
    return tuple(found)


def _endings(models: Models) -> dict[str, str]:
    """A short content for each element that can end, as the letters of its children; those that cannot are left out."""
    ending = {name: "" for name in models.letters if models.content.get(name, TEXT_ALONE).node is None}
    grown = True
    while grown:
        open_ends = "".join(letter for name, letter in models.letters.items() if name not in ending)
        new = {
            name: found
            for name, model in models.content.items()
            if name not in ending and model.node and (found := shortest(excluding(model.node, open_ends))) is not None
        }
        ending |= new
        grown = bool(new)
    return ending


def shortest_document(models: Models, *, html: bool) -> str:
    """A short text of the root with all that it must hold."""
    by_letter = {letter: name for name, letter in models.letters.items()}
    ending = _endings(models)

    def written(name: str) -> str:
        given = [one for one in models.attributes.get(name, ()) if one.required]
        tag = name + "".join(f' {one.name}="{next(iter(one.values), "x")}"' for one in given)
        model = models.content.get(name, TEXT_ALONE)
        if not model.parts:
            return _empty_tag(tag, name, html=html)
        inside = "".join(written(by_letter[letter]) for letter in ending[name])
        return f"<{tag}>{inside or ('x' if model.node is None else '')}</{name}>"

    return written(models.root)


def _empty_tag(tag: str, name: str, *, html: bool) -> str:
    return f"<{tag}/>" if not html else f"<{tag}>" if name in VOID else f"<{tag}></{name}>"


def rules(models: Models, *, html: bool) -> list[str]:
    """Lark rules for each element, over the terminals TEXT, MIXED and VALUE; `start` is the root."""
    named = {name: f"e{at}_{re.sub(r'[^a-z0-9]', '_', name.lower())}" for at, name in enumerate(models.letters)}
    return [f"start: {named[models.root]}", *(_rule(models, name, named, html=html) for name in models.letters)]


def _rule(models: Models, name: str, named: Mapping[str, str], *, html: bool) -> str:
    model = models.content.get(name, TEXT_ALONE)
    begin = f'"<{name}"{"".join(map(_attribute_rule, models.attributes.get(name, ())))}'
    if not model.parts:
        end = _empty_tag("", name, html=html)[1:]
        return f'{named[name]}: {begin} "{end}"'
    if model.mixed:
        inner = " | ".join(named[part] for part in model.parts if part in named)
        body = f"(TEXT | {inner}) (MIXED | {inner})*" if inner else "TEXT"
    elif model.node is None:
        body = "TEXT"
    else:
        body = re.sub(r" ([?*+])", r"\1", " ".join(named.get(part, part) for part in model.parts))
    return f'{named[name]}: {begin} ">" {body} "</{name}>"'


def _attribute_rule(one: Attribute) -> str:
    values = " | ".join(map(json.dumps, one.values))
    rule = f' " {one.name}=\\"" {f"({values})" if values else "VALUE"} "\\""'
    return rule if one.required else f" ({rule.strip()})?"
