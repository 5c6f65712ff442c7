"""Quotes -> JSON of a schema without a model: members whose names say what they hold are filled, others are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from formfact.errors import Refused
from formfact.types import Answer, Quote

Schema = Mapping[str, Any]
DEEPEST = 8
"""Schemas within each other that are followed."""
NEEDS_WRITER = (
    "a Writer can write it: serve --writer ADDRESS, ask --writer ADDRESS; without one these are filled: answer, "
    "question, confidence, abstained, quotes (text, document, page, section), sources"
)
TOLD = ("abstained", "answered", "found")
"""Members by which an abstention is told from an answer."""


STEPS = 10_000
"""Schemas that are tried for one answer: references can ask for more than there are atoms."""


class _Top(dict[str, Any]):
    """What is known of the answer as a whole: it fills objects, and no text."""


class _Unfit(Exception):
    """A value that a schema does not take, or a member that nothing is known for; its argument is the place."""


def fill(given: Answer, schema: Schema) -> str:
    """The answer and its quotes as JSON of the schema. Raises Refused, naming the member that quotes do not fill."""
    known = _known(given)
    if not schema.get("properties") and schema.get("type", "object") == "object" and "$ref" not in schema:
        plain = {name: known[name] for name in ("question", "answer", "abstained", "confidence", "quotes")}
        return json.dumps(plain, ensure_ascii=False)
    try:
        return json.dumps(_Filler(schema).fit(known, schema, ()), ensure_ascii=False)
    except _Unfit as error:
        place = "/".join(error.args[0]) or "the whole"
        raise Refused(f"quotes alone do not fill the schema: {place}", hint=NEEDS_WRITER) from None


def tells_abstention(schema: Schema) -> bool:
    """Whether what is filled says by a member of its own that there is no answer."""
    properties = schema.get("properties")
    return not properties or any(name in properties for name in TOLD)


def _known(given: Answer) -> _Top:
    """What an answer holds, under the names that schemas use for it."""
    quotes = tuple(_quoted(quote) for quote in given.quotes)
    documents = tuple(dict.fromkeys(quote.document for quote in given.quotes))
    known: dict[str, Any] = dict.fromkeys(("answer", "text", "response", "reply", "content", "result"), given.answer)
    known |= dict.fromkeys(("quotes", "citations", "evidence", "excerpts", "passages"), quotes)
    known |= dict.fromkeys(("sources", "documents", "references"), documents)
    known |= dict.fromkeys(TOLD[1:], not given.abstained)
    if quotes:
        known |= {"quote": quotes[0], "source": documents[0], "document": documents[0]}
    told = {"question": given.question, "abstained": given.abstained, "confidence": round(given.confidence, 4)}
    return _Top(known | told)


def _quoted(quote: Quote) -> dict[str, Any]:
    known: dict[str, Any] = {"text": quote.text, "document": quote.document, "page": quote.page}
    known |= {"section": " › ".join(quote.headings), "headings": tuple(quote.headings)}
    aliases = {"quote": quote.text, "content": quote.text, "excerpt": quote.text, "source": quote.document}
    return known | aliases | {"start": quote.start, "end": quote.end}


class _Filler:
    """One schema that is filled."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._steps = 0

    def fit(self, value: Any, schema: Schema | bool, at: tuple[str, ...]) -> Any:
        """The value as the schema has it. Raises _Unfit."""
        self._steps += 1
        if len(at) > DEEPEST or self._steps > STEPS or schema is False:
            raise _Unfit(at)
        if schema is True or not schema:
            return _natural(value, at)
        unfit = _Unfit(at)
        for branch in _branches(self._resolved(schema, at)):
            try:
                return self._as(branch, value, at)
            except _Unfit as error:
                unfit = error
        raise unfit

    def _resolved(self, schema: Schema, at: tuple[str, ...]) -> Schema:
        for _ in range(DEEPEST):
            reference = schema.get("$ref")
            if reference is None:
                return schema
            found: Any = self._root
            for step in filter(None, str(reference).removeprefix("#").split("/")):
                found = found.get(step) if isinstance(found, Mapping) else None
            if not isinstance(found, Mapping):
                break
            schema = found
        raise _Unfit(at)

    def _as(self, schema: Schema, value: Any, at: tuple[str, ...]) -> Any:
        if any(name in schema for name in ("$ref", "anyOf", "oneOf")):
            return self.fit(value, schema, (*at, ""))
        match schema.get("type"):
            case "object" if isinstance(value, Mapping):
                return self._object(schema, value, at)
            case "array" if isinstance(value, tuple):
                return [self.fit(one, schema.get("items", True), (*at, str(n))) for n, one in enumerate(value)]
            case "string" if isinstance(value, str | tuple | Mapping) and not isinstance(value, _Top):
                return _text(value)
            case "number" | "integer" if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            case "boolean" if isinstance(value, bool):
                return value
            case "null" if value is None:
                return None
        raise _Unfit(at)

    def _object(self, schema: Schema, known: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, inner in schema.get("properties", {}).items():
            try:
                # A member of another name may hold those that are known: {"found": {"answer": ...}}.
                found[name] = self.fit(known.get(name.lower(), _Top(known)), inner, (*at, name))
            except _Unfit:
                if self._takes_null(inner, (*at, name)):
                    found[name] = None
                elif name in schema.get("required", ()):
                    raise
        return found

    def _takes_null(self, schema: Schema | bool, at: tuple[str, ...]) -> bool:
        try:
            return isinstance(schema, Mapping) and self.fit(None, schema, at) is None
        except _Unfit:
            return False


def _branches(schema: Schema) -> Iterator[Schema]:
    """The schema, or those of which it asks for one, each with one type."""
    inner = schema.get("anyOf") or schema.get("oneOf")
    if inner:
        yield from (one for one in inner if isinstance(one, Mapping))
        return
    kinds = schema.get("type", "object" if "properties" in schema else None)
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        yield {**schema, "type": kind}


def _natural(value: Any, at: tuple[str, ...]) -> Any:
    """A value where the schema asks for nothing."""
    if isinstance(value, _Top):
        raise _Unfit(at)
    return (
        list(map(_text, value)) if isinstance(value, tuple) else _text(value) if isinstance(value, Mapping) else value
    )


def _text(value: Any) -> str:
    """A text, several of them with a line between, or what is quoted."""
    if isinstance(value, Mapping):
        return str(value.get("text", ""))
    return value if isinstance(value, str) else "\n\n".join(map(_text, value))
