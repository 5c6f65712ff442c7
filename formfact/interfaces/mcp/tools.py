"""The tools: each verb of the house as an agent calls it, with JSON for programs and text for a model."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from formfact.errors import Forbidden, Refused
from formfact.interfaces import patterns_wire, wire
from formfact.interfaces.http import answers as shape
from formfact.interfaces.http.schema import Within
from formfact.interfaces.mcp.means import Json, Means, Result, Tool, uri
from formfact.interfaces.terminal import place
from formfact.patterns.write import Input
from formfact.proof.makers import RULES
from formfact.types import Answer, Document, Hit, Listing, Problem, Quote, Scalar

Question = Annotated[str, Within(1, 20_000), "the question, in full words"]
Paths = Annotated[tuple[str, ...], "globs: only documents at these paths"]
Metadata = Annotated[Mapping[str, Scalar], "only documents with these values"]
Hops = Annotated[
    int, Within(1, 2),
    "2 for questions that take several documents: what the first passages name is searched for as well",
]  # fmt: skip
Name = Annotated[str, Within(1), "a document's id, as hits, quotes and `documents` give it"]
Source = Annotated[str, "the document's source, where several documents have that id"]
Start = Annotated[int, Within(0), "the character to begin with"]

PARAGRAPHS = re.compile(r"\n\s*\n")
READ_AT_ONCE = 20_000
"""Characters of a document in one answer unless more are asked for: some 5,000 tokens."""
ASKED_AT_ONCE = 4_000
"""Characters of a text that questions are made for at once: what the pattern reads well."""
MAKERS = "who asks: rules without a model, the pattern `questions`, or what is best here (auto: it, if it was tuned)"
BETTER = "made by rules; a tuned pattern asks better: formfact pattern train questions"


@dataclass(frozen=True, slots=True)
class Search:
    """A question, how many passages, and which documents may give them."""

    question: Question
    k: Annotated[int, Within(1, 100)] = 10
    paths: Paths = ()
    metadata: Metadata = field(default_factory=dict)
    hops: Hops = 1


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, and which documents may answer it."""

    question: Question
    paths: Paths = ()
    metadata: Metadata = field(default_factory=dict)
    hops: Hops = 1


@dataclass(frozen=True, slots=True)
class Documents:
    """Which documents, and from which place in the list on."""

    path: Annotated[str, "a glob that their id or source matches"] = ""
    start: Annotated[int, Within(0), "the place in the list to begin with"] = 0
    k: Annotated[int, Within(1, 1_000)] = 100


@dataclass(frozen=True, slots=True)
class Read:
    """A document and how much of it."""

    document: Name
    source: Source = ""
    start: Start = 0
    length: Annotated[int, Within(1, 200_000), "characters"] = READ_AT_ONCE


@dataclass(frozen=True, slots=True)
class Questions:
    """A text, or a document and the character to begin with; and who asks."""

    text: Annotated[str, "any block of text"] = ""
    document: Annotated[str, "a document's id, instead of a text"] = ""
    source: Source = ""
    start: Start = 0
    maker: Annotated[Literal["auto", "rules", "pattern"], MAKERS] = "auto"


@dataclass(frozen=True, slots=True)
class Write:
    """A pattern, a text, and the schema for those patterns that take one."""

    pattern: Annotated[str, Within(1)]
    text: Annotated[str, Within(1)]
    schema: Annotated[Mapping[str, Any] | None, "a JSON Schema, for `json-record`"] = None


TEXT, WHOLE, FLAG = {"type": "string"}, {"type": "integer"}, {"type": ["integer", "null"]}
LISTED = shape.whole(Listing)
LISTED["properties"]["uri"] = TEXT
DOCUMENTS = shape.made_of({"documents": shape.listed(LISTED), "total": WHOLE, "next": FLAG})
PART = {"start": WHOLE, "end": WHOLE, "characters": WHOLE, "next": FLAG}
READ = shape.made_of({"document": TEXT, "source": TEXT, "title": TEXT, "uri": TEXT, "text": TEXT, **PART})
PROBLEMS = shape.listed({"type": "object"})
QUESTIONS = shape.made_of({"questions": shape.listed(TEXT), "maker": TEXT, "problems": PROBLEMS, **PART})
NUMBER = {"type": "number"}
WRITING = shape.made_of({"pattern": TEXT, "text": TEXT, "problems": PROBLEMS, "tokens": WHOLE, "seconds": NUMBER})


