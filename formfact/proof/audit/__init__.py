"""Which passages can search not find again? Questions made from each passage, put to the search that users have."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from formfact.errors import Refused
from formfact.knowledge.stores import Store
from formfact.models import Embedder
from formfact.proof.audit.ask import Report, ask
from formfact.proof.audit.clashes import clashes
from formfact.proof.audit.expected import expected
from formfact.proof.audit.explain import explain
from formfact.proof.audit.gather import Held, draw, folder_of, gather, stratum_of
from formfact.proof.audit.own import Wanted, ask_own
from formfact.proof.audit.rates import Observed, findability
from formfact.proof.audit.twins import twins
from formfact.proof.findings import Asked, Audit, Audited, Slice
from formfact.proof.makers import RULES, Maker
from formfact.proof.overlap import BANDS, band


def audit(
    store: Store,
    embedder: Embedder,
    *,
    maker: Maker = RULES,
    own: Sequence[Wanted] = (),
    sample: int | None = None,
    seed: int = 0,
    fresh: bool = False,
    progress: Report | None = None,
) -> Audit:
    """Ask for every passage, or for `sample` of them drawn with `seed`. Raises Refused for a base without passages.

    `own` are questions of the user's (see `formfact.proof.audit.own`). What an earlier audit found is kept (see
    `formfact.proof.audit.ask`); `fresh` asks for all again.
    """
    started = time.perf_counter()
    with store.snapshot() as view:
        held = gather(view)
    if not held:
        raise Refused("the knowledge base holds no passages", hint="add documents first: formfact add PATH")
    chosen = draw(held, sample, seed)
    answers = ask(store, embedder, maker, chosen, held=held, fresh=fresh, progress=progress)
    audited = tuple(_audited(one, answers.asked.get(one.digest)) for one in held)
    sampled = len(chosen) < len({one.digest for one in held})
    observed = [_observed(one, answers.asked[one.digest]) for one in chosen if answers.asked[one.digest]]
    sizes = Counter(one.stratum for one in draw(held, None, seed)) if sampled else None
    asked_too = ask_own(store, embedder, own, held) if own else None
    return Audit(
        passages=len(held),
        asked=len(chosen),
        kept=len(answers.kept),
        questions=sum(len(answers.asked[one.digest]) for one in chosen),
        sampled=sampled,
        maker=maker.name,
        embedder=embedder.card.address,
        findability=findability(observed, sizes),
        expected=expected([(one.stratum, answers.asked[one.digest]) for one in chosen], sizes),
        by=slices(audited, Counter(one.stratum for one in held) if sampled else None),
        lost=explain(store, embedder, held, answers.asked),
        silent=sum(not answers.asked[one.digest] for one in chosen),
        twins=twins(held),
        clashes=clashes(held),
        own=asked_too,
        audited=audited,
        seconds=round(time.perf_counter() - started, 3),
    )


def _audited(one: Held, asked: tuple[Asked, ...] | None) -> Audited:
    passage, drawn = one.passage, asked is not None
    return Audited(one.place, one.format, passage.headings, passage.page, passage.text, asked or (), drawn)


def _observed(one: Held, asked: Sequence[Asked]) -> Observed:
    return Observed(one.stratum, tuple(question.rank for question in asked))


def slices(audited: Sequence[Audited], sizes: Mapping[str, int] | None = None) -> dict[str, tuple[Slice, ...]]:
    """Findability of the asked passages by folder, document, format, and by how much a question repeats its passage.

    `sizes` are the passages of each stratum, where a sample was asked: a folder or format is made of whole strata.
    """
    told = [one for one in audited if one.asked]
    return {
        "folder": _by(told, lambda one: folder_of(one.place), sizes),
        "document": _by(told, _names(told)),
        "format": _by(told, lambda one: one.format, sizes),
        "overlap": tuple(found for name, _ in sorted(BANDS) for found in _band(name, audited, sizes)),
    }


def _names(audited: Sequence[Audited]) -> Callable[[Audited], str]:
    """What each passage's document is called: by itself, or with its source where two sources have one of that name."""
    sources: Mapping[str, set[str]] = defaultdict(set)
    for one in audited:
        sources[one.place.document].add(one.place.source)

    def name(one: Audited) -> str:
        document, source = one.place.document, one.place.source
        if len(sources[document]) == 1:
            return document
        return source if f"/{source}".endswith(f"/{document}") else f"{source}:{document}"

    return name


def _band(name: str, audited: Sequence[Audited], sizes: Mapping[str, int] | None) -> tuple[Slice, ...]:
    """The slice of the questions in a band; none where it has none.

    How many passages of a stratum have such questions is known of its sample: the share is taken for the whole.
    """
    inside = [replace(one, asked=tuple(q for q in one.asked if band(q.overlap) == name)) for one in audited]
    inside = [one for one in inside if one.asked]
    if sizes is None:
        return _by(inside, lambda _: name)
    drawn = Counter(stratum_of(one.place, one.format) for one in audited if one.drawn)
    shown = Counter(stratum_of(one.place, one.format) for one in inside)
    return _by(inside, lambda _: name, {stratum: sizes[stratum] * n / drawn[stratum] for stratum, n in shown.items()})


def _by(
    audited: Sequence[Audited], name: Callable[[Audited], str], sizes: Mapping[str, float] | None = None
) -> tuple[Slice, ...]:
    groups: Mapping[str, list[Observed]] = defaultdict(list)
    for one in audited:
        stratum = stratum_of(one.place, one.format)
        groups[name(one)].append(Observed(stratum, tuple(question.rank for question in one.asked)))
    return tuple(Slice(key, len(members), findability(members, sizes)) for key, members in sorted(groups.items()))
