"""Terms are the same in a question and in a text: case, accents, endings, and identifiers with their parts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.words import LONGEST_TERM, question_terms, spell_out, terms

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
PIECE = st.from_regex(r"[a-z]{2,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Pumps", "pump"), ("RUNNING", "runs"), ("Zürich", "zurich"), ("naïve café", "naive cafe"), ("e-mail", "e mail")],
)
def test_spellings_of_one_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) == question_terms(other)


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("getUserName", ["getusernam", "get", "user", "name"]),
        ("user_name", ["user", "name", "usernam"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("parseHTTPResponse", ["parsehttprespons", "pars", "http", "respons"]),
        ("MAX_RETRIES", ["max", "retri", "maxretri"]),
        ("utf8Decode", ["utf8decod", "utf", "8", "decod"]),
        ("getUser_name", ["getus", "name", "get", "user", "getusernam"]),
        ("__init__", ["init"]),
    ],
)
def test_identifiers_are_known_by_their_parts_and_whole(identifier: str, parts: list[str]) -> None:
    assert terms(identifier) == parts


@pytest.mark.parametrize("word", ["Hello", "pump", "USA", "A", "x1", "2024", "größe", "well-known", "_"])
def test_ordinary_words_add_nothing(word: str) -> None:
    assert spell_out(word) == word


@given(st.lists(PIECE, min_size=2, max_size=4))
def test_both_ways_of_writing_an_identifier_share_their_terms(pieces: list[str]) -> None:
    camel = pieces[0] + "".join(piece.title() for piece in pieces[1:])
    assert set(terms(camel)) == set(terms("_".join(pieces)))


@given(st.lists(PIECE, min_size=1, max_size=4))
def test_an_identifier_is_found_by_its_parts_in_words(pieces: list[str]) -> None:
    assert set(terms(" ".join(pieces))) <= set(terms("_".join(pieces)))


def test_a_repeated_word_is_counted_as_often_as_it_stands_there() -> None:
    assert terms("pump pump getPump").count("pump") == 3


def test_stop_words_are_dropped_from_questions_alone() -> None:
    assert terms("where is the pump") == ["where", "is", "the", "pump"]
    assert question_terms("is it the Pump") == ["pump"]


def test_a_question_of_stop_words_alone_still_asks_for_them() -> None:
    assert question_terms("To be, or not to be") == ["to", "be", "or", "not", "to", "be"]


def test_overlong_runs_are_no_terms() -> None:
    assert terms("pump " + "x" * LONGEST_TERM * 2) == ["pump"]
    assert question_terms("x" * LONGEST_TERM * 2) == []


@given(TEXTS)
def test_a_question_looks_for_nothing_that_the_same_text_lacks(text: str) -> None:
    assert set(question_terms(text)) <= set(terms(text))
    assert all(term and not term.isspace() for term in terms(text))


@given(TEXTS)
def test_spelling_out_leaves_the_text_as_it_is(text: str) -> None:
    assert spell_out(text).startswith(text)


@pytest.mark.parametrize("end", ["_", "ä", "", "_x"])
@pytest.mark.parametrize("run", ["aB", "a_", "Ab", "aB_", "AB", "a1B", "ab"])
def test_a_run_of_a_hundred_thousand_characters_takes_no_time(run: str, end: str) -> None:
    """Encoded pictures and gene sequences stand in real documents as one word."""
    started = time.perf_counter()
    spell_out(run * 50_000 + end)
    assert time.perf_counter() - started < 1
