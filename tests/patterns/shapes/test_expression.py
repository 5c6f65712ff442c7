"""Regular expressions: what the automaton matches is what Python matches, and the mask writes nothing beside it."""

from __future__ import annotations

import re
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.errors import Refused
from formfact.patterns.shapes import Grammar
from formfact.patterns.shapes.automaton import Automaton
from formfact.patterns.shapes.expression import excluding, printed, read, shortest

ALPHABET = "aAbB1 .\n_é٣\x1c\u2003-"
CHARS = st.sampled_from(["a", "b", r"\.", ".", "[ab]", "[^a]", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", "[a-c_]", r"[^\w\s]", r"[\d\n-]", "(?i:a)", "é"])  # fmt: skip # noqa: E501
PATTERNS = st.recursive(
    CHARS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,3}", "{2,}", "*?"])).map(
            lambda two: f"({two[0]}){two[1]}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text(ALPHABET, max_size=10))
def test_it_matches_what_python_matches(pattern: str, text: str) -> None:
    stop = Automaton(read(pattern, "here")).stop(text)
    assert (stop is None) == bool(re.fullmatch(pattern, text))
    if stop is not None:
        assert 0 <= stop <= len(text)


@settings(max_examples=200, deadline=None)
@given(PATTERNS, st.text(ALPHABET, max_size=10))
def test_searching_finds_what_python_finds(pattern: str, text: str) -> None:
    for around in (pattern, f"^{pattern}", f"{pattern}$", f"^{pattern}$"):
        python = around.replace("$", r"\Z") if around.endswith("$") else around
        whole = Automaton(read(around, "here", searched=True)).stop(text) is None
        assert whole == bool(re.search(python, text)), around


@settings(max_examples=150, deadline=None)
@given(PATTERNS, st.integers(0, 9))
def test_the_mask_writes_nothing_that_does_not_match(pattern: str, seed: int) -> None:
    masked = pytest.importorskip("tests.patterns.shapes.masked")
    node = excluding(read(pattern, "here"), "\n")
    short = shortest(node)
    if not short:
        return
    grammar = Grammar("lark", f"start: TEXT\nTEXT: /{printed(node)}/\n")
    text = masked.sample(grammar, Random(seed), length=20, wild=0.5)
    assert text is None or (re.fullmatch(pattern, text) and "\n" not in text)


@settings(max_examples=200, deadline=None)
@given(PATTERNS)
def test_no_matching_text_is_shorter_than_the_shortest(pattern: str) -> None:
    short = shortest(read(pattern, "here"))
    assert short is not None
    assert re.fullmatch(pattern, short)
    if short:
        assert not any(re.fullmatch(pattern, char * (len(short) - 1)) for char in ALPHABET)


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"([a-z]+ ?)+\.", r"(x+x+)+y", r"(.*)*!", r"(a|aa)+b"])
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    started = time.perf_counter()
    for text in ("a" * 100_000, "x" * 100_000, "ab " * 33_333):
        assert Automaton(read(pattern, "here")).stop(text) is not None
    assert time.perf_counter() - started < 10


def test_a_pattern_with_too_many_ways_is_refused_while_it_matches() -> None:
    with pytest.raises(Refused, match="too many ways"):
        Automaton(read("(.{1,100}){1,100}", "here")).stop("ab " * 3_333)


@pytest.mark.parametrize(
    "pattern", ["(", "a{5,2}", "(?=a)b", r"(a)\1", r"\ba", "a^b", "(?>a)", "a{1,30000}", "(" * 5_000 + ")" * 5_000]
)
def test_what_no_mask_can_hold_is_refused_with_the_next_step(pattern: str) -> None:
    with pytest.raises(Refused, match="regular expression") as refused:
        read(pattern, "here")
    assert refused.value.hint


def test_groups_by_name_and_anchors_at_the_ends_are_fine() -> None:
    assert Automaton(read("^(?P<year>[0-9]{4})$", "here")).stop("2031") is None
