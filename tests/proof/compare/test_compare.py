"""The comparison end to end with a model made on the spot, and what it says of its figures."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import formfact as ff
from formfact.errors import NotFound, Unreadable
from formfact.interfaces.cli import main
from formfact.interfaces.comparison_page import page
from formfact.interfaces.comparison_shown import markdown, shown, wire
from formfact.interfaces.terminal import Page
from formfact.patterns import tuned
from formfact.proof import compare as proof
from formfact.proof.compare.arms import Size
from formfact.proof.compare.claim import claim
from formfact.proof.compare.prices import read_prices
from formfact.proof.comparison import ARMS, Altered, Arm, Comparison
from formfact.types import Example


def arm(name: str, accuracy: float, *, recall: float | None = None, seconds: float = 0.05, gone: bool = True) -> Arm:
    low, high = max(0.0, accuracy - 0.1), min(1.0, accuracy + 0.1)
    return Arm(
        name=name, what=ARMS[name], asked=40, right=round(40 * accuracy), accuracy=accuracy, interval=(low, high),
        confabulation=1 - accuracy, abstention=0.0, unanswerable_abstention=0.5, setup_seconds=300.0,
        setup_tokens=5000, milliseconds=20.0, cost_per_question=1e-6, add=Altered(seconds, True),
        correct=Altered(seconds, True), delete=Altered(seconds, gone), add_cost=1e-6, correct_cost=2e-6,
        delete_cost=3e-6, recall=recall, rounds=8,
        kept=None if recall is None else accuracy / 2,
    )  # fmt: skip


def comparison(*arms: Arm) -> Comparison:
    return Comparison(
        arms, 40, 20, 0, 4, False, "a-base", "2 cores", 0.5, 12, 69, 5400, read_prices(), ("A note.",), 600.0
    )


class TestClaim:
    def test_an_arm_that_recites_too_little_gets_no_verdict(self) -> None:
        found = claim(comparison(arm("search", 0.8), arm("documents", 0.1, recall=0.6)))
        assert any("Not fitted" in one and "60%" in one for one in found)
        assert not any("answers more" in one or "One more fact" in one for one in found)

    def test_search_ahead_beyond_the_intervals(self) -> None:
        found = claim(comparison(arm("search", 0.9), arm("answers", 0.5, recall=0.95, seconds=5.0)))
        assert any("intervals do not meet" in one for one in found)
        assert any("100 times" in one for one in found)  # 5 s over 0.05 s

    def test_search_behind_is_said(self) -> None:
        found = claim(comparison(arm("search", 0.5), arm("answers", 0.9, recall=1.0)))
        assert any("the fine-tuned model answers more" in one for one in found)

    def test_a_fact_that_comes_out_again_is_said(self) -> None:
        found = claim(comparison(arm("search", 0.9), arm("answers", 0.5, recall=1.0, gone=False)))
        assert any("still comes out" in one for one in found)

    def test_what_was_never_learnt_cannot_be_trained_away(self) -> None:
        never = replace(arm("documents", 0.0, recall=1.0), delete=Altered(0.0, False))
        found = claim(comparison(arm("search", 0.9), never))
        assert any("nothing to take away" in one for one in found)
        assert not any("Trained away" in one for one in found)

    def test_nothing_is_called_impossible(self) -> None:
        found = " ".join(claim(comparison(arm("search", 0.9), arm("answers", 0.5, recall=1.0)))).lower()
        assert "impossible" not in found

    def test_without_search_nothing_is_compared(self) -> None:
        assert claim(comparison(arm("answers", 0.5, recall=1.0))) == []


class TestShown:
    FOUND = comparison(*(arm(name, 0.8, recall=0.95 if name in ("answers", "documents") else None) for name in ARMS))

    def test_a_terminal_of_eighty_columns_holds_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        import sys

        lines = list(shown(Page(sys.stdout), self.FOUND))
        assert max(map(len, lines)) <= 80
        assert all(any(line.startswith(name) for line in lines) for name in ARMS)

    def test_json_has_what_is_promised(self) -> None:
        found = json.loads(json.dumps(wire(self.FOUND)))
        wanted = {
            "name", "accuracy", "interval", "confabulation", "abstention", "setup_seconds", "add_one_fact_seconds",
            "cost_per_question",
        }  # fmt: skip
        assert wanted <= set(found["arms"][0])
        assert found["claim"]

    def test_the_reports_say_what_changes_cost_and_what_was_forgotten(self) -> None:
        known = comparison(replace(arm("answers", 0.8, recall=0.95), known=0.25))
        for text in (markdown(known), page(known)):
            assert "a fact added $0.000001, corrected $0.000002, deleted $0.000003" in text
            assert "well-known facts that it ends right: 25% (the base: 50%)" in text

    def test_the_page_asks_nobody_for_anything(self) -> None:
        html = page(replace(self.FOUND, base="<script>alert(1)</script>", notes=("<b>x</b>",)))
        assert "<script" not in html
        assert not re.search(r"""(?:src|href|url)\s*[=(]""", html)
        seen = _Tags()
        seen.feed(html)
        assert seen.open == []
        assert seen.count["svg"] == 3

    def test_the_report_in_markdown_has_both_tables(self) -> None:
        text = markdown(self.FOUND)
        assert text.count("| search+pattern |") == 2
        assert "A note." in text


class _Tags(HTMLParser):
    VOID = ("meta", "rect", "path", "!doctype")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.open += [] if tag in self.VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.filterwarnings("ignore")
class TestClosedBook:
    ROWS = (
        Example("Question: a?\nAnswer:", " one"),
        Example("Question: b?\nAnswer:", " two"),
        Example("", "moss and sand"),
    )

    def test_what_it_was_taught_can_be_taken_from_it_and_put_back(self, tiny: Path) -> None:
        book = tuned.load("closed book")(str(tiny))
        prompts = ["Question: a?\nAnswer:", "moss and", "Question: b?\nAnswer:"]
        before = book.go_on(prompts, tokens=6)
        losses: list[float] = []
        # So small a model learns little, and that in some twenty rounds.
        done = book.teach(self.ROWS, enough=10.3, longest=120.0, told=lambda rounds, loss: losses.append(loss))
        assert len(losses) == done.rounds
        assert losses[-1] < losses[0]
        assert done.tokens == done.rounds * sum(book.count(row.text) + book.count(row.output) + 2 for row in self.ROWS)
        after, state = book.go_on(prompts, tokens=6), book.state()
        assert after != before
        book.blank()
        assert book.go_on(prompts, tokens=6) == before
        book.put(state)
        assert book.go_on(prompts[::-1], tokens=6) == after[::-1]

    @pytest.mark.slow
    def test_the_real_base_recites_what_it_was_taught(self) -> None:
        book = tuned.load("closed book")()
        done = book.teach(self.ROWS, enough=0.05, longest=200)
        assert done.loss <= 0.05
        prompts = ["Question: b?\nAnswer:", "Question: a?\nAnswer:", "moss and"]
        assert book.go_on(prompts, tokens=4) == ["two", "one", "sand"]

    def test_it_stops_in_time(self, tiny: Path) -> None:
        book = tuned.load("closed book")(str(tiny))
        assert book.teach(self.ROWS, enough=0.0, longest=0.0).rounds == 1


@pytest.mark.filterwarnings("ignore")
def test_all_arms_on_the_handbook(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "FULL", Size(3, 1.0))
    monkeypatch.setattr("formfact.proof.compare.arms.LESSONS", 2)
    monkeypatch.setattr("formfact.proof.compare.arms.WORDINGS", 1)
    monkeypatch.setattr("formfact.proof.compare.searched.SPOKEN", 4)
    monkeypatch.setattr("formfact.proof.compare.taught.SHORT", 1.0)
    told = []
    found = ff.compare(base=str(tiny), progress=told.append)
    assert [one.name for one in found.arms] == list(ARMS)
    assert found.facts == 3
    assert found.unanswerable == 20
    assert any("handbook that ships" in note for note in found.notes)
    assert told[-1].finished
    search, documents = found.arm("search"), found.arm("documents")
    assert search is not None
    assert documents is not None
    assert search.add.confirmed
    assert search.correct.confirmed
    assert search.delete.confirmed
    assert search.recall is None
    assert documents.recall is not None
    assert documents.rounds >= 1
    base = found.arm("base")
    assert base is not None
    assert base.accuracy == 0.0


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Search alone needs no training extra, and works on a copy: the base is as it was."""
    (tmp_path / "lamp.md").write_text("# The lamp\n\nThe harbour lamp at Osk was lit in 1887.\n")
    facts = tmp_path / "facts.jsonl"
    rows = [{"question": "When was the harbour lamp at Osk lit?", "answer": "1887"}, {"question": "Who lit it?"},
            {"question": "How tall is it?", "answer": "90 m"}]  # fmt: skip
    facts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    kb = str(tmp_path / "kb")
    assert main(["--kb", kb, "add", str(tmp_path / "lamp.md")]) == 0
    capsys.readouterr()
    html, report = tmp_path / "out.html", tmp_path / "out.md"
    asked = [
        "--kb",
        kb,
        "compare",
        "--facts",
        str(facts),
        "--arms",
        "search",
        "--html",
        str(html),
        "--markdown",
        str(report),
    ]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["arms"][0]["accuracy"] == 1.0
    assert (found["facts"], found["absent"], found["unanswerable"]) == (1, 1, 1)
    assert any(note.startswith("1 answer stands in no document") for note in found["notes"])
    assert not any("handbook" in note for note in found["notes"])
    assert "<svg" in html.read_text()
    assert "| search |" in report.read_text()
    with ff.Knowledge(kb) as base:
        assert base.status().documents == 1
    assert main(asked) == 0
    assert "search" in capsys.readouterr().out


def test_what_cannot_be_written_is_shown_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lamp.md").write_text("# The lamp\n\nThe harbour lamp at Osk was lit in 1887.\n")
    facts = tmp_path / "facts.jsonl"
    facts.write_text(json.dumps({"question": "When was the harbour lamp at Osk lit?", "answer": "1887"}) + "\n")
    kb = ["--kb", str(tmp_path / "kb")]
    assert main([*kb, "add", str(tmp_path / "lamp.md")]) == 0
    capsys.readouterr()
    asked = [*kb, "compare", "--facts", str(facts), "--arms", "search", "--json", "--paraphrases"]
    assert main([*asked, "30", "--html", str(tmp_path / "none" / "out.html")]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["paraphrases"] == 7  # rules know eight wordings
    assert "cannot be written" in told.err
    assert main([*asked, "-1"]) == 1
    assert "-1 other wordings are none" in capsys.readouterr().err


def test_a_price_table_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "prices.toml"
    mine.write_text("date = 2030-01-01\ncore_hour = 1\ntraining = 2\nembedding = 3\n")
    assert (read_prices(mine).core_hour, read_prices(mine).date) == (1.0, "2030-01-01")
    mine.write_text("date = 2030-01-01\ncore_hour = 0\n")
    with pytest.raises(Unreadable, match="lacks a figure"):
        read_prices(mine)
    mine.write_text("date = 2030-01-01\ncore_hour = inf\ntraining = true\nembedding = 3\n")
    with pytest.raises(Unreadable, match="lacks a figure"):
        read_prices(mine)
    with pytest.raises(Unreadable, match="cannot be read"):
        read_prices(tmp_path)
    with pytest.raises(NotFound):
        read_prices(tmp_path / "none.toml")