def search(means: Means, asked: Search) -> Result:
    started = time.perf_counter()
    found = means.knowledge.search(asked.question, asked.k, paths=asked.paths, metadata=asked.metadata, hops=asked.hops)
    plain = wire.hits(asked.question, found, (time.perf_counter() - started) * 1000)
    twice = means.knowledge.shared_ids([one.document for one in found])
    return Result(plain, "\n\n".join(_shown(one, twice) for one in found) or "Nothing was found.")


def ask(means: Means, asked: Ask) -> Result:
    given = means.knowledge.ask(asked.question, paths=asked.paths, metadata=asked.metadata, hops=asked.hops)
    named: Sequence[Hit | Quote] = given.nearest if given.abstained else given.quotes
    twice = means.knowledge.shared_ids([one.document for one in named])
    return Result(wire.answer(given), "\n".join(_answered(given, twice)))


def documents(means: Means, asked: Documents) -> Result:
    found = [one for one in means.knowledge.documents() if _matches(asked.path, one)]
    page = found[asked.start : asked.start + asked.k]
    twice = means.knowledge.shared_ids([one.document for one in page])
    after = asked.start + asked.k if asked.start + asked.k < len(found) else None
    listed = [{**asdict(one), "uri": located(one, twice)} for one in page]
    lines = [f"- {' — '.join(filter(None, (one.document, one.title)))} [{located(one, twice)}]" for one in page]
    told = f"{len(found):,} documents" + (f"; go on with start = {after}" if after is not None else "")
    return Result({"documents": listed, "total": len(found), "next": after}, "\n".join([told, *lines]))


def read(means: Means, asked: Read) -> Result:
    found = means.knowledge.document(asked.document, source=asked.source)
    if asked.start and asked.start >= len(found.text):
        raise _beyond(found.text, asked.start)
    part = found.text[asked.start : asked.start + asked.length]
    plain = {
        "document": found.id,
        "source": found.source,
        "title": found.title,
        "uri": uri(found.id, asked.source),
        "text": part,
        **_part(found.text, asked.start, len(part)),
    }
    rest = (
        f"\n\n[characters {asked.start} to {plain['end']} of {len(found.text):,}; go on with start = {plain['next']}]"
    )
    return Result(plain, part + (rest if plain["next"] is not None else ""))


def questions(means: Means, asked: Questions) -> Result:
    if bool(asked.text) == bool(asked.document):
        raise Refused("give either a text or a document", hint="`documents` lists what there is")
    text = asked.text
    if asked.document:
        text = means.knowledge.document(asked.document, source=asked.source).text
    part = _beginning(text[asked.start :], ASKED_AT_ONCE)
    if not part.strip():
        raise _beyond(text, asked.start)
    place = _part(text, asked.start, len(part))
    made, maker, problems = _made(means, part, asked.maker)
    told = [patterns_wire.problem(one) for one in problems]
    rest = [f"[for characters {asked.start} to {place['end']} of {len(text):,}; go on with start = {place['next']}]"]
    better = [f"[{BETTER}]"] if asked.maker == "auto" and maker == RULES.name else []
    shown = ["\n".join(made) or "No question could be made of this text.", *(rest if place["next"] else ()), *better]
    return Result({"questions": made, "maker": maker, "problems": told, **place}, "\n\n".join(shown))


def _made(means: Means, text: str, maker: str) -> tuple[list[str], str, Sequence[Problem]]:
    """Questions, who made them, and what is wrong with them."""
    patterns = means.patterns
    if maker == "pattern" and patterns is None:
        raise Forbidden("patterns are not for this token", hint="ask with the maker `rules`")
    if patterns is None or maker == "rules" or (maker == "auto" and not patterns.pattern("questions").tuned):
        return _by_rules(text), RULES.name, ()
    (written,) = patterns.write_all("questions", [Input(text)])
    return written.text.splitlines(), "pattern", written.problems


