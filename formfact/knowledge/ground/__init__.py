"""Quotes and a Writer -> an answer in the Writer's words, of which nothing is shown that its quotes do not hold.

Whatever goes wrong with the Writer, the extractive answer is given instead, and says why.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from formfact.errors import FormfactError, Refused
from formfact.knowledge.answer import ABSTENTION, Gathered
from formfact.knowledge.ground.check import Checker, Holds
from formfact.knowledge.ground.cite import Cited, Reader, read
from formfact.knowledge.ground.fence import NO_ANSWER, SYSTEM, messages
from formfact.knowledge.ground.language import language
from formfact.knowledge.read import read as read_document
from formfact.knowledge.stores import Store
from formfact.models import Writer
from formfact.types import Answer, Claim, Message, Quote

TOKENS = 400
"""What a Writer may write at most."""
LONGEST = 20_000
"""Characters of a reply; an endpoint that sends more does not keep to TOKENS."""
ECHO = 12
"""So many words of the instructions in a row are no answer."""


def holds_in(store: Store) -> Holds:
    """Whether a quote still stands in its stored document, read again now."""

    def holds(quote: Quote) -> bool:
        try:
            document = read_document(store, quote.document, source=quote.source)
        except Refused:
            return False
        return document.text[quote.start : quote.end] == quote.text

    return holds


def write(gathered: Gathered, writer: Writer, holds: Holds, *, strict: bool = True) -> Answer:
    """The answer in the Writer's words, checked sentence by sentence; see `Answer` for what else it may be.

    An abstention of the search stays one: the Writer is not asked.
    """
    *_, answer = stream(gathered, writer, holds, strict=strict, whole=True)
    assert isinstance(answer, Answer)
    return answer


def stream(
    gathered: Gathered, writer: Writer, holds: Holds, *, strict: bool = True, whole: bool = False
) -> Iterator[Claim | Answer]:
    """Each sentence when it is finished and checked, then the answer. `whole` waits for all of the Writer's reply.

    Where the answer's `fallback` is set, it takes the place of the sentences before it.
    """
    started = time.perf_counter()
    extractive = gathered.answer
    if extractive.abstained:
        yield extractive
        return
    mark = secrets.token_hex(8)
    asked = messages(extractive.question, gathered.quotes, code=gathered.code, mark=mark)
    checker = Checker(
        extractive.question, gathered.quotes, holds, strict=strict, sources=gathered.sources if gathered.code else ()
    )
    reader = Reader()
    try:
        for sentence in _sentences(writer, asked, reader, whole=whole):
            claim = checker.take(sentence)
            if claim:
                yield claim
        reason = unusable(reader.text, mark, extractive.question, gathered.quotes)
    except FormfactError as failure:
        reason = failure.message
    answer = replace(_fallen_back(extractive, reason) if reason else _made(extractive, checker), writer=writer.address)
    yield replace(answer, milliseconds=extractive.milliseconds + (time.perf_counter() - started) * 1000)


def _sentences(writer: Writer, asked: Sequence[Message], reader: Reader, *, whole: bool) -> Iterator[Cited]:
    """A reply's sentences; `reader` keeps its text."""
    pieces = [writer.complete(asked, tokens=TOKENS).text] if whole else writer.stream(asked, tokens=TOKENS)
    for piece in pieces:
        if len(reader.text) + len(piece) > LONGEST:
            raise Refused(f"the reply is longer than {LONGEST:,} characters", hint="use another writer")
        yield from reader.take(piece)
    yield from reader.end()


def unusable(reply: str, mark: str, question: str, quotes: Sequence[Quote]) -> str:
    """Why a reply is no answer at all; "" where it may be one."""
    if not read(reply):
        return "the writer gave an empty reply"
    if mark in reply or _repeats(reply, SYSTEM):
        return "the writer repeated its instructions"
    spoken = language(reply)
    expected = {language(question), language(" ".join(quote.text for quote in quotes))} - {""}
    if spoken and expected and spoken not in expected:
        return f"the writer answered in another language ({spoken.capitalize()})"
    return ""


def _repeats(reply: str, instructions: str) -> bool:
    said = re.findall(r"\w+", reply.lower())
    told = " ".join(re.findall(r"\w+", instructions.lower()))
    return any(" ".join(said[at : at + ECHO]) in told for at in range(len(said) - ECHO + 1))


def _made(extractive: Answer, checker: Checker) -> Answer:
    """What the checker kept; an abstention where that is nothing."""
    common = replace(extractive, flags=tuple(checker.flags), dropped=checker.dropped)
    if not checker.claims:
        reason = "nothing that the writer wrote is in the quotes" if checker.dropped else f"the writer said {NO_ANSWER}"
        return replace(common, answer=ABSTENTION, abstained=True, quotes=(), fallback=reason)
    return replace(
        common,
        answer=checker.text,
        quotes=checker.quotes,
        claims=tuple(checker.claims),
        verified=checker.verified,
    )


def _fallen_back(extractive: Answer, reason: str) -> Answer:
    return replace(extractive, fallback=f"{reason}; this is the answer without it")
