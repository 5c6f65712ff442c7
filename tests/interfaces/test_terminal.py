"""What a person reads: never wider than the terminal, never commanded by a document, and all that was asked for."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formfact.interfaces import answer_shown, chatting, terminal
from formfact.interfaces.terminal import NARROWEST, WIDEST, Page, named
from formfact.types import AddReport, Answer, FileCounts, Hit, Listing, Loss, Quote, Scores, Skipped, Status, Turn

COLOURS = re.compile(r"\033\[[012]m")
NASTY = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("漢字かな한글🜂🎉ab-  \n\t\033\007\u202e\u00ad\u200d\0ẍ"),
    ),
    max_size=300,
) | st.sampled_from(["x" * 500, "漢" * 300, "long-word-" * 40, "🎉" * 200, "e\u0301" * 90])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("COLUMNS", "80")
    return Page(io.StringIO())


@pytest.fixture
def coloured(monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Page(Terminal())


def hit(text: str = "Hold the lever.", document: str = "pump.md", rank: int = 1, **more: object) -> Hit:
    values: dict[str, object] = {
        "headings": ("Pumps", "Reset"), "page": 3, "title": "", "scores": Scores(0.8123, 12.345, 1, None, 0.9),
    }  # fmt: skip
    values |= more
    return Hit(
        rank=rank, score=0.9, document=document, source=f"/docs/{document}", start=10, end=10 + len(text), text=text,
        metadata={}, passage=1, **values,
    )  # type: ignore[arg-type]  # fmt: skip


def quote(text: str, document: str = "pump.md", page: int | None = None) -> Quote:
    return Quote(text, document, f"/docs/{document}", ("Pumps", "Reset"), page, 120, 120 + len(text))


def given_answer(*quotes: Quote, nearest: tuple[Hit, ...] = (), confidence: float = 0.9) -> Answer:
    return Answer(
        "how is the pump reset?", " ".join(q.text for q in quotes), not quotes, confidence, quotes, nearest, 1
    )


def columns(line: str) -> int:
    """As a terminal counts them."""
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me") else
        2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line
    )  # fmt: skip


# Width and safety, whatever stands in the documents ---------------------------------------------------------------


def pages_of(text: str, number: int) -> list[Callable[[Page], Iterator[str]]]:
    """Everything that is shown, with a text in every place that a document or user can fill."""
    found = hit(text, text, number, headings=(text, text))
    long_list = tuple(Skipped(text, text) for _ in range(number % 40))
    status = Status(text, number, number, number, number, text, number, number, text, 1, number % 2 == 0)
    counts = FileCounts(number, number, number)
    return [
        lambda page: terminal.hits(page, text, [found], explained=True),
        lambda page: answer_shown.answer(page, given_answer(quote(text, text, number))),
        lambda page: answer_shown.answer(page, given_answer(nearest=(found,), confidence=0.1)),
        lambda page: terminal.report(page, AddReport(counts, number, number, number, number, long_list, number, 1e5)),
        lambda page: terminal.loss(page, Loss(found, number, 0.123, text)),
        lambda page: terminal.status(page, status, [Listing(text, text, text, text, number)]),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=NASTY, number=st.integers(1, 10**9), width=st.integers(1, 130), colour=st.booleans())
def test_never_wider_than_the_terminal_and_never_commanded(
    monkeypatch: pytest.MonkeyPatch, text: str, number: int, width: int, colour: bool
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    page = Page(Terminal() if colour else io.StringIO())
    for shown in pages_of(text, number):
        for line in shown(page):
            bare = COLOURS.sub("", line) if colour else line
            assert bare.isprintable()
            assert columns(bare) <= min(max(width, NARROWEST), WIDEST)


@given(NASTY)
def test_printable_changes_no_visible_character(text: str) -> None:
    shown = terminal.printable(text)
    assert shown.isprintable()
    assert shown == shown.strip()
    assert "  " not in shown
    visible = [c for c in text if c.isprintable() and not c.isspace()]
    assert [c for c in shown if c != " "] == visible


def test_a_soft_hyphen_leaves_no_gap_and_an_escape_does_nothing() -> None:
    assert terminal.printable("co\u00adoperate\n\tnow") == "cooperate now"
    assert terminal.printable("a\u202eb\u200d") == "ab"
    assert terminal.printable("\033]0;owned\007 red") == "]0;owned red"


@pytest.mark.parametrize(
    ("variable", "value", "colour"),
    [("NO_COLOR", "", False), ("TERM", "dumb", False), ("TERM", "xterm", True)],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, colour: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    assert Page(Terminal()).colour is colour
    assert Page(io.StringIO()).colour is False
    assert Page(Terminal()).bold("x") == ("\033[1mx\033[0m" if colour else "x")


def test_a_line_that_is_too_long_keeps_its_ends(plain: Page) -> None:
    line = plain.fit("begin/" + "middle/" * 30 + "end.md", "  ")
    assert line.startswith("  begin/middle")
    assert line.endswith("end.md")
    assert line.count("…") == 1
    assert plain.width - 1 <= len(line) <= plain.width
    assert plain.fit("short", "  ") == "  short"


def test_wide_characters_fill_a_line_and_no_more(plain: Page) -> None:
    rows = plain.wrap("漢" * 100, "    ")
    assert "".join(row.strip() for row in rows) == "漢" * 100
    assert {columns(row) for row in rows[:-1]} <= {78, 79, 80}
    assert 77 <= columns(plain.fit("漢" * 100)) <= 80


# What is shown ----------------------------------------------------------------------------------------------------


def test_hits(plain: Page) -> None:
    shown = list(terminal.hits(plain, "pump", [hit(), hit("It hums.", "b.txt", 2, page=None, headings=())]))
    assert shown == [
        " 1  pump.md, page 3 › Pumps › Reset",
        "    Hold the lever.",
        "",
        " 2  b.txt",
        "    It hums.",
        "",
    ]


def test_no_hits(plain: Page) -> None:
    assert list(terminal.hits(plain, "pump", [])) == ["Nothing was found."]


def test_a_long_hit_is_cut_with_an_ellipsis(plain: Page) -> None:
    shown = list(terminal.hits(plain, "pump", [hit("word " * 200)]))
    assert len(shown) == 1 + terminal.LINES_A_HIT + 1
    assert shown[-2].endswith(" …")


def test_explained_hits_show_both_legs(plain: Page) -> None:
    shown = "\n".join(terminal.hits(plain, "pump", [hit()], explained=True))
    assert "fused 0.900 = dense 0.812 (rank 1) + bm25 12.35 (rank -)" in shown.replace("12.34", "12.35")


def test_the_words_of_the_question_stand_out(coloured: Page, plain: Page) -> None:
    row = "Pumps are pumped; a trump is not."
    assert terminal.emphasise(coloured, row, "Which pump?") == (
        "\033[1mPumps\033[0m are \033[1mpumped\033[0m; a trump is not."
    )
    assert terminal.emphasise(plain, row, "Which pump?") == row
    assert terminal.emphasise(coloured, row, "(*?") == row


def test_an_answer_with_its_sources(plain: Page) -> None:
    shown = list(answer_shown.answer(plain, given_answer(quote("Hold\nthe lever."), quote("It hums.", "b.pdf", 7))))
    assert shown == [
        "  “Hold the lever.”",
        "    — pump.md › Pumps › Reset, 120-135",
        "",
        "  “It hums.”",
        "    — b.pdf, page 7 › Pumps › Reset, 120-128",
        "",
        "confidence 0.90 (high)",
    ]


def test_a_quote_is_shown_whole(plain: Page) -> None:
    """Hits may be cut; what is said to be the answer may not."""
    text = " ".join(f"word{i}" for i in range(80))
    shown = list(answer_shown.answer(plain, given_answer(quote(text))))
    assert "".join(shown[:-3]).split() == f"“{text}”".split()


def test_code_keeps_its_lines(plain: Page) -> None:
    code = "def reset(pump):\n    if pump.stuck:\n        pump.hold(seconds=7)\n"
    shown = list(answer_shown.answer(plain, given_answer(quote(code))))
    assert shown[:3] == ["  “def reset(pump):", "      if pump.stuck:", "          pump.hold(seconds=7)”"]
    listed = list(terminal.hits(plain, "reset", [hit(code + "    return pump\n" * 9)]))
    assert listed[1:5] == [
        "    def reset(pump):",
        "        if pump.stuck:",
        "            pump.hold(seconds=7)",
        "    …",
    ]


def test_an_abstention_names_what_came_nearest(plain: Page) -> None:
    shown = list(answer_shown.answer(plain, given_answer(nearest=(hit(), hit(document="b.md")), confidence=0.12)))
    assert shown == [
        "Not in your documents.  (confidence 0.12)",
        "The nearest passages, which may not answer it:",
        "  - pump.md, page 3 › Pumps › Reset",
        "  - b.md, page 3 › Pumps › Reset",
    ]
    assert len(list(answer_shown.answer(plain, given_answer(confidence=0.0)))) == 1


@pytest.mark.parametrize(("confidence", "level"), [(1.0, "high"), (0.7, "fair"), (0.3, "low"), (0.0, "low")])
def test_confidence_in_words(plain: Page, confidence: float, level: str) -> None:
    shown = list(answer_shown.answer(plain, given_answer(quote("x"), confidence=confidence)))
    assert shown[-1] == f"confidence {confidence:.2f} ({level})"


def report(*skipped: Skipped, added: int = 0, removed: int = 0) -> AddReport:
    return AddReport(FileCounts(9, 8, 1), added, 0, 0, removed, skipped, 1234, 2.345)


def test_a_report_says_what_was_done(plain: Page) -> None:
    assert list(terminal.report(plain, report(added=1200, removed=3))) == [
        "1,200 added, 3 removed; 1,234 passages in the base; 2.3 s"
    ]
    assert next(terminal.report(plain, report())).startswith("no documents; ")


def test_a_report_lists_what_was_skipped_and_why(plain: Page) -> None:
    shown = list(terminal.report(plain, report(Skipped("a.png", "no reader for .png"), Skipped("b.md", "empty"))))
    assert shown[1:] == ["skipped (2):", "  a.png: no reader for .png", "  b.md: empty"]


def test_a_long_list_of_skipped_files_is_counted_by_reason(plain: Page) -> None:
    many = [Skipped(f"{i}.png", "no reader for .png") for i in range(1500)] + [Skipped("z.md", "empty")]
    shown = list(terminal.report(plain, report(*many)))
    assert shown[1] == "skipped (1,501):"
    assert shown[2] == "   1,500 × no reader for .png"
    assert shown[3] == "       1 × empty"
    assert shown[-1] == f"  … and {1501 - terminal.SKIPPED_SHOWN:,} more (--json lists all)"
    assert len(shown) == 4 + terminal.SKIPPED_SHOWN + 1


def test_a_loss(plain: Page) -> None:
    shown = "\n".join(terminal.loss(plain, Loss(hit(), 12, 0.95, "place 12; too few words")))
    for part in ("pump.md, page 3", "Hold the lever.", "fused 0.900", "place 12; too few words"):
        assert part in shown
    assert "the last hit shown has 0.950" in " ".join(shown.split())


def test_a_status(plain: Page) -> None:
    state = Status("./.formfact", 1200, 34000, 900, 7, "toy:64", 64, 12_345_678, "wal", 1, True)
    assert list(terminal.status(plain, state, None)) == [
        "./.formfact",
        "  1,200 documents from 900 files, 34,000 passages",
        "  embedder toy:64 (64 dimensions)",
        "  12.3 MB, generation 7, journal wal",
    ]
    closed = Status("kb", 1, 1, 1, 1, "toy:64", 64, 0, "wal", 1, False)
    shown = list(terminal.status(plain, closed, [Listing("a.md", "/r/a.md", "Title", "markdown", 1234)]))
    assert shown[1] == "  1 document from 1 file, 1 passage"
    assert shown[-2].endswith("journal wal, read-only")
    assert shown[-1] == "   1,234  a.md — Title"


@pytest.mark.parametrize(
    ("document", "source", "name"),
    [
        ("sub/pump.md", "/home/me/docs/sub/pump.md", "sub/pump.md"),
        ("pump.md", "/home/me/docs/sub/pump.md", "pump.md"),
        ("2", "/home/me/berths.csv", "berths.csv:2"),
        ("t1", "", "t1"),
    ],
)
def test_a_row_is_named_with_its_file(document: str, source: str, name: str) -> None:
    assert named(document, source) == name


def test_an_exported_dialogue_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = quote("It \x1b[31mopens\x1b]0;pwned\x07\nat ten.", "a\x1b.md")
    chatting._show([Turn("When\x07?", "", False, (said,))])
    assert not set(capsys.readouterr().out) & {"\x1b", "\x07"}
