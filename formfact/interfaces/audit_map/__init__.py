"""An audit -> one HTML page with a map of the knowledge base: self-contained, no request to anywhere.

What documents say is data: it stands as JSON in a block that is not run, and reaches the page as text. A policy in the
page's head allows its own script and style, by their hashes, and nothing else.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from formfact.interfaces.audit_wire import findability, part
from formfact.interfaces.policy import digest
from formfact.proof.findings import Audit, Audited, Lost, Statement

SNIPPET, SHORT_SNIPPET = 300, 90
"""Characters of a passage that are shown."""
MANY = 20_000
"""In a base of more passages those that are found at once are shown shorter."""

Json = dict[str, Any]


def page(found: Audit, address: str) -> str:
    """The whole page, as text to be written to a file; `address` is what the knowledge base is called."""
    here = files(__name__)
    script, style, frame = ((here / name).read_text(encoding="utf-8") for name in ("map.js", "map.css", "map.html"))
    return Template(frame).substitute(
        script=script,
        style=style,
        script_hash=digest(script),
        style_hash=digest(style),
        data=_block(_data(found, address)),
    )


def _block(value: Json) -> str:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _data(found: Audit, address: str) -> Json:
    documents: dict[tuple[str, str], int] = {}
    for one in found.audited:
        documents.setdefault((one.place.document, one.place.source), len(documents))
    lost, many = {one.place: one for one in found.lost}, found.passages > MANY
    at = {one.place: number for number, one in enumerate(found.audited)}
    standing = _Standing(found.audited)
    return {
        "address": address,
        "total": found.passages,
        "asked": found.asked,
        "questions": found.questions,
        "sampled": found.sampled,
        "maker": found.maker,
        "embedder": found.embedder,
        "findability": findability(found.findability),
        "by": {name: [part(one) for one in slices] for name, slices in found.by.items() if name != "document"},
        "documents": [_document(name, source) for name, source in documents],
        "passages": [_passage(one, documents, lost.get(one.place), many=many) for one in found.audited],
        "lost": [at[one.place] for one in found.lost],
        "twins": [{"places": [at[p] for p in one.places], "likeness": one.likeness} for one in found.twins],
        "clashes": [{"one": standing.of(c.one), "other": standing.of(c.other)} for c in found.clashes],
    }


class _Standing:
    """Which passage a statement stands in, by its number."""

    def __init__(self, audited: Sequence[Audited]) -> None:
        self._passages: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for at, one in enumerate(audited):
            self._passages[one.place.document, one.place.source].append((one.place.start, at))

    def of(self, one: Statement) -> Json:
        before = [pair for pair in self._passages[one.place.document, one.place.source] if pair[0] <= one.place.start]
        return {"document": one.place.document, "text": one.text, "value": one.value, "at": max(before)[1]}


def _document(name: str, source: str) -> Json:
    """A document with the folder, or for a record the file, that its cell stands in."""
    folder, _, _ = name.rpartition("/")
    record = not source.endswith(name)
    return {"name": name, "source": source, "group": source.rpartition("/")[2] if record else folder}


def _passage(one: Audited, documents: Mapping[tuple[str, str], int], lost: Lost | None, *, many: bool) -> Json:
    plain = many and lost is None and all(question.rank == 1 for question in one.asked)
    return {
        "document": documents[one.place.document, one.place.source],
        "start": one.place.start,
        "end": one.place.end,
        "headings": list(one.headings),
        "page": one.page,
        "text": _clipped(one.text, SHORT_SNIPPET if plain else SNIPPET),
        "drawn": one.drawn,
        "asked": [[question.question, question.rank, round(question.overlap, 2)] for question in one.asked],
        "lost": {"reason": lost.reason, "why": lost.why, "help": lost.help} if lost else None,
    }


def _clipped(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[:room].rstrip()} …"
