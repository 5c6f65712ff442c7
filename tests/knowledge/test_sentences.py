"""Sentences are spans of the text itself: nothing lost, nothing changed, and ends where a reader sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.sentences import CLAUSE_END, IDEOGRAPHS, count_words, sentences, shortened

MARKS = st.sampled_from(
    [". ", ".", "! ", "? ", "… ", "。", "！", "」", "।", "\n\n", "\n", " ", ", ", "—", "; ", '" ', ") ", "[3] "]
)
WORDS = st.sampled_from(["Dr", "U.S", "e.g", "No", "5", "The", "pump", "漢字", "ひら", "etc", "I", "élan", "a", "x-y"])
PROSE = st.lists(st.one_of(MARKS, WORDS), max_size=40).map("".join)
TEXTS = st.one_of(PROSE, st.text(max_size=120))


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text))]


def parts(text: str, words: int) -> list[str]:
    return [text[start:end] for start, end in shortened(text, 0, len(text), words=words)]


def assert_nothing_is_lost(text: str, spans: Iterable[tuple[int, int]], start: int, end: int) -> None:
    """The spans are in order, apart, not blank, without white space around, and only white space lies between."""
    at = start
    for begin, stop in spans:
        assert at <= begin < stop <= end
        assert not text[at:begin].strip()
        assert text[begin:stop] == text[begin:stop].strip()
        at = stop
    assert not text[at:end].strip()


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text)))
    return text, start, draw(st.integers(start, len(text)))


@given(spans())
def test_sentences_lose_nothing(drawn: tuple[str, int, int]) -> None:
    text, start, end = drawn
    assert_nothing_is_lost(text, sentences(text, start, end), start, end)


@given(spans(), st.integers(1, 12))
def test_parts_lose_nothing_and_are_short_enough(drawn: tuple[str, int, int], words: int) -> None:
    text, start, end = drawn
    found = list(shortened(text, start, end, words=words))
    assert_nothing_is_lost(text, found, start, end)
    assert all(count_words(text[begin:stop]) <= words for begin, stop in found)


@given(PROSE, st.integers(1, 12))
def test_parts_end_at_white_space_behind_a_clause_or_between_ideographs(text: str, words: int) -> None:
    for _, stop in list(shortened(text, 0, len(text), words=words))[:-1]:
        around = text[stop - 1 : stop + 1]
        ideographs = any(c >= "\u3040" for c in around)
        assert ideographs or around[1].isspace() or CLAUSE_END.search(text, stop - 1)


@given(PROSE)
def test_what_lies_outside_the_span_does_not_matter(text: str) -> None:
    around = f"Before it. {text} After it."
    inside = [around[a:b] for a, b in sentences(around, 11, 11 + len(text))]
    assert inside == split(text)


@pytest.mark.parametrize(
    "found",
    [
        ["Dr. Smith came.", "He left."],
        ["Mr. and Mrs. Ames vs. Prof. Jones et al. in court.", "It rained."],
        ["See Fig. 3 on p. 12.", "It shows the valve."],
        ["I saw the U.S. Navy.", "It left."],
        ["He lived in the U.S.", "Then he left."],
        ["J. K. Rowling wrote it.", "It sold."],
        ["Pumps, valves, etc.", "The rest is new."],
        ["Pipes, etc. are sold."],
        ["1. First open it.", "2. Then shut it."],
        ["It weighs 3.5 kg.", "Version 1.2.3 is out."],
        ["Really?!", "Yes…", "No!"],
        ["“Go!”", "He went.", '(He ran.)', "She said “stay.”"],
        ["What? said she.", "Nothing."],
        ["It is so.[12]", "That is all.[a][3]", "End."],
        ["これは本です。", "「猫だ。」", "本当？", "はい！"],
        ["यह है।", "वह है।"],
        ["هل هذا؟", "نعم."],
        ["No. 5 is alive.", "No.", "That is all."],
        ["It was I.", "The end."],
        ["Use e.g. Paris.", "Or i.e. that."],
        ["Open example.com or a.b.c now.", "Done."],
        ["In 1990.", "5 people came."],
    ],
    ids=lambda found: found[0],
)  # fmt: skip
def test_ends_as_a_reader_sees_them(found: list[str]) -> None:
    assert split(" ".join(found)) == found


def test_no_space_is_needed_where_none_is_written() -> None:
    assert split("これは本です。それは猫です。") == ["これは本です。", "それは猫です。"]


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert split("A title\n\nThe pump\nis old. Dr.\n \nThe end") == ["A title", "The pump\nis old.", "Dr.", "The end"]


def test_nothing_in_nothing() -> None:
    assert split("") == split(" \n\t ") == parts("  ", 3) == []


def test_words_are_counted_as_a_quote_is_measured() -> None:
    assert count_words("The pump-house  is\nold.") == 4
    assert count_words("漢字 and ひらがな") == 7
    assert count_words("") == 0


def test_a_short_span_is_left_alone() -> None:
    assert parts("one two three", 3) == ["one two three"]


def test_a_long_one_is_cut_behind_its_last_clause_that_fits() -> None:
    assert parts("one, two three four, five six", 5) == ["one, two three four,", "five six"]
    assert parts("one, two three four five six", 5) == ["one, two three four five", "six"]


def test_a_clause_too_early_to_be_worth_it_is_no_place_to_cut() -> None:
    assert parts("yes, " + "word " * 9, 6)[0] == "yes, word word word word word"


def test_ideographs_may_be_cut_anywhere() -> None:
    assert [count_words(part) for part in parts("漢" * 25, 10)] == [10, 10, 5]
    assert set(IDEOGRAPHS) >= {"\u3040", "\u9fff"}


@pytest.mark.parametrize(
    "text", ["." * 50_000, "a. " * 20_000, ". . " * 15_000, "Dr. " * 20_000, "!" * 50_000 + " a", "؟" * 50_000]
)
def test_long_texts_take_no_time(text: str) -> None:
    started = time.perf_counter()
    assert_nothing_is_lost(text, sentences(text, 0, len(text)), 0, len(text))
    assert time.perf_counter() - started < 2


def test_a_long_span_is_shortened_without_reading_it_over_and_over() -> None:
    started = time.perf_counter()
    assert len(parts("word " * 20_000, 80)) == 250
    assert time.perf_counter() - started < 2
