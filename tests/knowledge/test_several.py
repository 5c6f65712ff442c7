"""Quotes from several documents: one for each thing compared, each document that counts, each end of a bridge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.front import Knowledge
from formfact.knowledge.quotes import Span
from formfact.knowledge.several import MOST, MOST_BRIDGED, Far, about, gathers, of_documents, of_things, over_bridges
from formfact.knowledge.weigh import Clue, Scored


def scored(document: int, start: int, score: float, terms: str = "") -> Scored:
    span = Span(document, start, start + 10, start, 0, 5, leans=False)
    return Scored(Clue(span, 0.5, frozenset(terms.split()), frozenset(), 1.0, 0), 0.5, score)


SPANS = st.lists(
    st.builds(scored, st.integers(1, 12), st.integers(0, 5).map(lambda at: 7 * at), st.floats(0.01, 1)), max_size=30
)


def apart(spans: list[Span]) -> bool:
    return not any(
        one.document == other.document and one.start < other.end and other.start < one.end
        for at, one in enumerate(spans)
        for other in spans[:at]
    )


@pytest.mark.parametrize(
    ("question", "all_of_it"),
    [
        ("Which documents mention the pump?", True),
        ("List all customers with a Storm contract", True),
        ("Which pump is the loudest?", False),
        ("Who wrote the book that all children read?", False),
    ],
)
def test_what_asks_for_all_there_is(question: str, all_of_it: bool) -> None:
    assert gathers(question) == all_of_it


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Which documents mention the pump?", "the pump"),
        ("List all of our notes that speak of the storm.", "the storm"),
        ("Which pump is the loudest?", "Which pump is the loudest?"),
        ("Which documents?", "Which documents?"),
    ],
)
def test_what_documents_should_be_about(question: str, left: str) -> None:
    assert about(question) == left


@given(SPANS)
def test_one_quote_of_each_document(found: list[Scored]) -> None:
    spans = of_documents(found)
    keys = [span.document for span in spans]
    assert len(keys) == len(set(keys)) <= MOST
    best = {key: max(one.score for one in found if one.clue.span.document == key) for key in keys}
    assert [best[key] for key in keys] == sorted(best.values(), reverse=True)
    assert bool(spans) == bool(found)


@given(SPANS, st.lists(st.frozensets(st.integers(0, 29)), max_size=3))
def test_one_quote_of_each_thing(found: list[Scored], held: list[frozenset[int]]) -> None:
    holding = [frozenset(found[at].clue.span for at in some if at < len(found)) for some in held]
    spans = of_things(found, holding)
    assert len(spans) <= len(holding)
    assert apart(spans)
    assert set(spans) <= frozenset().union(*holding)


@given(SPANS, SPANS)
def test_quotes_over_bridges_never_touch_and_are_few(near: list[Scored], far: list[Scored]) -> None:
    chosen = of_documents(near)[:3]
    spans = over_bridges(chosen, near, [Far(one, 3, frozenset()) for one in far])
    assert apart(spans)
    assert len(spans) <= max(MOST_BRIDGED, len(chosen))
    assert spans[: bool(chosen)] == chosen[:1]


def test_both_ends_of_a_bridge() -> None:
    near = [scored(1, 0, 0.9, "pump"), scored(1, 20, 0.5, "led beata skjorn"), scored(2, 0, 0.4)]
    good, bad = scored(3, 0, 0.9), scored(4, 0, 0.3)
    spans = over_bridges(
        [near[0].clue.span], near, [Far(bad, 2, frozenset()), Far(good, 1, frozenset({"beata", "skjorn"}))]
    )
    assert [(span.document, span.start) for span in spans] == [(1, 0), (1, 20), (3, 0)]


# With the bundled model -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    home: Path = tmp_path_factory.mktemp("several")
    docs = home / "docs"
    docs.mkdir()
    (docs / "teams.md").write_text(
        "# Who leads what\n\nThe calibration laboratory is run by Lotte Imre. Oskar Vane leads mechanical design.\n"
    )
    (docs / "phones.md").write_text(
        "# Telephones\n\nLotte Imre has the extension 402.\n\nOskar Vane has the extension 119.\n"
    )
    (docs / "gannet.md").write_text("# Gannet 3\n\nA Gannet 3 weighs 21 kg and stands on the quay.\n")
    (docs / "petrel.md").write_text("# Petrel\n\nA Petrel weighs 38 kg and lies on the sea bed.\n")
    for at in range(12):
        (docs / f"note{at}.md").write_text(f"# Note {at}\n\nOn day {at} the extension of the quay went on.\n")
    with Knowledge(home / "kb") as opened:
        opened.add(docs)
        yield opened


def quoted(kb: Knowledge, question: str, hops: int) -> set[str]:
    return {quote.document for quote in kb.ask(question, hops=hops).quotes}


def test_an_answer_over_a_bridge_quotes_both_documents(kb: Knowledge) -> None:
    answer = kb.ask("What is the extension of the person who runs the calibration laboratory?", hops=2)
    assert any("run by Lotte Imre" in quote.text for quote in answer.quotes)
    assert any("402" in quote.text for quote in answer.quotes)
    assert all(kb.document(one.document).text[one.start : one.end] == one.text for one in answer.quotes)


def test_a_comparison_quotes_each_thing(kb: Knowledge) -> None:
    question = "Which is heavier, a Gannet 3 or a Petrel?"
    assert quoted(kb, question, 2) == {"gannet.md", "petrel.md"}


def test_what_asks_for_all_quotes_each_document(kb: Knowledge) -> None:
    found = quoted(kb, "Which documents mention the extension of the quay?", 2)
    assert len(found) == MOST
    assert all(name.startswith("note") for name in found)
