"""A question -> an answer made of verbatim quotes, or an abstention."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from formfact.knowledge.abstain import Evidence, confidence, few, named, rise, scale_of, unnamed
from formfact.knowledge.contrary import denied, opposed
from formfact.knowledge.expect import expected, given, holds
from formfact.knowledge.hops import key, things
from formfact.knowledge.point import ReadAnswer, answerable, point, shortest
from formfact.knowledge.quotes import Span, cut
from formfact.knowledge.search import Found, Second, check_hops, first_round, make_probe, read_hits, second_round
from formfact.knowledge.several import Far, about, gathers, of_documents, of_things, over_bridges
from formfact.knowledge.stores import Candidate, Filter, Probe, Snapshot, Store
from formfact.knowledge.weigh import Clue, Scored, choose, score, share
from formfact.knowledge.words import terms
from formfact.models import Embedder, Reader
from formfact.types import Answer, Document, Quote

HITS = 10
SPANS = 48
NEAREST = 3
ABSTENTION = "Not in your documents."
WIDER = 6
"""Quotes that a Writer is given: those of the answer first, and what comes next."""
WIDER_NEAR = 0.6
"""What the later ones of them are worth at least, as a part of the best one's score."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """`wider` are the quotes for a Writer, `sources` ids and texts of the documents that were found, best first."""

    found: tuple[Found, ...]
    quotes: tuple[Quote, ...]
    evidence: Evidence
    wider: tuple[Quote, ...] = ()
    sources: tuple[str, ...] = ()
    code: bool = False
    reading: ReadAnswer = field(default_factory=ReadAnswer)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The extractive answer to a question, and what one can be written from: see `Weighed`; none for an abstention."""

    answer: Answer
    quotes: tuple[Quote, ...]
    sources: tuple[str, ...]
    code: bool
    """Whether a quote stands in a block of code."""


def ask(store: Store, embedder: Embedder, question: str, *, within: Filter | None = None) -> Answer:
    """The shortest verbatim quotes that answer, each checked against its document; or an abstention.

    An abstention is a normal result: no quotes, and the nearest passages beside it. Raises Refused for an empty or
    overlong question.
    """
    return gather(store, embedder, question, within=within).answer


def gather(
    store: Store,
    embedder: Embedder,
    question: str,
    *,
    within: Filter | None = None,
    reader: Reader | None = None,
    hops: int | None = None,
) -> Gathered:
    """The answer that `ask` gives, with what a Writer could make another one from.

    A `reader` reads the hits and points at a short answer; a reranker orders the hits anew. With two `hops` quotes
    come from several documents: see `several`. Raises Refused, ModelError.
    """
    rounds = check_hops(hops)
    sought = about(question) if rounds == 2 else question
    probe = make_probe(embedder, sought, k=HITS, within=within)
    if sought != question:
        probe = replace(probe, question=question, words=probe.question)
    return gather_for(store, embedder, probe, question, reader=reader, hops=rounds)


def gather_for(
    store: Store, embedder: Embedder, probe: Probe, question: str, *, reader: Reader | None = None, hops: int = 1
) -> Gathered:
    """The same for a question that is made ready already; `question` is how the user put it."""
    started = time.perf_counter()
    with store.snapshot() as view:
        weighed = weigh(view, embedder, probe, reader=reader, hops=hops)
        scale = scale_of(view)
    sure = confidence(weighed.evidence, scale)
    abstained = sure < scale.threshold or not weighed.quotes
    quotes = () if abstained else weighed.quotes
    answer = Answer(
        question=question,
        answer=ABSTENTION if abstained else "\n\n".join(quote.text for quote in quotes),
        abstained=abstained,
        confidence=sure,
        quotes=quotes,
        nearest=tuple(found.hit for found in weighed.found[:NEAREST]),
        milliseconds=(time.perf_counter() - started) * 1000,
        answerable=weighed.reading.answerable,
        short=None if abstained else weighed.reading.short,
    )
    if abstained:
        return Gathered(answer, (), (), code=False)
    return Gathered(answer, weighed.wider, weighed.sources, weighed.code)


def weigh(view: Snapshot, embedder: Embedder, probe: Probe, *, reader: Reader | None = None, hops: int = 1) -> Weighed:
    """Search one view, choose quotes and gather the evidence for them, whether or not they will be shown."""
    first = first_round(view, probe, reader=reader)
    again, candidates = first.again, first.candidates
    second = second_round(view, embedder, probe, first) if hops == 2 else None
    found = read_hits(view, (second or again).order[:HITS])
    documents = _documents(view, found)
    weights = _weights(view, probe.words or probe.question)
    spans = _spans(found, documents, weights)
    scored = score(_clues(embedder, probe, spans, documents), weights)
    chosen, wider = choose(scored, weights), choose(scored, weights, most=WIDER, near=WIDER_NEAR)
    if second:
        far = _far(view, embedder, probe, second, found, documents)
        chosen = _several(probe.question, chosen, scored, far, documents)
        wider = [*chosen, *(span for span in wider if span not in chosen)][: max(WIDER, len(chosen))]
    short = shortest(chosen, point(found, again.judged))
    quotes = tuple(_quote(span, found, documents) for span in chosen)
    read = [" ".join((*quote.headings, quote.text)) for quote in quotes]
    evidence = replace(
        _evidence(view, candidates, found, scored, weights),
        unnamed=unnamed(given(probe.question), read),
        denied=denied(probe.question, read),
        opposed=opposed(probe.question, read),
    )
    return Weighed(
        tuple(found),
        quotes=quotes,
        evidence=evidence,
        wider=tuple(_quote(span, found, documents) for span in wider),
        # A module's name is its file's.
        sources=tuple(f"{one.id}\n{one.text}" for one in documents.values()),
        code=any(_is_code(span, documents[span.document]) for span in wider),
        reading=ReadAnswer(answerable(again.judged), _quote(short, found, documents) if short else None),
    )


def _far(
    view: Snapshot,
    embedder: Embedder,
    probe: Probe,
    second: Second,
    found: Sequence[Found],
    documents: Mapping[int, Document],
) -> list[Far]:
    """The best span of each hit behind a bridge, scored by what the bridge asked."""
    keys = {one.stored.id: one.stored.key for one in found}
    far: list[Far] = []
    for one in found:
        bridge = second.led[one.stored.id].bridge if one.hit.via else None
        if bridge is None or bridge.passage not in keys:
            continue
        asked = replace(second.probes[bridge], question=probe.question, words=bridge.probe)
        weights = _weights(view, bridge.probe)
        scored = score(_clues(embedder, asked, _spans([one], documents, weights), documents), weights)
        if scored:
            best = max(scored, key=lambda one: one.score)
            far.append(Far(best, keys[bridge.passage], frozenset(terms(bridge.text))))
    return far


def _several(
    question: str,
    chosen: Sequence[Span],
    scored: Sequence[Scored],
    far: Sequence[Far],
    documents: Mapping[int, Document],
) -> list[Span]:
    """The quotes of a question that may need several documents: see `several`."""
    if gathers(question):
        return of_documents(scored)
    sought = [key(thing) for thing in things(question)]
    holding = [frozenset(one.clue.span for one in scored if _speaks_of(one, thing, documents)) for thing in sought]
    return of_things(scored, holding) if all(holding) and holding else over_bridges(chosen, scored, far)


def _speaks_of(one: Scored, thing: str, documents: Mapping[int, Document]) -> bool:
    """Whether a span, what stands above it or its document's title holds a name."""
    span, document = one.clue.span, documents[one.clue.span.document]
    return f" {thing} " in f" {key(document.title)} {key(document.text[span.start : span.end])} " or (
        set(terms(thing)) <= one.clue.context
    )


