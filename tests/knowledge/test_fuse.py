"""Fusion as the literature has it: both legs min-max normalised over the union, then a weighted sum."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.fuse import DENSE_WEIGHT, fuse, scale
from formfact.knowledge.stores import Candidate

WEIGHTS = st.floats(0, 1)


@st.composite
def unions(draw: st.DrawFn, least: int = 1) -> list[Candidate]:
    scores = st.tuples(st.floats(-1, 1), st.floats(0, 50))
    drawn = draw(st.lists(scores, min_size=least, max_size=30))
    return [candidate(i, *pair) for i, pair in enumerate(drawn, 1)]


def candidate(passage: int, dense: float, bm25: float) -> Candidate:
    return Candidate(passage, dense, bm25, None, None)


def order(candidates: list[Candidate], weight: float = DENSE_WEIGHT) -> list[int]:
    return [fused.candidate.passage for fused in fuse(candidates, weight=weight)]


def test_by_hand() -> None:
    found = fuse([candidate(1, 0.2, 0.0), candidate(2, 0.6, 4.0), candidate(3, 0.4, 8.0)], weight=0.75)
    assert [(f.candidate.passage, f.score) for f in found] == [
        (2, pytest.approx(0.75 * 1 + 0.25 * 0.5)),
        (3, pytest.approx(0.75 * 0.5 + 0.25 * 1)),
        (1, pytest.approx(0.0)),
    ]


def test_nothing_gives_nothing() -> None:
    assert fuse([]) == []


def test_one_candidate_scores_one() -> None:
    assert [fused.score for fused in fuse([candidate(7, -0.3, 0.0)])] == [1.0]


def test_equal_scores_normalise_to_one() -> None:
    """A leg that cannot tell candidates apart, BM25 without any word of the question say, lowers none of them."""
    found = fuse([candidate(1, 0.5, 0.0), candidate(2, 0.1, 0.0)], weight=0.6)
    assert [fused.score for fused in found] == [pytest.approx(1.0), pytest.approx(0.4)]


def test_equal_candidates_stand_in_the_order_of_their_ids() -> None:
    assert order([candidate(i, 0.5, 1.0) for i in (9, 3, 5)]) == [3, 5, 9]


@given(unions(), WEIGHTS)
def test_every_candidate_once_with_a_score_between_zero_and_one(candidates: list[Candidate], weight: float) -> None:
    found = fuse(candidates, weight=weight)
    assert sorted(f.candidate.passage for f in found) == [c.passage for c in candidates]
    assert all(f.candidate in candidates for f in found)
    scores = [f.score for f in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@given(unions(), WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    candidates: list[Candidate], weight: float, chance: random.Random
) -> None:
    shuffled = candidates.copy()
    chance.shuffle(shuffled)
    assert fuse(shuffled, weight=weight) == fuse(candidates, weight=weight)


@given(unions(), WEIGHTS)
def test_who_is_better_in_both_legs_is_never_below(candidates: list[Candidate], weight: float) -> None:
    score = {f.candidate.passage: f.score for f in fuse(candidates, weight=weight)}
    for one in candidates:
        for other in candidates:
            if one.dense >= other.dense and one.bm25 >= other.bm25:
                assert score[one.passage] >= score[other.passage]


@given(unions())
def test_a_weight_of_one_asks_the_dense_leg_alone_and_of_zero_the_words(candidates: list[Candidate]) -> None:
    by_dense = [f.candidate.dense for f in fuse(candidates, weight=1.0)]
    by_words = [f.candidate.bm25 for f in fuse(candidates, weight=0.0)]
    # Scores that differ by less than their range can hold may come out equal.
    assert by_dense == pytest.approx(sorted(by_dense, reverse=True), abs=1e-12)
    assert by_words == pytest.approx(sorted(by_words, reverse=True), abs=1e-12)


@given(unions(), st.sampled_from([0.25, 2.0, 1024.0]))
def test_the_unit_of_a_leg_does_not_matter(candidates: list[Candidate], factor: float) -> None:
    """Powers of two, so that the figures stay exact."""
    scaled = [candidate(c.passage, c.dense, c.bm25 * factor) for c in candidates]
    if all(c.bm25 == 0 or c.bm25 > 1e-300 for c in candidates):
        assert [f.score for f in fuse(scaled)] == [f.score for f in fuse(candidates)]


@given(unions(), WEIGHTS)
def test_the_scale_scores_the_union_as_fuse_does(candidates: list[Candidate], weight: float) -> None:
    ranges = scale(candidates, weight=weight)
    assert all([f.score] == ranges.scores([f.candidate]) for f in fuse(candidates, weight=weight))


def test_a_stranger_to_the_union_may_leave_the_scale() -> None:
    ranges = scale([candidate(1, 0.4, 2.0), candidate(2, 0.6, 4.0)], weight=0.5)
    assert ranges.scores([candidate(3, 0.2, 0.0)]) == pytest.approx([-1.0])
    assert ranges.scores([candidate(4, 0.8, 6.0)]) == pytest.approx([2.0])


def test_the_weight_leans_to_the_dense_leg() -> None:
    """The documented constant: of two candidates that each win one leg the nearer in meaning comes first."""
    assert order([candidate(1, 0.0, 9.0), candidate(2, 0.9, 0.0)]) == [2, 1]
