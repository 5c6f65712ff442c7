"""The model `knowledge`: the last thing that the user asks, answered by quotes of the knowledge base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from formfact.interfaces import wire
from formfact.interfaces.http.routes import Call
from formfact.interfaces.openai.refusals import BadRequest
from formfact.interfaces.openai.said import Citation, Said
from formfact.interfaces.terminal import place
from formfact.types import Answer, Message, Quote

BETWEEN = "\n\n"


def grounded(
    call: Call, base: str, messages: Sequence[Message], *, schema: Mapping[str, Any] | None, limit: int | None
) -> Said:
    """Verbatim quotes, each cited, or the sentence that says that there are none. Raises BadRequest for a schema."""
    if schema is not None:
        raise BadRequest(
            "the model `knowledge` quotes; it writes no JSON",
            hint="the quotes with their places are in `formfact` of the answer as JSON",
            param="response_format",
        )
    knowledge = call.desk.knowledge(base)
    given = knowledge.ask(messages[-1].content)
    count = knowledge.embedder.count
    quotes, cut = _within(given.quotes, limit, lambda text: count([text])[0])
    text = BETWEEN.join(quote.text for quote in quotes) if quotes else given.answer
    return Said(
        text,
        read=sum(count([one.content for one in messages])),
        wrote=count([text])[0],
        finish="length" if cut else "stop",
        citations=tuple(_citations(call, base, quotes)),
        more={"formfact": _told(given)},
    )


def _within(quotes: Sequence[Quote], limit: int | None, count: Any) -> tuple[Sequence[Quote], bool]:
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
        yield Citation(start, end, place(quote.document, quote.page, quote.headings), _url(call, base, quote))
        start = end + len(BETWEEN)


def _url(call: Call, base: str, quote: Quote) -> str:
    """Where this server shows the quoted span."""
    asked = {"kb": base, "document": quote.document, "source": quote.source, "start": quote.start, "end": quote.end}
    return f"{call.request.base_url}document?{urlencode(asked)}"


def _told(given: Answer) -> Mapping[str, Any]:
    """The answer as on every other face, without what the message holds already."""
    plain = wire.answer(given)
    return {name: plain[name] for name in ("abstained", "confidence", "quotes", "nearest", "milliseconds")}
