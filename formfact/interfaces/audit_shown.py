"""An audit -> what a person reads in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from formfact.interfaces.terminal import Page, counted, named, place, printable
from formfact.proof.findings import Audit, Clash, Lost, Own, Rate, Slice, Twins

SLICES, LOST_SHOWN, TWINS_SHOWN, CLASHES_SHOWN, OWN_SHOWN = 6, 12, 6, 6, 5
TITLES = {
    "overlap": "by words that question and passage share",
    "format": "by format",
    "folder": "by folder",
    "document": "by document, the worst first",
}


def audit(page: Page, found: Audit) -> Iterator[str]:
    """Rates with their intervals, their parts, and what is lost."""
    yield from _head(page, found)
    cuts = list(found.findability)
    yield ""
    yield page.bold(_row(page, "found among the best", [str(cut) for cut in cuts]))
    yield page.bold(_row(page, "all passages", [_percent(found.findability[cut]) for cut in cuts]))
    yield page.dim(_row(page, "  95 % interval", [_interval(found.findability[cut]) for cut in cuts]))
    yield page.dim(_row(page, "  as people ask", [f"{100 * found.expected[cut]:.1f} %" for cut in found.expected]))
    if found.own:
        yield from own(page, found.own)
    for name, title in TITLES.items():
        yield from _slices(page, title, found.by.get(name, ()), ordered=name == "overlap")
    yield from lost(page, found.lost)
    yield from twins(page, found.twins)
    yield from clashes(page, found.clashes)


def _head(page: Page, found: Audit) -> Iterator[str]:
    part = f"{found.asked:,} of " if found.sampled else ""
    known = f", {found.kept:,} known from before" if found.kept else ""
    asked = f"{part}{counted(found.passages, 'passage')} asked for{known}"
    text = f"{asked}; {counted(found.questions, 'question')} by {found.maker}; {found.seconds:.1f} s"
    yield from page.wrap(text, "")
    if found.silent:
        which = "1 passage has" if found.silent == 1 else f"{found.silent:,} passages have"
        yield from page.wrap(f"{which} no words to ask for", "")


def own(page: Page, found: Own) -> Iterator[str]:
    """The user's own questions: rates, and those that miss."""
    yield ""
    yield page.bold(f"your own questions ({found.asked:,})")
    yield _row(page, "  found", [_percent(rate) for rate in found.findability.values()])
    yield page.dim(_row(page, "  95 % interval", [_interval(rate) for rate in found.findability.values()]))
    if found.unjudged:
        yield from page.wrap(f"{found.unjudged:,} name neither document nor answer and were not judged", "  ")
    absent = [one for one in found.questions if one.place is None]
    missed = [one for one in found.questions if one.place is not None and one.rank is None]
    for title, listed in (("no passage holds the answer", absent), ("not among the best 20", missed)):
        if listed:
            yield f"  {title} ({len(listed):,}):"
        for one in listed[:OWN_SHOWN]:
            yield page.fit(one.question, "    ")


def _slices(page: Page, title: str, slices: Sequence[Slice], *, ordered: bool) -> Iterator[str]:
    if len(slices) < 2:
        return
    yield ""
    yield page.bold(title)
    shown = slices if ordered else sorted(slices, key=_worst)
    for one in shown[:SLICES]:
        cells = [_percent(rate) for rate in one.findability.values()]
        yield _row(page, f"  {one.name}", cells, count=one.passages)
    if len(shown) > SLICES:
        yield page.dim(f"  … and {len(shown) - SLICES:,} more (--json lists all)")


def _worst(one: Slice) -> tuple[float, ...]:
    """The worst first: by the best 10, where those are alike by fewer; then the largest."""
    return (*(one.findability[cut].rate for cut in (10, 5, 1)), -one.passages)


def _row(page: Page, name: str, cells: Sequence[str], *, count: int | None = None) -> str:
    behind = "".join(f"{cell:>9}" for cell in cells)
    left = page.width - len(behind)
    number = f"{count:>7,}" if count is not None else " " * 7
    label = _clipped(name, left - 8)
    return f"{label:<{left - 7}}{number}{behind}"


def _clipped(name: str, room: int) -> str:
    return name if len(name) <= room else f"{name[: room // 2 - 1]}…{name[-(room - room // 2) :]}"


def _percent(rate: Rate) -> str:
    return f"{100 * rate.rate:.1f} %" if rate.passages else "-"


def _interval(rate: Rate) -> str:
    low, high = rate.interval
    return f"{100 * low:.0f}-{100 * high:.0f} %"


def lost(page: Page, found: Sequence[Lost]) -> Iterator[str]:
    """The lost passages with their reasons; of a long list the beginning, and how often each reason comes."""
    yield ""
    if not found:
        yield page.bold("No passage is lost: each is among the best 10 for one of its questions.")
        return
    # A passage without a question is lost to every search, but no rate counts it.
    silent = sum(not one.question for one in found)
    asked, without = "not among the best 10 for any of its questions", "without words to ask for, and in no rate above"
    if silent in (0, len(found)):
        yield page.bold(f"{len(found):,} lost: {without if silent else asked}")
    else:
        yield page.bold(f"{len(found):,} lost")
        yield f"  {len(found) - silent:>6,} {asked}"
        yield f"  {silent:>6,} {without}"
    for reason, count in Counter(one.reason for one in found).most_common():
        yield page.fit(reason, f"  {count:>6,} × ")
    for one in found[:LOST_SHOWN]:
        yield ""
        yield page.bold(page.fit(place(one.place.document, one.place.source, one.page, one.headings), "  "))
        if one.question:
            yield from page.wrap(f"“{one.question}”", "    ", lines=2)
        yield from page.wrap(f"{one.reason}: {one.why}", "    ")
        yield from page.wrap(f"→ {one.help}", "    ")
    if len(found) > LOST_SHOWN:
        yield f"  … and {len(found) - LOST_SHOWN:,} more (--json or --html list all)"


def twins(page: Page, found: Sequence[Twins]) -> Iterator[str]:
    """Clusters of passages that say nearly the same."""
    if not found:
        return
    yield ""
    count = sum(len(one.places) for one in found)
    yield page.bold(f"{count:,} passages in {len(found):,} groups say nearly the same")
    for one in found[:TWINS_SHOWN]:
        names = Counter(named(place.document, place.source) for place in one.places)
        listed = ", ".join(f"{name} ({times}×)" if times > 1 else name for name, times in names.most_common(4))
        yield page.fit(listed, f"  {len(one.places):>6,} × ")
    if len(found) > TWINS_SHOWN:
        yield f"  … and {len(found) - TWINS_SHOWN:,} more groups (--json lists all)"


def clashes(page: Page, found: Sequence[Clash]) -> Iterator[str]:
    """Statements that may contradict each other."""
    if not found:
        return
    yield ""
    yield page.bold(f"{len(found):,} times two documents give different numbers or dates for what reads the same")
    for clash in found[:CLASHES_SHOWN]:
        yield ""
        for one in (clash.one, clash.other):
            yield page.fit(
                f"{named(one.place.document, one.place.source)}, {one.place.start}-{one.place.end}",
                f"  {printable(one.value)}  ",
            )
            yield from map(page.dim, page.wrap(f"“{one.text}”", "    ", lines=2))
    if len(found) > CLASHES_SHOWN:
        yield f"  … and {len(found) - CLASHES_SHOWN:,} more (--json lists all)"
