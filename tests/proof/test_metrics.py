"""The metrics against values worked out by hand, and against the definitions carried out the long way."""

from __future__ import annotations

from itertools import permutations
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.proof.metrics import mrr, ndcg, recall, relevant

GAINS = {"a": 3.0, "b": 2.0, "c": 0.0, "d": 1.0, "e": -1.0}
IDS = [f"d{i}" for i in range(7)]

judgements = st.dictionaries(st.sampled_from(IDS), st.integers(-1, 4)).filter(
    lambda gains: max(gains.values(), default=0) > 0
)
rankings = st.permutations(IDS).flatmap(lambda ids: st.integers(0, len(ids)).map(lambda n: ids[:n]))


def test_relevant_is_above_nothing() -> None:
    assert relevant(GAINS) == {"a", "b", "d"}


def test_ndcg_by_hand() -> None:
    # b at 1, nothing at 2, a at 3: (2 + 3/log2(4)) / (3 + 2/log2(3) + 1/log2(4))
    assert ndcg(["b", "x", "a"], GAINS, 3) == pytest.approx((2 + 1.5) / (3 + 2 / log2(3) + 0.5))
    # cut at 1, the best order has only a
    assert ndcg(["b", "x", "a"], GAINS, 1) == pytest.approx(2 / 3)
    assert ndcg(["a", "b", "d", "c"], GAINS, 10) == pytest.approx(1)
    assert ndcg(["c", "e"], GAINS, 10) == 0
    assert ndcg([], GAINS, 10) == 0


def test_gain_is_linear() -> None:
    # With 2^gain - 1 this would be (1 + 7/log2(3)) / (7 + 1/log2(3)).
    assert ndcg(["d", "a"], {"a": 3, "d": 1}, 10) == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))


def test_a_negative_judgement_costs_nothing() -> None:
    assert ndcg(["e", "a"], GAINS, 10) == ndcg(["x", "a"], GAINS, 10)


def test_recall_by_hand() -> None:
    assert recall(["b", "x", "a"], GAINS, 1) == pytest.approx(1 / 3)
    assert recall(["b", "x", "a"], GAINS, 5) == pytest.approx(2 / 3)
    assert recall(["c", "e", "x"], GAINS, 5) == 0


def test_mrr_by_hand() -> None:
    assert mrr(["x", "c", "d", "a"], GAINS, 10) == pytest.approx(1 / 3)
    assert mrr(["x", "c", "d", "a"], GAINS, 2) == 0
    assert mrr(["a"], GAINS, 10) == 1


@pytest.mark.parametrize("metric", [ndcg, recall, mrr])
def test_nothing_relevant_has_no_figure(metric: object) -> None:
    assert callable(metric)
    with pytest.raises(ValueError, match="without a relevant"):
        metric(["a"], {"a": 0, "b": -1}, 10)


@given(judgements, rankings, st.integers(1, 8))
def test_ndcg_is_the_share_of_the_best_that_any_order_reaches(
    gains: dict[str, float], ranked: list[str], k: int
) -> None:
    def worth(order: list[str]) -> float:
        total = 0.0
        for place in range(min(k, len(order))):
            total += max(0, gains.get(order[place], 0)) / log2(place + 2)
        return total

    judged = [document for document in gains if gains[document] > 0][:6]
    if len(judged) == len(relevant(gains)):
        best = max(worth(list(order)) for order in permutations(judged))
        assert ndcg(ranked, gains, k) == pytest.approx(worth(ranked) / best)


@given(judgements, rankings, st.integers(1, 8))
def test_recall_and_mrr_the_long_way(gains: dict[str, float], ranked: list[str], k: int) -> None:
    places = [place for place, document in enumerate(ranked, 1) if gains.get(document, 0) > 0 and place <= k]
    assert recall(ranked, gains, k) == pytest.approx(len(places) / sum(gain > 0 for gain in gains.values()))
    assert mrr(ranked, gains, k) == pytest.approx(1 / places[0] if places else 0)


@given(judgements, rankings, st.integers(1, 8))
def test_figures_lie_between_0_and_1_and_grow_with_k(gains: dict[str, float], ranked: list[str], k: int) -> None:
    for metric in (ndcg, recall, mrr):
        assert 0 <= metric(ranked, gains, k) <= 1 + 1e-12
    for metric in (recall, mrr):
        assert metric(ranked, gains, k) <= metric(ranked, gains, k + 1)
