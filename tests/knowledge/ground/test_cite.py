"""Replies -> sentences with citations: every way of writing them, whole and in pieces."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.ground.cite import Cited, Reader, cite, read
from formfact.knowledge.sentences import sentences


def pairs(reply: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.text, one.numbers) for one in read(reply)]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("It is wide [1]. It is red [2].", [("It is wide.", (1,)), ("It is red.", (2,))]),
        ("It is wide. [1] It is red. [2]", [("It is wide.", (1,)), ("It is red.", (2,))]),
        ("It is wide.[1] It is red.[2]", [("It is wide.", (1,)), ("It is red.", (2,))]),
        ("[1] It is wide. [2] It is red.", [("It is wide.", (1,)), ("It is red.", (2,))]),
        ("It is wide [1, 3].", [("It is wide.", (1, 3))]),
        ("It is wide [1][3][1].", [("It is wide.", (1, 3))]),
        ("It is wide [2-4].", [("It is wide.", (2, 3, 4))]),
        ("It is wide [1 and 2].", [("It is wide.", (1, 2))]),
        ("It is wide [Quote 2].", [("It is wide.", (2,))]),
        ("It is wide【2†source】.", [("It is wide.", (2,))]),
        ("It is wide [1-999].", [("It is wide.", (1, 999))]),
        ("It is wide", [("It is wide", ())]),
        ("It is [1] wide [2] and red.", [("It is wide and red.", (1, 2))]),
        ("- It is wide [1]\n- It is red [2]", [("- It is wide", (1,)), ("- It is red", (2,))]),
        ("It is wide.\n[1][2]", [("It is wide.", (1, 2))]),
        ("See Fig. 3 [1]. It is red [2].", [("See Fig. 3.", (1,)), ("It is red.", (2,))]),
        ("The rule list[int] holds [1].", [("The rule list[int] holds.", (1,))]),
        ("<think>Maybe [9]. Hm.</think>\nIt is wide [1].", [("It is wide.", (1,))]),
        ("<think>never closed [1].", []),
        ("<thinking>Maybe [9]. Hm.</thinking>\nIt is wide [1].", [("It is wide.", (1,))]),
        ("<reasoning>Wide. Hm.</reasoning>It is wide [1].", [("It is wide.", (1,))]),
        ("[1][2]", []),
        ("", []),
    ],
)
def test_every_way_of_citing(reply: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert pairs(reply) == expected


def test_a_block_of_code_is_one_thing() -> None:
    reply = "Do it so [1]:\n```python\nx = a[1]\nprint(x)\n```\n[2]\nThat is all [1]."
    first, block, last = read(reply)
    assert (first.text, first.numbers, first.code) == ("Do it so:", (1,), None)
    assert block == Cited("x = a[1]\nprint(x)", (2,), line=True, code="python")
    assert last.text == "That is all."


def test_a_block_that_is_never_closed_is_still_one() -> None:
    assert read("```\nx = 1\ny = 2")[0].text == "x = 1\ny = 2"


WORDS = st.lists(st.sampled_from("the lever is green and wide U.S. Fig. 3 no. 21:00 x e.g. Anna".split()), min_size=2)
NUMBERS = st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True).map(tuple)
SENTENCES = st.lists(st.tuples(WORDS, NUMBERS), min_size=1, max_size=5)


@given(SENTENCES)
def test_what_was_cited_is_read_back(made: list[tuple[list[str], tuple[int, ...]]]) -> None:
    lines = [cite(f"Then {' '.join(words)} x.", numbers) for words, numbers in made]
    read_back = [n for one in read("\n".join(lines)) for n in one.numbers]
    assert read_back == [n for _, numbers in made for n in numbers]
    for one in read("\n".join(lines)):
        assert "[" not in one.text


REPLIES = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            ["It is wide", " [1]", "[2]", ".", ". ", " ", "\n", "\n\n", "U.S.", " Anna", "e.g.", " a", "[", "]", "3",
             "```", "```py\n", "\n```\n", "<think>", "</think>", "- ", "“", "”", "【3】", " [1, ", "2]", "…", "?", "。"]
        ),
        max_size=30,
    ).map("".join),
)  # fmt: skip


@given(REPLIES, st.lists(st.integers(1, 12), min_size=1, max_size=60))
def test_in_pieces_it_says_what_it_says_as_a_whole(reply: str, sizes: list[int]) -> None:
    reader, found, at, turn = Reader(), [], 0, 0
    while at < len(reply):
        size = sizes[turn % len(sizes)]
        found += reader.take(reply[at : at + size])
        at, turn = at + size, turn + 1
    found += reader.end()
    assert found == read(reply)
    assert reader.text == reply


@pytest.mark.parametrize(
    "reply", ["Is it wide? (e.g. [1]", "1.]? ([a[3, 4]", "<thinking>A. b c. d</thinking> It is [1]. Ok"]
)
def test_what_opens_is_waited_for(reply: str) -> None:
    reader = Reader()
    assert [one for c in reply for one in reader.take(c)] + reader.end() == read(reply)


def test_a_sentence_is_given_out_before_the_next_is_finished() -> None:
    reader = Reader()
    assert reader.take("It is wide [1]. It is ") == [Cited("It is wide.", (1,), line=True)]
    assert reader.take("red [2") == []
    assert reader.take("]. And") == []
    assert reader.end() == [Cited("It is red.", (2,)), Cited("And", ())]


@given(REPLIES)
def test_nothing_makes_it_fail(reply: str) -> None:
    for one in read(reply):
        assert one.text.strip() or one.code is not None
        assert all(0 <= number <= 999 for number in one.numbers)


@pytest.mark.parametrize(
    "line", ["- It is greased every week [1].\n", "It is wide. ", "```\n" + "x = 1\n" * 20 + "```\n"]
)
def test_a_long_reply_in_pieces_takes_no_square_of_its_length(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        nonlocal looked
        looked += end - start
        return sentences(text, start, end)

    monkeypatch.setattr("formfact.knowledge.ground.cite.sentences", counted)
    reply = "\n".join([line * 10] * 40)
    reader = Reader()
    found = [one for at in range(0, len(reply), 3) for one in reader.take(reply[at : at + 3])] + reader.end()
    assert looked < 30 * len(reply)
    assert found == read(reply)


def test_a_thought_in_pieces_is_left_out_and_only_the_first() -> None:
    for reply in ("<think>A. ``` b.</think>\nIt is wide [1]. So.", "[1]\n<think>A. b.", "<think></think><think>A. b."):
        reader = Reader()
        assert [one for c in reply for one in reader.take(c)] + reader.end() == read(reply)


def test_a_line_that_never_ends_is_not_read_again_with_every_word() -> None:
    reader, start = Reader(), time.perf_counter()
    for _ in range(10_000):
        assert reader.take("word ") == []
    assert len(reader.end()) == 1
    assert time.perf_counter() - start < 4
