"""The shapes of XML and HTML by required elements: each element's content by a small content model (see models.py).

Comments, processing instructions, document types and namespaces are not part of these shapes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import html5lib
from lxml import etree

from formfact.patterns.settings import Settings, refuse
from formfact.patterns.shapes import Grammar, Limits
from formfact.patterns.shapes.models import NOTHING, TEXT_ALONE, VOID, Models, read_models, rules, shortest_document
from formfact.patterns.shapes.places import Places
from formfact.types import Problem

TAG = re.compile(r"<(/?)([A-Za-z_][\w.:-]*)(?=[\s/>])[^<>]*>", re.ASCII)
ODD = r"\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
"""Characters that a parser of XML or HTML refuses or warns of; line feeds are left out of the mask with them."""
ENTITY = "&(amp|lt|gt|quot);"
TERMINALS = (
    rf"TEXT: /([^<>& {ODD}]|{ENTITY})([^<>&{ODD}]|{ENTITY})*/",
    rf"MIXED: /([^<>&{ODD}]|{ENTITY})+/",
    rf'VALUE: /([^<>&" {ODD}]|{ENTITY})([^<>&"{ODD}]|{ENTITY})*/',
)
SHOWN = 100
"""Errors of the parser that are told of one text."""
DEEPEST = 100
"""Elements that may be open at once in HTML: its parser looks at all of them for each new one."""
CHAINS = 200
"""Ways from the root down that are tried with the parser before a contract of HTML is taken."""
LACKS = "line breaks and other white space between elements, character references but four, attributes in another order"


@dataclass(frozen=True, slots=True)
class Markup:
    """`root` holds all; `elements` says what each element holds, `attributes` which attributes it has."""

    models: Models
    html: ClassVar[bool] = False

    @classmethod
    def make(cls, settings: Settings) -> Self:
        root = settings.text("root")
        return cls(read_models(root, settings.table("elements"), settings.table("attributes"), settings.where))

    def grammar(self) -> Grammar:
        source = "\n".join([*rules(self.models, html=self.html), *TERMINALS])
        return Grammar("lark", f"{source}\n", lacks=LACKS, shortest=shortest_document(self.models, html=self.html))

    def limits(self) -> Limits:
        return Limits()

    def _against_models(self, top: Any, text: str) -> Iterator[Problem]:
        tags = _tags(text)
        if _name(top) != self.models.root:
            yield Problem("root", f"the root is {_name(top)} instead of {self.models.root}", *tags.place(_name(top), 0))
        seen: Counter[str] = Counter()
        for element in top.iter():
            name = _name(element)
            start, end = tags.place(name, seen[name])
            seen[name] += 1
            if not isinstance(element.tag, str):
                yield Problem("element", "comments and instructions have no place here", 0, len(text))
                continue
            for wrong in self.models.wrong_attributes(name, element.attrib):
                yield Problem("attribute", wrong, start, end)
            children = [_name(child) for child in element]
            has_text = any((piece or "").strip() for piece in (element.text, *(child.tail for child in element)))
            if problem := self.models.problem(name, children, has_text=has_text):
                yield Problem(problem.rule, problem.message, start, end)


class Xml(Markup):
    """Well-formed XML of that content, read without a DTD, entities of its own or a network."""

    def check(self, text: str) -> list[Problem]:
        at = text.find("<!")
        if at >= 0:
            return [Problem("xml", "document types, comments and CDATA have no place here", at, at + 2)]
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            top = etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            line, column = getattr(error, "position", (1, 1))
            at = Places(text).offset(line, column)
            what = re.sub(r",? line \d+, column \d+.*", "", str(error).splitlines()[0])
            return [Problem("xml", f"not well-formed: {what}", at, min(at + 1, len(text)))]
        return list(self._against_models(top, text))


class Html(Markup):
    """An HTML fragment of that content, which a strict HTML5 parser reads without an error."""

    html = True

    @classmethod
    def make(cls, settings: Settings) -> Self:
        models = super().make(settings).models
        void = {name: NOTHING for name in models.letters if name in VOID}
        shape = cls(replace(models, content={**models.content, **void}))
        if held := next((name for name in void if models.content.get(name, NOTHING).parts), None):
            raise refuse(settings.where, f"{held} holds nothing in HTML", "leave its content model out")
        for name in shape.models.letters:
            if name != name.lower():
                raise refuse(settings.where, f"{name!r} has capitals", "elements of HTML are written in small letters")
        for chain in _chains(shape.models):
            if not _stays(chain):
                what = f"a parser of HTML does not leave {chain[-1]} where this puts it: {' > '.join(chain)}"
                raise refuse(settings.where, what, "put it where HTML allows it, for example tr within tbody")
        return shape

    def check(self, text: str) -> list[Problem]:
        if deep := _too_deep(text):
            return [Problem("html", f"more than {DEEPEST} elements are open at once", *deep)]
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        fragment = parser.parseFragment(text)
        places = Places(text)
        problems = []
        for (line, column), code, details in parser.errors[:SHOWN]:
            at = places.offset(line, column)
            what = f"{code} {details.get('name', '') if isinstance(details, dict) else ''}".strip()
            problems.append(Problem("html", f"not valid: {what}", at, min(at + 1, len(text))))
        tops = list(fragment)
        if len(tops) != 1 or (fragment.text or "").strip() or (tops[0].tail or "").strip():
            return [*problems, Problem("root", f"not one {self.models.root} and nothing beside it", 0, len(text))]
        return problems + list(self._against_models(tops[0], text))


def _name(element: Any) -> str:
    return element.tag if isinstance(element.tag, str) else "comment"


@dataclass(frozen=True, slots=True)
class _Tags:
    """Where the start tags of each name stand."""

    spans: Mapping[str, list[tuple[int, int]]]
    length: int

    def place(self, name: str, number: int) -> tuple[int, int]:
        found = self.spans.get(name.lower(), [])
        return found[number] if number < len(found) else (0, self.length)


def _tags(text: str) -> _Tags:
    spans: dict[str, list[tuple[int, int]]] = {}
    for tag in TAG.finditer(text):
        if not tag[1]:
            spans.setdefault(tag[2].lower(), []).append(tag.span())
    return _Tags(spans, len(text))


def _too_deep(text: str) -> tuple[int, int] | None:
    """The tag with which too many elements are open; an end tag closes nothing that was never opened."""
    opened: Counter[str] = Counter()
    for tag in TAG.finditer(text):
        name = tag[2].lower()
        if not tag[1] and name not in VOID:
            opened[name] += 1
            if opened.total() > DEEPEST:
                return tag.span()
        elif opened[name]:
            opened[name] -= 1
    return None


def _chains(models: Models) -> Iterator[tuple[str, ...]]:
    """Ways from the root down, the short ones first; none has an element more than twice."""
    todo: list[tuple[str, ...]] = [(models.root,)]
    for chain in todo:
        yield chain
        for part in dict.fromkeys(models.content.get(chain[-1], TEXT_ALONE).parts):
            if part in models.letters and chain.count(part) < 2 and len(todo) < CHAINS:
                todo.append((*chain, part))


def _stays(chain: tuple[str, ...]) -> bool:
    """Whether a parser of HTML leaves each element of a chain within the one before it."""
    last = chain[-1]
    inner = f"<{last}>" if last in VOID else f"<{last}>x</{last}>"
    opened, closed = "".join(f"<{name}>" for name in chain[:-1]), "".join(f"</{name}>" for name in chain[-2::-1])
    found = html5lib.HTMLParser(namespaceHTMLElements=False).parseFragment(opened + inner + closed)
    for name in chain:
        if [_name(child) for child in found] != [name]:
            return False
        found = found[0]
    return True