def _is_code(span: Span, document: Document) -> bool:
    return any(block.kind == "code" and block.start < span.end and span.start < block.end for block in document.blocks)


def _documents(view: Snapshot, found: Sequence[Found]) -> dict[int, Document]:
    keys = list(dict.fromkeys(one.stored.key for one in found))
    return {key: document for key in keys for document in view.documents([key])}


def _weights(view: Snapshot, question: str) -> dict[str, float]:
    asked = named(question)
    return dict(zip(asked, view.rarity(asked), strict=True))


def _spans(
    found: Sequence[Found], documents: Mapping[int, Document], weights: Mapping[str, float]
) -> list[tuple[Span, Found]]:
    """The most promising SPANS candidates of the hits, each once, with the best passage that it stands in."""
    spans: dict[Span, Found] = {}
    for one in found:
        for span in cut(documents[one.stored.key], one.stored.key, one.hit.start, one.hit.end):
            spans.setdefault(span, one)

    def promise(span: Span) -> float:
        text = documents[span.document].text[span.start : span.end]
        return share(frozenset(terms(text)), weights) + spans[span].hit.score

    if len(spans) <= SPANS:
        return list(spans.items())
    return [(span, spans[span]) for span in sorted(spans, key=promise, reverse=True)[:SPANS]]