def _by_rules(text: str) -> list[str]:
    """Questions of each paragraph, in the text's order, none twice."""
    parts = [part.strip() for part in PARAGRAPHS.split(text) if part.strip()]
    return list(dict.fromkeys(one for made in RULES.questions(parts) for one in made))


def write(means: Means, asked: Write) -> Result:
    assert means.patterns
    (made,) = means.patterns.write_all(asked.pattern, [Input(asked.text, asked.schema)])
    broken = [f"- {one.message}" for one in made.problems]
    text = "\n".join([made.text, "", "This breaks the pattern's contract:", *broken]) if broken else made.text
    return Result({"pattern": asked.pattern, **patterns_wire.writing(made)}, text)


def located(one: Listing | Hit | Quote, twice: set[str]) -> str:
    """The URI of a document; with its source where its id is not its own alone."""
    return uri(one.document, one.source if one.document in twice else "")


def media_type(found: Document | Listing) -> str:
    """What a document's text is: readers give Markdown as it is, and plain text of all else."""
    return "text/markdown" if found.format == "markdown" else "text/plain"


def _matches(path: str, one: Listing) -> bool:
    return not path or fnmatchcase(one.document, path) or fnmatchcase(one.source, path)


def _part(text: str, start: int, length: int) -> Json:
    end = min(start + length, len(text))
    return {"start": start, "end": end, "characters": len(text), "next": end if end < len(text) else None}


def _beyond(text: str, start: int) -> Refused:
    return Refused(f"there is no text from character {start} on", hint=f"it has {len(text):,} characters")


def _beginning(text: str, most: int) -> str:
    """At most so many characters, up to the end of a paragraph, else of a line or word."""
    if len(text) <= most:
        return text
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, most // 2, most)
        if at > 0:
            return text[: at + len(mark)]
    return text[:most]


def _shown(hit: Hit, twice: set[str]) -> str:
    where = place(hit.document, hit.source, hit.page, hit.headings)
    through = f", through “{hit.via}”" if hit.via else ""
    return f"{hit.rank}. {where} [{located(hit, twice)}]{through}\n{_quoted(hit.text)}"


def _answered(given: Answer, twice: set[str]) -> Iterator[str]:
    if given.abstained:
        yield f"{given.answer} (confidence {given.confidence:.2f})"
        if given.nearest:
            yield "The nearest passages, which may not answer it:"
        for one in given.nearest:
            yield f"- {place(one.document, one.source, one.page, one.headings)} [{located(one, twice)}]"
        return
    for quote in given.quotes:
        yield _quoted(quote.text)
        where = place(quote.document, quote.source, quote.page, quote.headings)
        yield f"— {where}, characters {quote.start} to {quote.end} [{located(quote, twice)}]\n"
    yield f"confidence {given.confidence:.2f}"


def _quoted(text: str) -> str:
    """Text of a document as a quotation, so that a model sees where it begins and ends."""
    return "\n".join(f"> {line}" for line in text.splitlines())


TOOLS: Sequence[Tool] = (
    Tool(
        "ask", "Ask the documents",
        "Answers a question from the user's documents by verbatim quotes with their sources, or says that the "
        "documents do not answer it. Use this first for any question that the documents may answer.",
        Ask, shape.ANSWER, ask,
    ),
    Tool(
        "search", "Search the documents",
        "The passages of the user's documents that are nearest to a question, best first, with their sources.",
        Search, shape.HITS, search,
    ),
    Tool(
        "documents", "List documents",
        "The documents of the knowledge base: id, title, source and URI of each.",
        Documents, DOCUMENTS, documents,
    ),
    Tool(
        "read", "Read a document",
        "A document's text, or a part of it: what stands around a quote, or the whole.",
        Read, READ, read,
    ),
    Tool(
        "questions", "Make questions",
        "Questions that a text or document answers, made on this machine.",
        Questions, QUESTIONS, questions,
    ),
    Tool(
        "write", "Write in a pattern",
        "Writes for a text in the form that a pattern promises, by a small model on this machine; what is written is "
        "checked against the pattern's contract.",
        Write, WRITING, write, writes=True,
    ),
)  # fmt: skip
