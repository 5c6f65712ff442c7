"""A reader named in search and ask: a reranker orders the hits, a reader points at the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from formfact.errors import ModelError
from formfact.front import Knowledge
from formfact.interfaces.cli import main
from formfact.knowledge.reread import READ
from formfact.models.post import Patience
from formfact.models.reader_endpoint import Rerank
from formfact.types import Judgement

TEXTS = {
    "boiler.md": "# Boiler\n\nThe boiler of the mill burns oak. The boiler holds 340 litres of water.\n",
    "wheel.md": "# Wheel\n\nThe wheel of the mill turns slowly. Nobody counts the turns of the wheel of the mill.\n",
    "stone.md": "# Stone\n\nThe stone of the mill was cut in the hills. It is heavy.\n",
}


@pytest.fixture
def kb(tmp_path: Path) -> Knowledge:
    for name, text in TEXTS.items():
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text(text)
    base = Knowledge(tmp_path / "kb", embedder="toy:64")
    base.add(tmp_path / "docs")
    return base


class Reads:
    """A reader that says of each passage what its table says, and keeps what it was asked."""

    address = "reads:"

    def __init__(self, **found: Judgement) -> None:
        self._found = found
        self.asked: list[str] = []

    def read(self, question: str, passages: Sequence[str]) -> list[Judgement]:
        self.asked += passages
        return [next((one for word, one in self._found.items() if word in each), Judgement(0.0)) for each in passages]


def test_a_reranker_orders_the_hits(kb: Knowledge) -> None:
    plain = kb.search("wheel of the mill")
    read = kb.search("wheel of the mill", reader=Reads(hills=Judgement(1.0)))
    assert plain[0].document == "wheel.md"
    assert [one.scores.relevance for one in plain] == [None] * 3
    assert read[0].document == "stone.md"
    assert read[0].scores.relevance == 1.0
    assert [one.score for one in read] == sorted((one.score for one in read), reverse=True)
    assert {one.document: one.scores.fused for one in read} == {one.document: one.score for one in plain}
    assert all(0 <= one.score <= 1 for one in read)


def test_a_reader_of_answers_leaves_the_order_and_shows_what_it_thinks(kb: Knowledge) -> None:
    plain = kb.search("wheel of the mill")
    read = kb.search("wheel of the mill", reader=Reads(hills=Judgement(1.0, 1.0, 0, 1, 1.0)))
    assert [(one.document, one.score) for one in read] == [(one.document, one.score) for one in plain]
    assert {one.document: one.scores.relevance for one in read}["stone.md"] == 1.0


def test_only_the_first_candidates_are_read(tmp_path: Path) -> None:
    rows = [json.dumps({"id": f"r{at}", "text": f"The mill has number {at}."}) for at in range(3 * READ)]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    base = Knowledge(tmp_path / "kb", embedder="toy:64")
    base.add(tmp_path / "rows.jsonl")
    reader = Reads(mill=Judgement(0.5))
    found = base.search("mill", 50, reader=reader)
    assert len(reader.asked) == READ
    assert [one.scores.relevance for one in found] == [0.5] * READ + [None] * (50 - READ)


def test_a_reader_reads_the_headings_and_points_into_the_text(kb: Knowledge) -> None:
    given = kb.ask("how much water does the boiler hold?", reader="toy:")
    document = kb.document("boiler.md")
    assert given.short is not None
    assert given.short.text == document.text[given.short.start : given.short.end] == "340"
    assert given.quotes[0].start <= given.short.start
    assert given.short.end <= given.quotes[0].end
    assert 0 < given.answerable <= 1
    assert "Boiler" in next(text for text in asked_with(kb, "boiler?") if "litres" in text)


def asked_with(kb: Knowledge, question: str) -> list[str]:
    reader = Reads()
    kb.ask(question, reader=reader)
    return reader.asked


def test_a_span_in_the_headings_is_no_answer(kb: Knowledge) -> None:
    reader = Reads(litres=Judgement(1.0, 1.0, 0, 4, 1.0))
    assert kb.ask("how much water does the boiler hold?", reader=reader).short is None


def test_a_span_that_is_not_clear_is_not_shown(kb: Knowledge) -> None:
    at = len("Boiler\n") + TEXTS["boiler.md"].partition("\n\n")[2].index("340")
    reads = [Reads(litres=Judgement(1.0, 1.0, at, at + 3, clear)) for clear in (0.24, 0.26)]
    given = [kb.ask("how much water does the boiler hold?", reader=one) for one in reads]
    assert [one.short and one.short.text for one in given] == [None, "340"]


def test_a_reader_of_answers_leaves_the_quotes(kb: Knowledge) -> None:
    for question in ("the boiler of the mill burns what?", "how much water does the boiler hold?"):
        assert kb.ask(question, reader="toy:").quotes == kb.ask(question).quotes


def test_without_a_reader_nothing_changes_and_with_a_reranker_nothing_is_pointed_at(kb: Knowledge) -> None:
    plain = kb.ask("what burns in the boiler?")
    assert (plain.answerable, plain.short) == (None, None)
    reranked = kb.ask("what burns in the boiler?", reader=Reads(boiler=Judgement(1.0)))
    assert (reranked.answerable, reranked.short) == (None, None)


def test_an_abstention_has_no_short_answer_but_tells_what_the_reader_made_of_it(kb: Knowledge) -> None:
    given = kb.ask("quantum chromodynamics?", reader=Reads(mill=Judgement(0.1, 0.2, 0, 3, 0.1)))
    assert given.abstained
    assert given.short is None
    assert given.answerable == 0.2


def test_a_reader_on_the_command_line(kb: Knowledge, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    kb.close()
    base = ["--kb", str(tmp_path / "kb")]
    assert main(["search", "boiler water", "--reader", "toy:", "--explain", "--json", *base]) == 0
    assert json.loads(capsys.readouterr().out)["hits"][0]["scores"]["relevance"] is not None
    assert main(["search", "boiler water", "--reader", "toy:", "--explain", *base]) == 0
    assert "relevance 1.000; fused" in " ".join(capsys.readouterr().out.split())
    assert main(["ask", "how much water does the boiler hold?", "--reader", "toy:", "--json", *base]) == 0
    assert json.loads(capsys.readouterr().out)["short"]["text"] == "340"
    assert main(["ask", "how much water does the boiler hold?", "--reader", "toy:", *base]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("340\n")
    assert main(["ask", "how much?", "--reader", "./nowhere", *base]) == 1
    assert "no reader" in capsys.readouterr().err
    assert main(["search", "boiler", "--why", "boiler.md", "--reader", "toy:", *base]) == 1


def test_a_reader_that_fails_is_an_error(kb: Knowledge) -> None:
    gone = Rerank("gone", "http://127.0.0.1:9/v1/rerank", "m", patience=Patience(timeout=1, attempts=1))
    with pytest.raises(ModelError):
        kb.search("boiler", reader=gone)