def _clues(
    embedder: Embedder, probe: Probe, spans: Sequence[tuple[Span, Found]], documents: Mapping[int, Document]
) -> list[Clue]:
    if not spans:
        return []
    kind = expected(probe.question)
    texts = [documents[span.document].text[span.start : span.end] for span, _ in spans]
    cosines = embedder.embed(_fitting(embedder, texts)) @ probe.vector
    return [
        Clue(
            span,
            cosine=float(cosine),
            terms=frozenset(terms(text)),
            context=frozenset(terms(one.stored.passage.context)),
            passage=one.hit.score,
            fit=(1 if holds(kind, text, probe.question) else -1) if kind else 0,
        )
        for (span, one), text, cosine in zip(spans, texts, cosines, strict=True)
    ]


def _fitting(embedder: Embedder, texts: Sequence[str]) -> list[str]:
    """The texts to compare by: of one longer than the embedder's window, as rows of digits can be, the beginning."""
    fitting = list(texts)
    while long := [at for at, tokens in enumerate(embedder.count(fitting)) if tokens > embedder.card.window]:
        for at in long:
            fitting[at] = fitting[at][: len(fitting[at]) // 2]
    return fitting


def _quote(span: Span, found: Sequence[Found], documents: Mapping[int, Document]) -> Quote:
    """The span as a quote, read from its stored document."""
    document = documents[span.document]
    hit = next(
        one.hit
        for one in found
        if one.stored.key == span.document and one.hit.start < span.end and span.start < one.hit.end
    )
    return Quote(
        text=document.text[span.start : span.end],
        document=document.id,
        source=document.source,
        headings=hit.headings,
        page=bisect_right(document.pages, span.start) or None,
        start=span.start,
        end=span.end,
    )


def _evidence(
    view: Snapshot,
    candidates: Sequence[Candidate],
    found: Sequence[Found],
    scored: Sequence[Scored],
    weights: Mapping[str, float],
) -> Evidence:
    if not candidates or not found:
        return Evidence(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    cosines = sorted((candidate.dense for candidate in candidates), reverse=True)
    absent = view.rarity(["\0"])[0]
    total = sum(weights.values()) or 1.0
    best_span = max(scored, key=lambda one: one.score, default=None)
    return Evidence(
        span=max((one.clue.cosine for one in scored), default=0.0),
        passage=cosines[0],
        rise=rise(cosines),
        covered=max(share(frozenset(terms(one.hit.text)), weights) for one in found[:3]),
        quoted=best_span.share if best_span else 0.0,
        words=max(candidate.bm25 for candidate in candidates) / (2.2 * total),
        unknown=sum(weight for weight in weights.values() if weight >= absent - 1e-6) / total,
        few=few(absent),
    )
