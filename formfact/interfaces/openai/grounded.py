"""The model `knowledge`: what the user asks last, understood in the conversation, answered from the knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from formfact.errors import NotFound, Refused
from formfact.front.dialogue import Dialogue
from formfact.interfaces import wire
from formfact.interfaces.http.routes import Call
from formfact.interfaces.openai.refusals import BadRequest
from formfact.interfaces.openai.said import Citation, Said
from formfact.interfaces.terminal import place
from formfact.knowledge.dialogue import is_courtesy
from formfact.knowledge.search import LONGEST_QUESTION
from formfact.types import Answer, Message, Quote, Turn

BETWEEN = "\n\n"


def grounded(
    call: Call, base: str, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, limit: int | None
) -> Said:
    """Verbatim quotes, each cited, or the sentence that says that there are none; where the server has a writer, its
    words, each sentence checked against the quotes that it cites. With a schema JSON of it, of which `limit` cuts
    nothing, or a refusal. Raises BadRequest for a schema that quotes do not fill where there is no writer.
    """
    knowledge = call.desk.knowledge(base)
    dialogue = knowledge.chat(turns=turns_of(messages[:-1]), writer=call.desk.writer)
    given = _said(dialogue, messages[-1].content, schema)
    count = knowledge.embedder.count
    read = sum(count([one.content for one in messages]))
    if schema is not None and not given.pattern:
        text = given.answer if given.abstained else f"Not given as JSON of the schema: {given.fallback or given.answer}"
        return Said("", read=read, wrote=count([text])[0], refusal=text, more={"formfact": _told(call, given)})
    if given.claims:
        return Said(
            given.answer, read=read, wrote=count([given.answer])[0], citations=tuple(_claimed(call, base, given)),
            more={"formfact": _told(call, given)},
        )  # fmt: skip
    quotes, cut = _within(given.quotes, limit, lambda text: count([text])[0])
    text = BETWEEN.join(quote.text for quote in quotes) if quotes else given.answer
    return Said(
        text,
        read=read,
        wrote=count([text])[0],
        finish="length" if cut else "stop",
        citations=tuple(_citations(call, base, quotes)),
        more={"formfact": _told(call, given)},
    )


def _said(dialogue: Dialogue, text: str, schema: Mapping[str, Any] | None) -> Answer:
    try:
        return dialogue.say(text, schema=schema)
    except Refused as error:
        if schema is None or isinstance(error, NotFound):
            raise
        raise BadRequest(error.message, hint=error.hint, param="response_format") from error


def turns_of(messages: Sequence[Message]) -> list[Turn]:
    """What the user asked before, each with what was answered to it.

    What the system says is no part of the talk; thanks and texts that are too long to be questions lend nothing.
    """
    turns: list[Turn] = []
    for one in messages:
        if one.role == "user":
            turns.append(Turn(one.content, "", abstained=False))
        elif one.role == "assistant" and turns:
            last = turns.pop()
            answer = "\n".join(filter(None, (last.answer, one.content)))
            turns.append(Turn(last.question, answer, abstained=False))
    return [one for one in turns if not is_courtesy(one.question) and len(one.question) <= LONGEST_QUESTION]


def _within(quotes: Sequence[Quote], limit: int | None, count: Callable[[str], int]) -> tuple[Sequence[Quote], bool]:
    """As many whole quotes as a limit of tokens allows, one at the least: half a quote is none."""
    kept: list[Quote] = []
    used = 0
    for quote in quotes:
        used += count(quote.text)
        if kept and limit is not None and used > limit:
            return kept, True
        kept.append(quote)
    return kept, False


def _citations(call: Call, base: str, quotes: Sequence[Quote]) -> Iterator[Citation]:
    start = 0
    for quote in quotes:
        end = start + len(quote.text)
        yield _citation(call, base, quote, start, end)
        start = end + len(BETWEEN)


def _claimed(call: Call, base: str, given: Answer) -> Iterator[Citation]:
    """Each sentence of a writer with each quote that it cites."""
    for claim in given.claims:
        for at in claim.quotes:
            yield _citation(call, base, given.quotes[at], claim.start, claim.end)


def _citation(call: Call, base: str, quote: Quote, start: int, end: int) -> Citation:
    return Citation(
        start, end, place(quote.document, quote.source, quote.page, quote.headings), _url(call, base, quote)
    )


def _url(call: Call, base: str, quote: Quote) -> str:
    """Where this server shows the quoted span."""
    asked = {"kb": base, "document": quote.document, "source": quote.source, "start": quote.start, "end": quote.end}
    return f"{call.request.base_url}document?{urlencode(asked)}"


def _told(call: Call, given: Answer) -> Mapping[str, Any]:
    """The answer as on every other face, without what the message holds already."""
    plain = wire.answer(call.desk.places.answer(given))
    return {name: told for name, told in plain.items() if name not in ("question", "answer")}
