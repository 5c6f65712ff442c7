"""`ask` over a real base with the bundled model: quotes that are in the document, or an abstention."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from formfact.errors import Refused
from formfact.front import Knowledge
from formfact.knowledge.abstain import few
from formfact.knowledge.stores.bm25 import rarity

HANDBOOK = Path(__file__).resolve().parents[2] / "examples" / "handbook"


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    with Knowledge(tmp_path_factory.mktemp("answer") / "kb") as base:
        base.add(HANDBOOK)
        yield base


def test_one_document_answers(kb: Knowledge) -> None:
    answer = kb.ask("How much paid time off do new parents have?")
    assert not answer.abstained
    assert "22 weeks of paid leave" in answer.quotes[0].text
    assert answer.answer.startswith(answer.quotes[0].text)


def test_two_documents_answer(kb: Knowledge) -> None:
    answer = kb.ask("I take the ferry to Kessing tonight after nine. Do I get a cabin, and how long is the crossing?")
    said = " ".join(quote.text for quote in answer.quotes)
    assert "a cabin for any crossing that begins after 21:00" in said
    assert "three hours and ten minutes" in said
    assert len({quote.source for quote in answer.quotes}) == 2


def test_none_answers(kb: Knowledge) -> None:
    answer = kb.ask("How do I renew my driving licence?")
    assert answer.abstained
    assert answer.quotes == ()
    assert 0 < len(answer.nearest) <= 3
    assert answer.confidence < kb.ask("How much paid time off do new parents have?").confidence


@pytest.mark.parametrize("question", ["What time is lunch served?", "How does the rule of twelfths work?"])
def test_a_quote_is_the_files_own_text_and_short(kb: Knowledge, question: str) -> None:
    answer = kb.ask(question)
    assert answer.quotes
    for quote in answer.quotes:
        assert len(quote.text.split()) <= 80
        (passage, *_) = [
            hit for hit in kb.search(quote.text, k=20) if hit.source == quote.source and hit.start < quote.end
        ]
        shared = slice(max(quote.start, passage.start), min(quote.end, passage.end))
        assert (
            quote.text[shared.start - quote.start : shared.stop - quote.start]
            == passage.text[shared.start - passage.start : shared.stop - passage.start]
        )


def test_a_filter_holds(kb: Knowledge) -> None:
    answer = kb.ask("What time is lunch served?", paths=("service/*",))
    assert all(hit.source.split("/handbook/")[-1].startswith("service/") for hit in answer.nearest)


def test_no_question_is_refused(kb: Knowledge) -> None:
    with pytest.raises(Refused, match="question"):
        kb.ask("   ")


def test_a_quote_of_more_tokens_than_the_embedder_reads(tmp_path: Path) -> None:
    digits = " ".join(f"{number:x}{number * 7919:x}" for number in range(10**6, 10**6 + 78))
    (tmp_path / "hex.txt").write_text(f"The serial numbers of the tide gauges are {digits}.", encoding="utf-8")
    with Knowledge("memory:") as base:
        base.add(tmp_path / "hex.txt")
        assert base.ask("What are the serial numbers of the tide gauges?").quotes


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("What colour is the lamp?", "The lamp of the pier is green."),
        ("When was the pier built?", "The pier was built in 1891."),
        ("How much is a ticket?", "Tickets cost four pounds; children travel free."),
        ("When does the ferry leave?", "The ferry leaves at eight and at noon."),
        ("What is the capital of France?", None),
        ("How do I reset my password?", None),
        ("Which animal lives there?", None),
    ],
)
def test_a_base_of_one_document_answers_too(pier: Knowledge, question: str, quote: str | None) -> None:
    answer = pier.ask(question)
    assert [one.text for one in answer.quotes][:1] == ([quote] if quote else [])


@pytest.fixture(scope="module")
def pier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    file = tmp_path_factory.mktemp("pier") / "pier.md"
    file.write_text(
        "# The pier\n\nThe pier was built in 1891. The lamp of the pier is green. The ferry leaves at eight and at "
        "noon. Tickets cost four pounds; children travel free. The keeper is Tom Reed.\n"
    )
    with Knowledge("memory:") as base:
        base.add(file)
        yield base


def test_few_passages_are_those_below_forty() -> None:
    shares = [few(rarity(passages, 0)) for passages in (1, 10, 40, 1000)]
    assert shares == pytest.approx([math.log(40), math.log(4), 0, 0])
    assert few(rarity(0, 0)) == pytest.approx(math.log(40))
