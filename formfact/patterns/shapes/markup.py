"""The shapes of XML and HTML by required elements: each element's content by a small content model (see models.py).

Attributes, comments, processing instructions and text beside elements are not part of these shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import html5lib
from lxml import etree

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.patterns.shapes.models import Model, read_models, rule_name, rules
from formfact.types import Problem

NAME = re.compile(r"[A-Za-z_][\w.-]*")
ODD = r"\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
"""Characters that a parser of XML or HTML refuses or warns of; line feeds are left out of the mask with them."""
ENTITY = "&(amp|lt|gt|quot);"
TEXT = rf"TEXT: /([^<>& {ODD}]|{ENTITY})([^<>&{ODD}]|{ENTITY})*/"


@dataclass(frozen=True, slots=True)
class Markup:
    """`root` holds all; `elements` says what each element holds."""

    root: str
    elements: dict[str, Model]
    kind: ClassVar[str] = ""

    @classmethod
    def make(cls, settings: Settings) -> Self:
        root = settings.text("root")
        models = settings.table("elements")
        if not all(NAME.fullmatch(name) for name in (root, *models)):
            raise refuse(settings.where, "an element's name is letters and digits", 'for example: root = "record"')
        if not all(isinstance(model, str) for model in models.values()):
            raise refuse(settings.where, "a content model is a text", 'for example: record = "title fact+"')
        return cls(root, read_models(dict(models), root, f"{settings.where} elements"))

    def grammar(self) -> Grammar:
        lines = [f"start: {rule_name(self.root)}", *rules(self.elements, self.root), TEXT]
        return Grammar("lark", "\n".join(lines) + "\n", lacks="attributes, and white space between elements")

    def limits(self) -> Limits:
        return Limits()

    def _against_models(self, top: Any, text: str) -> Iterator[Problem]:
        if _tag(top) != self.root:
            yield Problem("root", f"the root is {_tag(top)} instead of {self.root}", *_place(text, _tag(top), 1))
        seen: dict[str, int] = {}
        for element in top.iter():
            name = _tag(element)
            seen[name] = seen.get(name, 0) + 1
            place = _place(text, name, seen[name])
            if not isinstance(element.tag, str):
                yield Problem("element", "comments and instructions have no place here", 0, len(text))
                continue
            if element.attrib:
                yield Problem("attribute", f"{name} has attributes: {', '.join(element.attrib)}", *place)
            yield from self._content(element, name, place)

    def _content(self, element: Any, name: str, place: tuple[int, int]) -> Iterator[Problem]:
        children = [_tag(child) for child in element]
        model = self.elements.get(name)
        if model is None:
            if children:
                yield Problem("content", f"{name} holds {children[0]} instead of text alone", *place)
            elif not (element.text or "").strip():
                yield Problem("empty", f"{name} is empty", *place)
            return
        if not model.pattern.fullmatch("".join(f"{child} " for child in children)):
            held = " ".join(children) or "nothing"
            yield Problem("content", f"{name} holds {held} instead of {' '.join(model.parts)}", *place)
        loose = [element.text, *(child.tail for child in element)]
        if any((piece or "").strip() for piece in loose):
            yield Problem("text", f"{name} holds text beside its elements", *place)


class Xml(Markup):
    """Well-formed XML of that content, read without a DTD, entities of its own or a network."""

    def check(self, text: str) -> list[Problem]:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            at = max(text.find("<!"), 0)
            return [Problem("xml", "a document type has no place here", at, at + 2)]
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            top = etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            line, column = getattr(error, "position", (1, 1))
            at = min(_offset(text, line, column), len(text))
            return [Problem("xml", f"not well-formed: {str(error).splitlines()[0]}", at, min(at + 1, len(text)))]
        return list(self._against_models(top, text))


class Html(Markup):
    """An HTML fragment of that content, which a strict HTML5 parser reads without an error."""

    def check(self, text: str) -> list[Problem]:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        fragment = parser.parseFragment(text)
        problems = []
        for (line, column), code, details in parser.errors:
            at = min(_offset(text, line, column), len(text))
            what = f"{code} {details.get('name', '') if isinstance(details, dict) else ''}".strip()
            problems.append(Problem("html", f"not valid: {what}", at, min(at + 1, len(text))))
        tops = list(fragment)
        if len(tops) != 1 or (fragment.text or "").strip() or (tops[0].tail or "").strip():
            return [*problems, Problem("root", f"not one {self.root} and nothing beside it", 0, len(text))]
        return problems + list(self._against_models(tops[0], text))


def _tag(element: Any) -> str:
    return element.tag if isinstance(element.tag, str) else "comment"


def _place(text: str, name: str, count: int) -> tuple[int, int]:
    """Where the so-manieth start tag of this name stands."""
    found = list(re.finditer(rf"<{re.escape(name)}(?=[\s/>])[^<>]*>", text, re.IGNORECASE))
    return found[count - 1].span() if count <= len(found) else (0, len(text))


def _offset(text: str, line: int, column: int) -> int:
    """The character offset of a line from 1 and a column from 1."""
    start = 0
    for _ in range(max(line - 1, 0)):
        start = text.find("\n", start) + 1
    return start + max(column - 1, 0)
