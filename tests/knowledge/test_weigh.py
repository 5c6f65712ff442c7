"""How candidate spans are scored, and which of them are quoted."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from formfact.knowledge.quotes import LONGEST, Span
from formfact.knowledge.weigh import MOST, Clue, choose, score, share

WEIGHTS = {"tide": 2.0, "gauge": 1.0, "price": 1.0}


def clue(
    at: int, held: str = "", *, cosine: float = 0.5, above: str = "", place: int = 0, fit: int = 0, leans: bool = False
) -> Clue:
    """A span of ten words; `at` keeps blocks apart, `place` is its turn in the block."""
    start = 1000 * at + 100 * place
    span = Span(1, start, start + 90, block=1000 * at, place=place, words=10, leans=leans)
    return Clue(span, cosine, frozenset(held.split()), frozenset(above.split()), passage=0.5, fit=fit)


def test_a_share_is_by_weight_and_never_divides_by_nothing() -> None:
    assert share({"tide"}, WEIGHTS) == 0.5
    assert share({"tide"}, {}) == 0.0


def test_words_cosine_headings_and_fit_each_raise_the_score() -> None:
    plain, words, meaning, heading, fitting = score(
        [clue(0), clue(1, "tide"), clue(2, cosine=0.6), clue(3, above="tide"), clue(4, fit=1)], WEIGHTS
    )
    for better in (words, meaning, heading, fitting):
        assert better.score > plain.score


def test_a_word_in_the_span_is_worth_more_than_one_above_it() -> None:
    held, above = score([clue(0, "tide"), clue(1, above="tide")], WEIGHTS)
    assert held.score > above.score


def test_what_stands_beside_the_questions_words_gains_and_other_blocks_do_not() -> None:
    _, beside, apart = score([clue(0, "tide gauge"), clue(0, place=1), clue(1)], WEIGHTS)
    assert beside.score > apart.score


def test_a_later_quote_is_worth_more_for_a_word_that_was_missing() -> None:
    first, missing = clue(0, "tide gauge", cosine=0.6), clue(1, "price", cosine=0.55)
    assert choose(score([first, missing], WEIGHTS), WEIGHTS) == [first.span, missing.span]
    known = clue(1, "gauge", cosine=0.55)
    assert choose(score([first, known], WEIGHTS), WEIGHTS) == [first.span]


def test_the_same_sentence_in_another_document_is_quoted_once() -> None:
    first, copy = clue(0, "tide gauge", cosine=0.6), clue(1, "tide gauge", cosine=0.6)
    assert choose(score([first, copy], WEIGHTS), WEIGHTS) == [first.span]


def test_a_weak_span_is_not_quoted_beside_a_good_one() -> None:
    assert choose(score([clue(0, "tide gauge price", cosine=0.9), clue(1, cosine=0.1)], WEIGHTS), WEIGHTS) == [
        clue(0).span
    ]


def test_a_leaning_sentence_takes_the_one_before_it_along() -> None:
    before, leaning = clue(0, cosine=0.1), clue(0, "tide gauge price", place=1, leans=True)
    (quote,) = choose(score([before, leaning], WEIGHTS), WEIGHTS)[:1]
    assert (quote.start, quote.end) == (before.span.start, leaning.span.end)


def test_a_quote_that_lacks_the_number_takes_the_neighbour_that_has_it() -> None:
    asking, number = clue(0, "tide gauge price", fit=-1), clue(0, place=1, cosine=0.1, fit=1)
    (quote,) = choose(score([asking, number], WEIGHTS), WEIGHTS)[:1]
    assert quote.end == number.span.end


def test_nothing_gives_nothing() -> None:
    assert choose([], WEIGHTS) == []


CLUES = st.lists(
    st.builds(
        clue,
        st.integers(0, 3),
        st.sampled_from(["", "tide", "tide gauge", "price"]),
        cosine=st.floats(-1, 1),
        place=st.integers(0, 3),
        fit=st.sampled_from([-1, 0, 1]),
        leans=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one.span.start,
)


@given(CLUES)
def test_quotes_are_few_short_and_apart(clues: list[Clue]) -> None:
    chosen = choose(score(clues, WEIGHTS), WEIGHTS)
    assert bool(chosen) == bool(clues)
    assert len(chosen) <= MOST
    assert all(quote.words <= LONGEST for quote in chosen)
    assert all(one.end <= other.start or other.end <= one.start for one, other in combinations(chosen, 2))
